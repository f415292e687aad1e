"""A ticket as its domain reads it: what broke, who breaks and why, how to mend it, by when, and what happens else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from watcher.delivery.letters.compose_proof import in_use, registry, witness
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Paragraph, Section
from watcher.delivery.letters.parts import (
    actions,
    capped,
    consumers,
    footer,
    headline,
    hit,
    ladder,
    remedies,
    rest,
    titled,
    violations_of,
)
from watcher.delivery.letters.since import seen, standing_facts, stands
from watcher.delivery.letters.wording import (
    Body,
    code,
    count,
    declared,
    line,
    listed,
    said,
    strong,
    value,
    when,
    zone_of,
)

MOST = 30
"""So many changes, clauses and versions in use stand in one letter; the ticket's page has them all."""
MOST_WAYS = 5
"""So many ways to mend it stand in the list that comes first; step by step they all stand in it."""


def opened(body: Body) -> Letter:
    """New work for the domain."""
    return _whole(body, ())


def standing(body: Body, *, most: int = MOST) -> Letter:
    """All of the ticket as it stands now, whatever was done last: for what shows that always."""
    return _whole(body, stands(body), most)


def updated(body: Body) -> Letter:
    """More of it is broken, or less."""
    first = said(f"{_capital(str(body['move'].get('reason') or 'the ticket was brought up to date'))}. ")
    return _whole(body, first)


def reopened(body: Body) -> Letter:
    """It is back."""
    move = body["move"]
    claimed = (move.get("details") or {}).get("claimed")  # who closed it has not opened it again: we have
    by = "" if claimed or move.get("by") in {None, "watcher"} else f" by {move['by']}"
    return _whole(body, said(f"Opened again{by}: {move.get('reason') or 'the break came back'}. "))


def event(body: Body) -> Letter:
    """The published event, for a channel that people read."""
    told = violations_of(body)
    link = {"id": body.get("ticket") or "", "domain": body["domain"], "dataset": body["dataset"], "state": "open"}
    facts = [
        ("Domain", line(str(body["domain"]))),
        ("Dataset", line(code(body["dataset"]))),
        ("Severity", line(str(body.get("severity", "normal")))),
        ("Ticket", line(str(body["ticket"]))) if body.get("ticket") else None,
        ("Change", _change(body)),
    ]
    return Letter(
        title=f"{body['dataset']}: {titled(told)} ({_breaks(told)})",
        lead=_lead({**body, "ticket": link}, told),
        facts=Facts(tuple(one for one in facts if one is not None and one[1])),
        sections=tuple(_sections({**body, "ticket": link}, told)),
        severity=str(body.get("severity", "normal")),
    )


def _whole(body: Body, first: Line, most: int = MOST) -> Letter:
    ticket, told = body["ticket"], violations_of(body)
    return Letter(
        title=f"{ticket['dataset']}: {titled(told)} ({_breaks(told, over=ticket['state'] == 'resolved')})",
        lead=line(first, _lead(body, told), _asked(body)),
        facts=Facts(tuple(facts(body, told))),
        sections=tuple(_sections(body, told, most)),
        actions=actions(body),
        footer=footer(body),
        severity=str(body.get("severity") or "normal"),
        state=ticket["state"],
    )


def facts(body: Body, told: Sequence[Body]) -> Iterator[tuple[str, Line]]:
    """What can be looked up about a ticket in one glance."""
    ticket, zone = body["ticket"], zone_of(body)
    deadlines = body.get("deadlines") or {}
    yield "Domain", line(str(ticket["domain"]), *_decided(body.get("ownership") or {}))
    yield "Dataset", line(code(ticket["dataset"]))
    if body.get("severity"):
        because = "; ".join(str(one) for one in body.get("because") or ())
        yield "Severity", line(strong(body["severity"]), said(f": {because}" if because else ""))
    again = f", opened again {count(ticket['reopened'], 'time')}" if ticket.get("reopened") else ""
    yield "State", line(f"{str(ticket['state']).replace('_', ' ')}{again}")
    yield from standing_facts(body)
    settled = ticket["state"] in {"resolved", "waived"}
    if deadlines.get("acknowledge_by") and ticket["state"] == "open" and seen(body) is None:
        yield "Acknowledge by", line(when(deadlines["acknowledge_by"], zone))
    if deadlines.get("fix_by") and not settled:
        yield "Fix by", line(when(deadlines["fix_by"], zone))
    changed = _change(body)
    if changed:
        yield "Change", changed
    yield from _causes(told, zone)
    announced = list(dict.fromkeys(str(one["announcement"]) for one in told if one.get("announcement")))
    if announced:
        yield "Announced", said("; ".join(announced[:3]))
    if body.get("follows"):
        yield "Follows", line(f"{body['follows']}, the same break, settled too long ago to be opened again")


