"""What stands at a path of a schema."""

import pytest

from watcher.model.lookup import Gap, Obscured, Place, find
from watcher.model.path import Branch, Item, Member
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Enum,
    Field,
    Integer,
    Map,
    Named,
    Record,
    Ref,
    String,
    Type,
    Union,
    Unknown,
)

CARD = Record((Field("number", String()), Field("amount", Integer())), "pay.Card")
CASH = Record((Field("amount", Integer(32)), Field("note", Union((NULL, String())))), "pay.Cash")
NODE = Record((Field("value", String()), Field("next", Union((NULL, Ref("Node"))))), "Node")
NAMED: dict[str, Named] = {"pay.Card": CARD, "pay.Cash": CASH, "Node": NODE, "Side": Enum(("L", "R"), "Side")}


def schema(**fields: Type) -> Schema:
    root = Record(tuple(Field(name, type_) for name, type_ in fields.items()), "Root")
    return Schema(Format.AVRO, Ref("Root"), {**NAMED, "Root": root})


def place(path: str, **fields: Type) -> Place:
    found = find(schema(**fields), path)
    assert isinstance(found, Place)
    return found


def test_the_root_is_the_record() -> None:
    """The empty path is the whole."""
    assert place("", a=String()).type == schema(a=String()).named["Root"]


@pytest.mark.parametrize(
    ("path", "type_", "expected"),
    [
        ("a", String(), Place((String(),), nullable=False, present=True)),
        ("a", Union((NULL, String())), Place((String(),), nullable=True, present=True)),
        ("a", Ref("Side"), Place((Enum(("L", "R"), "Side"),), nullable=False, present=True)),
        ("a[]", Array(String()), Place((String(),), nullable=False, present=True)),
        ("a[]", Union((NULL, Array(String()))), Place((String(),), nullable=False, present=True)),
        ("a{}", Map(String()), Place((String(),), nullable=False, present=True)),
        ("a[].number", Array(Ref("pay.Card")), Place((String(),), nullable=False, present=True)),
        ("a.number", Union((NULL, Ref("pay.Card"))), Place((String(),), nullable=False, present=False)),
        (
            "a<Card>.number",
            Union((Ref("pay.Card"), Ref("pay.Cash"))),
            Place((String(),), nullable=False, present=False),
        ),
        ("a<pay.Card>.number", Union((Ref("pay.Card"), NULL)), Place((String(),), nullable=False, present=False)),
        ("a<string>", Union((String(), Integer())), Place((String(),), nullable=False, present=False)),
        ("a<long>", Union((String(), Integer())), Place((Integer(),), nullable=False, present=False)),
        (
            "a.amount",
            Union((Ref("pay.Card"), Ref("pay.Cash"))),
            Place((Integer(64), Integer(32)), nullable=False, present=True),
        ),
        ("a.amount", Union((Ref("pay.Card"), String())), Place((Integer(64),), nullable=False, present=False)),
        ("a.note", Ref("pay.Cash"), Place((String(),), nullable=True, present=True)),
        ("a.next.next.next.value", Ref("Node"), Place((String(),), nullable=False, present=False)),
    ],
)
def test_a_path_leads_through_the_schema(path: str, type_: Type, expected: Place) -> None:
    """Names, null, unions, arrays, maps and recursion are stepped through; what may be missing is known."""
    assert find(schema(a=type_), path) == expected


def test_a_member_that_may_be_lacking_is_not_present() -> None:
    """A member that its record may leave out is not in every record, nor is anything below it."""
    inner = Record((Field("b", String()),))
    root = Schema(Format.JSON, Record((Field("a", inner, required=False),)))

    assert find(root, "a.b") == Place((String(),), nullable=False, present=False)


@pytest.mark.parametrize(
    ("path", "type_", "expected"),
    [
        ("b", String(), Gap(0, Member("b"), ())),
        ("a.b", String(), Gap(1, Member("b"), ())),
        ("a[]", String(), Gap(1, Item(), ())),
        ("a.number", Union((Ref("pay.Card"), Ref("pay.Cash"))), Gap(1, Member("number"), (CARD, CASH))),
        ("a<Gift>", Union((Ref("pay.Card"), Ref("pay.Cash"))), Gap(1, Branch("Gift"), (CARD, CASH))),
    ],
)
def test_a_gap_tells_how_far_the_path_led(path: str, type_: Type, expected: Gap) -> None:
    """Where nothing stands, the answer says which step failed, and in which records it was sought."""
    found = find(schema(a=type_), path)

    assert isinstance(found, Gap)
    assert (found.depth, found.step) == (expected.depth, expected.step)
    assert found.records == (expected.records or (() if expected.depth else (schema(a=type_).named["Root"],)))


def test_an_unknown_type_obscures_what_is_below() -> None:
    """What stands below a type that cannot be placed is unknown, not gone."""
    assert find(schema(a=Unknown("geo")), "a.b") == Obscured(1, "geo")


def test_a_reference_to_nothing_is_unknown() -> None:
    """A name that is not in the schema obscures, and raises nothing."""
    assert find(schema(a=Ref("Nowhere")), "a.b") == Obscured(1, "Nowhere")
