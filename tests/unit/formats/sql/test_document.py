"""A table as text: what is kept of it, and what is refused."""

import json
from dataclasses import dataclass, replace

import pytest

from tests.unit.formats.sql.scripts import empty, tables
from watcher.diff import diff
from watcher.formats.read import read_schema
from watcher.formats.sql.catalogue import Table
from watcher.formats.sql.document import read_table, table_of, table_text
from watcher.formats.sql.interpret import run
from watcher.formats.sql.made import learned, same_default, table_from
from watcher.formats.sql.tables import schema_of
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, SchemaText

SCRIPT = """
    create type mood as enum ('sad', 'ok');
    create table s.t (id serial primary key, n varchar(20) default 'x' unique, m mood not null, at timestamptz);
    comment on column s.t.n is 'its "name"';
    create view v as select count(*) as many, n, m from s.t where at is not null group by n, m;
"""


@dataclass(frozen=True)
class Told:
    """A column as a source lists it."""

    name: str
    type: str
    nullable: bool | None = True
    default: str | None = None
    id: str | None = None
    comment: str | None = None
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Listed:
    """A table as a source lists it."""

    name: tuple[str, ...]
    columns: tuple[Told, ...]
    primary_key: tuple[str, ...] | None = None
    keys: tuple[tuple[str, ...], ...] | None = None
    view: bool = False
    partial: bool = False
    id: str | None = None


def one(dialect: str, script: str) -> Table:
    (table,) = tables(dialect, script).values()
    return table


def ids(table: Table) -> list[int | str]:
    return [column.id for column in table.columns]


def test_a_table_comes_back_from_its_text() -> None:
    """Tables and views come back as they were: ids, keys, comments, types that the script made, what is selected."""
    for table in tables("postgres", SCRIPT).values():
        text = table_text(table, "postgres")

        back = table_of(text)

        assert back == table
        assert ids(back) == ids(table)
        assert table_text(back, "snowflake") == text
        assert [each.type for each in back.columns] == [each.type for each in table.columns]


def test_a_text_is_read_as_a_schema() -> None:
    """The text of a table is a schema of its format, with the ids that tell a rename."""
    table = tables("postgres", SCRIPT)["s.t"]

    schema = read_schema(SchemaText(Format.SQL, table_text(table, "postgres")))

    assert schema == schema_of(table, "s.t")
    assert [each.id for each in schema.root.fields] == [str(each) for each in ids(table)]  # type: ignore[union-attr]


def test_a_comment_is_no_change() -> None:
    """A comment is kept in the text, and the two texts have the same shape."""
    before = one("mysql", "create table t (a int comment 'one')")
    after = one("mysql", "create table t (a int comment 'another')")

    old, new = table_text(before, "mysql"), table_text(after, "mysql")

    assert old != new
    assert diff(read_table(old), read_table(new)) == ()


def test_one_line_a_column() -> None:
    """A text has a line for each column, so that two of them are compared by eye."""
    text = table_text(one("mysql", "create table t (a int, b int not null)"), "mysql")

    assert len(text.splitlines()) == 4
    assert json.loads(text)["columns"][1] == {"name": "b", "type": "int", "nullable": False, "id": 2}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "create table t (a int)",
        "[1]",
        "{}",
        '{"table":[],"dialect":"mysql"}',
        '{"table":["t"]}',
        '{"table":["t",1],"dialect":"mysql"}',
        '{"table":["t"],"dialect":"mysql","columns":{}}',
        '{"table":["t"],"dialect":"mysql","columns":[1]}',
        '{"table":["t"],"dialect":"mysql","columns":[{"name":"a"}]}',
        '{"table":["t"],"dialect":"mysql","columns":[{"name":"a","type":"int","id":true}]}',
        '{"table":["t"],"dialect":"mysql","columns":[{"name":"a","type":"int","nullable":0}]}',
        '{"table":["t"],"dialect":"mysql","columns":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}',
        '{"table":["t"],"dialect":"mysql","keys":[["k"]]}',
        '{"table":["t"],"dialect":"mysql","select":{"uses":[]}}',
        '{"table":["t"],"dialect":"mysql","select":{"text":"x","uses":[[["t"]]]}}',
        '{"table":["t"],"dialect":"mysql","view":"yes"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_table(text: str) -> None:
    """A text that is no table is refused with an error of its own, never taken for an empty one."""
    with pytest.raises(SchemaError):
        read_table(text)


def test_ddl_is_pointed_to_where_it_is_read() -> None:
    """Whoever hands in a script of DDL as a schema is told how scripts are compared."""
    with pytest.raises(SchemaError, match="watcher diff --format sql") as caught:
        read_schema(SchemaText(Format.SQL, "create table t (a int)"))
    assert caught.value.kind == "unsupported-format"


def test_what_a_listing_does_not_say_stays() -> None:
    """Of a listing, what it leaves open (null, keys, comments, ids) is as it stood."""
    known = tables("postgres", SCRIPT)["s.t"]
    listing = Listed(("s", "t"), (Told("id", "integer", None), Told("n", "text", None)))

    made = table_from(listing, "postgres", known)

    assert [(each.name, each.nullable, each.id) for each in made.columns] == [("id", False, 1), ("n", True, 2)]
    assert made.columns[1].comment == 'its "name"'
    assert made.primary_key == ("id",)
    assert made.keys == known.keys


