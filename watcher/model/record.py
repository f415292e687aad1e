"""Records: links of a chain in which each hash covers the link before it, so that nothing is undone unseen."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from watcher.model.ticket import UNSETTLED, Ticket, TicketMove, Verb

BEGINNING = "0" * 64
"""What stands before the first link."""


@dataclass(frozen=True, slots=True)
class Record:
    """One link: what was done, when, about what; `document` is canonical JSON text, kept as it was hashed."""

    number: int
    at: dt.datetime
    kind: str
    about: str
    document: str
    previous: str
    hash: str


def linked(  # noqa: PLR0913, PLR0917 - the parts that are hashed, in their order
    number: int, at: dt.datetime, kind: str, about: str, document: str, previous: str
) -> Record:
    """A link with its hash: SHA-256 over the parts, each with its length before it, in UTF-8."""
    parts = (str(number), at.astimezone(dt.UTC).isoformat(timespec="microseconds"), kind, about, document, previous)
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(raw)}:".encode() + raw)
    return Record(number, at, kind, about, document, previous, digest.hexdigest())


def canonical(document: Mapping[str, Any]) -> str:
    """The text that is hashed: JSON, keys sorted, no blanks, ASCII only; what JSON has no form for is written out."""
    return json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=_written)


def move_document(move: TicketMove) -> dict[str, Any]:
    """A ticket's move, as the chain has it."""
    return {
        "ticket": str(move.ticket),
        "verb": move.verb.value,
        "before": None if move.before is None else move.before.value,
        "after": move.after.value,
        "at": _written(move.at),
        "by": move.by,
        "via": move.via,
        "reason": move.reason,
        "proof": move.proof,
        "details": move.details,
    }


def standing_document(ticket: Ticket) -> dict[str, Any]:
    """Where a ticket stands after a move, as the chain has it: all that somebody can be held to by it."""
    return {
        "domain": str(ticket.domain),
        "dataset": str(ticket.dataset),
        "state": ticket.state.value,
        "severity": ticket.severity.value,
        "reopened": ticket.reopened,
        "follows": ticket.follows,
        **{name: None if at is None else _written(at) for name, at in _moments(ticket)},
    }


def unexplained(stood: Mapping[str, Any], move: Mapping[str, Any], stands: Mapping[str, Any]) -> Iterator[str]:
    """What changed of where a ticket stands from one link to the next, and not by the move that the latter tells of."""
    if move["before"] != stood["state"]:
        yield "state"
    anew = stood["state"] not in UNSETTLED and move["after"] in UNSETTLED
    details = move["details"] or {}
    graver = move["verb"] == Verb.UPDATE and details.get("severity") == stands["severity"] != stood["severity"]
    may = {"state", "changed_at"}
    if anew or graver:
        may |= {"severity", "acknowledge_by", "fix_by"}
    if anew:
        may |= {"reopened", "episode_at", "acknowledged_at"}
    elif stood["acknowledged_at"] is None and stands["acknowledged_at"] == move["at"]:
        may.add("acknowledged_at")
    yield from (name for name, value in stood.items() if name not in may and stands.get(name) != value)


def _moments(ticket: Ticket) -> tuple[tuple[str, dt.datetime | None], ...]:
    return (
        ("opened_at", ticket.opened_at),
        ("changed_at", ticket.changed_at),
        ("episode_at", ticket.episode_at),
        ("acknowledged_at", ticket.acknowledged_at),
        ("acknowledge_by", ticket.acknowledge_by),
        ("fix_by", ticket.fix_by),
    )


def _written(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return str(value)
