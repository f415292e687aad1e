"""Protobuf as a registry judges it: which differences there are between two schemas, and which of them it lets pass.

Kinds and paths are the registry's own (`#/Order/Line/3`: messages by name, fields and values by number). Fields are
told apart by number, whatever their names, and wherever they moved: into a oneof, or out of one. A message of another
file is compared where a field leads to it; once a pair, so that the work is bounded by the schemas' size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.compat.protobuf.sides import by_number
from watcher.model.compatibility import Incompatibility
from watcher.model.errors import SchemaError
from watcher.model.protobuf import Cardinality, File, Message, ProtobufFiles, ProtoEnum, ProtoField
from watcher.model.schema import Schema

COMPATIBLE = frozenset(
    {
        "ENUM_ADDED",
        "ENUM_CONST_ADDED",
        "ENUM_CONST_CHANGED",
        "ENUM_CONST_REMOVED",
        "ENUM_REMOVED",
        "FIELD_ADDED",
        "FIELD_NAME_CHANGED",
        "FIELD_REMOVED",
        "FIELD_STRING_OR_BYTES_LABEL_CHANGED",
        "MESSAGE_ADDED",
        "MESSAGE_MOVED",
        "ONEOF_ADDED",
        "ONEOF_FIELD_ADDED",
        "ONEOF_FIELD_MOVED_TO_TOP_LEVEL",
        "ONEOF_REMOVED",
    }
)
"""Differences that a registry lets pass under any level."""

MAX_DEPTH = 100
"""Messages of other files that lead to each other: a level costs five frames of the stack, which has a thousand."""

_MESSAGES: Mapping[str, str] = {
    "PACKAGE_CHANGED": "the package was `{was}` and is `{now}`",
    "MESSAGE_REMOVED": "the message `{was}` is gone",
    "FIELD_KIND_CHANGED": "the field held {was} and holds {now}",
    "FIELD_SCALAR_KIND_CHANGED": "the field was `{was}` and is `{now}`, which is encoded in another way",
    "FIELD_NAMED_TYPE_CHANGED": "the field was of the message `{was}` and is of `{now}`, which does not read the same",
    "FIELD_NUMERIC_LABEL_CHANGED": "the number was `{was}` and is `{now}`",
    "REQUIRED_FIELD_ADDED": "the field `{now}` is required, and was not there",
    "REQUIRED_FIELD_REMOVED": "the field `{was}` was required, and is gone",
    "ONEOF_FIELD_REMOVED": "the field `{was}` is gone from the oneof",
    "MULTIPLE_FIELDS_MOVED_TO_ONEOF": "fields that could stand together are in the oneof `{now}`",
    "FIELD_MOVED_TO_EXISTING_ONEOF": "a field that stood beside the others of the oneof `{now}` is in it",
}
INCOMPATIBLE = frozenset(_MESSAGES)
"""Differences for which a registry refuses a schema."""

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "bool", "enum"), "general number"),
    **dict.fromkeys(("sint32", "sint64"), "signed number"),
    **dict.fromkeys(("string", "bytes"), "string or bytes"),
    **dict.fromkeys(("fixed32", "sfixed32"), "four bytes"),
    **dict.fromkeys(("fixed64", "sfixed64"), "eight bytes"),
}
"""Scalars that a registry takes for each other."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, by the registry's own name for it."""

    kind: str
    path: str
    was: str = ""
    now: str = ""


def check(reader: Schema, writer: Schema) -> tuple[Incompatibility, ...]:
    """What keeps the reader from reading what the writer wrote, as a registry answers it; empty is compatible."""
    return tuple(
        Incompatibility(one.kind, one.path, _MESSAGES[one.kind].format(was=one.was, now=one.now))
        for one in differences(writer, reader)
        if one.kind not in COMPATIBLE
    )


def differences(was: Schema, now: Schema) -> tuple[Difference, ...]:
    """All differences, those that are let pass too."""
    before, after = _files(was), _files(now)
    if before == after:
        return ()
    comparison = _Comparison(before, after)
    comparison.files(before.file, after.file)
    return tuple(dict.fromkeys(comparison.found))


def _files(schema: Schema) -> ProtobufFiles:
    if isinstance(schema.native, ProtobufFiles):
        return schema.native
    told = "a protobuf schema without its files cannot be compared: read it from its text"
    raise SchemaError(told, kind="unsupported-format")


