"""Checks about a whole record: its members, their order, and the consumer's own reader schema."""

from __future__ import annotations

from watcher.model.compatibility import Incompatibility
from watcher.model.contract import ClosedShape, ReadsVersion, ReadsWith
from watcher.model.errors import Undecidable
from watcher.model.lookup import Found, Place, find
from watcher.rules.rule import Asked, Finding

MAX_NAMED = 5
"""So many members or reasons are named in a sentence; the rest are counted."""


def member_added(asked: Asked) -> Finding | None:
    """A closed record has a member that it did not have."""
    known, now = _known(asked), _names(asked.found)
    new = [name for name in now or () if known is not None and name not in known]
    return Finding(list(now or ()), f"{_several(new)} came in") if new else None


def member_lost(asked: Asked) -> Finding | None:
    """A closed record lacks a member that it had."""
    known, now = _known(asked), _names(asked.found)
    if known is None:
        return None
    if now is None:
        return Finding(None, "it is no record any more")
    gone = [name for name in known if name not in now]
    return Finding(list(now), f"{_several(gone)} went away") if gone else None


def reordered(asked: Asked) -> Finding | None:
    """A closed record's members stand in another order."""
    known, now = _known(asked), _names(asked.found)
    if known is None or now is None or known == now:
        return None
    moved = [name for name, before in zip(now, known, strict=False) if name != before]
    return Finding(list(now), f"another member stands where {_several(moved)} stood")


def opened(asked: Asked) -> Finding | None:
    """A closed record allowed its own members only, and allows others now."""
    if not isinstance(asked.expectation, ClosedShape) or asked.baseline is None:
        return None
    was, now = find(asked.baseline, asked.expectation.path), asked.found
    if not (isinstance(was, Place) and was.records and isinstance(now, Place)):
        return None
    if any(record.content != "closed" for record in was.records):
        return None
    loose = next((record.content for record in now.records if record.content in ("open", "partial")), None)
    told = "any others" if loose == "open" else "some others"
    return Finding(list(_names(now) or ()), f"a record may hold {told}") if loose else None


def unread(asked: Asked) -> Finding | None:
    """The consumer's own reader schema cannot read what is written now."""
    reasons = _incompatibilities(asked)
    if not reasons or isinstance(reasons, str):
        return None
    seen = [{"kind": one.kind, "path": one.path, "message": one.message} for one in reasons]
    told = "; ".join(f"{one.kind} at {one.path or '/'}: {one.message}" for one in reasons[:MAX_NAMED])
    more = len(reasons) - MAX_NAMED
    return Finding(seen, told + (f"; and {more} more" if more > 0 else ""))


def undecided(asked: Asked) -> Finding | None:
    """Whether the reader schema can read what is written now cannot be told."""
    reasons = _incompatibilities(asked)
    return Finding(None, reasons) if isinstance(reasons, str) else None


def _incompatibilities(asked: Asked) -> tuple[Incompatibility, ...] | str | None:
    """What stands between reader and writer; a sentence where that cannot be told; None where it is not asked."""
    if not isinstance(asked.expectation, ReadsWith | ReadsVersion):
        return None
    if asked.state.reads is None:
        return "nothing here can compare the reader schema with what is written"
    try:
        return asked.state.reads(asked.expectation)
    except Undecidable as error:
        return str(error)


def _known(asked: Asked) -> tuple[str, ...] | None:
    """The members that the consumer knows: as pinned, or as they were before."""
    if not isinstance(asked.expectation, ClosedShape):
        return None
    if asked.expectation.known is not None:
        return asked.expectation.known
    return None if asked.baseline is None else _names(find(asked.baseline, asked.expectation.path))


def _names(found: Found | None) -> tuple[str, ...] | None:
    if not isinstance(found, Place) or not found.records:
        return None
    return tuple(dict.fromkeys(field.name for record in found.records for field in record.fields))


def _several(names: list[str]) -> str:
    told = ", ".join(f"`{name}`" for name in names[:MAX_NAMED])
    return told + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
