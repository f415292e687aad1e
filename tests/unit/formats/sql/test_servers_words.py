"""Types as a server's own catalogue has them, whatever words the statement had for them."""

import pytest

from tests.unit.formats.sql.scripts import shape, tables
from watcher.formats.sql.named_types import MAX_TEXT, names, renamed, resolved
from watcher.formats.sql.types import read_type
from watcher.model.schema import split_null
from watcher.model.types import Array, Binary, Decimal, Enum, Fixed, Integer, Record, String, Type, Unknown

MADE = (
    "create type m as enum ('a, s', 's'); create domain d as numeric(5,2) check (value > 0); create domain e as d;"
    "create domain f as m; create type s as enum ('x');"
)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("m[]", Array(Enum(("a, s", "s")))),
        ("app.m[][]", Array(Enum(("a, s", "s")))),
        ('"app"."m" array', Array(Enum(("a, s", "s")))),
        ("d[]", Array(Decimal(5, 2))),
        ("e", Decimal(5, 2)),
        ("e[3]", Array(Decimal(5, 2))),
        ("f", Enum(("a, s", "s"))),
    ],
)
def test_types_of_types(text: str, type_: Type) -> None:
    """Arrays of enums and domains, domains over either; what stands in quotes is no name."""
    assert tables("postgres", f"{MADE} create table t (x {text})")["t"].columns[0].type == type_


def test_a_value_shows_through_domains_and_arrays() -> None:
    """A new value of an enum is one of each column that holds it in some way."""
    made = tables("postgres", f"{MADE} create table t (x f, y m[], z text); alter type m add value 'b'")["t"]

    assert [one.type for one in made.columns] == [Enum(("a, s", "s", "b")), Array(Enum(("a, s", "s", "b"))), String()]


def test_types_of_types_in_structs() -> None:
    """DuckDB has them in the members of structs; a member's own name is none."""
    made = tables(
        "duckdb", "create type mood as enum ('x'); create table t (a struct(mood mood, n mood[]), b map(mood, mood))"
    )
    found = made["t"].columns[0].type

    assert isinstance(found, Record)
    assert [one.name for one in found.fields] == ["mood", "n"]
    assert [split_null(one.type)[1] for one in found.fields] == [Enum(("x",)), Array(Enum(("x",)))]


def test_names_are_put_in_up_to_a_bound() -> None:
    """A chain of types that doubles at each step, or goes in a circle, comes to an end."""
    chain = {f"s{at}": f"struct(a s{at - 1}, b s{at - 1})" for at in range(1, 40)}

    assert len(resolved("s39", chain)) < 4 * MAX_TEXT
    assert resolved("a", {"a": "b", "b": "a"}) in ("a", "b")
    assert resolved("int", {}) == "int"
    assert renamed("x.m[]", "m", "n") == "n[]"
    assert not names("enum('m')", "m")


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("bit", Unknown("bit(1)")),
        ("bit(3)", Unknown("bit(3)")),
        ("varbit", Unknown("bit varying")),
        ("varbit(4)", Unknown("bit varying(4)")),
        ("bit varying(4)", Unknown("bit varying(4)")),
    ],
)
def test_bits(text: str, type_: Type) -> None:
    """PostgreSQL's strings of bits, each under one name."""
    assert read_type(text, "postgres") == type_


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("int zerofill", Integer(32, signed=False)),
        ("int(5) unsigned zerofill", Integer(32, signed=False)),
        ("int8 unsigned", Integer(64, signed=False)),
        ("middleint", Integer(24)),
        ("text(10)", String(255)),
        ("text(64)", String(65_535)),
        ("text(20000000)", String()),
        ("blob(70000)", Binary(16_777_215)),
        ("varchar(3) character set binary", Binary(3)),
        ("char(7) charset binary", Fixed(7)),
        ("text character set binary", Binary(65_535)),
        ("national varchar(4)", String(4)),
        ("national character varying(8)", String(8)),
        ("nchar varchar(5)", String(5)),
        ("national char(6)", String(6)),
        ("char byte", Fixed(1)),
        ("varchar(9) byte", Binary(9)),
        ("enum('a') character set binary", Enum(("a",))),
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_mysqls_words(dialect: str, text: str, type_: Type) -> None:
    """The server writes each of them down as something else."""
    assert tables(dialect, f"create table t (x {text})")["t"].columns[0].type == type_


def test_serial() -> None:
    """MySQL's counts, is never null, and is a key of its own."""
    made = tables("mariadb", "create table t (x serial, y int)")["t"]

    assert (made.columns[0].type, made.columns[0].nullable) == (Integer(64, signed=False), False)
    assert [members for _, members in made.keys] == [("x",)]


@pytest.mark.parametrize(
    ("dialect", "kept"), [("postgres", ""), ("duckdb", ""), ("redshift", ""), ("mysql", "!"), ("sqlserver", "!")]
)
def test_null_of_what_is_selected(dialect: str, kept: str) -> None:
    """A table that is made of a SELECT takes NOT NULL from what is selected on some platforms only."""
    script = (
        "create table s (x int not null); create table t as with c as (select x from s) select x from c; drop table s"
    )

    assert shape(dialect, script) == [f"x int{kept}"]
