"""Members: what a schema says of the members at a path, and of the keys of its records, for rules and their words."""

from __future__ import annotations

from watcher.model.lookup import Found, Place, find, members
from watcher.model.path import FieldPath, Member, Step, canonical, steps
from watcher.model.schema import Schema
from watcher.model.types import Field, Key, Record


def fields_at(schema: Schema, path: FieldPath) -> tuple[Field, ...]:
    """The members at a path, one for each record where it leads; none where it does not end in a member."""
    taken = steps(path)
    last = taken[-1] if taken else None
    if not isinstance(last, Member):
        return ()
    found = (members(record).get(last.name) for record in _records(schema, taken[:-1]))
    return tuple(field for field in found if field is not None)


def positions(schema: Schema, path: FieldPath) -> tuple[int, ...]:
    """The places at which the member stands in its records, counted from 1."""
    taken = steps(path)
    last = taken[-1] if taken else None
    if not isinstance(last, Member):
        return ()
    return tuple(
        number
        for record in _records(schema, taken[:-1])
        for number, field in enumerate(record.fields, 1)
        if field.name == last.name
    )


def tags_at(schema: Schema, path: FieldPath) -> tuple[str, ...]:
    """The classification tags of the members at a path, sorted."""
    return tuple(sorted({tag for field in fields_at(schema, path) for tag in field.classes}))


def keys_at(found: Found | None) -> list[str]:
    """The declared keys of the records at a place, in words, each once."""
    records = found.records if isinstance(found, Place) else ()
    return list(dict.fromkeys(key_words(key) for record in records for key in record.keys or ()))


def key_words(key: Key) -> str:
    """A key in words: `primary key (order_id)`, `unique (customer, day)`."""
    return f"{'primary key' if key.primary else 'unique'} ({', '.join(key.members)})"


def _records(schema: Schema, taken: tuple[Step, ...]) -> tuple[Record, ...]:
    above = find(schema, canonical(taken))
    return above.records if isinstance(above, Place) else ()
