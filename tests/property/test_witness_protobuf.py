"""Protobuf's verdicts, held against bytes: records that the kit grows, written by one side and read by the other.

What a registry, or the checker's WIRE category, calls compatible is read with the same values, where the reader's type
can hold them; so is the JSON under WIRE_JSON. The exceptions have a table, and each of its entries a record. What the
registry calls incompatible is shown by a record that reads as something else, or is in the other table.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from tests.property.protobuf_schemas import FieldPlan, Plan, changed, fields, plans
from watcher.compat.protobuf import breaking, check
from watcher.formats.protobuf import parse, read_files
from watcher.model.path import FieldPath
from watcher.model.protobuf import Category, Message, ProtobufFiles, ProtoField
from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Refused
from watcher.witness.protobuf_kit import ProtobufKit, _message_class

KIT = ProtobufKit()
FILE = "a.proto"
BOUNDED = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

RANGES: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("int32", "sint32", "sfixed32", "enum"), (-(2**31), 2**31 - 1)),
    **dict.fromkeys(("int64", "sint64", "sfixed64"), (-(2**63), 2**63 - 1)),
    **dict.fromkeys(("uint32", "fixed32"), (0, 2**32 - 1)),
    **dict.fromkeys(("uint64", "fixed64"), (0, 2**64 - 1)),
    "bool": (0, 1),
}

UNSOUND: Mapping[str, str] = {
    "range": "numbers of one encoding count as one type, whatever width and sign they have",
    "utf-8": "string and bytes count as one type, and bytes need not be the UTF-8 that a text must be",
    "packed": "a label that is not written is not compared, and nobody reads one number from packed ones",
    "last": "a text's label is not compared: of several, one that reads a single text gets the last",
}
"""Why a record of the writer's may be read as something else though the verdict is compatible."""

NO_RECORD: Mapping[str, str] = {
    "FIELD_NAMED_TYPE_CHANGED": "messages are told apart by name, though another one may have the same members",
    "FIELD_NUMERIC_LABEL_CHANGED": "where one number becomes several, the one is read as a list of one",
    "ONEOF_FIELD_REMOVED": "nothing is misread: the reader only cannot tell any more that this member was set",
}
"""By kind, why a pair that the registry calls incompatible may have no record that is misread."""


def schema(text: str) -> SchemaText:
    return SchemaText(Format.PROTOBUF, text)


def paths(message: Message, messages: Mapping[str, Message], at: str = "", depth: int = 2) -> Iterator[str]:
    """The field paths of a message, as far down as that."""
    yield at
    for field in message.fields if depth else ():
        inner = messages.get(field.type_name or "")
        marks = {"repeated": "[]", "map": "{}"}.get(field.cardinality.value, "")
        here = f"{at}.{field.name}" if at else field.name
        if inner is None or field.cardinality.value == "map":
            yield here + marks
        else:
            yield from paths(inner, messages, here + marks, depth - 1)


def sides(text: str) -> tuple[Message, dict[str, Message]]:
    """The first message of a text, and all messages by full name."""
    files = parse(text).native
    assert isinstance(files, ProtobufFiles)
    every = {one.full_name: one for file in files.files.values() for one in file.all_messages()}
    return files.file.messages[0], every


def records(text: str) -> Iterator[Any]:
    root, every = sides(text)
    for path in dict.fromkeys(paths(root, every)):
        yield from KIT.variants(schema(text), FieldPath(path))


