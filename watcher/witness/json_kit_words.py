"""A schema's keywords as growing wants them: what is missing, or of the wrong kind, says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from watcher.compat.jsonschema.pattern import matches
from watcher.model.errors import SchemaError

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""The kinds of value, the plainest first."""


def written(value: Any) -> str:
    """One text for a JSON value."""
    return json.dumps(value, sort_keys=True)


def one_of(found: dict[str, Any] | None) -> Iterator[Any]:
    """The object, where there is one."""
    if found is not None:
        yield found


def ordered(found: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The members as the schema has them, others behind."""
    return {name: found[name] for name in dict.fromkeys([*names, *found]) if name in found}


def kinds_of(trees: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The types that all of the schemas allow; whole numbers are among the numbers."""
    allowed = frozenset((*KINDS, "integer"))
    for tree in trees:
        if "type" in tree:
            named = tree["type"] if isinstance(tree["type"], list) else [tree["type"]]
            allowed &= frozenset([*named, "integer"]) if "number" in named else frozenset(named)
    return allowed


def occurs(pattern: str, name: str) -> bool:
    """Whether a pattern occurs in a name; one that cannot be judged does not."""
    try:
        return matches(pattern, name)
    except SchemaError:
        return False


def listed(tree: Any, word: str) -> list[Any]:
    """A keyword's list; empty where it has none."""
    value = tree.get(word)
    return value if isinstance(value, list) else []


def table(tree: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    """A keyword's object; empty where it has none."""
    value = tree.get(word)
    return value if isinstance(value, dict) else {}


def items_of(tree: Mapping[str, Any]) -> list[Any]:
    """The schemas of the first items, in either spelling."""
    return listed(tree, "prefixItems") or listed(tree, "items")


def count(tree: Mapping[str, Any], word: str, otherwise: int) -> int:
    """A keyword's whole number, if it has one that can be counted to."""
    value = tree.get(word, otherwise)
    return int(value) if isinstance(value, int | float) and abs(value) < 1 << 31 else otherwise