def _decided(ownership: Body) -> list[Any]:
    """Why it is this domain's work, where another source than its own document says so."""
    source = ownership.get("source")
    if source == "domain" or not ownership:
        return []
    if source is None:
        says = "; ".join(str(one) for one in ownership.get("others") or ())
        return [": nobody owns it", *said(f" ({says})" if says else "")]
    if source == "unclaimed":
        return [", which takes what nobody else claims"]
    of = [", through ", code(ownership["inherited_from"])] if ownership.get("inherited_from") else []
    return [f", by {_CATALOGUES.get(str(source), str(source))}, which names ", code(ownership.get("owner") or ""), *of]


_CATALOGUES = {
    "backstage": "Backstage",
    "codeowners": "CODEOWNERS",
    "odcs": "its data contract",
    "datahub": "DataHub",
    "openmetadata": "OpenMetadata",
}


def _change(body: Body) -> Line:
    """Where the change stands in the record: its id, its position, the versions, the moment."""
    source = body.get("source") or (body if "position" in body else {})
    version = source.get("version") or {}
    parts: list[Any] = [code(body.get("change") or body.get("id"))] if body.get("change") or body.get("id") else []
    if source.get("position"):
        parts += [" at ", code(source["position"])]
    if version.get("after") is not None:
        before = f" after {version['before']}" if version.get("before") is not None else ""
        parts.append(f", version {version['after']}{before}")
    if source.get("at"):
        parts.append(f", {when(source['at'], zone_of(body))}")
    return line(*parts)


def _causes(told: Sequence[Body], zone: str) -> Iterator[tuple[str, Line]]:
    """Who did it, by which statement, as far as the feed knows; the first of several, each once."""
    origins = [one["origin"] for one in told if one.get("origin")]
    by = listed(one["by"] for one in origins if one.get("by"))
    if by:
        yield "Done by", line(code(by))
    queries = list(dict.fromkeys(str(one["query"]) for one in origins if one.get("query")))
    if queries:
        more = f" and {len(queries) - 1} more" if len(queries) > 1 else ""
        yield "Statement", line(code(value(queries[0])), more)
    because = listed(one["because"] for one in origins if one.get("because"))
    if because:
        yield "Because of", line(code(because))
    missed = next((one["missed_since"] for one in origins if one.get("missed_since")), None)
    if missed:
        yield "Seen late", line(f"what happened since {when(missed, zone)} was missed: it may have come earlier")
    for note in dict.fromkeys(str(one["note"]) for one in origins if one.get("note")):
        yield "Note", said(value(note))


def _breaks(told: Sequence[Body], *, over: bool = False) -> str:
    broken = consumers(one for one in told if one.get("outcome") != "unknown")
    if broken:
        return f"{'broke' if over else 'breaks'} {count(len(broken), 'consumer')}"
    return f"undecided for {count(len(consumers(told)), 'consumer')}"


