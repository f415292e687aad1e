"""Classification tags: `(confluent.field_meta).tags` on a field, as the compiler leaves them in its options."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FieldOptions
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

_META = 1088
"""The number of the extension `confluent.field_meta`."""
_TAGS = 3
"""The number of `tags` in it."""
_BYTES = 2
"""How a message or a text stands in the data: a length, and then so many bytes."""


def tags_of(options: FieldOptions) -> tuple[str, ...]:
    """The tags of a field, sorted, each once.

    The extension is not one that this process knows, so that no schema can tell it what it is: it is read by number.
    """
    found: set[str] = set()
    for meta in UnknownFieldSet(options):
        if meta.field_number == _META and meta.wire_type == _BYTES:
            found.update(tag.decode("utf-8", "replace") for tag in _tags(meta.data))
    return tuple(sorted(found))


def _tags(meta: bytes) -> list[bytes]:
    try:
        known = Empty.FromString(meta)
    except DecodeError:
        return []
    return [one.data for one in UnknownFieldSet(known) if one.field_number == _TAGS and one.wire_type == _BYTES]
