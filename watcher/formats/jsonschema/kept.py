"""Kept properties: what was read of a property before, so that the same property is one object in every version.

Versions of a schema share nearly all of their properties. Two documents that hold the same object are seen to agree
there at a glance. Only what has no reference and no name in it is kept: it means the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from watcher.formats.jsonschema.keywords import Draft
from watcher.model.json_schema import Node, Reference
from watcher.model.types import Default, Field, Type

MAX_KEPT = 8_192
MAX_TEXT = 512
MAX_WORDS = 64
MAX_DEPTH = 3
"""So many properties are kept, the characters of each, the members of its objects and lists, and how deep they are."""

_NODES: dict[tuple[Draft, bytes], Node] = {}
_HELD: dict[int, Node] = {}  # the same nodes by identity
_FIELDS: dict[tuple[str, int, bool], tuple[Node, Field]] = {}  # by the node's identity, so each node is held here too

_NAMING = frozenset({"$ref", "$dynamicRef", "$recursiveRef", "$id", "id", "$anchor", "$dynamicAnchor", "$schema"})
_WORDS = frozenset({str, int, float, bool, type(None)})


def key_of(raw: object, draft: Draft) -> tuple[Draft, bytes] | None:
    """What a property is kept by; None for one that is not kept."""
    if not isinstance(raw, dict) or not _is_plain(raw, MAX_DEPTH):
        return None
    try:
        text = orjson.dumps(raw)
    except (TypeError, orjson.JSONEncodeError):  # a number beyond 64 bits, half of a surrogate pair
        return None
    return (draft, text) if len(text) <= MAX_TEXT else None


def _is_plain(tree: dict[str, Any], deeper: int) -> bool:
    """Whether an object names nothing and refers to nothing, nor does what is in it; it is not looked at for long."""
    if len(tree) > MAX_WORDS or not _NAMING.isdisjoint(tree):
        return False
    for value in tree.values():
        if type(value) in _WORDS:
            continue
        inner = value if isinstance(value, list) else [value]
        if len(inner) > MAX_WORDS:
            return False
        for one in inner:
            if type(one) not in _WORDS and not (deeper and isinstance(one, dict) and _is_plain(one, deeper - 1)):
                return False
    return True


def kept_node(key: tuple[Draft, bytes]) -> Node | None:
    """The node that was made of the same property."""
    return _NODES.get(key)


def keep_node(key: tuple[Draft, bytes], node: Node) -> None:
    """Keep a property's node; when there are too many, all are forgotten."""
    if len(_NODES) >= MAX_KEPT:
        _NODES.clear()
        _HELD.clear()
    _NODES[key] = _HELD[id(node)] = node


def field_of(name: str, node: Node, read: Callable[[], Type], *, required: bool, keep: bool) -> Field:
    """The member that a property is; `read` gives its type. The same object for a node that is kept.

    `keep` is off where it stands so deeply that its type may be cut off.
    """
    key = (name, id(node), required)
    known = _FIELDS.get(key)
    if known is not None:
        return known[1]
    field = Field(name, read(), _default(node), required=required, classes=_tags(node))
    if keep and _HELD.get(id(node)) is node:
        if len(_FIELDS) >= MAX_KEPT:
            _FIELDS.clear()
        _FIELDS[key] = (node, field)
    return field


def _default(node: Node) -> Default | None:
    own = node.notes.default
    return node.target.notes.default if own is None and isinstance(node, Reference) else own


def _tags(node: Node) -> tuple[str, ...]:
    """A property's classification tags, its own and those of the definition that it refers to."""
    found = _own_tags(node)
    if isinstance(node, Reference):
        found |= _own_tags(node.target)
    return tuple(sorted(found)) if found else ()


def _own_tags(node: Node) -> set[str]:
    written = node.notes.raw.get("confluent:tags")
    return {one for one in written if isinstance(one, str)} if isinstance(written, list) else set()
