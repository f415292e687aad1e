"""`watcher tickets`: what is broken and whose work it is; and the messages that did not arrive, to send them again."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from watcher.cli import json_text, moves
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.report import in_use_words
from watcher.cli.screen import print_table, safe
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
    print_table(
        ("ticket", "state", "domain", "dataset", "open", "opened", "consumers"),
        [
            (
                one["id"],
                one["state"] + (f" (reopened: {one['reopened']})" if one["reopened"] else ""),
                one["domain"],
                one["dataset"],
                f"{one['open']} of {one['violations']}",
                _minute(one["opened_at"]),
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
        print("\n".join(page(found)))


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


def page(ticket: dict[str, Any]) -> list[str]:
    """A ticket's page as plain lines."""
    lines = [
        f"{safe(ticket['id'])}  {safe(ticket['state'])}",
        f"  domain   {safe(ticket['domain'])}",
        f"  dataset  {safe(ticket['dataset'])}",
        f"  opened   {_minute(ticket['opened_at'])}"
        + (f", reopened: {ticket['reopened']}" if ticket["reopened"] else ""),
        f"  weighs   {safe(ticket['severity'])}",
        *(f"  {line}" for line in _promised(ticket)),
        "",
    ]
    for one in ticket["violations"]:
        consumer = one["consumer"]
        name = "/".join(part for part in (consumer["domain"], consumer["team"]) if part)
        reach = f", {consumer['contact']}" if consumer["contact"] else ""
        state = "broken " if one["open"] else "mended "
        if one["open"] and one["outcome"] == "unknown":
            state = "unknown"
        lines.append(safe(f"  {state}  {name} ({one['subscription']}, {one['criticality']}{reach})"))
        lines.append(safe(f"           {one['message']} [{one['rule']}]"))
        lines.append(safe(f"           relies on: {one['wants']}"))
        lines += [safe(f"           {line}") for line in origin_lines(one.get("origin"))]
        if one.get("agreement"):
            lines.append(safe(f"           the registry's verdict beside ours: {one['agreement']}"))
        lines += [safe(f"           {line}") for line in proof_lines(one.get("witness"))]
    if ticket.get("versions_in_use"):
        lines += ["", "  versions in use"]
        lines += [safe(f"    {in_use_words(one)}") for one in ticket["versions_in_use"]]
    if any(one.get("witness") for one in ticket["violations"]):
        lines += ["", f"  run the proofs again: watcher witness {safe(ticket['id'])}"]
    lines += ["", "  what happened"]
    for move in ticket["moves"]:
        via = "" if move["via"] in {"watcher", move["by"]} else f" ({move['via']})"
        did = move["verb"] if move["before"] == move["after"] else move["after"]
        lines.append(safe(f"    {_minute(move['at'])}  {did}, by {move['by']}{via}: {move['reason']}"))
        if move["proof"]:
            proof = json_text.line(move["proof"]).decode()
            lines.append(safe(f"                      proof: {proof}"))
    return lines


def _promised(ticket: dict[str, Any]) -> list[str]:
    """By when something is to be done, where it still is, and where else the ticket is kept."""
    lines = []
    if ticket["state"] == "open" and ticket["acknowledge_by"]:
        lines.append(f"ack by   {_minute(ticket['acknowledge_by'])} UTC")
    if ticket["state"] not in {"resolved", "waived"} and ticket["fix_by"]:
        lines.append(f"fix by   {_minute(ticket['fix_by'])} UTC")
    if ticket["follows"]:
        lines.append(f"follows  {ticket['follows']}, the same break, settled too long ago to be opened again")
    lines += [safe(f"kept at  {one['channel']}: {one['url'] or one['id']}") for one in ticket["mirrors"]]
    for one in ticket["waivers"]:
        until = f" until {_minute(one['until'])}" if one["until"] else ""
        over = ", over" if one["ended_at"] else ""
        lines.append(safe(f"{one['kind']:8} {one['id']}{until}, by {one['by']}: {one['reason']}{over}"))
    return lines


def origin_lines(origin: dict[str, Any] | None) -> list[str]:
    """How a change came about, as plain lines; none where its source did not tell."""
    if origin is None:
        return []
    lines = []
    if origin["by"] or origin["query"]:
        who = f"by {origin['by']}" if origin["by"] else "by someone whom the source does not name"
        lines.append(f"changed {who}" + (f", query {origin['query']}" if origin["query"] else ""))
    if origin["because"]:
        lines.append(f"it follows a change of {origin['because']}")
    if origin["note"]:
        lines.append(origin["note"])
    if origin["missed_since"]:
        lines.append(f"found by a look at the database; the feed has not told of it, since {origin['missed_since']}")
    return lines


def proof_lines(witness: dict[str, Any] | None) -> list[str]:
    """A violation's witness as plain lines; none where none was sought."""
    if witness is None:
        return []
    lines = []
    for name in ("before", "after"):
        side = witness[name]
        if side is not None:
            lines.append(f"{name:6} {json_text.line(side['record']).decode()}: {side['outcome']}")
    if witness["absent"]:
        return [*lines, f"no proof by a record: {witness['absent']}"]
    return [*lines, f"proven with {witness['library']}"]


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
                one["key"],
                one["attempts"],
                _minute(one["due_at"]) if one["state"] == "pending" else "",
                one["last_error"] or "",
            )
            for one in found
        ],
    )
    if not found:
        print("no dead letters" if name == "dead" else "no messages yet")


def _print_json(found: Any) -> None:
    print(json_text.page(found))


def _minute(moment: str) -> str:
    """An ISO moment to the minute, in UTC."""
    return dt.datetime.fromisoformat(moment).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
