"""A ticket's move as people read it: what was done, by whom and why, first and short; the ticket itself after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from watcher.delivery.letters.compose_proof import registry, witness
from watcher.delivery.letters.compose_ticket import facts, plainly
from watcher.delivery.letters.letter import Facts, Items, Letter, Line, Section
from watcher.delivery.letters.parts import (
    actions,
    capped,
    consumers,
    footer,
    headline,
    hit,
    ladder,
    rest,
    titled,
    violations_of,
)
from watcher.delivery.letters.since import who, why
from watcher.delivery.letters.wording import Body, code, line, listed, said, strong, timed, value, when, zone_of

MOST_NAMED = 10
MOST_HISTORY = 15
PROOF = "The proof"

_DONE = {
    "acknowledge": "acknowledged",
    "start": "being worked on",
    "dispute": "disputed",
    "reject": "still a break: the dispute was rejected",
    "waive": "waived",
    "snooze": "snoozed",
    "comment": "commented on",
    "resolve": "closed",
    "uphold": "closed: the dispute was upheld",
    "revoke": "open again: its waiver was ended",
    "expire": "open again: its waiver is over",
    "reopen": "opened again",
    "escalate": "escalated",
    "update": "brought up to date",
    "open": "open",
}
_BY_STATE = {"acknowledged": "acknowledge", "in_progress": "start", "disputed": "dispute", "waived": "waive"}
_SHORT = ("Dataset", "Severity", "State", "Acknowledged", "Acknowledge by", "Snoozed", "Fix by")


def moved(body: Body) -> Letter:
    """Somebody acknowledged, started, disputed, decided, waived, snoozed, or said something."""
    told, verb = violations_of(body), _verb(body)
    sections = [Section("What it is about", (Items(tuple(_about(told))),), brief=True)] if told else []
    return _letter(body, told, f"{_DONE.get(verb, verb)}", _sentence(body, verb), sections)


def resolved(body: Body) -> Letter:
    """It is over: the proof, and what was healed."""
    told, verb, move = violations_of(body), _verb(body), body["move"]
    sections: list[Section] = []
    proof = list(proven(move.get("proof")))
    if proof:
        sections.append(Section(PROOF, (Items(tuple(proof)),), brief=True))
    if told:
        sections.append(Section("What was broken", (Items(tuple(_about(told))),), brief=True))
    if verb == "uphold":
        lead = line(
            strong(move.get("by", "")),
            " upheld the dispute",
            why(move, zone_of(body)),
            ". It is a precedent: the same does not come up again.",
        )
    elif move.get("by") in {None, "watcher"}:
        names = listed(consumers(told))
        lead = line(
            "Nothing is broken any more at ",
            code(body["ticket"]["dataset"]),
            why(move, zone_of(body)),
            f". It had broken {names}." if names else ".",
        )
    else:
        lead = line(strong(move["by"]), " closed it", why(move, zone_of(body)), ".")
    return _letter(body, told, _DONE.get(verb, "closed") if verb == "uphold" else "resolved", lead, sections)


def news(body: Body, letter: Letter) -> Letter:
    """Only what is new, for a comment under what shows the ticket: who did what, why, until when."""
    lead, move = letter.lead, body["move"]
    to = (move.get("details") or {}).get("to")
    if _verb(body) == "escalate" and to:
        reason = timed(move.get("reason") or "nothing was done about it", zone_of(body))
        lead = line("This ticket climbed to ", code(to), f": {reason}.")
    proof = tuple(one for one in letter.sections if one.heading == PROOF)
    return Letter(letter.title, lead, sections=proof, severity=letter.severity, state=letter.state)


def escalated(body: Body) -> Letter:
    """A step of the ladder: what nobody did, since when, and the history; for somebody who knows nothing of it yet."""
    ticket, told, move, zone = body["ticket"], violations_of(body), body["move"], zone_of(body)
    names = listed(consumers(told))
    lead = line(
        "This ticket of ",
        strong(ticket["domain"]),
        " climbed to you: " if body.get("ladder") else " climbs: ",
        timed(move.get("reason") or "nothing was done about it", zone),
        f". {names} " if names else ". ",
        "cannot rely on " if names else "It is about ",
        code(ticket["dataset"]),
        " as promised: " if names else ": ",
        said(headline(told)),
        rest(told),
        ".",
    )
    sections = [
        Section("Who breaks, and why", (Items(tuple(capped([hit(one) for one in told], MOST_NAMED))),), brief=True)
    ]
    history = history_of(body)
    if history:
        shown = history if len(history) <= MOST_HISTORY else [*history[:3], line("…"), *history[4 - MOST_HISTORY :]]
        sections.append(Section("What happened so far", (Items(tuple(shown)),), brief=True))
    rungs = ladder(body)
    if rungs:
        sections.append(Section("The ladder", (Items(tuple(rungs)),), brief=True))
    sections += [*plainly(body), *witness(body, told), *registry(body, told)]
    return _letter(body, told, "escalated", lead, sections, whole=True)


def _letter(  # noqa: PLR0913, PLR0917 - what a letter about a move consists of
    body: Body, told: Sequence[Body], done: str, lead: Line, sections: Sequence[Section], whole: bool = False
) -> Letter:
    ticket = body["ticket"]
    pairs = tuple(facts(body, told))
    return Letter(
        title=f"{ticket['dataset']}: {titled(told)}: {done}" if told else f"{ticket['dataset']}: {done}",
        lead=lead,
        facts=Facts(pairs if whole else tuple(pair for pair in pairs if pair[0] in _SHORT)),
        sections=tuple(sections),
        actions=actions(body),
        footer=footer(body),
        severity=str(body.get("severity") or "normal"),
        state=ticket["state"],
    )


def _verb(body: Body) -> str:
    """What was done; of a body that does not say, what its state tells."""
    move = body["move"]
    found = move.get("verb")
    if found:
        return str(found)
    return _BY_STATE.get(str(move.get("after")), "comment") if move.get("before") != move.get("after") else "comment"


def _sentence(body: Body, verb: str) -> Line:
    """The move in a sentence or two, and what it means for who reads it."""
    ticket, move, zone = body["ticket"], body["move"], zone_of(body)
    details = move.get("details") or {}
    person, dataset = strong(who(move)), code(ticket["dataset"])
    until = when(details["until"], zone) if details.get("until") else ""
    fix_by = (body.get("deadlines") or {}).get("fix_by")
    fix = f" It is to be fixed by {when(fix_by, zone)}." if fix_by else ""
    match verb:
        case "acknowledge":
            return line(person, " acknowledged the ticket about ", dataset, why(move, zone), ".", fix)
        case "start":
            return line(person, " works on the ticket about ", dataset, why(move, zone), ".", fix)
        case "dispute":
            ends = ". A named third role decides; the ladder rests until then."
            return line(person, " disputes that the change of ", dataset, " breaks a promise", why(move, zone), ends)
        case "reject":
            return line(person, " rejected the dispute about ", dataset, why(move, zone), ".", fix)
        case "waive":
            ends = f" until {until}; then it is open again" if until else ""
            return line(person, " waived the ticket about ", dataset, ends, why(move, zone), ".")
        case "snooze":
            ends = f": nobody is told further until {until}" if until else ""
            return line(person, " snoozed the ticket about ", dataset, ends, why(move, zone), ".")
        case "comment" if details.get("claimed"):
            return line(said(str(move.get("reason", ""))), ". The ticket about ", dataset, " stays open.")
        case "comment":
            return line(person, " says about ", dataset, ": ", str(move.get("reason", "")))
        case _:
            done = _DONE.get(verb, verb)
            return line("The ticket about ", dataset, f" is {done}, by ", person, why(move, zone), ".")


def _about(told: Sequence[Body]) -> Iterator[Line]:
    lines = [hit(one) for one in told]
    yield from capped(lines, MOST_NAMED)


def proven(proof: Any) -> Iterator[Line]:
    """Why it is over, as far as the record tells it."""
    if not isinstance(proof, dict):
        return
    labels = {
        "because": "Because",
        "version": "Version",
        "schema": "The schema as it stands",
        "position": "Seen at",
        "by": "By",
        "reason": "Reason",
        "ticket": "Ticket",
        "precedents": "Precedents",
    }
    for key, label in labels.items():
        if proof.get(key) is not None:
            told = proof[key]
            text = listed(told) if isinstance(told, list) else value(told)
            yield line(f"{label}: ", code(text) if key in {"schema", "position", "version"} else said(text))


def history_of(body: Body) -> list[Line]:
    """What happened to a ticket, a line a move, as far as the message has it."""
    return [_history(one, zone_of(body)) for one in body.get("history") or ()]


def _history(one: Body, zone: str) -> Line:
    verb = str(one.get("verb") or "")
    who = "" if one.get("by") in {None, "watcher"} else f" by {one['by']}"
    reason = f": {timed(one['reason'], zone)}" if one.get("reason") else ""
    to = f" to {one['to']}" if one.get("to") else ""
    return line(f"{when(one.get('at'), zone)}: {_DONE.get(verb, verb)}{to}{who}{reason}")
