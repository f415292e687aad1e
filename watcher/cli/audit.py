"""`watcher audit`: whether the record of what was done is whole, each link against the one before it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.screen import counted, safe
from watcher.model.errors import UsageError

BROKEN = 1

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def _audit() -> None:
    """Every move of a ticket, every waiver, announcement and answer is a link of one chain.

    Examples:
      watcher audit verify
      watcher audit show T-3f2a9c01b7
      watcher audit head
    """


@app.command()
def verify(
    *,
    since: Annotated[
        str | None,
        typer.Option("--head", metavar="NUMBER:HASH", help="A head that was noted earlier: it must still be there."),
    ] = None,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Go through the whole chain, and hold the tickets' moves against it; exits with 1 where something was changed.

    Note the head now and then, outside of the ledger: the end of a chain can only be missed by who knows it.

    Examples:
      watcher audit verify
      watcher audit verify --head 412:5d41402abc4b2a76b9719d911017c592
    """
    from watcher.handlers.hindsight.audit import verify as walk  # noqa: PLC0415 - help needs none of it

    with transaction(config, ledger) as tx:
        found = walk(tx, since)
    if json_:
        print(
            json_text.page(
                {
                    "links": found.links,
                    "head": found.head,
                    "older": found.older,
                    "unheld": found.unheld,
                    "faults": found.faults,
                }
            )
        )
    else:
        for fault in found.faults:
            print(safe(fault))
        older = f"; {found.older} moves are older than the chain" if found.older else ""
        if found.unheld:
            older += f"; where {found.unheld} tickets stand could not be held: their links are from before it was told"
        state = counted(len(found.faults), "fault") if found.faults else "whole"
        print(f"{found.links} links, {state}; the head is {found.head}{older}")
    if found.faults:
        sys.stdout.flush()
        raise typer.Exit(BROKEN)


@app.command()
def head(*, config: ConfigOption = CONFIG, ledger: LedgerOption = None) -> None:
    """The chain's last link, to be noted elsewhere.

    Example:
      watcher audit head >> heads.txt
    """
    with transaction(config, ledger) as tx:
        number, hash_ = tx.chain_head()
    print(f"{number}:{hash_}")


@app.command()
def show(
    about: Annotated[str, typer.Argument(metavar="ID", help="A ticket, a waiver, an announcement.")],
    *,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """The links about one thing, one JSON document a line.

    Example:
      watcher audit show T-3f2a9c01b7
    """
    with transaction(config, ledger) as tx:
        found = False
        for link in tx.records(about):
            found = True
            line = {
                "number": link.number,
                "at": link.at.isoformat(),
                "kind": link.kind,
                "document": link.document,
                "previous": link.previous,
                "hash": link.hash,
            }
            print(json_text.line(line).decode())
    if not found:
        raise UsageError(
            f"the chain has no ticket, waiver or announcement {about}: `watcher tickets list --all` shows the tickets"
        )
