"""The shelf: schemas by content address, parsed once and kept while they are in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from watcher.model.errors import SchemaError
from watcher.model.observation import StoredSchema
from watcher.model.schema import Fingerprint, Format, Schema, SchemaText
from watcher.ports import Intake

Parse = Callable[[SchemaText], Schema]

MAX_REFERENCES = 10_000
"""Texts that one schema may pull in: past it the reference graph is hostile, and the schema counts as unreadable."""


class Shelf:
    """Parsed schemas, least recently used ones dropped; texts come from the ledger, or from the batch at hand."""

    def __init__(self, parse: Parse, *, size: int = 4096) -> None:
        self._parse = parse
        self._size = size
        self._parsed: OrderedDict[Fingerprint, Schema] = OrderedDict()

    def schema(self, tx: Intake, fingerprint: Fingerprint) -> Schema:
        """The schema of this content address; raises SchemaError where it cannot be read."""
        known = self._parsed.get(fingerprint)
        if known is not None:
            self._parsed.move_to_end(fingerprint)
            return known
        schema = self._parse(self.text(tx, fingerprint))
        self._parsed[fingerprint] = schema
        if len(self._parsed) > self._size:
            self._parsed.popitem(last=False)
        return schema

    def text(self, tx: Intake, fingerprint: Fingerprint) -> SchemaText:
        """The text and, dependencies first, all texts that it refers to, each name once.

        Of two texts under one name, which two versions of a shared schema are that meet in one, the first met on a walk
        in the order of the references counts, as in a registry.
        """
        stored = _stored(tx, fingerprint)
        references = tuple(_references(tx, stored.references))
        return SchemaText(_format(stored), stored.text, references)


def _references(tx: Intake, wanted: Iterable[tuple[str, Fingerprint]]) -> Iterable[tuple[str, str]]:
    # A walk with its own stack: a chain of references may be longer than Python's.
    named: set[str] = set()
    stack: list[tuple[str, Fingerprint, str | None]] = [(name, fp, None) for name, fp in reversed(list(wanted))]
    while stack:
        name, fingerprint, text = stack.pop()
        if text is not None:
            yield name, text
            continue
        if name in named:
            continue
        named.add(name)
        if len(named) > MAX_REFERENCES:
            raise SchemaError(f"more than {MAX_REFERENCES} schemas are pulled in by reference", kind="too-complex")
        stored = _stored(tx, fingerprint)
        # A content address covers its references' addresses, so that no cycle can be written: the walk ends.
        stack.append((name, fingerprint, stored.text))
        stack.extend((below, fp, None) for below, fp in reversed(stored.references))


def _stored(tx: Intake, fingerprint: Fingerprint) -> StoredSchema:
    stored = tx.schema(fingerprint)
    if stored is None:
        raise SchemaError(f"the text of schema {fingerprint[:12]} is not in the ledger", kind="unknown-reference")
    return stored


def _format(stored: StoredSchema) -> Format:
    try:
        return Format(stored.format)
    except ValueError:
        raise SchemaError(
            f"schemas of type {stored.format!r} cannot be read: known are {', '.join(Format)}",
            kind="unsupported-format",
        ) from None
