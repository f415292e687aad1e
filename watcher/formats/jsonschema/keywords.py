"""Keywords: the drafts, and each keyword's value as its draft wants it, or an error that names the keyword."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from watcher.model.errors import SchemaError

Raw = Mapping[str, Any]


class Draft(enum.IntEnum):
    """The drafts, oldest first."""

    D4 = 4
    D6 = 6
    D7 = 7
    D2019 = 2019
    D2020 = 2020


_DRAFTS = {
    "json-schema.org/draft-04/schema": Draft.D4,
    "json-schema.org/draft-06/schema": Draft.D6,
    "json-schema.org/draft-07/schema": Draft.D7,
    "json-schema.org/draft/2019-09/schema": Draft.D2019,
    "json-schema.org/draft/2020-12/schema": Draft.D2020,
}

TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")

STRING = ("minLength", "maxLength", "pattern")
NUMBER = ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")
ARRAY = ("items", "minItems", "maxItems", "uniqueItems")
OBJECT = ("properties", "required", "minProperties", "maxProperties", "patternProperties", "additionalProperties")

_TABLES = ("properties", "patternProperties")


def draft_of(tree: Any, otherwise: Draft = Draft.D7) -> Draft:
    """The draft that a document names; a registry reads what it does not know as draft 7."""
    named = tree.get("$schema") if isinstance(tree, Mapping) else None
    if not isinstance(named, str):
        return otherwise
    return _DRAFTS.get(meta_name(named), otherwise)


def meta_name(uri: str) -> str:
    """A meta-schema's address without scheme and fragment."""
    return uri.partition("://")[2].rstrip("#").rstrip("/")


def is_meta(uri: str) -> bool:
    """Whether an address is that of a draft's own schema."""
    name = meta_name(uri.partition("#")[0])
    return name in _DRAFTS or name.startswith(
        ("json-schema.org/draft/2019-09/meta/", "json-schema.org/draft/2020-12/meta/")
    )


def groups(draft: Draft) -> dict[str, frozenset[str]]:
    """By kind of value, the keywords that speak of it: one of them alone makes a schema of that kind."""
    return _GROUPS[draft]


def unsaid(raw: Raw, draft: Draft) -> tuple[str, ...]:
    """Keywords that are there and make no schema of their kind: since 2019-09, tables without an entry."""
    return tuple(key for key in _TABLES if raw.get(key) == {}) if draft >= Draft.D2019 else ()


def _groups(draft: Draft) -> dict[str, frozenset[str]]:
    # Since 2019-09 a registry leaves `format` out, and the keywords of tuples and dependencies have other names.
    text, array, members = set(STRING), set(ARRAY), set(OBJECT)
    if draft <= Draft.D2019:
        array.add("additionalItems")
    if draft >= Draft.D6:
        array.add("contains")
        members.add("propertyNames")
    if draft <= Draft.D7:
        text.add("format")
        members.add("dependencies")
    else:
        array |= {"prefixItems", "unevaluatedItems"}
        members |= {"dependentRequired", "dependentSchemas", "unevaluatedProperties"}
    return {
        "string": frozenset(text),
        "number": frozenset(NUMBER),
        "array": frozenset(array),
        "object": frozenset(members),
    }


_GROUPS = {draft: _groups(draft) for draft in Draft}


def text(raw: Raw, key: str) -> str | None:
    """A keyword's text."""
    if key not in raw:
        return None
    value = raw[key]
    if isinstance(value, str):
        return value
    raise _wrong(key, "a text")


def count(raw: Raw, key: str) -> int | None:
    """A keyword's whole number, such as a length."""
    value = number(raw, key)
    if value is None:
        return None
    if value % 1:
        raise _wrong(key, "a whole number")
    return int(value)


def number(raw: Raw, key: str) -> float | None:
    """A keyword's number."""
    if key not in raw:
        return None
    value = raw[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(key, "a number")
    return value


def flag(raw: Raw, key: str) -> bool:
    """A keyword's truth value, false where it is missing."""
    value = raw.get(key, False)
    if isinstance(value, bool):
        return value
    raise _wrong(key, "true or false")


def texts(raw: Raw, key: str) -> tuple[str, ...]:
    """A keyword's list of texts."""
    return text_list(raw.get(key, []), key)


def text_list(value: Any, key: str) -> tuple[str, ...]:
    """A list of texts, each once."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(dict.fromkeys(value))
    raise _wrong(key, "a list of texts")


def table(raw: Raw, key: str) -> Raw:
    """A keyword's object."""
    value = raw.get(key, {})
    if isinstance(value, dict):
        return value
    raise _wrong(key, "an object")


def listing(raw: Raw, key: str) -> list[Any]:
    """A keyword's list."""
    value = raw.get(key, [])
    if isinstance(value, list):
        return value
    raise _wrong(key, "a list")


def types(raw: Raw) -> tuple[str, ...] | None:
    """The types that `type` names; None where it is missing."""
    if "type" not in raw:
        return None
    value = raw["type"]
    named = (value,) if isinstance(value, str) else text_list(value, "type")
    for one in named:
        if one not in TYPES:
            raise SchemaError(f"`type` is `{one[:60]}`: known are {', '.join(TYPES)}")
    return named


def _wrong(key: str, wanted: str) -> SchemaError:
    return SchemaError(f"`{key}` must be {wanted}")
