"""Since: who did what to a ticket in the episode that goes on, as far as the message's history tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from watcher.delivery.letters.letter import Line
from watcher.delivery.letters.wording import Body, line, said, strong, timed, when, zone_of
from watcher.model.ticket import BEGINNINGS

_BEGINS = frozenset(one.value for one in BEGINNINGS)
"""What was done before one of these holds no more."""


def episode(body: Body) -> list[Mapping[str, Any]]:
    """The moves since the ticket was opened, or opened again; the last comes first."""
    found: list[Mapping[str, Any]] = []
    for one in reversed(body.get("history") or ()):
        if one.get("verb") in _BEGINS:
            break
        found.append(one)
    return found


def last(body: Body, *verbs: str) -> Mapping[str, Any] | None:
    """The last of the episode's moves by one of these verbs."""
    return next((one for one in episode(body) if one.get("verb") in verbs), None)


def seen(body: Body) -> Mapping[str, Any] | None:
    """The move by which somebody first took it up."""
    takes = {"acknowledge", "start", "dispute"}
    return next((one for one in reversed(episode(body)) if one.get("verb") in takes), None)


def quiet(body: Body) -> Mapping[str, Any] | None:
    """The snooze that lasts, where one does."""
    found = last(body, "snooze")
    until, now = _moment((found or {}).get("until")), _moment(body.get("at"))
    return found if until is not None and now is not None and until > now else None


def standing_facts(body: Body) -> Iterator[tuple[str, Line]]:
    """Who took it up, who waived or snoozed it and until when, as pairs that can be looked up."""
    zone = zone_of(body)
    first = seen(body)
    if first is not None:
        yield "Acknowledged", line("by ", strong(who(first)), f", {when(first.get('at'), zone)}")
    found = quiet(body)
    if found is not None:
        yield "Snoozed", line("by ", strong(who(found)), f" until {when(found['until'], zone)}", why(found, zone))


def stands(body: Body) -> Line:
    """How it stands, in a sentence; none where it is simply open."""
    zone, state = zone_of(body), body["ticket"]["state"]
    verbs = {
        "acknowledged": ("acknowledge", "reject"),
        "in_progress": ("start",),
        "disputed": ("dispute",),
        "waived": ("waive",),
        "resolved": ("resolve", "uphold"),
    }
    one = last(body, *verbs.get(state, ()))
    if one is None:
        return ()
    by = line(" by ", strong(who(one))) if one.get("by") not in {None, "watcher"} else ()
    at = f", {when(one.get('at'), zone)}"
    match one.get("verb"):
        case "reject":
            return line("The dispute was rejected", by, at, why(one, zone), ". ")
        case "start":
            return line("Being worked on", by, at, why(one, zone), ". ")
        case "dispute":
            return line("Disputed", by, at, why(one, zone), ". A named third role decides. ")
        case "waive":
            until = f" until {when(one['until'], zone)}" if one.get("until") else ""
            return line("Waived", by, until, why(one, zone), ". ")
        case "uphold":
            return line("Closed: the dispute was upheld", by, at, why(one, zone), ". ")
        case "resolve":
            return line("Resolved", by, at, why(one, zone), ". ")
        case _:
            return line("Acknowledged", by, at, why(one, zone), ". ")


def who(one: Mapping[str, Any]) -> str:
    """Who did it, and where, where that is no place of ours."""
    by, via = str(one.get("by") or "somebody"), one.get("via")
    return f"{by} ({via})" if via and via not in {by, "watcher", "cli", "api"} else by


def why(one: Mapping[str, Any], zone: str = "UTC") -> Line:
    """The reason, as a part of a sentence; the default one says nothing."""
    reason = timed(one.get("reason") or "", zone).strip().rstrip(".")
    return said(f": {reason}") if reason and reason != f"{one.get('verb')} by {one.get('by')}" else ()


def _moment(written: object) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC)
