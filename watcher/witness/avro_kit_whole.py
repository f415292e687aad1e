"""One text out of several: an Avro schema in which every name is defined where it is met first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watcher.formats.avro.logical import PRIMITIVES
from watcher.formats.avro.names import defined_name, full_name, space_of

_DEFINING = ("record", "error", "enum", "fixed")


def whole(tree: Any, references: Sequence[Any]) -> Any:
    """The tree with each name's definition in the place where the name is met first, wherever it stood."""
    definitions: dict[str, dict[str, Any]] = {}
    for one in (*references, tree):
        _collect(one, "", definitions)
    return _inlined(tree, "", definitions, set())


def _collect(node: Any, space: str, found: dict[str, dict[str, Any]]) -> None:
    if isinstance(node, list):
        for one in node:
            _collect(one, space, found)
    if not isinstance(node, dict):
        return
    word = node.get("type")
    if word in _DEFINING:
        full = defined_name(node, space)
        found.setdefault(full, node)
        for field in node.get("fields", ()):
            _collect(field["type"], space_of(full), found)
    elif word in ("array", "map"):
        _collect(node.get("items" if word == "array" else "values"), space, found)
    elif not isinstance(word, str):
        _collect(word, space, found)


def _inlined(node: Any, space: str, definitions: dict[str, dict[str, Any]], done: set[str]) -> Any:
    if isinstance(node, list):
        return [_inlined(one, space, definitions, done) for one in node]
    if isinstance(node, str):
        if node in PRIMITIVES:
            return node
        full = next((one for one in (full_name(node, space), node) if one in definitions), node)
        known = full in done or full not in definitions
        return full if known else _defined(full, definitions, done)
    word = node.get("type")
    if word in _DEFINING:
        full = defined_name(node, space)
        return full if full in done else _defined(full, definitions, done)
    key = {"array": "items", "map": "values"}.get(word) if isinstance(word, str) else "type"
    if key is None:
        return node if word in PRIMITIVES else _inlined(word, space, definitions, done)
    return {**node, key: _inlined(node[key], space, definitions, done)}


def _defined(full: str, definitions: dict[str, dict[str, Any]], done: set[str]) -> dict[str, Any]:
    done.add(full)
    node = {key: value for key, value in definitions[full].items() if key != "namespace"}
    node["name"], node["namespace"] = full.rpartition(".")[2], space_of(full)
    if "fields" in node:
        node["fields"] = [
            {**field, "type": _inlined(field["type"], space_of(full), definitions, done)} for field in node["fields"]
        ]
    return node
