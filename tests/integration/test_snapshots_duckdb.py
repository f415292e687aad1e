"""Looks at a real file of DuckDB: what its catalogue says is what the statements that made it say."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from tests.parts.false_alarms import false_alarms, interpreted
from watcher.feeds.snapshots import open_snapshots, reader
from watcher.feeds.snapshots.platform import ONLY
from watcher.feeds.warehouse.facts import Image
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.model.errors import ConfigurationError, Transient

SCRIPT = r"""
CREATE TYPE mood AS ENUM ('sad', 'it''s');
CREATE TYPE small AS tinyint;
CREATE SCHEMA app;
CREATE SEQUENCE counted;
CREATE TABLE kinds (
  a1 tinyint, a2 utinyint, a3 usmallint, a4 uinteger, a5 ubigint, a6 hugeint, a7 uhugeint, a8 bignum, a9 int8, a10 int4,
  a11 short, a12 long, a13 signed, a14 boolean, a15 logical,
  b1 decimal, b2 decimal(5), b3 decimal(10,2), b4 numeric(4,1), b5 real, b6 float, b7 double,
  c1 varchar, c2 varchar(20), c3 char(3), c4 bpchar, c5 text, c6 string, c7 json, c8 mood, c9 enum('p', 'q'),
  d1 blob, d2 bytea, d3 bit, d4 uuid, d5 interval,
  e1 date, e2 time, e3 timetz, e4 timestamp, e5 timestamptz, e6 timestamp_s, e7 timestamp_ms, e8 timestamp_ns,
  e9 datetime,
  f1 struct(x int, y varchar[]), f2 map(varchar, int), f3 union(n int, s varchar), f4 int[3], f5 text[], f6 integer[][],
  g1 mood[], g2 mood[][], g3 mood[3], g4 small, g5 small[], g6 struct(m mood, n mood[]), g7 map(mood, mood),
  f7 struct(a struct(b int[]), "C d" varchar)[]
);
CREATE TABLE defaults (
  id integer PRIMARY KEY, a varchar NOT NULL DEFAULT 'x''y', b mood DEFAULT 'sad', c decimal(10,2) DEFAULT 1.50,
  d timestamp DEFAULT current_timestamp, e timestamptz DEFAULT now(), f boolean DEFAULT true, g uuid DEFAULT uuid(),
  g2 double DEFAULT (1+2),
  h integer GENERATED ALWAYS AS (id + 1) VIRTUAL, i date DEFAULT '2020-01-01', j bigint DEFAULT -1,
  k varchar DEFAULT NULL, l varchar DEFAULT '', m int DEFAULT nextval('counted'), n utinyint, o int,
  UNIQUE (a, c), UNIQUE (n)
);
CREATE UNIQUE INDEX by_two ON defaults (j, o);
CREATE UNIQUE INDEX by_expression ON defaults ((o + 1));
CREATE TABLE app.child (id bigint NOT NULL, t_id int, PRIMARY KEY (id, t_id), CHECK (id > 0));
CREATE TABLE "Odd Name" ("a b" int, "select" text, "Größe" int);
CREATE VIEW shown AS SELECT id, a, b FROM defaults;
COMMENT ON COLUMN defaults.a IS 'hello';
CREATE TABLE made AS SELECT id, a, b FROM defaults;
CREATE TABLE made_from AS FROM defaults;
ALTER TABLE "Odd Name" ADD COLUMN late int DEFAULT 5;
ALTER TABLE "Odd Name" RENAME COLUMN "a b" TO plain;
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


def play(file: Path, script: str) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute(script)


def look(file: Path, *, schemas: Sequence[str] = ()) -> Snapshot:
    return open_snapshots(f"duckdb:///{file}", database=None, schemas=schemas).read_all()


def image(snapshot: Snapshot, table: str) -> Image:
    (found,) = [one for one in snapshot.images if one.name[-1] == table]
    return found


