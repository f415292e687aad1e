"""Parsing: an Avro schema with all that it refers to, read and checked as the registry's own parser does.

Where releases of Avro Java differ, what any of them takes is read: a name may be used before it is defined, and a
union's default may be of any branch (both since 1.12). What no release takes is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from watcher.formats.avro.reader import Reader
from watcher.formats.avro.text import MAX_TEXT, read_tree
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, Schema
from watcher.model.types import Array, Decimal, Duration, Field, Map, Named, Record, Ref, Type, Union, Uuid


def parse(
    text: str | bytes,
    references: Sequence[tuple[str, str]] = (),
    *,
    limit: int = MAX_TEXT,
    check_defaults: bool = True,
) -> Schema:
    """The canonical schema of an Avro text; `references` are (name, text), those that others need first.

    Total: raises SchemaError, and nothing else, for whatever is no schema. A registry checks defaults when a schema is
    registered, and no more when it reads it back: `check_defaults=False` reads as it does then.
    """
    if not references and len(text) <= limit:
        return _read([("", read_tree(text))], check_defaults=check_defaults)
    size = len(text) + sum(len(referenced) for _, referenced in references)
    if size > limit:
        raise SchemaError(f"the schema has {size} characters, and {limit} are read at most", kind="too-large")
    trees = [(name, _referenced(name, referenced)) for name, referenced in dict(references).items()]
    return _read([*trees, ("", read_tree(text))], check_defaults=check_defaults)


def _referenced(name: str, text: str) -> Any:
    try:
        return read_tree(text)
    except SchemaError as error:
        raise SchemaError(f"in the referenced `{name}`: {error}", kind=error.kind) from None


def _read(trees: list[tuple[str, Any]], *, check_defaults: bool) -> Schema:
    reader = Reader(None, check_defaults=check_defaults)
    root = reader.read_all(trees)
    if reader.ahead:  # names that were used before they were defined: what they mean is known now
        reader = Reader(reader.types, check_defaults=check_defaults)
        root = reader.read_all(trees)
    reader.check_open_defaults()
    named = reader.named if len(trees) == 1 else _reached(root, reader.named)
    return Schema(Format.AVRO, root, MappingProxyType(named), flat=reader.names_met <= 1)


def _reached(root: Type, named: Mapping[str, Named]) -> dict[str, Named]:
    """The definitions that the root leads to: what else a reference defines is no part of the schema."""
    found: dict[str, Named] = {}
    stack: list[Type | Field | None] = [root]
    while stack:
        match stack.pop():
            case Ref(name) if name not in found:
                found[name] = named[name]
                stack.append(found[name])
            case Record(fields):
                stack.extend(fields)
            case Field(type=inner) | Array(inner) | Map(inner) | Decimal(base=inner) | Uuid(inner) | Duration(inner):
                stack.append(inner)
            case Union(branches):
                stack.extend(branches)
    return found
