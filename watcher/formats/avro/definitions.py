"""What enums, fixed types and aliases must say of themselves."""

from __future__ import annotations

from typing import Any

from watcher.formats.avro.names import full_name, is_name, space_of
from watcher.model.errors import SchemaError
from watcher.model.types import Enum


def enum(node: dict[str, Any], full: str) -> Enum:
    """The enum that an object defines; raises SchemaError."""
    symbols = node.get("symbols")
    if not isinstance(symbols, list):
        raise SchemaError(f"the enum `{full}` has no list of `symbols`")
    if not all(map(is_name, symbols)):
        raise SchemaError(f"the enum `{full}` has a symbol that is no name")
    if len(set(symbols)) != len(symbols):
        raise SchemaError(f"the enum `{full}` has a symbol twice")
    default = node.get("default")
    if not isinstance(default, str):
        default = None
    elif default not in symbols:
        raise SchemaError(f"the default `{default}` of the enum `{full}` is none of its symbols")
    return Enum(tuple(symbols), full, default, full_aliases(node, full))


def size_of(node: dict[str, Any]) -> int:
    """The bytes of a fixed type; raises SchemaError."""
    size = node.get("size")
    if type(size) is not int or not 0 <= size < 2**31:
        raise SchemaError(f"the `size` of the fixed `{node['name']}` is a number of bytes")
    return size


def aliases_of(node: dict[str, Any]) -> tuple[str, ...]:
    """The aliases of a field, each once; raises SchemaError."""
    aliases = node.get("aliases")
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise SchemaError("`aliases` is a list of names")
    return tuple(dict.fromkeys(aliases))


def full_aliases(node: dict[str, Any], full: str) -> tuple[str, ...]:
    """A named type's aliases as full names; a simple one is of the type's own namespace."""
    if "aliases" not in node:
        return ()
    aliases = aliases_of(node)
    if not all(is_name(alias.rpartition(".")[2]) for alias in aliases):
        raise SchemaError(f"an alias of `{full}` is no name")
    return tuple(dict.fromkeys(full_name(alias, space_of(full)) for alias in aliases))