class Comparison:
    """What of a record that one side wrote is another value on the other side, and why that may be."""

    def __init__(self, was: str, now: str, *, strict: bool = False) -> None:
        """`strict` takes no excuse of the table."""
        self.was, self.now, self._strict = was, now, strict
        self.writer, self._before = sides(was)
        self.reader, self._after = sides(now)
        self.excuses: set[str] = set()

    def misread(self, record: Any) -> list[str]:
        """Where the values differ; the whole record, where it is refused."""
        data = KIT.write(schema(self.was), record)
        written = KIT.read(data, schema(self.was))
        try:
            found = KIT.read(data, schema(self.was), schema(self.now))
        except Refused:
            excused = not self._strict and self._has_bytes(self.writer, self.reader, written, 4)
            return [] if excused else ["refused"]
        return list(self.differences(self.writer, self.reader, written, found))

    def differences(self, was: Message, now: Message, one: Any, other: Any, at: str = "") -> Iterator[str]:
        """Members that both sides have, by number, whose values differ."""
        theirs = {field.number: field for field in now.fields}
        for field in was.fields:
            its = theirs.get(field.number)
            if its is not None and not self._same(field, its, one.get(field.name), other.get(its.name)):
                yield f"{at}{field.name}"

    def _same(self, was: ProtoField, now: ProtoField, one: Any, other: Any) -> bool:
        """Whether two values are one; what is absent on one side may be the zero of the other."""
        if isinstance(one, list) and other is None and now.cardinality.value != "repeated":
            return self._often(was, now, one, other)
        if one is None or other is None:
            lost = self._strict and one == {} and was.kind == "message" and was.cardinality.value != "map"
            return not lost and not numbered(other if one is None else one)
        if isinstance(one, list) is not isinstance(other, list):
            return self._often(was, now, one, other)
        if isinstance(one, list):
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(self._same(was, now, *pair) for pair in pairs)
        if was.cardinality.value == "map" and now.cardinality.value == "map":
            entries = self._before[str(was.type_name)].fields, self._after[str(now.type_name)].fields
            known = one.keys() == other.keys()
            return known and all(self._same(entries[0][1], entries[1][1], one[key], other[key]) for key in one)
        if "map" in {was.cardinality.value, now.cardinality.value}:
            return not numbered(one) and not numbered(other)
        if isinstance(one, dict) and isinstance(other, dict):
            inner = self._before.get(str(was.type_name)), self._after.get(str(now.type_name))
            return None in inner or not [*self.differences(*inner, one, other)]  # type: ignore[arg-type]
        return self._equal(was, now, numbered(one), numbered(other))

    def _often(self, was: ProtoField, now: ProtoField, one: Any, other: Any) -> bool:
        """One value on one side, several on the other."""
        if isinstance(other, list):
            return self._same(was, now, [one] if numbered(one) or other else [], other)
        if self._strict:
            return not one or (len(one) == 1 and self._same(was, now, one[0], other))
        if was.kind in {"string", "bytes", "message"}:
            self.excuses |= {"last"} if len(one) > 1 else set()
            return not one or len(one) > 1 or self._same(was, now, one[-1], other)
        self.excuses |= {"packed"} if one else set()
        return not one or was.label is None or now.label is None

    def _equal(self, was: ProtoField, now: ProtoField, one: Any, other: Any) -> bool:
        if one == other or (one != one and other != other):  # noqa: PLR0124 - not a number, on both sides
            return True
        if not self._strict and was.kind in RANGES and now.kind in RANGES and isinstance(one, int):
            low, high = RANGES[now.kind]
            self.excuses |= {"range"} if not low <= one <= high else set()
            return not low <= one <= high
        return False

    def _has_bytes(self, was: Message, now: Message, value: Any, depth: int) -> bool:
        """Whether bytes that are no UTF-8 stand where the reader has a text."""
        theirs = {field.number: field for field in now.fields}
        for field in was.fields if depth and isinstance(value, dict) else ():
            its, held = theirs.get(field.number), value.get(field.name)
            if its is None or not held:
                continue
            ones = held if isinstance(held, list) else [*held.values()] if field.cardinality.value == "map" else [held]
            mine, others = self._before.get(str(field.type_name)), self._after.get(str(its.type_name))
            if field.cardinality.value == "map" and mine is not None and others is not None:
                pair = mine.fields[-1], others.fields[-1]
            else:
                pair = field, its
            if (pair[0].kind, pair[1].kind) == ("bytes", "string") and b"\xff\xfe" in ones:
                self.excuses.add("utf-8")
                return True
            inner = self._before.get(str(pair[0].type_name)), self._after.get(str(pair[1].type_name))
            if inner[0] and inner[1] and any(self._has_bytes(inner[0], inner[1], one, depth - 1) for one in ones):
                return True
        return False


def numbered(value: Any) -> Any:
    """A symbol as its number, a text as its bytes: what both sides can be compared by."""
    if isinstance(value, str):
        symbol = re.fullmatch(r"E\d_(\d+)", value)
        return int(symbol[1]) if symbol else value.encode()
    return value


def refused(told: Any, message: Any) -> str:
    """Why a message does not take this JSON, small letters; empty where it does."""
    try:
        json_format.ParseDict(told, message, ignore_unknown_fields=True)
    except json_format.ParseError as error:
        return str(error).lower()
    return ""


def broken(category: Category, was: str, now: str) -> bool:
    return bool(breaking(category, read_files({FILE: was}), read_files({FILE: now}), ([FILE], [FILE])))


def all_read(was: str, now: str) -> None:
    comparison = Comparison(was, now)
    for record in records(was):
        assert comparison.misread(record) == [], (was, now, record)
    for excuse in comparison.excuses:
        event(f"excused: {UNSOUND[excuse]}")


@settings(BOUNDED, max_examples=40)
@given(plans(), st.data())
def test_compatible_is_read(plan: Plan, data: st.DataObject) -> None:
    """What a registry calls compatible reads each record with the same values, but for what is in the table."""
    was, now = plan.text(), data.draw(changed(plan)).text()
    assume(not check(parse(now), parse(was)))
    all_read(was, now)


@settings(BOUNDED, max_examples=40)
@given(plans(), st.data())
def test_wire_is_read(plan: Plan, data: st.DataObject) -> None:
    """What does not break WIRE reads each record with the same values, but for what is in the table."""
    was, now = plan.text(), data.draw(changed(plan)).text()
    assume(not broken(Category.WIRE, was, now))
    all_read(was, now)


