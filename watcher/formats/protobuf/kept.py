"""Kept fields: what was read of a field before, so that the same field in the same place is one object again.

Versions of a message share nearly all of their fields. Two schemas that hold the same object are seen to agree there at
a glance. Fields of an enum's type are not kept: what they default to is the enum's matter.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from watcher.model.protobuf import ProtoField
from watcher.model.types import Field

MAX_KEPT = 16_384
MAX_BYTES = 512
MAX_PLACES = 2_048
MAX_NAMES = 128
"""So many fields are kept, the bytes of each descriptor, so many messages, the names of each one's oneofs and maps:
some megabytes, tens at worst."""

_PLACES: dict[tuple[object, ...], int] = {}
_FIELDS: dict[tuple[int, bytes], ProtoField] = {}
_MEMBERS: dict[int, tuple[ProtoField, Field]] = {}  # by the field's identity, so each field is held
_numbers = count(1)  # no number comes twice, whatever is forgotten


def place_of(*what: object) -> int:
    """A number for a message: for all that its fields' meaning depends on beside their own descriptors."""
    number = _PLACES.get(what)
    if number is None:
        if len(_PLACES) >= MAX_PLACES:
            _PLACES.clear()
        number = _PLACES[what] = next(_numbers)
    return number


def field_of(descriptor: FieldDescriptorProto, place: int, read: Callable[[], ProtoField]) -> ProtoField:
    """The field that was read of the same descriptor in the same place, or what `read` gives now."""
    if descriptor.type == FieldDescriptorProto.TYPE_ENUM:
        return read()
    key = place, descriptor.SerializeToString()
    field = _FIELDS.get(key)
    if field is None:
        field = read()
        if len(key[1]) <= MAX_BYTES:
            if len(_FIELDS) >= MAX_KEPT:
                _FIELDS.clear()
            _FIELDS[key] = field
    return field


def member_of(field: ProtoField, read: Callable[[ProtoField], Field]) -> Field:
    """The member that was made of this very field, or what `read` makes of it now; for scalars only."""
    known = _MEMBERS.get(id(field))
    if known is not None:
        return known[1]
    member = read(field)
    if len(_MEMBERS) >= MAX_KEPT:
        _MEMBERS.clear()
    _MEMBERS[id(field)] = (field, member)
    return member
