"""Records: links of a chain in which each hash covers the link before it, so that nothing is undone unseen."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watcher.model.ticket import TicketMove

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


def _written(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return str(value)
