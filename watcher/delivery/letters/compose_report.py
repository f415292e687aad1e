"""What is told together, or again: a domain's digest, the scorecard, datasets without owner, dead addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watcher.delivery.letters.letter import Facts, Items, Letter, Line, Listing, Section
from watcher.delivery.letters.parts import capped
from watcher.delivery.letters.wording import Body, code, count, line, listed, said, strong, when

MOST = 50
_ORDER = ("critical", "high", "normal", "low")


def digest(body: Body) -> Letter:
    """A domain's tickets of the severities that it hears together, those that press first."""
    tickets = sorted(body.get("tickets") or (), key=lambda one: (one.get("state") == "resolved", _rank(one)))
    waiting = [one for one in tickets if one.get("state") not in {"resolved", "waived"}]
    more = f" {body['more']} more stand in the list of tickets." if body.get("more") else ""
    lines = []
    for one in tickets:
        fix = f", fix by {when(one['fix_by'])}" if one.get("fix_by") and one in waiting else ""
        whom = f", breaks {listed(one.get('consumers') or ())}" if one.get("consumers") else ""
        messages = line(": ", said("; ".join(str(each) for each in one["messages"]))) if one.get("messages") else ()
        state = str(one.get("state")).replace("_", " ")
        lines.append(
            line(
                strong(one.get("ticket", "")),
                f" ({state}, {one.get('severity')}{fix}) ",
                code(one.get("dataset", "")),
                whom,
                messages,
            )
        )
    return Letter(
        title=f"{body['domain']}: {count(len(waiting), 'ticket')} to do, {count(len(tickets), 'ticket')} with news",
        lead=line(
            strong(body["domain"]),
            f" has {count(len(tickets), 'ticket')} with news since {when(body.get('since'))}; ",
            f"{len(waiting)} of them {'waits' if len(waiting) == 1 else 'wait'} for somebody.{more}",
        ),
        sections=(Section("Tickets", (Items(tuple(capped(lines, MOST))),), brief=True),),
        footer=line("All of them: ", code("watcher tickets list")),
        severity="low",
    )


def scorecard(body: Body) -> Letter:
    """The quarter so far, and the week, of all domains: the figures, and how often the watcher itself was right."""
    quarter, week = body["quarter"], body.get("week") or {}
    cards = quarter.get("domains") or []
    breaking = sum(one["breaking"]["all"] for one in cards)
    unannounced = sum(one["breaking"]["unannounced"] for one in cards)
    lately = sum(one["breaking"]["all"] for one in week.get("domains") or ())
    precision = quarter.get("precision") or {}
    over = [_spent(one) for one in cards if (one.get("budget") or {}).get("over")]
    sections = [Section("The quarter, domain by domain", (Listing(_table(cards)),), brief=True)]
    if week.get("domains"):
        sections.append(Section("The last seven days", (Listing(_table(week["domains"])),)))
    waiting = list(_disputes(body.get("disputes") or ()))
    if waiting:
        sections.append(
            Section("Disputes that wait for a decision", (Items(tuple(capped(waiting, MOST))),), brief=True)
        )
    notes = list(_fairness(precision))
    if body.get("head"):
        notes.append(
            line("The record ends at ", code(body["head"]), "; check it with ", code("watcher audit verify"), ".")
        )
    sections.append(Section("How far to trust this", (Items(tuple(notes)),), brief=True))
    return Letter(
        title=f"Scorecard: {count(breaking, 'breaking change')} this quarter, {unannounced} unannounced",
        lead=line(
            f"Since {when(quarter.get('since'))} there were {count(breaking, 'breaking change')}, ",
            f"{unannounced} of them unannounced; {lately} in the last seven days.",
            said(f" The budget is spent for {listed(over)}.") if over else "",
        ),
        facts=Facts(tuple(_totals(cards))),
        sections=tuple(sections),
        footer=line(
            "Times are working hours of each domain; a dispute that was upheld, and a false alarm, count for nothing."
        ),
        severity="low",
    )


def unowned(body: Body) -> Letter:
    """The datasets that nobody owns, those on which most rely first."""
    lines = []
    for one in body["datasets"]:
        relied = f": {count(one['contracts'], 'contract')} on it" if one.get("contracts") else ""
        lines.append(line(code(one["dataset"]), relied))
    number = int(body.get("count") or len(lines))
    return Letter(
        title=f"{count(number, 'dataset')} without an owner",
        lead=line(
            f"{count(number, 'dataset')} {'belongs' if number == 1 else 'belong'} to no domain: what breaks there is "
            "nobody's work, and comes here. ",
            "Give each a domain: add a pattern to its ",
            code("owns"),
            ", or import owners.",
        ),
        sections=(Section("Without an owner", (Items(tuple(capped(lines, MOST))),), brief=True),),
        footer=line("Told again until each has an owner."),
        severity="low",
    )


