"""Addresses: a schema's name by what is written in it, which a pipeline works out without the watcher."""

from __future__ import annotations

import hashlib
import json

from watcher.model.schema import Fingerprint, Format, SchemaText


def address_of(text: SchemaText) -> Fingerprint:
    """The content address of a schema as it is written: format, text and references; JSON counts by what it says.

    It needs nothing but the text, so that a pipeline computes it without the watcher.
    """
    digest = hashlib.sha256()
    references = [part for name, other in sorted(text.references) for part in (name, _plain(text.format, other))]
    for part in (text.format.value, _plain(text.format, text.text), *references):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(raw)}:".encode() + raw)
    return Fingerprint(digest.hexdigest())


def _plain(format_: Format, text: str) -> str:
    """The text without what is only layout."""
    if format_ in {Format.AVRO, Format.JSON}:
        try:
            return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
        except (ValueError, RecursionError):
            pass
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
