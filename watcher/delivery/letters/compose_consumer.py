"""What a consumer reads: what will break for them, what they can do, whom to ask; and what is wrong with a contract."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.delivery.letters.compose_proof import witness
from watcher.delivery.letters.compose_ticket import plainly, stepwise
from watcher.delivery.letters.letter import Action, Facts, Items, Letter, Line, Section
from watcher.delivery.letters.parts import capped, headline, rest, titled, violations_of
from watcher.delivery.letters.wording import Body, code, consumer_name, count, line, said, strong, when

MOST = 30

_FAULTS = {
    "stale": "it has ended",
    "orphaned": "its consumer is of no domain that is known",
    "unheard": "nobody is told",
    "unseen": "its dataset was never seen",
    "greedy": "it relies on what was never there",
    "unsatisfied": "it did not hold from the start",
    "given-up": "it held once, and was given up",
}


def notice(body: Body) -> Letter:
    """A break that touches this consumer: its own clauses only."""
    told = violations_of(body)
    broken = body.get("outcome") != "unknown"
    dataset = code(body["dataset"])
    lead = line(
        "What ",
        strong(consumer_name(body["consumer"])),
        " relies on at ",
        dataset,
        " does not hold any more: " if broken else " may not hold any more, and it cannot be told for certain: ",
        said(headline(told)),
        rest(told),
        ". It is the work of ",
        strong(body["domain"]),
        line(", who has ticket ", code(body["ticket"]), " for it") if body.get("ticket") else "",
        "; you need not report it.",
    )
    sections = [
        Section("What breaks for you", (Items(tuple(capped([_clause(one) for one in told], MOST))),), brief=True),
        Section("What to do until it is fixed", (Items(tuple(_until(body))),), brief=True),
        *plainly(body, "Ways around it", "consumer"),
        *witness(body, told),
        *stepwise(body),
    ]
    return Letter(
        title=f"{body['dataset']}: {titled(told)}; {body['subscription']} {'breaks' if broken else 'may break'}",
        lead=lead,
        facts=Facts(tuple(_facts(body))),
        sections=tuple(sections),
        actions=_open(body),
        footer=_footer(body),
        severity=_severity(body),
    )


def relieved(body: Body) -> Letter:
    """What broke this consumer is over; or somebody whose word counts found that it was no break."""
    ticket = line(" Ticket ", code(body["ticket"]), " is closed.") if body.get("ticket") else ()
    if body.get("decided"):
        return _found_to_be_none(body, ticket)
    return Letter(
        title=f"{body['dataset']}: what {body['subscription']} relies on is no longer broken",
        lead=line(
            "What was broken for ",
            strong(consumer_name(body["consumer"])),
            " at ",
            code(body["dataset"]),
            " is over.",
            ticket,
        ),
        sections=_about(body),
        footer=_footer(body),
        severity="low",
        state=None,
    )


def _found_to_be_none(body: Body, ticket: Line) -> Letter:
    decided = body["decided"]
    return Letter(
        title=f"{body['dataset']}: what {body['subscription']} was told of is no break",
        lead=line(
            strong(str(decided["by"])),
            " decided that what ",
            strong(consumer_name(body["consumer"])),
            " was told of at ",
            code(body["dataset"]),
            " is no break: ",
            said(decided["reason"]),
            ".",
            ticket,
            " Whoever relies on it after all says so to them, or in the contract.",
        ),
        sections=_about(body),
        footer=_footer(body),
        severity="low",
        state=None,
    )


def waived(body: Body) -> Letter:
    """Somebody accepted for a time what breaks this consumer: who, why, until when, and how it is ended."""
    waiver = body["waiver"]
    revoke = f'watcher tickets revoke {body["ticket"]} --reason "why"'
    return Letter(
        title=f"{body['dataset']}: what breaks {body['subscription']} is accepted for a time",
        lead=line(
            strong(str(waiver["by"])),
            " accepted what breaks ",
            strong(consumer_name(body["consumer"])),
            " at ",
            code(body["dataset"]),
            ": ",
            said(waiver["reason"]),
            ". Until ",
            when(waiver["until"]),
            " nobody is asked to mend it; then it comes back.",
        ),
        sections=(
            *_about(body, "What still breaks for you"),
            Section("If you do not agree", (Items((line("End it: ", code(revoke)),)),), brief=True),
        ),
        actions=_open(body),
        footer=_footer(body),
        severity=_severity(body),
    )


def _about(body: Body, title: str = "What this was about") -> tuple[Section, ...]:
    """What the consumer relies on of it, in short."""
    held = [line(said(one.get("wants", "")), " [", code(one.get("rule", "")), "]") for one in violations_of(body)]
    return (Section(title, (Items(tuple(capped(held, MOST))),), brief=True),) if held else ()


def unsound(body: Body) -> Letter:
    """What is wrong with a contract itself; no producer is blamed for it."""
    lines = []
    for one in body.get("findings") or ():
        place = line(code(one["path"]), ", ") if one.get("path") else ()
        lines.append(
            line(place, strong(_FAULTS.get(str(one.get("fault")), str(one.get("fault")))), ": ", said(one["message"]))
        )
    sources = list(dict.fromkeys(str(one["source"]) for one in body.get("findings") or () if one.get("source")))
    written = line(" It is written in ", code(sources[0]), ".") if sources else ()
    return Letter(
        title=f"Your contract {body['subscription']} needs care: {count(len(lines), 'finding')}",
        lead=line(
            "The contract ",
            code(body["subscription"]),
            " of ",
            strong(consumer_name(body["consumer"])),
            " on ",
            code(body["dataset"]),
            f" has {count(len(lines), 'thing')} to mend. No producer is blamed for ",
            "it." if len(lines) == 1 else "them.",
            written,
        ),
        sections=(Section("What to mend", (Items(tuple(capped(lines, MOST))),), brief=True),),
        footer=line("Told again until it is mended."),
        severity="low",
    )


def _clause(one: Body) -> Line:
    unsure = "it cannot be told: " if one.get("outcome") == "unknown" else ""
    return line("You rely on: ", said(one.get("wants", "")), ". ", unsure, said(one.get("message", "")))


def _until(body: Body) -> Iterator[Line]:
    """What a consumer can do now, and whom to ask."""
    ask = body.get("ask") or {}
    yield line("Hold back, or guard, the jobs that read what is named above; nothing needs to be reported again.")
    whom = [str(one) for one in (ask.get("oncall"), ask.get("accountable")) if one]
    if whom:
        yield line("Ask ", strong(ask.get("domain") or body["domain"]), ": ", *_several(whom), ".")
    else:
        yield line("Ask the domain ", strong(ask.get("domain") or body["domain"]), ", which names no address.")
    yield line("You hear from us once more, when it is over.")


def _several(names: list[str]) -> tuple[Line, ...]:
    return tuple(line(", " if number else "", code(one)) for number, one in enumerate(dict.fromkeys(names)))


def _facts(body: Body) -> Iterator[tuple[str, Line]]:
    yield "Dataset", line(code(body["dataset"]))
    yield "Producer", line(str(body["domain"]))
    yield "Your contract", line(code(body["subscription"]))
    if body.get("fix_by"):
        yield "Promised by", line(when(body["fix_by"], str(body.get("timezone") or "UTC")))
    if body.get("at"):
        yield "Since", line(when(body["at"]))
    if body.get("ticket"):
        yield "Ticket", line(code(body["ticket"]))


def _open(body: Body) -> tuple[Action, ...]:
    link = (body.get("links") or {}).get("ticket")
    return (Action("Open the ticket", str(link)),) if link else ()


def _footer(body: Body) -> Line:
    return line("You hear this because the contract ", code(body["subscription"]), " names this address.")


def _severity(body: Body) -> str:
    order = ("low", "normal", "high", "critical")
    known = [str(one.get("criticality")) for one in body.get("violations") or ()]
    return max((one for one in known if one in order), key=order.index, default="normal")
