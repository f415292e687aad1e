"""Renames: each with what says so, and how sure that is; what nothing says so of stays gone and come."""

import time
from collections.abc import Sequence

import pytest

from watcher.diff import diff
from watcher.diff.renames import Sides, renames
from watcher.diff.similar import Words, likeness
from watcher.model.change import FieldRenamed
from watcher.model.schema import Format, Schema
from watcher.model.types import NULL, Decimal, Enum, Field, Integer, Key, Record, String, Union

TEXT = String()


def table(*fields: Field, keys: tuple[Key, ...] | None = None) -> Schema:
    return Schema(Format.SQL, Record(fields, keys=keys))


def told(before: Schema, after: Schema) -> list[tuple[str, str]]:
    return [(one.kind, one.path) for one in diff(before, after)]


def found(gone: Sequence[Field], come: Sequence[Field]) -> list[tuple[str, str, float, str]]:
    known = renames(Sides(gone, come, gone, come)).values()
    return sorted((one.before.name, one.after.name, one.confidence, one.evidence) for one in known)


@pytest.mark.parametrize(
    ("before", "after", "likely"),
    [
        ("customerId", "customer_id", 0.8),
        ("CUSTOMER-ID", "customerId", 0.8),
        ("amount_total", "total_amount", 0.75),
        ("cust_id", "customer_id", 0.7),
        ("qty", "quantity", 0.7),
        ("order_line", "order_lines", 0.7),
        ("recieved_at", "received_at", 0.7),
        ("amount", "amount_cents", 0.6),
        ("reference_title", "title", 0.6),
        ("start_date", "end_date", 0),
        ("line_1", "line_2", 0),
        ("line", "line_2", 0),
        ("id", "order_id", 0),
        ("active", "inactive", 0),
        ("data", "date", 0),
        ("import", "export", 0),
        ("min_price", "max_price", 0),
        ("a", "b", 0),
        ("", "", 0),
        ("Größe", "GRÖßE", 0.8),
    ],
)
def test_names(before: str, after: str, likely: float) -> None:
    """Names are alike by their words, both ways round alike; opposites and numbers are not."""
    assert likeness(Words.of(before), Words.of(after)) == likely
    assert likeness(Words.of(after), Words.of(before)) == likely


def test_a_similar_name_needs_the_same_type() -> None:
    """A name alone is not enough: the type has to be the same, null aside."""
    assert found([Field("cust_id", TEXT)], [Field("customer_id", Union((NULL, TEXT)))]) == [
        ("cust_id", "customer_id", 0.7, "similar name, same type")
    ]
    assert found([Field("cust_id", TEXT)], [Field("customer_id", Integer())]) == []


def test_of_two_that_are_as_like_neither_is_it() -> None:
    """Where two could be it, nobody knows which: neither is claimed."""
    two = [Field("work_email", TEXT), Field("home_email", TEXT)]

    assert found([Field("email", TEXT)], two) == []
    assert found(two, [Field("email", TEXT)]) == []
    assert found([Field("email", TEXT)], [*two, Field("eMail", TEXT)]) == [
        ("email", "eMail", 0.8, "similar name, same type")
    ]


def test_what_has_another_tag_or_id_is_another() -> None:
    """Where the source numbers its members, a similar name on another number is another member."""
    assert found([Field("cust_id", TEXT, tag=1)], [Field("customer_id", TEXT, tag=2)]) == []
    assert found([Field("cust_id", TEXT, id="1")], [Field("customer_id", TEXT, id="2")]) == []


def test_same_position_and_type() -> None:
    """One for one at the same place is a rename where the type is not just any, and the order means something."""
    for type_, claimed in ((Decimal(10, 2), True), (Enum(("x", "y")), True), (TEXT, False), (Integer(), False)):
        before = table(Field("a", TEXT), Field("net", type_), Field("z", TEXT))
        after = table(Field("a", TEXT), Field("price", type_), Field("z", TEXT))
        [*changes] = diff(before, after)
        assert [one.kind for one in changes] == (["field-renamed"] if claimed else ["field-added", "field-removed"])
        if isinstance(changes[0], FieldRenamed):
            assert (changes[0].confidence, changes[0].evidence) == (0.5, "same position and type")
    moved = table(Field("a", TEXT), Field("z", TEXT), Field("price", Decimal(10, 2)))
    before = table(Field("a", TEXT), Field("net", Decimal(10, 2)), Field("z", TEXT))
    assert [kind for kind, _ in told(before, moved)] == ["field-added", "field-removed"]
    assert [
        kind
        for kind, _ in told(
            *(
                Schema(Format.JSON, one.root)
                for one in (before, table(Field("a", TEXT), Field("price", Decimal(10, 2)), Field("z", TEXT)))
            )
        )
    ] == ["field-added", "field-removed"]


def test_columns_that_trade_names_are_two_renames() -> None:
    """The source's own ids outlive names: a swap is two renames, and no type has changed."""
    before = table(Field("a", TEXT, id="1"), Field("b", Integer(), id="2"))
    after = table(Field("b", TEXT, id="1"), Field("a", Integer(), id="2"))

    assert diff(before, after) == (
        FieldRenamed("b", "a", "same column id", 1.0),  # type: ignore[arg-type]
        FieldRenamed("a", "b", "same column id", 1.0),  # type: ignore[arg-type]
    )