class _Comparison:
    """One comparison; `_compared` are the pairs of messages that were met, and whether they came out incompatible."""

    __slots__ = ("_compared", "_depth", "_now", "_was", "found")

    def __init__(self, was: ProtobufFiles, now: ProtobufFiles) -> None:
        self.found: list[Difference] = []
        self._was = _Side(was)
        self._now = _Side(now)
        self._compared: dict[tuple[str, str], bool] = {}
        self._depth = 0

    def files(self, was: File, now: File) -> None:
        """The schemas' own files."""
        if was.package != now.package:
            self._add("PACKAGE_CHANGED", (), was.package, now.package)
        self._types((), was, now)

    def _add(self, kind: str, path: tuple[str, ...], was: str = "", now: str = "") -> None:
        self.found.append(Difference(kind, f"#/{'/'.join(path)}", was, now))

    def _types(self, path: tuple[str, ...], was: File | Message, now: File | Message) -> None:
        before, after = _written(was.messages), _written(now.messages)
        places = [{name: at for at, name in enumerate(one)} for one in (before, after)]
        for name in dict.fromkeys([*before, *after]):
            here = (*path, name)
            if name not in after:
                self._add("MESSAGE_REMOVED", here, before[name].full_name)
            elif name not in before:
                self._add("MESSAGE_ADDED", here)
            else:
                self._messages(here, before[name], after[name])
                if places[0][name] != places[1][name]:
                    self._add("MESSAGE_MOVED", here)
        old, new = ({_simple(one.name): one for one in side.enums} for side in (was, now))
        for name in dict.fromkeys([*old, *new]):
            if name not in new:
                self._add("ENUM_REMOVED", (*path, name))
            elif name not in old:
                self._add("ENUM_ADDED", (*path, name))
            else:
                self._values((*path, name), old[name], new[name])

    def _values(self, path: tuple[str, ...], was: ProtoEnum, now: ProtoEnum) -> None:
        if was.values == now.values:
            return
        before, after = ({number: name for name, number in one.values} for one in (was, now))
        for number in sorted({*before, *after}):
            if number not in after:
                self._add("ENUM_CONST_REMOVED", (*path, str(number)))
            elif number not in before:
                self._add("ENUM_CONST_ADDED", (*path, str(number)))
            elif before[number] != after[number]:
                self._add("ENUM_CONST_CHANGED", (*path, str(number)))

    def _messages(self, path: tuple[str, ...], was: Message, now: Message) -> bool:
        """Compare two messages, unless that was done or is being done; whether they are incompatible."""
        pair = was.full_name, now.full_name
        if pair in self._compared:
            return self._compared[pair]
        self._compared[pair] = False  # a message that leads to itself is no reason by itself
        self._depth += 1
        if self._depth > MAX_DEPTH:
            told = f"more than {MAX_DEPTH} messages lead to each other: they cannot be compared one inside the other"
            raise SchemaError(told, kind="too-complex")
        start = len(self.found)
        self._oneofs(path, was, now)
        self._members(path, was, now)
        self._types(path, was, now)
        self._depth -= 1
        self._compared[pair] = any(one.kind not in COMPATIBLE for one in self.found[start:])
        return self._compared[pair]

    def _oneofs(self, path: tuple[str, ...], was: Message, now: Message) -> None:
        if not was.oneofs and not now.oneofs:
            return
        before = {field.number: field for field in was.fields}
        members: dict[str | None, list[ProtoField]] = {}
        for field in now.fields:
            if field.number in before:
                members.setdefault(field.oneof, []).append(before[field.number])
        for oneof in now.oneofs:
            moved = members.get(oneof, [])
            outside = [field for field in moved if field.oneof is None]
            if len({field.oneof or str(field.number) for field in moved}) > 1:
                # What could stand together before excludes each other now. A oneof's name is no number.
                several = len(outside) > 1
                kind = "MULTIPLE_FIELDS_MOVED_TO_ONEOF" if several else "FIELD_MOVED_TO_EXISTING_ONEOF"
                self._add(kind, (*path, oneof), "", oneof)
        old, new = set(was.oneofs), set(now.oneofs)
        for oneof in sorted(old | new):
            if oneof not in new:
                self._add("ONEOF_REMOVED", (*path, oneof))
            elif oneof not in old:
                self._add("ONEOF_ADDED", (*path, oneof))

    def _members(self, path: tuple[str, ...], was: Message, now: Message) -> None:
        for old, new in by_number(was.fields, now.fields):
            if old is None and new is not None:
                self._come(path, new)
            elif new is None and old is not None:
                self._gone(path, old, whole_oneof=old.oneof is not None and not _survives(old.oneof, was, now))
            elif old is not None and new is not None:
                here = (*path, new.oneof, str(new.number)) if new.oneof else (*path, str(new.number))
                if old.oneof is not None and new.oneof is None:
                    self._add("ONEOF_FIELD_MOVED_TO_TOP_LEVEL", here)
                self._fields(here, old, new)

    def _come(self, path: tuple[str, ...], field: ProtoField) -> None:
        if field.oneof is not None:
            self._add("ONEOF_FIELD_ADDED", (*path, field.oneof, str(field.number)))
        else:
            kind = "REQUIRED_FIELD_ADDED" if field.cardinality is Cardinality.REQUIRED else "FIELD_ADDED"
            self._add(kind, (*path, str(field.number)), "", field.name)

    def _gone(self, path: tuple[str, ...], field: ProtoField, *, whole_oneof: bool) -> None:
        if field.oneof is None:
            kind = "REQUIRED_FIELD_REMOVED" if field.cardinality is Cardinality.REQUIRED else "FIELD_REMOVED"
            self._add(kind, (*path, str(field.number)), field.name)
        elif not whole_oneof:
            self._add("ONEOF_FIELD_REMOVED", (*path, field.oneof, str(field.number)), field.name)

    def _fields(self, path: tuple[str, ...], was: ProtoField, now: ProtoField) -> None:
        if was.name != now.name:
            self._add("FIELD_NAME_CHANGED", path)
        self._contents(path, was, now)

    def _contents(self, path: tuple[str, ...], was: ProtoField, now: ProtoField, *, labelled: bool = True) -> None:
        kinds = _shape(was), _shape(now)
        if kinds[0] != kinds[1]:
            self._add("FIELD_KIND_CHANGED", path, *kinds)
            return
        match kinds[0]:
            case "a map":
                entries = self._was.messages[str(was.type_name)], self._now.messages[str(now.type_name)]
                for one, its in zip(entries[0].fields, entries[1].fields, strict=True):
                    self._contents(path, one, its, labelled=False)
            case "a message":
                self._named(path, was, now)
            case _:
                self._scalars(path, was, now, labelled=labelled)

    def _scalars(self, path: tuple[str, ...], was: ProtoField, now: ProtoField, *, labelled: bool) -> None:
        group = _KINDS.get(was.kind, was.kind)
        if group != _KINDS.get(now.kind, now.kind):
            self._add("FIELD_SCALAR_KIND_CHANGED", path, was.kind, now.kind)
        elif labelled and was.label and now.label and was.label != now.label:
            texts = group == "string or bytes"
            kind = "FIELD_STRING_OR_BYTES_LABEL_CHANGED" if texts else "FIELD_NUMERIC_LABEL_CHANGED"
            self._add(kind, path, was.label, now.label)

    def _named(self, path: tuple[str, ...], was: ProtoField, now: ProtoField) -> None:
        before, after = self._was.messages.get(str(was.type_name)), self._now.messages.get(str(now.type_name))
        if before is None or after is None or before.name != after.name:
            self._add("FIELD_NAMED_TYPE_CHANGED", path, str(was.type_name), str(now.type_name))
            return
        if before.file == self._was.main and after.file == self._now.main:
            return  # the walk over the two files compares them
        if self._messages(tuple(after.name.split(".")), before, after):
            self._add("FIELD_NAMED_TYPE_CHANGED", path, before.full_name, after.full_name)


class _Side:
    """One schema, its messages by full name."""

    __slots__ = ("main", "messages")

    def __init__(self, schema: ProtobufFiles) -> None:
        self.main = schema.main
        self.messages = {one.full_name: one for file in schema.files.values() for one in file.all_messages()}


def _written(messages: Iterable[Message]) -> dict[str, Message]:
    """By simple name, those that are written: a map's entries are not."""
    return {_simple(one.name): one for one in messages if not one.map_entry}


def _survives(oneof: str, was: Message, now: Message) -> bool:
    """Whether a oneof, or a member that it had, is still there."""
    kept = {field.number for field in now.fields}
    return oneof in now.oneofs or any(field.oneof == oneof and field.number in kept for field in was.fields)


def _simple(name: str) -> str:
    return name.rpartition(".")[2]


def _shape(field: ProtoField) -> str:
    if field.cardinality is Cardinality.MAP:
        return "a map"
    return "a message" if field.kind in {"message", "group"} else "a scalar"