def test_a_partial_listing_keeps_the_other_columns() -> None:
    """A partial listing changes the columns that it names; the others stay where they are, and new ones follow."""
    known = one("mysql", "create table t (a int, b int, c int)")

    made = table_from(Listed(("t",), (Told("new", "int"), Told("b", "bigint")), partial=True), "mysql", known)

    assert [(each.name, each.text) for each in made.columns] == [
        ("a", "int"),
        ("b", "bigint"),
        ("c", "int"),
        ("new", "int"),
    ]
    assert not made.partial


def test_the_platforms_own_ids_tell_a_rename() -> None:
    """A listed column with the id of a known one is that column, whatever its name; ids that are given stay."""
    catalogue = empty("postgres")
    first = Listed(("t",), (Told("a", "integer", id="7.1", default="now()"),), id="7")
    known = catalogue.put(table_from(first, "postgres"))

    made = catalogue.put(
        table_from(Listed(("u",), (Told("b", "integer", None, "CURRENT_TIMESTAMP", "7.1"),)), "postgres", known)
    )

    assert ids(made) == ["7.1"]
    assert made.columns[0].default == "now()"
    assert made.id == "7"
    assert catalogue.next_id == 1


def test_a_column_that_took_anothers_name() -> None:
    """A column of a known name and another id of the platform's is another column: nothing of the old one stays."""
    known = table_from(Listed(("t",), (Told("a", "integer", False, id="7.1", comment="old"),)), "postgres")

    made = table_from(Listed(("t",), (Told("a", "integer", None, id="7.2"),)), "postgres", known)

    assert made.columns[0].comment is None
    assert made.columns[0].nullable


def test_other_words_for_the_same_are_no_change() -> None:
    """A database words types and defaults in its own way; where they mean the same, the text stays as it was."""
    script = "create table t (a varchar(3) default 'x', b int default 0, c timestamptz default now(), d serial)"
    known = one("postgres", script)
    columns = (
        Told("a", "character varying(3)", True, "'x'::character varying"),
        Told("b", "integer", True, "0"),
        Told("c", "timestamp with time zone", True, "CURRENT_TIMESTAMP"),
        Told("d", "integer", False, "nextval('t_d_seq'::regclass)"),
    )

    assert table_text(table_from(Listed(("t",), columns), "postgres", known), "postgres") == table_text(
        known, "postgres"
    )


@pytest.mark.parametrize(
    ("mine", "its", "same"),
    [
        ("'x'", "'x'::text", True),
        ("0", "((0))", True),
        ("'ACTIVE'", "ACTIVE", True),
        (None, "NULL::character varying", True),
        ("now()", "current_timestamp", True),
        ("'a'", "'A'", False),
        ("0", "1", False),
        (None, "0", False),
        ("now()", "'now'", False),
        ("(a)", "(a) + (b)", False),
        ("true", "1", True),
        ("(1+2)", "(1 + 2)", True),
        ("'a b' || 'C'", "('a b'::text || 'C'::text)", True),
        ("array[1,2]", "ARRAY[1, 2]", True),
        ("(current_date)", "curdate()", True),
        ("'a b' || 'C'", "'ab' || 'C'", False),
        ("true", "0", False),
    ],
)
def test_defaults_that_mean_the_same(mine: str | None, its: str | None, same: bool) -> None:
    """Casts, brackets and quotes that a database adds or leaves away make no other default; other values do."""
    assert same_default(mine, its) is same
    assert same_default(its, mine) is same


def test_a_view_that_is_listed_keeps_what_it_selects() -> None:
    """A listing has no SELECT in it: the view is followed on, and may be null where its table may."""
    known = tables("postgres", "create table t (a int not null); create view v as select a from t")["v"]

    made = table_from(Listed(("v",), (Told("a", "integer"),), view=True), "postgres", known)

    assert made.select == known.select
    assert made == replace(known, dialect="postgres")


def test_a_listing_does_not_heal_a_broken_view() -> None:
    """A platform lists a broken view with its columns all the same; with other columns it is another view."""
    script = "create table t (a int); create view v as select a from t; drop table t"
    known = tables("snowflake", script)["V"]

    same = table_from(Listed(("V",), (Told("A", "int"),), view=True), "snowflake", known)
    other = table_from(Listed(("V",), (Told("B", "int"),), view=True), "snowflake", known)

    assert (same.broken, same.select) == (known.broken, known.select)
    assert same.broken is not None
    assert (other.broken, other.select) == (None, None)


def test_what_a_look_shows_of_a_computed_column() -> None:
    """A type that no SELECT told is no difference to a look at the database; that of another column is."""
    known = tables("postgres", "create table t (a int); create view v as select abs(a) x, a from t")["v"]
    after = table_from(Listed(("v",), (Told("x", "integer"), Told("a", "bigint")), view=True), "postgres", known)

    assert [one.text for one in learned(known, after).columns] == ["integer", "int"]


def test_classes_are_in_the_schema() -> None:
    """Classification tags of a listing come into the schema, and back from its text."""
    made = table_from(Listed(("t",), (Told("a", "text", classes=("PII", "EMAIL")),)), "postgres")

    schema = read_table(table_text(made, "postgres"))

    assert schema.root.fields[0].classes == ("EMAIL", "PII")  # type: ignore[union-attr]


def test_a_copy_of_a_view_is_a_table() -> None:
    """CREATE TABLE … LIKE a view takes its columns, not what it selects."""
    script = "create table t (a int); create view v as select a from t; create table c like v; drop table t"
    catalogue = empty("mysql")
    list(run(script, catalogue))

    copied = catalogue.tables()["c"]

    assert copied.select is None
    assert copied.broken is None
