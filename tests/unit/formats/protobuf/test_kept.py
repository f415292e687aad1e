"""Fields that were read before: one object from version to version, and never one that means another thing."""

import pytest

from watcher.formats.protobuf import kept, parse, read_files
from watcher.model.protobuf import ProtoField
from watcher.model.types import Default, Field, Record


def fields(text: str, name: str = "a.proto") -> tuple[ProtoField, ...]:
    return read_files({name: text})[name].messages[0].fields


def members(text: str) -> tuple[Field, ...]:
    schema = parse(text)
    record = schema.resolve(schema.root)
    assert isinstance(record, Record)
    return record.fields


BODY = 'syntax = "proto3"; package p; message M {{ int32 a = 1; string b = 2;{} }}'


def test_a_field_is_one_object_in_every_version() -> None:
    """What did not change from one version to the next is the very same field, and the very same member."""
    before, after = BODY.format(""), BODY.format(" bool c = 3;")

    assert all(one is other for one, other in zip(fields(before), fields(after), strict=False))
    assert all(one is other for one, other in zip(members(before), members(after), strict=False))
    assert parse(before).flat


@pytest.mark.parametrize(
    "other",
    [
        BODY.format("").replace("package p", "package q"),
        'syntax = "proto2"; package p; message M { optional int32 a = 1; optional string b = 2; }',
        BODY.format("").replace("message M", "message N"),
        BODY.format("").replace("int32 a = 1; string b = 2;", "oneof o { int32 a = 1; string b = 2; }"),
    ],
)
def test_what_stands_elsewhere_is_another_field(other: str) -> None:
    """A field of another package, syntax, message or oneof is read by itself, though its own words are the same."""
    mine, its = fields(BODY.format("")), fields(other)

    assert all(one is not two for one, two in zip(mine, its, strict=True))
    assert [one.full_name for one in its] == [f"{its[0].parent}.{name}" for name in ("a", "b")]


def test_a_oneof_that_is_renamed() -> None:
    """A member of a oneof that has another name now says so."""
    text = 'syntax = "proto3"; package p; message M {{ oneof {} {{ int32 a = 1; }} }}'

    assert [fields(text.format(name))[0].oneof for name in ("o", "x")] == ["o", "x"]


def test_an_enum_that_changes_changes_its_fields() -> None:
    """A field of an enum's type is read anew: its zero value is the enum's."""
    text = 'syntax = "proto3"; message M {{ E e = 1; }} enum E {{ {} = 0; }}'
    before, after = (members(text.format(zero))[0].default for zero in ("A", "B"))

    assert (before, after) == (Default("A"), Default("B"))


def test_a_message_that_is_referred_to_is_read_each_time() -> None:
    """A field that refers to a message brings it along, whichever schema it was read in first."""
    text = 'syntax = "proto3"; message M {{ N n = 1; repeated N ns = 2; }} message N {{ {} a = 1; }}'
    first, second = (parse(text.format(type_)) for type_ in ("int32", "string"))

    assert set(first.named) == set(second.named) == {"M", "N"}
    assert first.named["N"] != second.named["N"]
    assert not first.flat


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many, all are forgotten, and read again as before."""
    for table in ("_FIELDS", "_PLACES", "_MEMBERS"):
        monkeypatch.setattr(kept, table, {})
    monkeypatch.setattr(kept, "MAX_KEPT", 3)
    monkeypatch.setattr(kept, "MAX_PLACES", 3)
    texts = [BODY.format("").replace("package p", f"package p{number}") for number in range(5)]
    once = [fields(text) for text in texts]

    assert [fields(text) for text in texts] == once
    assert len(kept._FIELDS) <= 3
    assert len(kept._PLACES) <= 3