def undecided(body: Body) -> Letter:
    """The disputes that nobody has decided in time, the oldest first, and who may decide them."""
    lines = list(_disputes(body["disputes"]))
    number = int(body.get("count") or len(lines))
    arbiters = body.get("arbiters") or ()
    whose = f"They are for {listed(arbiters)} to decide. " if arbiters else "Nobody is named to decide them. "
    return Letter(
        title=f"{count(number, 'dispute')} without a decision",
        lead=line(
            f"{count(number, 'dispute')} {'waits' if number == 1 else 'wait'} for a decision, and the ladder rests "
            f"meanwhile. {whose}",
            *(() if arbiters else ("Set ", code("arbiters"), " in the settings.")),
        ),
        sections=(Section("To be decided", (Items(tuple(capped(lines, MOST))),), brief=True),),
        footer=line("To decide one: ", code("watcher tickets uphold"), " or ", code("watcher tickets reject")),
        severity="low",
    )


def _disputes(told: Any) -> Iterator[Line]:
    """A dispute a line: which ticket, who disputes it since when, and why."""
    for one in told:
        yield line(
            strong(one["ticket"]),
            f" ({one.get('domain')}, {one.get('severity')}) ",
            code(one.get("dataset", "")),
            f", disputed by {one.get('by')} since {when(one.get('since'))}: ",
            said(str(one.get("reason") or "")),
        )


def stale(body: Body) -> Letter:
    """Addresses at which nobody is any more, and the documents that name them."""
    lines = []
    for one in body["addresses"]:
        named = line(", named in ", *_codes(one.get("named_by") or ())) if one.get("named_by") else ()
        lines.append(
            line(
                code(f"{one['channel']}:{one['address']}"),
                f" since {when(one['since'])}, {count(int(one.get('times') or 1), 'time')}: ",
                str(one.get("reason", "")),
                named,
            )
        )
    return Letter(
        title=f"{count(len(lines), 'address', 'addresses')} at which nobody is any more",
        lead=line(
            "What was sent there was refused: whoever should have heard did not. Mend the documents that name ",
            "it." if len(lines) == 1 else "them.",
        ),
        sections=(Section("Dead addresses", (Items(tuple(capped(lines, MOST))),), brief=True),),
        footer=line("Told again until nothing is sent there any more, or somebody answers there."),
        severity="normal",
    )


def _rank(one: Body) -> int:
    return _ORDER.index(one["severity"]) if one.get("severity") in _ORDER else len(_ORDER)


def _codes(names: Any) -> tuple[Line, ...]:
    return tuple(line(", " if number else "", code(one)) for number, one in enumerate(list(names)[:5]))


def _totals(cards: list[Body]) -> Iterator[tuple[str, Line]]:
    hit = sum(one["consumers"]["hit"] for one in cards)
    weighted = sum(one["consumers"]["weighted"] for one in cards)
    yield "Consumers hit", line(f"{hit}, weighted by criticality {weighted:g}")
    yield "Not finished", line(str(sum(one["unfinished"] for one in cards)))
    yield "Escalated", line(str(sum(one["escalated"] for one in cards)))
    yield "Disputes upheld", line(str(sum(one["disputes"]["upheld"] for one in cards)))
    yield "Dark datasets", line(str(sum(one["dark"] for one in cards)))


_WHEN_SPENT = {
    "escalate": "what breaks now is escalated",
    "go-token": "`watcher check` asks for a go token",
    "report": "which is only reported",
}


def _spent(one: Body) -> str:
    """A domain whose budget is spent, and what it chose for that case."""
    chosen = str(one["budget"].get("when_spent"))
    return f"{one['domain']} ({_WHEN_SPENT.get(chosen, chosen)})"


def _fairness(precision: Body) -> Iterator[Line]:
    settled, wrong = precision.get("settled") or 0, precision.get("false_alarms") or 0
    if precision.get("value") is None:
        yield line("No ticket was settled yet: nobody can say how often the watcher was right.")
        return
    alarms = count(wrong, "was a false alarm", "were false alarms")
    yield line(f"Of {count(settled, 'settled ticket')} {alarms}: precision {precision['value']:.0%}.")


_COLUMNS = ("domain", "breaks", "unann.", "cons.", "ack h", "late", "fix h", "late", "open", "disp.", "budget")


def _table(cards: list[Body]) -> str:
    """The figures, one line a domain."""
    rows = [_COLUMNS, *(_row(one) for one in cards[:MOST])]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if not number else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    if len(cards) > MOST:
        lines.append(f"and {len(cards) - MOST} more")
    return "\n".join(one.rstrip() for one in lines)


def _row(one: Body) -> tuple[str, ...]:
    budget = one.get("budget")
    return (
        str(one["domain"]),
        str(one["breaking"]["all"]),
        str(one["breaking"]["unannounced"]),
        str(one["consumers"]["hit"]),
        _number(one["acknowledged"]["median_h"]),
        str(one["acknowledged"]["late"]),
        _number(one["fixed"]["median_h"]),
        str(one["fixed"]["late"]),
        str(one["unfinished"]),
        f"{one['disputes']['upheld']}/{one['disputes']['raised']}",
        "-" if budget is None else f"{budget['left']}/{budget['allowed']}",
    )


def _number(one: Any) -> str:
    return "-" if one is None else f"{one:g}"
