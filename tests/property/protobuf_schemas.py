"""Protobuf schemas by chance: a few messages whose fields may lead to each other, and what a producer does to them."""

from dataclasses import dataclass, replace
from random import Random

from hypothesis import strategies as st

SCALARS = (
    *("bool", "bytes", "double", "fixed32", "fixed64", "float", "int32", "int64"),
    *("sfixed32", "sfixed64", "sint32", "sint64", "string", "uint32", "uint64"),
)
LABELS = ("", "optional", "repeated", "map")
NAMED = ("M0", "M1", "M2", "E0", "E1", "M0.I", "google.protobuf.Timestamp")


@dataclass(frozen=True)
class FieldPlan:
    number: int
    name: str
    type_: str
    label: str
    oneof: str | None

    def text(self) -> str:
        if self.oneof is not None:
            return f"{self.type_} {self.name} = {self.number};"
        if self.label == "map":
            return f"map<string, {self.type_}> {self.name} = {self.number};"
        return f"{self.label} {self.type_} {self.name} = {self.number};".strip()


@dataclass(frozen=True)
class Plan:
    """A file: the fields of M0, M0.I, M1 and M2, and how many values the enums E0 and E1 have."""

    messages: tuple[tuple[FieldPlan, ...], ...]
    values: tuple[int, int]

    def text(self, shuffle: Random | None = None) -> str:
        """The file's text; shuffled, all but the first message stands in another order."""
        first, inner, *others = ([*fields] for fields in self.messages)
        more = [f"message M{at} {{ {_body(fields, shuffle)} }}" for at, fields in enumerate(others, 1)]
        for name, count in zip(("E0", "E1"), self.values, strict=True):
            values = [f"{name}_{number} = {number};" for number in range(1, count)]
            _shuffled(values, shuffle)
            more.append(f"enum {name} {{ {name}_0 = 0; {' '.join(values)} }}")
        _shuffled(more, shuffle)
        head = f"message M0 {{ {_body(first, shuffle)} message I {{ {_body(inner, shuffle)} }} }}"
        blank = "\n  // a note {\n" if shuffle else " "
        top = 'syntax = "proto3"; package p; import "google/protobuf/timestamp.proto";'
        return blank.join([top, head, *more])


def _body(fields: list[FieldPlan], shuffle: Random | None) -> str:
    plain = [one.text() for one in fields if one.oneof is None]
    for oneof in sorted({one.oneof for one in fields if one.oneof is not None}):
        members = [one.text() for one in fields if one.oneof == oneof]
        _shuffled(members, shuffle)
        plain.append(f"oneof {oneof} {{ {' '.join(members)} }}")
    _shuffled(plain, shuffle)
    return " ".join(plain)


def _shuffled(parts: list[str], shuffle: Random | None) -> None:
    if shuffle is not None:
        shuffle.shuffle(parts)


@st.composite
def fields(draw: st.DrawFn, number: int) -> FieldPlan:
    """A field of this number."""
    type_ = draw(st.sampled_from([*SCALARS, *NAMED]))
    oneof = draw(st.sampled_from([None, None, "o", "p"]))
    return FieldPlan(number, f"f{number}", type_, draw(st.sampled_from(LABELS)), oneof)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A file."""
    messages = []
    for _ in range(4):
        numbers = draw(st.lists(st.integers(1, 9), unique=True, max_size=5))
        messages.append(tuple(draw(fields(number)) for number in numbers))
    return Plan(tuple(messages), (draw(st.integers(1, 4)), draw(st.integers(1, 4))))


@st.composite
def changed(draw: st.DrawFn, plan: Plan) -> Plan:
    """The file after a few changes, most of them small."""
    messages = [list(one) for one in plan.messages]
    for _ in range(draw(st.integers(1, 3))):
        message = draw(st.sampled_from(messages))
        what = draw(st.sampled_from(["add", "type", "type", "label", "name", "oneof", "drop"]))
        if what == "add" or not message:
            free = sorted(set(range(10, 16)) - {one.number for one in message})
            message.append(draw(fields(draw(st.sampled_from(free)))))
            continue
        at = draw(st.integers(0, len(message) - 1))
        match what:
            case "drop":
                del message[at]
            case "type":
                message[at] = replace(message[at], type_=draw(st.sampled_from([*SCALARS, *NAMED])))
            case "label":
                message[at] = replace(message[at], label=draw(st.sampled_from(LABELS)))
            case "name":
                message[at] = replace(message[at], name=f"g{message[at].number}")
            case "oneof":
                message[at] = replace(message[at], oneof=draw(st.sampled_from([None, "o", "p"])))
    values = draw(st.integers(plan.values[0], 5)), plan.values[1]
    return Plan(tuple(map(tuple, messages)), values)
