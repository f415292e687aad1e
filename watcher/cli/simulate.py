"""`watcher simulate`: what a ladder would have done over recorded history, before it is switched on."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption, ProposedOption
from watcher.cli.screen import counted, print_table, safe


def simulate(
    *,
    last: Annotated[str, typer.Option("--last", metavar="SPAN", help="How far back: 6m (months), 90d (days).")] = "6m",
    contracts: ProposedOption = None,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Which rungs would have been told of the tickets on record: when, and to whom. Nothing is written, nobody is told.

    What people did stays as it was, also where a rung might have made them do it sooner. Deadlines, hours, holidays and
    snoozes count as they do for real.

    Examples:
      watcher simulate --last 6m
      watcher simulate --contracts ./proposed-domains --json
    """
    from watcher.bootstrap import policy  # noqa: PLC0415 - help needs none of it
    from watcher.cli.in_force import documents_in_force  # noqa: PLC0415
    from watcher.handlers.hindsight import simulate as simulating  # noqa: PLC0415
    from watcher.handlers.hindsight.replay import months_back  # noqa: PLC0415
    from watcher.settings import load  # noqa: PLC0415

    settings = load(config)
    catalogue = documents_in_force(settings, contracts or ()).catalogue
    now = dt.datetime.now(dt.UTC)
    since = months_back(last, now)
    with transaction(config, ledger or settings.ledger) as tx:
        found = simulating.simulate(tx, catalogue, policy(settings).ladder, since, now)
    told = simulating.document(found, since, now)
    if json_:
        print(json_text.page(told))
    else:
        _print(told)


def _print(told: dict[str, Any]) -> None:
    for one in told["tickets"]:
        if not one["rungs"]:
            continue
        whose = ", by the settings' ladder" if one["borrowed"] else ""
        print(safe(f"{one['ticket']} {one['domain']}: {one['dataset']} ({one['severity']}{whose})"))
        for rung in one["rungs"]:
            print(safe(f"  rung {rung['rung']} on {rung['at'][:16].replace('T', ' ')} UTC to {rung['to']}"))
    if told["addresses"]:
        print_table(("address", "times"), [(one["to"], one["times"]) for one in told["addresses"]])
    if told["domains"]:
        print_table(
            ("domain", "tickets", "climbed", "rungs", "really told"),
            [
                (one["domain"], one["tickets"], one["climbed"], one["rungs"], one["really_told"])
                for one in told["domains"]
            ],
        )
    rungs = sum(one["rungs"] for one in told["domains"])
    tickets = counted(len(told["tickets"]), "ticket")
    print(f"{tickets} since {told['since'][:10]}; {counted(rungs, 'rung')} would have been told")
