"""Kinds of value: the nodes for texts, numbers, arrays and objects, from the keywords that each draft has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from watcher.formats.jsonschema import keywords
from watcher.formats.jsonschema.keywords import Draft, Raw, count, flag, number, table, text, texts
from watcher.model.json_schema import Composite, Listing, Node, Notes, Number, Text


class Inner(Protocol):
    """Builds the node of a schema inside the present one; `steps` is where it stands."""

    def __call__(self, tree: Any, *steps: object) -> Node:
        """The node of `tree`."""
        ...


def text_node(raw: Raw, notes: Notes, *, typed: bool) -> Node:
    """The node of strings."""
    return Text(notes, typed, count(raw, "maxLength"), count(raw, "minLength"), text(raw, "pattern"))


def number_node(raw: Raw, draft: Draft, notes: Notes, *, typed: bool, integer: bool) -> Node:
    """The node of numbers."""
    late = draft >= Draft.D6  # draft 4 has booleans there
    return Number(
        notes,
        typed,
        integer,
        maximum=number(raw, "maximum"),
        minimum=number(raw, "minimum"),
        exclusive_maximum=number(raw, "exclusiveMaximum") if late else None,
        exclusive_minimum=number(raw, "exclusiveMinimum") if late else None,
        multiple_of=number(raw, "multipleOf"),
    )


def list_node(raw: Raw, draft: Draft, inner: Inner, notes: Notes, *, typed: bool) -> Node:
    """The node of arrays."""
    late = draft >= Draft.D2019
    items, each, rest = _late_items(raw, inner) if late else _items(raw, inner)
    lowest = count(raw, "minContains")
    if "contains" in raw and draft >= Draft.D6:
        inner(raw["contains"], "contains")  # not compared, but it must be a schema
        if late and lowest is None:
            lowest = 1
    return Listing(
        notes,
        typed,
        each,
        items,
        rest,
        unevaluated=inner(raw["unevaluatedItems"], "unevaluatedItems") if late and "unevaluatedItems" in raw else None,
        max_items=count(raw, "maxItems"),
        min_items=count(raw, "minItems"),
        unique=flag(raw, "uniqueItems"),
        max_contains=count(raw, "maxContains"),
        min_contains=lowest,
    )


def _items(raw: Raw, inner: Inner) -> tuple[tuple[Node, ...], Node | None, Node | bool]:
    """Tuple, schema of all, and rest, up to draft 7; where there is a schema of all, nothing is closed."""
    given = raw.get("items")
    items = _tuple(given, "items", inner)
    each = inner(given, "items") if "items" in raw and not isinstance(given, list) else None
    rest = _rest(raw, "additionalItems", inner)
    return items, each, True if each is not None and rest is False else rest


def _late_items(raw: Raw, inner: Inner) -> tuple[tuple[Node, ...], Node | None, Node | bool]:
    """The same since 2019-09, in both spellings: tuples in `items`, and in `prefixItems` before `items`."""
    given = raw.get("items", True)
    if isinstance(given, list):
        return _tuple(given, "items", inner), None, _rest(raw, "additionalItems", inner)
    items = _tuple(raw.get("prefixItems"), "prefixItems", inner)
    if isinstance(given, bool):
        return items, None, given
    node = inner(given, "items")
    return (items, None, node) if items else ((), node, True)


def _tuple(given: Any, key: str, inner: Inner) -> tuple[Node, ...]:
    return tuple(inner(one, key, at) for at, one in enumerate(given)) if isinstance(given, list) else ()


def _rest(raw: Raw, key: str, inner: Inner) -> Node | bool:
    """What else may come: a boolean says so; an empty object says the same, but is a schema, and compared as one."""
    given = raw.get(key, True)
    return given if isinstance(given, bool) else inner(given, key)


def object_node(raw: Raw, draft: Draft, inner: Inner, notes: Notes, *, typed: bool) -> Node:
    """The node of objects."""
    late = draft >= Draft.D2019
    needs: dict[str, frozenset[str]] = {}
    schemas: dict[str, Node] = {}
    for key in ("dependentRequired", "dependentSchemas") if late else ("dependencies",):
        for name, value in table(raw, key).items():
            if key != "dependentSchemas" and isinstance(value, list):
                needs[name] = frozenset(keywords.text_list(value, key))
            else:
                schemas[name] = inner(value, key, name)
    if "propertyNames" in raw and draft >= Draft.D6:
        inner(raw["propertyNames"], "propertyNames")  # not compared, but it must be a schema
    open_to = inner(raw["unevaluatedProperties"], "unevaluatedProperties") if "unevaluatedProperties" in raw else None
    return Composite(
        notes,
        typed,
        properties=_table(raw, "properties", inner),
        required=frozenset(texts(raw, "required")),
        patterns=tuple(_table(raw, "patternProperties", inner).items()),
        rest=_rest(raw, "additionalProperties", inner),
        unevaluated=open_to if late else None,
        max_properties=count(raw, "maxProperties"),
        min_properties=count(raw, "minProperties"),
        needs={name: names for name, names in needs.items() if names},
        needs_schema=schemas,
    )


def _table(raw: Raw, key: str, inner: Inner) -> Mapping[str, Node]:
    return {name: inner(one, key, name) for name, one in table(raw, key).items()}
