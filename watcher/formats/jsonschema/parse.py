"""Parsing: a JSON Schema with all that it refers to, read as the registry's own parser does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watcher.formats.jsonschema.canonical import canonical
from watcher.formats.jsonschema.documents import Documents
from watcher.formats.jsonschema.nodes import Builder
from watcher.formats.jsonschema.text import MAX_TEXT, read_tree
from watcher.model.errors import SchemaError
from watcher.model.json_schema import JsonSchema
from watcher.model.schema import Schema


def parse(text: str | bytes, references: Sequence[tuple[str, str]] = (), *, limit: int = MAX_TEXT) -> Schema:
    """The canonical schema of a JSON Schema text; `references` are (name, text), a name being what `$ref` says.

    Total: raises SchemaError, and nothing else, for whatever is no schema.
    """
    return canonical(native(text, references, limit=limit))


def native(text: str | bytes, references: Sequence[tuple[str, str]] = (), *, limit: int = MAX_TEXT) -> JsonSchema:
    """The same text, taken apart as the registry's compatibility wants it. Raises SchemaError."""
    size = len(text) + sum(len(referenced) for _, referenced in references)
    if size > limit:
        raise SchemaError(f"the schema has {size} characters, and {limit} are read at most", kind="too-large")
    trees = [(name, _referenced(name, referenced)) for name, referenced in dict(references).items()]
    tree = read_tree(text)
    if not isinstance(tree, dict | bool):
        raise SchemaError("a JSON Schema is an object, true or false")
    naming = any(_may_name(one) for one in (text, *(referenced for _, referenced in references)))
    return JsonSchema(Builder(Documents(tree, trees, naming=naming)).root())


def _may_name(text: str | bytes) -> bool:
    """Whether a text may have an `$id`, an `id` or an anchor in it; a backslash may hide anything."""
    whole = text.decode(errors="replace") if isinstance(text, bytes) else text
    return any(word in whole for word in ('id"', 'nchor"', "\\"))


def _referenced(name: str, text: str) -> Any:
    try:
        return read_tree(text)
    except SchemaError as error:
        raise SchemaError(f"in the referenced `{name}`: {error}", kind=error.kind) from None
