"""Seen: what stands somewhere, as JSON, in the words that verdicts and tickets use."""

from __future__ import annotations

from typing import Any

from watcher.diff.render import type_text
from watcher.model.contract import ClosedShape, Expectation, ReadsWith, Required, Values
from watcher.model.lookup import Found, Place
from watcher.model.schema import Schema
from watcher.model.types import Enum


def seen_at(found: Found | None, clause: Expectation, schema: Schema | None) -> Any:
    """What stands at a place, as far as the clause is about it; None where nothing does."""
    if not isinstance(found, Place) or schema is None:
        return None
    match clause:
        case Values():
            listed = [symbol for type_ in found.types if isinstance(type_, Enum) for symbol in type_.symbols]
            return listed or held_text(found, schema)
        case ClosedShape():
            return [field.name for record in found.records for field in record.fields]
        case Required():
            return held(found, schema)
        case ReadsWith():
            return None
        case _:
            return held_text(found, schema)


def held_text(place: Place, schema: Schema) -> str:
    """The type at a place, null left out: `decimal(12,2)`."""
    return type_text(place.type, schema)


def held(place: Place, schema: Schema) -> str:
    """The type at a place, with what may be missing: `string | null`, `string, or absent`."""
    text = held_text(place, schema)
    if place.nullable and place.types:
        text += " | null"
    return text if place.present else f"{text}, or absent"
