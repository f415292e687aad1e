"""`watcher blind-spots`: what can only have been missed, told plainly instead of being passed over."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.screen import print_table
from watcher.web import documents


def blind_spots(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many rows at most, the newest first.")] = 100,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """What can only have been missed, since when, and what ended it.

    Statements that were not understood, tables that were told to have changed without how, and what a look at the
    database found before its feed told of it.

    Example:
      watcher blind-spots --all -c watcher.yaml
    """
    with transaction(config, ledger) as tx:
        found = [documents.blind_spot(row) for row in tx.list_blind_spots(limit, open_only=not all_)]
    if json_:
        print(json_text.page(found))
        return
    print_table(
        ("since", "age", "feed", "dataset", "kind", "why", "ended"),
        [
            (
                _told(one["since"]),
                _age(one["since"], one["ended_at"]),
                one["source"],
                one["dataset"] or "",
                one["kind"],
                one["reason"],
                f"{_told(one['ended_at'])} by {one['ended_by']}" if one["ended_at"] else "",
            )
            for one in found
        ],
    )
    if not found:
        print("no blind spot is known" if all_ else "no blind spot is open (--all lists those that have ended)")


def _age(since: str, ended: str | None) -> str:
    """How long it has been open, or was."""
    end = dt.datetime.fromisoformat(ended) if ended else dt.datetime.now(dt.UTC)
    minutes = max(0, int((end - dt.datetime.fromisoformat(since)).total_seconds())) // 60
    days, hours = divmod(minutes // 60, 24)
    return f"{days}d {hours}h" if days else f"{hours}h {minutes % 60}m"


def _told(moment: Any) -> str:
    """The minute."""
    return dt.datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M UTC")
