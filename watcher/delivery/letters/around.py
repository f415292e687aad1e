"""Around: what holds for every letter, whatever it is about: who did not get it, what was left out, what is sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from watcher.delivery.letters.letter import Letter, Line, Words
from watcher.delivery.letters.wording import Body, code, count, line, listed, said, value
from watcher.model.ticket import TicketState

_STATES = frozenset(state.value for state in TicketState)
_SEVERITIES = frozenset({"low", "normal", "high", "critical"})
_OMITTED = {
    "values": "value",
    "changes": "change",
    "violations": "broken clause",
    "incompatibilities": "finding of the registry",
    "versions_in_use": "version in use",
    "remedies": "way to fix it",
    "history": "line of its history",
}
_PLURALS = {
    "finding of the registry": "findings of the registry",
    "version in use": "versions in use",
    "way to fix it": "ways to fix it",
    "line of its history": "lines of its history",
}


def framed(letter: Letter, body: Body) -> Letter:
    """The letter, with what is said of any message around it."""
    left_out = _left_out(body.get("omitted"))
    return replace(
        sound(letter),
        lead=(*_undelivered(body.get("undelivered")), *letter.lead),
        footer=(*left_out, *((Words(" "), *letter.footer) if left_out and letter.footer else letter.footer)),
    )


def sound(letter: Letter) -> Letter:
    """The letter without what a channel could not take: a state or severity there is not, a link that is none."""
    return replace(
        letter,
        severity=letter.severity if letter.severity in _SEVERITIES else "normal",
        state=letter.state if isinstance(letter.state, str) and letter.state in _STATES else None,
        actions=tuple(one for one in letter.actions if one.url is None or one.url.startswith(("https://", "http://"))),
    )


def _undelivered(told: object) -> Line:
    """First of all, for whom it was meant: whoever reads it now is not the one who was to hear."""
    if not isinstance(told, Mapping):
        return ()
    channel, to = str(told.get("channel") or "its channel"), str(told.get("address") or "*")
    reason = value(str(told.get("reason") or "")).rstrip(". ")
    return line(
        "This did not reach ",
        *((code(to), " by ") if to != "*" else ()),
        code(channel),
        said(f" ({reason})") if reason else "",
        ", so it comes to you; nobody there knows of it. ",
    )


def _left_out(told: object) -> Line:
    """How much of the message was cut, so that nobody takes a part for the whole."""
    if not isinstance(told, Mapping):
        return ()
    parts = [
        count(number, _OMITTED[name], _PLURALS.get(_OMITTED[name], ""))
        for name, number in told.items()
        if name in _OMITTED and isinstance(number, int) and not isinstance(number, bool) and number > 0
    ]
    return (
        line(f"For its size this message is cut: {listed(parts, len(parts))} shortened or left out.") if parts else ()
    )