def test_a_column_that_takes_the_name_of_a_dropped_one() -> None:
    """By the ids the one is gone and the other is renamed, though the names say that a type changed."""
    before = table(Field("a", TEXT, id="1"), Field("b", Integer(), id="2"))

    assert told(before, table(Field("a", Integer(), id="2"))) == [("field-renamed", "a"), ("field-removed", "a")]


def test_a_table_that_was_made_anew_has_new_ids() -> None:
    """Ids that are on one side only say nothing: names decide, and a type that changed is told."""
    before = table(Field("a", TEXT, id="1"), Field("b", Integer(), id="2"))

    assert told(before, table(Field("a", TEXT, id="7"), Field("b", TEXT, id="8"))) == [("type-changed", "b")]


def test_an_alias_is_as_sure_backwards() -> None:
    """A rename by alias that is taken back is one too."""
    old, new = table(Field("a", TEXT)), table(Field("b", TEXT, aliases=("a",)))

    assert diff(old, new) == (FieldRenamed("b", "a", "alias", 1.0),)  # type: ignore[arg-type]
    assert diff(new, old) == (FieldRenamed("a", "b", "its alias before", 1.0),)  # type: ignore[arg-type]


def test_a_key_goes_along_with_its_members() -> None:
    """A key whose member was renamed is the same key; in another order it is too; primary it is another."""
    fields = (Field("customerId", TEXT), Field("b", TEXT))
    renamed_fields = (Field("customer_id", TEXT), Field("b", TEXT))
    before = table(*fields, keys=(Key(("customerId", "b")),))

    assert told(before, table(*renamed_fields, keys=(Key(("b", "customer_id")),))) == [("field-renamed", "customer_id")]
    assert told(before, table(*fields, keys=(Key(("b", "customerId"), primary=True),))) == [
        ("key-added", ""),
        ("key-removed", ""),
    ]
    assert told(before, table(*fields)) == []  # a format that cannot say says nothing


def test_members_that_trade_places_make_no_renames() -> None:
    """Two records that have little in common are told as gone and come, member by member."""
    before = table(*(Field(name, TEXT) for name in ("street", "city", "zip", "country", "phone")))
    after = table(*(Field(name, TEXT) for name in ("sku", "colour", "size", "weight", "price")))

    assert {kind for kind, _ in told(before, after)} == {"field-added", "field-removed"}


def words_of(number: int, length: int) -> str:
    return "".join("xyzw"[number >> 2 * at & 3] for at in range(length))


@pytest.mark.parametrize(
    ("count", "name"),
    [(2000, "customer_field_{}"), (100, "a" * 100 + "{}"), (100, "x_" * 50 + "{}"), (300, "{}")],
)
def test_bounded(count: int, name: str) -> None:
    """Thousands that are gone and as many that have come are settled within a second, whatever they are called."""
    before = [Field(name.format(words_of(number, 12)), TEXT) for number in range(count)]
    after = [Field(name.format(words_of(number + 77_777, 12)), TEXT) for number in range(count)]
    started = time.process_time()
    told(table(*before), table(*after))

    assert time.process_time() - started < 10


def test_the_bound_is_for_the_whole_diff() -> None:
    """Many records that all trade their members cost no more than a large one."""

    def schema(first: int) -> Schema:
        one = [
            Record(tuple(Field(f"order_{words_of(number + first, 9)}", TEXT) for number in range(60)))
            for _ in range(200)
        ]
        return table(*(Field(f"f{number}", type_) for number, type_ in enumerate(one)))

    before, after = schema(0), schema(999)
    started = time.process_time()
    told(before, after)

    assert time.process_time() - started < 15


def test_many_of_the_same_words_are_found() -> None:
    """Beyond the bound what is only written otherwise is still recognised."""
    before = table(*(Field(f"customer_{words_of(number, 9)}", TEXT) for number in range(1000)))
    after = table(*(Field(f"customer{words_of(number, 9).title()}", TEXT) for number in range(1000)))

    assert {kind for kind, _ in told(before, after)} == {"field-renamed"}


def test_nested() -> None:
    """A record that goes by another name, with members that do too, is told at both places, and nothing is gone."""
    text = (Field("city", TEXT), Field("street", TEXT), Field("country", TEXT))
    before = table(Field("shipTo", Record((Field("zipCode", TEXT), *text))))
    after = table(Field("ship_to", Record((Field("zip_code", TEXT), *text))))

    assert told(before, after) == [("field-renamed", "ship_to"), ("field-renamed", "ship_to.zip_code")]
    assert diff(before, after)[0] == FieldRenamed("ship_to", "shipTo", "similar name, similar members", 0.8)  # type: ignore[arg-type]


def test_records_of_one_name_without_common_members_are_two() -> None:
    """A record whose name is alike and whose members are not is another one."""
    before = table(Field("shipTo", Record((Field("zip", TEXT), Field("city", TEXT)))))
    after = table(Field("ship_to", Record((Field("lat", TEXT), Field("lon", TEXT)))))

    assert told(before, after) == [("field-added", "ship_to"), ("field-removed", "shipTo")]
