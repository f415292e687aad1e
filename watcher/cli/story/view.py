"""What a person sees of the story: change → verdict per consumer → ticket → delivery, act by act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from watcher.cli.screen import safe
from watcher.cli.story import Act
from watcher.cli.ticket_page import proof_lines

_OUTCOMES = {
    "holds": ("holds", "green"),
    "broken": ("BROKEN", "bold red"),
    "unknown": ("unknown", "bold yellow"),
}


@dataclass(slots=True)
class Scene:
    """One act as it has come out so far; documents as the daemon's API gives them."""

    act: Act
    changes: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    violations: list[dict[str, Any]] = field(default_factory=list)
    milliseconds: float | None = None
    done: bool = False


def prologue() -> RenderableType:
    """What the person is about to see, and why."""
    text = Text.from_markup(
        "A shop's teams register Avro schemas. [bold]checkout[/] and [bold]customer-care[/] produce data; finance, "
        "marketing and logistics rely on it, each with a contract that says on which fields.\n"
        "The watcher hears every change, asks every contract, and tells the team [italic]that made the change[/] — "
        "only when somebody really breaks, with the proof, until it is mended.",
    )
    return Panel(text, title="watcher demo", subtitle="embedded Kafka · SQLite · real webhooks", border_style="cyan")


def scene(one: Scene, number: int) -> RenderableType:
    """One act."""
    parts: list[RenderableType] = [Text(one.act.told, style="italic")]
    parts.extend(_change(change) for change in one.changes)
    parts.extend(
        Text.assemble(("unreadable ", "bold yellow"), f"{bad['position']}  {bad['kind']}: {bad['reason']}")
        for bad in one.unreadable
    )
    parts.extend(_ticket(ticket) for ticket in one.tickets)
    parts.extend(_proof(violation["witness"]) for violation in one.violations if violation.get("witness"))
    if one.deliveries:
        parts.append(_deliveries(one.deliveries, one.milliseconds))
    elif one.done and one.changes:
        parts.append(Text("nobody is told: nothing that anyone relies on has changed", style="dim"))
    if not one.done:
        parts.append(Text("…", style="dim"))
    title = Text(f" {number}. {one.act.title} ", style="bold")
    return Panel(Group(*parts), title=title, title_align="left", border_style="dim" if one.done else "cyan")


def _change(change: dict[str, Any]) -> RenderableType:
    version = change["version"]
    head = Text.assemble(
        ("change  ", "bold cyan"),
        f"{change['subject']} v{version['before']} → v{version['after']}",
        (f"   {change['dataset']}, produced by ", "dim"),
        (change["domain"], "bold"),
    )
    table = Table.grid(padding=(0, 2))
    for fact in change["changes"]:
        table.add_row(Text(fact["kind"], style="cyan"), Text(fact["path"] or "(whole)"), Text(_fact(fact), style="dim"))
    registry = change.get("registry") or {}
    if registry.get("compatible") is not None:
        says = "compatible" if registry["compatible"] else "incompatible"
        table.add_row(Text("registry", style="cyan"), Text(str(registry["level"])), Text(f"says: {says}", style="dim"))
    verdicts = Table.grid(padding=(0, 2))
    for verdict in change["verdicts"]:
        word, style = _OUTCOMES[verdict["outcome"]]
        verdicts.add_row(Text(verdict["consumer"]), Text(word, style=style), Text("; ".join(verdict["reasons"])))
    return Group(head, Padding(table, (0, 0, 0, 8)), Padding(verdicts, (0, 0, 0, 8)))


def _fact(fact: dict[str, Any]) -> str:
    before, after = fact.get("before"), fact.get("after")
    if before is None:
        return _short(after)
    if after is None:
        return f"was {_short(before)}"
    return f"{_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    if isinstance(value, dict) and "type" in value:
        return str(value["type"])
    return str(value)


def _ticket(ticket: dict[str, Any]) -> RenderableType:
    style = "bold green" if ticket["state"] == "resolved" else "bold red"
    return Text.assemble(
        ("ticket  ", "bold cyan"),
        (f"{ticket['id']} ", "bold"),
        (ticket["state"], style),
        f"   addressed to {ticket['domain']}, affected: {', '.join(ticket['consumers'])}",
        "   closed by proof: every expectation holds again" if ticket["state"] == "resolved" else "",
    )


def _proof(witness: dict[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    lines = proof_lines(witness)
    for line in lines[:-1]:
        table.add_row(Text(safe(line)))
    head = Text.assemble(("proof   ", "bold cyan"), safe(lines[-1]))
    return Group(head, Padding(table, (0, 0, 0, 8)))


def _deliveries(deliveries: Sequence[dict[str, Any]], milliseconds: float | None) -> RenderableType:
    told = ", ".join(f"{one['type']} → {one['channel']} ({one['state']})" for one in deliveries)
    took = f"   first signed webhook after {milliseconds:.0f} ms" if milliseconds is not None else ""
    return Text.assemble(("told    ", "bold cyan"), told, (took, "green"))


def epilogue(document: dict[str, Any], where: dict[str, str], *, stays: bool) -> RenderableType:
    """The sum of it, and where to look on."""
    table = Table.grid(padding=(0, 2))
    tickets = document["tickets"]
    open_ = sum(ticket["state"] != "resolved" for ticket in tickets)
    table.add_row("changes judged", str(len(document["changes"])))
    table.add_row("violations", str(len(document["violations"])))
    table.add_row("tickets", f"{len(tickets)}, of which open: {open_}")
    table.add_row("deliveries", str(len(document["deliveries"])))
    table.add_row("unreadable records", str(len(document["unreadable"])))
    parts: list[RenderableType] = [table]
    if stays:
        parts.append(
            Text("\nThe watcher stays up. Look around, or edit a contract and see it take effect:", style="bold")
        )
        places = Table.grid(padding=(0, 2))
        for name, place in where.items():
            places.add_row(Text(name, style="cyan"), Text(place))
        parts.extend([places, Text("Ctrl-C ends it and removes everything.", style="dim")])
    return Panel(Group(*parts), title="what came of it", border_style="green")