@settings(BOUNDED, max_examples=40)
@given(plans(), st.data())
def test_wire_json_is_read(plan: Plan, data: st.DataObject) -> None:
    """What does not break WIRE_JSON reads each record's JSON too, where its types can hold the numbers."""
    was, now = plan.text(), data.draw(changed(plan)).text()
    assume(not broken(Category.WIRE_JSON, was, now))
    comparison = Comparison(was, now)
    for record in records(was):
        assert comparison.misread(record) == [], (was, now, record)
        mine, its = _message_class(schema(was))(), _message_class(schema(now))()
        json_format.ParseDict(record, mine)
        told = json_format.MessageToDict(mine)
        refusal = refused(told, its)
        if refusal:
            assert "out of range" in refusal, (was, now, record, refusal)
            continue
        pair = [KIT.read(one.SerializeToString(), schema(text)) for one, text in ((mine, was), (its, now))]
        assert [*comparison.differences(comparison.writer, comparison.reader, *pair)] == [], (was, now, record)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[FieldPlan, FieldPlan]:
    """A field, and what it becomes: mostly another one in one respect."""
    was, now = draw(fields(1)), draw(fields(1))
    respect = draw(st.sampled_from(["type_", "label", "oneof", "all"]))
    return was, now if respect == "all" else replace(was, **{respect: getattr(now, respect)})


def one_field(field: FieldPlan, *, beside: FieldPlan | None) -> str:
    own = (field,) if beside is None else (field, beside)
    others = (FieldPlan(1, "f1", "int32", "", None),), (FieldPlan(1, "f1", "string", "", None),)
    return Plan((own, (), *others), (3, 2)).text()


@settings(BOUNDED, max_examples=70)
@given(pairs(), st.sampled_from([None, FieldPlan(2, "f2", "string", "", "o")]))
def test_compatible_field_is_read(pair: tuple[FieldPlan, FieldPlan], beside: FieldPlan | None) -> None:
    """The same of one field that becomes any other one."""
    texts = one_field(pair[0], beside=beside), one_field(pair[1], beside=beside)
    verdicts = bool(check(parse(texts[1]), parse(texts[0]))), broken(Category.WIRE, *texts)
    assume(not all(verdicts))
    event(f"compatible for a registry: {not verdicts[0]}, on the wire: {not verdicts[1]}")
    all_read(*texts)


@settings(BOUNDED, max_examples=100)
@given(pairs(), st.sampled_from([None, FieldPlan(2, "f2", "string", "", "o")]))
def test_incompatible_has_a_witness(pair: tuple[FieldPlan, FieldPlan], beside: FieldPlan | None) -> None:
    """What a registry calls incompatible has a record that reads as something else, or its kind is in the table."""
    texts = one_field(pair[0], beside=beside), one_field(pair[1], beside=beside)
    kinds = {one.kind for one in check(parse(texts[1]), parse(texts[0]))}
    assume(kinds)
    comparison = Comparison(*texts, strict=True)
    if any(comparison.misread(record) for record in records(texts[0])):
        event("shown")
        return
    assert kinds <= NO_RECORD.keys(), (texts, kinds)


HEAD = 'syntax = "proto3"; message M { '
UNSOUND_CASES = {
    "range": ("int64 f = 1;", "int32 f = 1;", {"f": 2**31}),
    "utf-8": ("bytes f = 1;", "string f = 1;", {"f": "//4="}),
    "packed": ("repeated int32 f = 1;", "int32 f = 1;", {"f": [1, 2]}),
    "last": ("repeated string f = 1;", "string f = 1;", {"f": ["a", "b"]}),
}
NO_RECORD_CASES = {
    "FIELD_NAMED_TYPE_CHANGED": ("A f = 1; message A {} message B {}", "B f = 1; message A {} message B {}"),
    "FIELD_NUMERIC_LABEL_CHANGED": ("optional int32 f = 1;", "repeated int32 f = 1;"),
    "ONEOF_FIELD_REMOVED": ("oneof o { int32 f = 1; int32 g = 2; }", "oneof o { int32 g = 2; }"),
}


@pytest.mark.parametrize("excuse", UNSOUND)
def test_what_a_registry_lets_pass(excuse: str) -> None:
    """Each entry of the table is needed: the pair is compatible, and the record reads as something else."""
    *members, record = UNSOUND_CASES[excuse]
    was, now = (f"{HEAD}{member} }}" for member in members)

    assert not check(parse(now), parse(was))
    assert Comparison(was, now, strict=True).misread(record)
    lenient = Comparison(was, now)
    assert (lenient.misread(record), lenient.excuses) == ([], {excuse})


@pytest.mark.parametrize("kind", NO_RECORD)
def test_what_has_no_record(kind: str) -> None:
    """Each entry of the table is needed: the registry refuses the pair for this alone, and nothing is misread."""
    was, now = (f"{HEAD}{member} }}" for member in NO_RECORD_CASES[kind])

    assert {one.kind for one in check(parse(now), parse(was))} - {"MESSAGE_REMOVED"} == {kind}
    assert not [record for record in records(was) if Comparison(was, now, strict=True).misread(record)]