def test_a_look_agrees_with_the_statements(file: Path) -> None:
    """Names, types, null, defaults and keys are those that our interpreter finds in the same script."""
    play(file, SCRIPT)

    assert false_alarms(interpreted(SCRIPT, "duckdb", ("shop", "main")), look(file)) == {}


def test_the_look_covers_its_schemas(file: Path) -> None:
    """Without `schemas` the whole file is the scope; with them, each of these, also one that is gone."""
    play(
        file,
        "CREATE SCHEMA app; CREATE TABLE app.one (a int); CREATE TABLE two (a int); CREATE TEMP TABLE three (a int)",
    )

    assert {one.name for one in look(file).images} == {("shop", "app", "one"), ("shop", "main", "two")}
    assert look(file).scope == (("shop",),)
    some = look(file, schemas=["APP", "gone"])
    assert [one.name for one in some.images] == [("shop", "app", "one")]
    assert some.scope == (("shop", "app"), ("shop", "gone"))


def test_single_tables_are_read(file: Path) -> None:
    """`asked` holds what could be looked for; one that is not there has no image."""
    play(file, """CREATE TABLE one (a int PRIMARY KEY); CREATE TABLE two (a int, "b""c" int, "D e" int);
                  CREATE UNIQUE INDEX odd ON two (a, "b""c", "D e")""")  # fmt: skip

    found = open_snapshots(f"duckdb:///{file}", database=None, schemas=()).read_tables(
        [("main", "two"), ("shop", "main", "gone"), ("other", "main", "one"), ("one",)]
    )

    assert [one.name for one in found.images] == [("shop", "main", "two")]
    assert found.images[0].keys == (("a", 'b"c', "D e"),)
    assert found.asked == (("shop", "main", "two"), ("shop", "main", "gone"))


def test_the_file_is_left_alone_between_looks(file: Path) -> None:
    """A look opens the file read-only and closes it again: others may write to it."""
    play(file, "CREATE TABLE one (a int)")
    snapshots = open_snapshots(f"duckdb:///{file}", database=None, schemas=())
    snapshots.read_all()

    play(file, "ALTER TABLE one ADD COLUMN b int")

    assert [one.name for one in image(snapshots.read_all(), "one").columns] == ["a", "b"]
    with pytest.raises(ConfigurationError, match="read-only"), snapshots._session() as inside:
        inside.first("CREATE TABLE two (a int)")


def test_errors_say_who_mends_them(file: Path) -> None:
    """A file that is not there, or that is none, is for the settings; one that another process holds, for later."""
    with pytest.raises(ConfigurationError, match="does not exist"):
        look(file)
    with pytest.raises(ConfigurationError, match="in memory"):
        open_snapshots("duckdb://", database=None, schemas=())
    file.write_text("no database at all, but a text that is long enough to be looked at" * 100)
    with pytest.raises(ConfigurationError, match="not a valid DuckDB"):
        look(file)


def test_a_file_that_is_being_written_is_for_later(file: Path) -> None:
    """While a process holds the file open, the look is tried again."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE one (a int)")

        with pytest.raises(Transient):
            look(file)


def test_a_catalogue_without_end_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the look says how to divide it; it does not fill the memory."""
    play(file, "CREATE TABLE one (a int); CREATE TABLE two (a int)")
    monkeypatch.setattr(reader, "MAX_TABLES", 1)

    with pytest.raises(ConfigurationError, match="name `schemas`"):
        look(file)


def test_many_single_tables_are_asked_in_parts(file: Path) -> None:
    """More names than one question holds are all looked for, each once."""
    play(file, "".join(f"CREATE TABLE t{number} (a int);" for number in range(ONLY + 3)))
    names = [("main", f"t{number}") for number in range(ONLY + 3)]

    found = open_snapshots(f"duckdb:///{file}", database=None, schemas=()).read_tables([*names, *names])

    assert len(found.images) == len(found.asked) == ONLY + 3
    assert {one.name[1:] for one in found.images} == set(names)