def _lead(body: Body, told: Sequence[Body]) -> Line:
    """What broke, by whom, and who is hit, in one sentence."""
    ticket = body["ticket"]
    origins = [one["origin"] for one in told if one.get("origin")]
    by = listed(one["by"] for one in origins if one.get("by"))
    broken = [one for one in told if one.get("outcome") != "unknown"]
    names = listed(consumers(broken or told))
    verb = "broke" if broken and ticket["state"] == "resolved" else "breaks" if broken else "may break"
    return line(
        "A change of ",
        strong(ticket["domain"]),
        line(" (done by ", code(by), ")") if by else "",
        " ",
        verb,
        " ",
        strong(names or "what consumers rely on"),
        " at ",
        code(ticket["dataset"]),
        ": ",
        said(headline(told)),
        rest(told),
        ".",
    )


def _asked(body: Body) -> Line:
    """What is asked of the reader, as the ticket stands."""
    deadlines, zone, state = body.get("deadlines") or {}, zone_of(body), body["ticket"]["state"]
    seen, fixed = deadlines.get("acknowledge_by"), deadlines.get("fix_by")
    if state == "open" and seen:
        more = f" and fix it by {when(fixed, zone)}" if fixed else ""
        return line(f" Acknowledge it by {when(seen, zone)}{more}.")
    if state in {"open", "acknowledged", "in_progress"} and fixed:
        return line(f" It is to be fixed by {when(fixed, zone)}.")
    return ()


def _sections(body: Body, told: Sequence[Body], most: int = MOST) -> Iterator[Section]:
    over = body["ticket"]["state"] == "resolved"
    yield from _list("What changed", _changed(told), most)
    yield from _list("Whom it broke, and why" if over else "Who breaks, and why", map(hit, told), most)
    yield from plainly(body)
    rungs = ladder(body)
    if rungs and body["ticket"]["state"] not in {"resolved", "waived"}:
        yield Section("What happens if nothing is done", (Items(tuple(rungs)),), brief=True)
    yield from witness(body, told)
    yield from registry(body, told)
    read_with = (said(in_use(one)) for one in body.get("versions_in_use") or ())
    yield from _list("Versions that consumers read with", read_with, most, brief=False)
    yield from stepwise(body)


def _list(heading: str, lines: Iterable[Line], most: int, *, brief: bool = True) -> Iterator[Section]:
    found = capped(lines, most)
    if found:
        yield Section(heading, (Items(tuple(found)),), brief=brief)


def plainly(body: Body, heading: str = "How to fix it", mine: str = "producer") -> Iterator[Section]:
    """Each way to mend it, in a line."""
    options = list(remedies(body.get("remedies") or (), mine=mine))
    if options:
        shown: list[Block] = [Items(tuple(each for each, _ in options[:MOST_WAYS]), numbered=True)]
        if len(options) > MOST_WAYS:
            shown.append(Paragraph(line(f"And {len(options) - MOST_WAYS} more ways.")))
        yield Section(heading, tuple(shown), brief=True)


def stepwise(body: Body) -> Iterator[Section]:
    """Each way to mend it step by step, with what can be used as it is: statements, fragments of schemas."""
    blocks: list[Block] = []
    for number, (_, found) in enumerate(remedies(body.get("remedies") or ()), 1):
        title = [one.line for one in found if isinstance(one, Paragraph)]
        blocks.append(Paragraph(line(strong(f"Option {number}: "), *title)))
        blocks += [one for one in found if not isinstance(one, Paragraph)]
    if blocks:
        yield Section("Step by step", tuple(blocks))


def _changed(told: Sequence[Body]) -> Iterator[Line]:
    """Each fact of the diff that broke something, once: old and new."""
    seen: set[str] = set()
    for one in told:
        change = one.get("change")
        fact = (
            change if change is not None else {"path": one.get("path"), "before": one["before"], "after": one["after"]}
        )
        key = json.dumps(fact, ensure_ascii=False)
        if key in seen:
            continue
        seen.add(key)
        before, after = fact.get("before"), fact.get("after")
        place = fact.get("path") or "the dataset"
        kind = str(fact.get("kind") or "").replace("-", " ")
        yield line(
            code(place),
            f", {kind}: " if kind else ": ",
            code(declared(before)) if before is not None else "nothing",
            " → ",
            code(declared(after)) if after is not None else "gone" if before is not None else "nothing",
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
