"""`watcher scorecard`: how each domain kept its promises in a span of time, and how often the watcher was right."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.screen import print_table
from watcher.model.errors import UsageError


def scorecard(
    *,
    span: Annotated[
        str | None,
        typer.Option("--span", metavar="SPAN", help="2026-Q4, 2026-11, or 2026-10-01..2026-12-31; else this quarter."),
    ] = None,
    domain: Annotated[str | None, typer.Option("--domain", metavar="NAME", help="This domain's alone.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print a table for spreadsheets.")] = False,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Breaking changes, whom they hit, how soon they were acknowledged and fixed, and what is left of the budget.

    What was no break (an upheld dispute, an arbiter's word) counts against nobody, and is told as the watcher's own
    false alarm. Times are working time of the domain.

    Examples:
      watcher scorecard
      watcher scorecard --span 2026-Q4 --csv > q4.csv
    """
    from watcher.cli.in_force import documents_in_force  # noqa: PLC0415 - help needs none of it
    from watcher.handlers.scoring import scorecards, scores  # noqa: PLC0415
    from watcher.settings import load  # noqa: PLC0415

    if csv and json_:
        raise UsageError("choose one: --csv or --json")
    settings = load(config)
    since, until = scores.quarter(span, dt.datetime.now(dt.UTC))
    catalogue = documents_in_force(settings).catalogue
    with transaction(config, ledger or settings.ledger) as tx:
        found = scores.scores(tx, catalogue, since, until)
    if domain is not None:
        found = scores.only(found, domain)
    if csv:
        print(scorecards.table(found), end="")
    elif json_:
        print(json_text.page(scorecards.document(found)))
    else:
        _print(scorecards.document(found))


def _print(found: dict[str, Any]) -> None:
    print(f"from {found['since'][:10]} to {found['until'][:16].replace('T', ' ')} UTC")
    print_table(
        (
            "domain",
            "breaking",
            "announced",
            "consumers",
            "weight",
            "notice",
            "acknowledged",
            "fixed",
            "open",
            "climbed",
            "reopened",
            "upheld",
            "dark",
            "budget",
        ),
        [
            (
                one["domain"],
                one["breaking"]["all"],
                one["breaking"]["announced"],
                one["consumers"]["hit"],
                one["consumers"]["weighted"],
                "" if one["notice_h"] is None else f"{one['notice_h'] / 24:.3g} d",
                _took(one["acknowledged"]),
                _took(one["fixed"]),
                one["unfinished"],
                one["escalated"],
                one["reopened"],
                one["disputes"]["upheld"],
                one["dark"],
                _budget(one["budget"]),
            )
            for one in found["domains"]
        ],
    )
    precision = found["precision"]
    if precision["value"] is None:
        print("the watcher's own precision: nothing was settled yet")
    else:
        wrong = f"{precision['false_alarms']} of {precision['settled']} settled tickets were no break"
        print(f"the watcher's own precision: {precision['value']:.0%} ({wrong})")


def _budget(one: dict[str, Any] | None) -> str:
    """What is left, and once nothing is, what happens then."""
    if one is None:
        return ""
    return f"{one['left']} of {one['allowed']} left{', ' + one['when_spent'] if one['over'] else ''}"


def _took(one: dict[str, Any]) -> str:
    said = [f"{one['count']} in {one['median_h']:g} h"] if one["count"] else []
    return ", ".join([*said, *([f"{one['late']} late"] if one["late"] else [])])
