"""Spelling: which member a contract means where the platform folds names, as SQL does with what is not quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from watcher.model.contract import ClosedShape, Expectation, PrimaryKey, Unique
from watcher.model.lookup import Place, find, members
from watcher.model.path import FieldPath, Member, Step, canonical, steps
from watcher.model.schema import Schema, Spelling
from watcher.model.types import Record


def spelled(clause: Expectation, *schemas: Schema | None) -> Expectation:
    """The clause with its names as the first of these schemas has them that knows them all; itself where none does."""
    for schema in schemas:
        if schema is not None and schema.spelling != "exact":
            found = _spelled(clause, schema)
            if found is not None:
                return found
    return clause


def _spelled(clause: Expectation, schema: Schema) -> Expectation | None:
    taken: list[Step] = []
    for step in steps(clause.path):
        if isinstance(step, Member):
            name = _named(step.name, _records(schema, taken), schema.spelling)
            if name is None:
                return None
            taken.append(Member(name))
        else:
            taken.append(step)
    path = canonical(taken)
    records = _records(schema, taken)
    if isinstance(clause, Unique | PrimaryKey):
        return replace(clause, path=path, members=tuple(_all(clause.members, records, schema.spelling)))
    if isinstance(clause, ClosedShape) and clause.known is not None:
        return replace(clause, path=path, known=tuple(_all(clause.known, records, schema.spelling)))
    return clause if path == clause.path else replace(clause, path=path)


def _records(schema: Schema, taken: Sequence[Step]) -> tuple[Record, ...]:
    place = find(schema, FieldPath(canonical(taken)))
    return place.records if isinstance(place, Place) else ()


def _all(names: Iterable[str], records: Sequence[Record], spelling: Spelling) -> Iterable[str]:
    return (_named(name, records, spelling) or name for name in names)


def _named(name: str, records: Sequence[Record], spelling: Spelling) -> str | None:
    """The member that a name means; None where it means none, or more than one."""
    for record in records:
        there = members(record)
        if name in there:
            return name
        folded = {"upper": name.upper(), "lower": name.lower()}.get(spelling)
        if folded is not None:
            if folded in there:
                return folded
            continue
        alike = [one for one in there if one.casefold() == name.casefold()]
        if len(alike) == 1:
            return alike[0]
    return None
