"""Seen: what stands somewhere, as JSON, in the words that verdicts and tickets use."""

from __future__ import annotations

import json
from typing import Any

from watcher.diff.render import type_text
from watcher.model.contract import (
    At,
    Classified,
    ClosedShape,
    Defaulted,
    Expectation,
    Guarded,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Unique,
    Values,
)
from watcher.model.lookup import Found, Place
from watcher.model.schema import Schema
from watcher.model.types import Array, Constraint, Decimal, Enum, Float, Integer, Map, Record, String
from watcher.model.verdict import DatasetState
from watcher.rules.members import fields_at, keys_at, positions, tags_at


def seen_at(found: Found | None, clause: Expectation, state: DatasetState) -> Any:
    """What stands at a place, as far as the clause is about it; None where nothing does."""
    schema = state.schema
    if not isinstance(found, Place) or schema is None:
        return None
    match clause:
        case Guarded():
            return None if state.level is None else state.level.value
        case Unique() | PrimaryKey():
            return keys_at(found) or None
        case Meets():
            return stated(found, schema)
        case Defaulted():
            defaults = [field.default for field in fields_at(schema, clause.path)]
            return next((json.dumps(one.value) for one in defaults if one is not None), None)
        case At():
            return next(iter(positions(schema, clause.path)), None)
        case Classified():
            return list(tags_at(schema, clause.path))
        case Values():
            listed = [symbol for type_ in found.types if isinstance(type_, Enum) for symbol in type_.symbols]
            return listed or held_text(found, schema)
        case ClosedShape():
            return [field.name for record in found.records for field in record.fields]
        case Required():
            return held(found, schema)
        case ReadsWith() | ReadsVersion():
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


def stated(place: Place, schema: Schema) -> list[str] | str:
    """The constraints that are stated at a place, in words: `minimum 0`; the type where there are none."""
    found = {constraint_words(one): None for type_ in place.types for one in _constraints(type_)}
    return list(found) or held_text(place, schema)


def constraint_words(constraint: Constraint) -> str:
    """A constraint as a schema states it: `maximum 100`, `pattern "^[A-Z]+$"`."""
    return f"{constraint.name} {json.dumps(constraint.value, ensure_ascii=False)}"


def _constraints(type_: object) -> tuple[Constraint, ...]:
    if isinstance(type_, String) and type_.max_length is not None:
        return (*type_.constraints, Constraint("maxLength", type_.max_length))
    return type_.constraints if isinstance(type_, Integer | Float | Decimal | String | Array | Map | Record) else ()
