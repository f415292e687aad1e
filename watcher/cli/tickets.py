"""`watcher tickets`: what is broken and whose work it is; and the messages that did not arrive, to send them again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from watcher.cli import json_text, moves
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.screen import print_table
from watcher.cli.ticket_page import minute, page, snoozed
from watcher.model.delivery import DeliveryId
from watcher.model.errors import UsageError
from watcher.web import documents

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="So many rows at most, the newest first.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def _tickets() -> None:
    """What is broken, whose work it is, and which messages did not arrive.

    Examples:
      watcher tickets list
      watcher tickets show T-3f2a9c01b7
      watcher tickets acknowledge T-3f2a9c01b7
      watcher tickets dead
      watcher tickets redrive --all
    """


@app.command("list")
def list_(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also those that are resolved or waived.")] = False,
    limit: Limit = 100,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Tickets that wait for someone, the newest first.

    Example:
      watcher tickets list --all -c watcher.yaml
    """
    with transaction(config, ledger) as tx:
        found = documents.tickets(tx, limit, unsettled_only=not all_)
    if json_:
        _print_json(found)
        return
    now = dt.datetime.now(dt.UTC)
    print_table(
        ("ticket", "state", "domain", "dataset", "open", "opened", "consumers"),
        [
            (
                one["id"],
                _state(one, now),
                one["domain"],
                one["dataset"],
                f"{one['open']} of {one['violations']}",
                minute(one["opened_at"]),
                ", ".join(one["consumers"]),
            )
            for one in found
        ],
    )
    if not found:
        print("no tickets" if all_ else "no ticket waits for anyone (--all lists those that are settled)")


@app.command()
def show(
    ticket: Annotated[str, typer.Argument(metavar="ID", help="The ticket's id.")],
    *,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """One ticket: whom it breaks, why, what happened.

    Example:
      watcher tickets show T-3f2a9c01b7
    """
    with transaction(config, ledger) as tx:
        found = documents.ticket(tx, ticket)
    if found is None:
        raise UsageError(f"there is no ticket {ticket}: `watcher tickets list --all` names them")
    if json_:
        _print_json(found)
    else:
        print("\n".join(page(found, dt.datetime.now(dt.UTC))))


@app.command()
def deliveries(
    *, limit: Limit = 100, json_: JsonOption = False, config: ConfigOption = CONFIG, ledger: LedgerOption = None
) -> None:
    """Messages and where they stand, the newest first.

    Example:
      watcher tickets deliveries --limit 20
    """
    _list_deliveries("deliveries", limit, json_, config, ledger)


@app.command()
def dead(
    *, limit: Limit = 100, json_: JsonOption = False, config: ConfigOption = CONFIG, ledger: LedgerOption = None
) -> None:
    """Dead letters: messages that were given up, and why.

    Example:
      watcher tickets dead
    """
    _list_deliveries("dead", limit, json_, config, ledger)


@app.command()
def redrive(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Deliveries, by the ids that `dead` lists.")
    ] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Send dead letters again.

    They become due at once, and a running daemon takes them.

    Examples:
      watcher tickets redrive msg_0f1d2c3b4a5968778695a4b3c2d1
      watcher tickets redrive --all
    """
    if bool(ids) == all_:
        raise UsageError("name the dead letters to send again, or all of them with --all")
    wanted = None if all_ else [DeliveryId(one) for one in ids or []]
    with transaction(config, ledger) as tx:
        driven = tx.redrive(dt.datetime.now(dt.UTC), wanted)
        missing = [one for one in wanted or () if one not in driven]
        if missing:
            # Raised inside the transaction: all that were named, or none.
            raise UsageError(f"no dead letters: {', '.join(missing)}; `watcher tickets dead` lists them")
    print(f"{len(driven)} {'message is' if len(driven) == 1 else 'messages are'} due again")


for _command in moves.COMMANDS:
    app.command()(_command)


def _state(one: dict[str, Any], now: dt.datetime) -> str:
    more = [f"reopened: {one['reopened']}"] if one["reopened"] else []
    if (until := snoozed(one, now)) is not None:
        more.append(f"snoozed until {until}")
    return str(one["state"]) + (f" ({', '.join(more)})" if more else "")


def _list_deliveries(name: str, limit: int, json_: bool, config: Any, ledger: str | None) -> None:
    with transaction(config, ledger) as tx:
        found = documents.LISTS[name](tx, limit)
    if json_:
        _print_json(found)
        return
    print_table(
        ("delivery", "state", "channel", "message", "about", "tries", "due", "last error"),
        [
            (
                one["id"],
                one["state"],
                one["channel"],
                one["type"],
                ", ".join(one["key"].split("\x1f")),
                one["attempts"],
                minute(one["due_at"]) if one["state"] == "pending" else "",
                one["last_error"] or "",
            )
            for one in found
        ],
    )
    if not found:
        print("no dead letters" if name == "dead" else "no messages yet")


def _print_json(found: Any) -> None:
    print(json_text.page(found))
