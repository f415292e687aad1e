"""Checks about keys: that records can be told apart by the members that a consumer takes for it."""

from __future__ import annotations

from watcher.model.contract import PrimaryKey, Unique
from watcher.model.lookup import Place
from watcher.rules.members import keys_at
from watcher.rules.rule import Asked, Finding


def unstated(asked: Asked) -> Finding | None:
    """The format declares no keys, so whether there is one cannot be told."""
    found = asked.found
    if not isinstance(asked.expectation, Unique | PrimaryKey) or not isinstance(found, Place) or not found.records:
        return None
    if all(record.keys is not None for record in found.records):
        return None
    return Finding(None, "its schema declares no keys")


def uniqueness_lost(asked: Asked) -> Finding | None:
    """No declared key lies within the members that tell records apart."""
    expectation = asked.expectation
    if not isinstance(expectation, Unique) or not isinstance(asked.found, Place):
        return None
    wanted = set(expectation.members)
    if asked.found.records and all(
        any(wanted.issuperset(key.members) for key in record.keys or ()) for record in asked.found.records
    ):
        return None
    return _finding(asked.found)


def primary_key_changed(asked: Asked) -> Finding | None:
    """The primary key is another one, or there is none."""
    expectation = asked.expectation
    if not isinstance(expectation, PrimaryKey) or not isinstance(asked.found, Place):
        return None
    wanted = set(expectation.members)
    primaries = [{frozenset(key.members) for key in record.keys or () if key.primary} for record in asked.found.records]
    if primaries and all(one == {frozenset(wanted)} for one in primaries):
        return None
    return _finding(asked.found)


def _finding(found: Place) -> Finding:
    if not found.records:
        return Finding(None, "it is no record any more")
    there = keys_at(found)
    return Finding(there, f"it declares {', '.join(there)}" if there else "it declares no key")
