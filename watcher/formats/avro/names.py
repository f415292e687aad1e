"""Avro's names: what may be one, and how simple and full names meet namespaces."""

from __future__ import annotations

import re

from watcher.model.errors import SchemaError

_PATH_MARKS = re.compile(r"[<>\[\]{}`]")
"""Releases before 1.12 take anything for a namespace, but a field path must be able to name a type."""


def is_name(name: object) -> bool:
    """Whether Avro Java takes it as a name: a letter of any script or `_`, then letters, digits and `_`."""
    if not isinstance(name, str) or not name:
        return False
    if name.isascii():
        return name.isidentifier()
    return (name[0] == "_" or name[0].isalpha()) and all(one == "_" or one.isalpha() or one.isdecimal() for one in name)


def full_name(name: str, space: str) -> str:
    """The full name of `name`, seen from the namespace `space` ("" is none)."""
    if "." in name:
        return name.removeprefix(".")
    return f"{space}.{name}" if space else name


def space_of(full: str) -> str:
    """The namespace of a full name, "" for none."""
    return full.rpartition(".")[0]


def defined_name(node: dict[str, object], space: str) -> str:
    """The full name that a definition gives itself; raises SchemaError where it is none."""
    name = node.get("name")
    own = node.get("namespace")
    if not isinstance(name, str):
        raise SchemaError(f"a {node['type']} has no name")
    full = full_name(name, own if isinstance(own, str) else space)
    if _PATH_MARKS.search(full):
        raise SchemaError(f"the namespace of `{name}` has a mark in it that no name may have")
    if not is_name(full.rpartition(".")[2]):
        raise SchemaError(f"`{name}` is no name: letters, digits and `_` only, no digit first")
    return full
