"""Checks about what a field holds: its type, null, its list of values."""

from __future__ import annotations

import json

from watcher.model.contract import HasType, Required, Values
from watcher.model.lookup import Found, Place, find
from watcher.model.schema import Schema
from watcher.model.types import Boolean, Enum, Float, Integer, String, Type
from watcher.rules.fit import Fit, fit
from watcher.rules.rule import Asked, Check, Finding
from watcher.rules.seen import held, held_text


def typed(wanted: Fit) -> Check:
    """The check that the field's type stands to the expected one as `wanted`."""

    def check(asked: Asked) -> Finding | None:
        expected, found = asked.expectation, asked.found
        if not (isinstance(expected, HasType) and isinstance(found, Place) and asked.state.schema):
            return None
        if fit(expected.expected, found.types, asked.state.schema) is not wanted:
            return None
        if wanted is Fit.WIDER and not expected.exact:
            return None
        text = held_text(found, asked.state.schema)
        return Finding(text, f"it is {text}, {wanted.value} {expected.text}")

    return check


def loosened(asked: Asked) -> Finding | None:
    """Null is among the field's values, or a record may lack it."""
    found = asked.found
    if not (isinstance(asked.expectation, Required) and isinstance(found, Place) and asked.state.schema):
        return None
    if found.nullable:
        return Finding(held(found, asked.state.schema), "it may be null")
    if not found.present:
        return Finding(held(found, asked.state.schema), "a record may lack it, or what is above it")
    return None


def value_added(asked: Asked) -> Finding | None:
    """The field may hold a value that is not in the expected list."""
    listed = _listed(asked.found)
    if not isinstance(asked.expectation, Values) or listed is None or asked.expectation.at_least:
        return None
    new = [value for value in listed if value not in asked.expectation.values]
    return Finding(list(listed), f"it may be {_words(new)} too") if new else None


def value_removed(asked: Asked) -> Finding | None:
    """A value of the expected list is no longer possible."""
    listed = _listed(asked.found)
    if not isinstance(asked.expectation, Values) or listed is None:
        return None
    gone = [value for value in asked.expectation.values if value not in listed]
    return Finding(list(listed), f"it is never {_words(gone)}") if gone else None


def opened(asked: Asked) -> Finding | None:
    """The field's values were a closed list, and are no longer."""
    if asked.baseline is None or _listed(find(asked.baseline, asked.expectation.path)) is None:
        return None
    return unlisted(asked)


def unlisted(asked: Asked) -> Finding | None:
    """The schema does not say which values the field may have."""
    expectation, found = asked.expectation, asked.found
    if not (isinstance(expectation, Values) and isinstance(found, Place)) or _listed(found) is not None:
        return None
    if expectation.at_least and any(_any_text(type_) for type_ in found.types):
        return None
    text = held_text(found, _schema(asked))
    return Finding(text, f"it is {text}, whose values the schema does not list")


def _schema(asked: Asked) -> Schema:
    assert asked.state.schema is not None  # noqa: S101 - something was found in it
    return asked.state.schema


def _any_text(type_: Type) -> bool:
    return isinstance(type_, String) and type_.max_length is None


def _listed(found: Found | None) -> tuple[str, ...] | None:
    """All values that a field may have, where its schema lists them."""
    if not isinstance(found, Place) or not found.types:
        return None
    values: dict[str, None] = {}
    for type_ in found.types:
        if isinstance(type_, Enum):
            values.update(dict.fromkeys(type_.symbols))
        elif isinstance(type_, Boolean):
            values.update({"true": None, "false": None})
        else:
            numbers = _numbers(type_)
            if numbers is None:
                return None
            values.update(dict.fromkeys(numbers))
    return tuple(values)


def _numbers(type_: Type) -> tuple[str, ...] | None:
    """The numbers that a type is limited to, as contracts write them."""
    if not isinstance(type_, Integer | Float):
        return None
    listed = next((one.value for one in type_.constraints if one.name == "enum"), None)
    return None if listed is None else tuple(json.dumps(value) for value in listed)


def _words(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)
