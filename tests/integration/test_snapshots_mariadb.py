"""Looks at a real MariaDB: what its catalogue says is what the statements that made it say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.parts.false_alarms import false_alarms, interpreted
from tests.parts.mariadb_server import MariaDbServer, connected
from watcher.feeds.snapshots import open_snapshots
from watcher.feeds.warehouse.facts import Image
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.model.errors import ConfigurationError, Transient

TYPES = r"""
CREATE TABLE kinds (
  a1 tinyint, a2 smallint unsigned, a3 mediumint unsigned, a4 int, a5 integer unsigned, a6 bigint, a7 int4, a8 boolean,
  a9 tinyint(1), a10 bit, a11 bit(3), a12 year, a13 int(5) unsigned zerofill,
  b1 decimal(10,2) unsigned, b2 dec, b3 numeric(5), b4 fixed(6,1), b5 float, b6 float(7,3), b7 double, b8 real,
  b9 double(8,2) unsigned, b10 double precision,
  c1 char(4), c2 varchar(20), c3 nchar(4), c4 character varying(9), c5 tinytext, c6 text, c7 mediumtext, c8 longtext,
  c9 char(3) character set latin1, c10 text collate utf8mb4_bin, c11 long, c12 json,
  c13 enum('a', 'it''s', 'c,d'), c14 set('x', 'y'),
  d1 binary(16), d2 varbinary(10), d3 tinyblob, d4 blob, d5 mediumblob, d6 longblob,
  e1 date, e2 time, e3 time(6), e4 datetime, e5 datetime(3), e6 timestamp null, e7 timestamp(6) null,
  d7 text(100), d8 blob(70000), d9 text(20000000), d10 varchar(3) character set binary, d11 national varchar(4),
  d12 char byte, d13 nvarchar(5), d14 national char(6), d15 text character set binary, d16 char(7) charset binary,
  d17 national character varying(8), d18 varchar(9) byte, d19 text(255), d20 text(256),
  d21 tinytext character set binary,
  d22 char varying(5), d23 long varbinary, d24 varchar(3) binary, d25 enum('a') character set latin1, d26 text ascii,
  g1 int zerofill, g2 smallint(4) zerofill, g3 decimal(5,1) zerofill, g4 double zerofill, g5 serial,
  g6 bigint signed, g7 int1, g8 int8 unsigned, g9 middleint, g10 float(30), g11 float4, g12 float8, g13 dec(4) unsigned,
  f1 uuid, f2 inet4, f3 inet6, f4 geometry, f5 point,
  `select` int, `a b` int, `Größe` int
);
"""
REST = r"""
CREATE TABLE defaults (
  id int unsigned AUTO_INCREMENT PRIMARY KEY,
  a varchar(20) NOT NULL DEFAULT 'x''y', b varchar(10) DEFAULT '', c varchar(10) DEFAULT 'NULL',
  d varchar(9) DEFAULT NULL,
  e enum('a', 'b') DEFAULT 'a', f decimal(10,2) DEFAULT 1.50, g bigint DEFAULT -1, h int DEFAULT '5',
  i date DEFAULT '2020-01-01', j datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  k datetime DEFAULT now(), l timestamp NULL DEFAULT CURRENT_TIMESTAMP, m timestamp NOT NULL, n bit(3) DEFAULT b'101',
  o int AS (g + 1) VIRTUAL, p int AS (g + 1) STORED, q int NULL COMMENT 'hello', r boolean NOT NULL DEFAULT true,
  s double DEFAULT (1+2), t date DEFAULT (current_date),
  UNIQUE KEY (a, e), UNIQUE (q)
);
CREATE UNIQUE INDEX by_prefix ON defaults (c(2));
CREATE UNIQUE INDEX by_two ON defaults (f, g);
CREATE INDEX plain ON defaults (g);
CREATE TABLE child (
  id bigint NOT NULL, t_id int unsigned, PRIMARY KEY (id, t_id),
  CONSTRAINT fk FOREIGN KEY (t_id) REFERENCES defaults (id), CHECK (id > 0)
) COMMENT 'kids';
CREATE TABLE versioned (a int) WITH SYSTEM VERSIONING;
CREATE TABLE copied LIKE child;
CREATE TABLE `Odd Name` (a int);
CREATE VIEW shown AS SELECT id, a, e FROM defaults;
ALTER TABLE child ADD COLUMN late varchar(5) NOT NULL DEFAULT 'z' FIRST, DROP PRIMARY KEY, ADD PRIMARY KEY (id);
CREATE TABLE made AS SELECT t_id, q FROM child, defaults;
CREATE TABLE counted (a int NOT NULL SERIAL DEFAULT VALUE, b int);
CREATE TABLE one (x int);
CREATE TABLE two (y int);
RENAME TABLE one TO tmp, two TO one, tmp TO two;
ALTER TABLE copied RENAME COLUMN t_id TO parent, MODIFY id int;
"""


def look(url: str, *, schemas: Sequence[str] = ()) -> Snapshot:
    snapshots = open_snapshots(url, database=None, schemas=schemas)
    try:
        return snapshots.read_all()
    finally:
        snapshots.close()


@contextmanager
def session(url: str) -> Iterator[Any]:
    with connected(url) as connection, connection.cursor() as cursor:
        yield cursor


def play(url: str, script: str) -> None:
    with session(url) as cursor:
        for statement in script.split(";\n"):
            if statement.strip():
                cursor.execute(statement)


def image(snapshot: Snapshot, table: str) -> Image:
    (found,) = [one for one in snapshot.images if one.name[-1] == table]
    return found


def named(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def login(url: str, user: str, password: str = "") -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}"))


@pytest.mark.parametrize("script", [TYPES, REST], ids=["types", "keys and defaults"])
def test_a_look_agrees_with_the_statements(mariadb_url: str, script: str) -> None:
    """Names, types, null, defaults and keys are those that our interpreter finds in the same script."""
    play(mariadb_url, script)

    assert false_alarms(interpreted(script, "mariadb", (named(mariadb_url),)), look(mariadb_url)) == {}


def test_what_is_no_table_of_users_is_left_out(mariadb_url: str) -> None:
    """Sequences, temporary tables and the server's own databases are not shown."""
    with session(mariadb_url) as cursor:
        cursor.execute("CREATE SEQUENCE counted")
        cursor.execute("CREATE TEMPORARY TABLE passing (a int)")
        cursor.execute("CREATE TABLE there (a int)")
        found = look(mariadb_url)
        everything = look(urlunsplit(urlsplit(mariadb_url)._replace(path="")))

    assert [one.name for one in found.images] == [(named(mariadb_url), "there")]
    assert found.scope == ((named(mariadb_url),),)
    assert {"mysql", "information_schema", "sys"}.isdisjoint(one[0] for one in everything.scope)


def test_a_view_over_what_is_gone_says_nothing_of_its_columns(mariadb_url: str) -> None:
    """A broken view is shown as there, with columns that are not told."""
    play(mariadb_url, "CREATE TABLE base (a int);\nCREATE VIEW atop AS SELECT a FROM base;\nDROP TABLE base;\n")

    found = image(look(mariadb_url), "atop")

    assert (found.view, found.columns, found.partial) == (True, (), True)


def test_single_tables_are_read(mariadb_url: str) -> None:
    """`asked` holds what could be looked for; one that is not there has no image, hostile names included."""
    play(mariadb_url, "CREATE TABLE one (a int PRIMARY KEY);\nCREATE TABLE two (b int);\n")
    place = named(mariadb_url)
    hostile = "one' OR '1'='1"

    found = open_snapshots(mariadb_url, database=None, schemas=()).read_tables(
        [(place, "one"), (place, "gone"), (place, hostile), ("one",)]
    )

    assert [one.name for one in found.images] == [(place, "one")]
    assert found.asked == ((place, "one"), (place, "gone"), (place, hostile))
    assert found.scope == ()


def test_tables_whose_names_differ_by_case_do_not_mix(mariadb_url: str) -> None:
    """`Orders` and `orders` are two tables where the file system says so."""
    play(mariadb_url, "CREATE TABLE Orders (a int, b int);\nCREATE TABLE orders (c int, d int);\n")

    found = look(mariadb_url)

    assert [one.name for one in image(found, "Orders").columns] == ["a", "b"]
    assert [one.name for one in image(found, "orders").columns] == ["c", "d"]


def test_databases_whose_names_differ_by_case_do_not_mix(mariadb_url: str) -> None:
    """`Shop` and `shop` are two databases where the file system says so."""
    place = named(mariadb_url)
    with session(mariadb_url) as cursor:
        cursor.execute("CREATE TABLE one (a int)")
        cursor.execute(f"CREATE DATABASE `{place.upper()}`")
        cursor.execute(f"CREATE TABLE `{place.upper()}`.one (b int)")
        found = look(mariadb_url, schemas=[place])
        cursor.execute(f"DROP DATABASE `{place.upper()}`")

    assert [(one.name, [each.name for each in one.columns]) for one in found.images] == [((place, "one"), ["a"])]


def test_a_database_that_is_granted_in_part_is_refused(mariadb_url: str) -> None:
    """With rights on a single table or column the look would be partial: it says which grant it needs."""
    play(mariadb_url, "CREATE TABLE open (a int, b int);\nCREATE TABLE closed (a int);\n")
    place = named(mariadb_url)
    with session(mariadb_url) as cursor:
        cursor.execute("CREATE OR REPLACE USER partial@'%' IDENTIFIED BY 'p'")
        cursor.execute(f"GRANT SELECT (a) ON `{place}`.open TO partial@'%'")
        with pytest.raises(ConfigurationError, match=r"GRANT SELECT, SHOW VIEW ON"):
            look(login(mariadb_url, "partial", "p"))
        cursor.execute(f"GRANT SELECT ON `{place}`.* TO partial@'%'")

        found = look(login(mariadb_url, "partial", "p"))
        cursor.execute("DROP USER partial@'%'")

    assert len(found.images) == 2


def test_a_look_cannot_write(mariadb_url: str) -> None:
    """The session of a look is read-only, whatever the user may do."""
    with session(mariadb_url) as cursor:
        cursor.execute("CREATE TABLE there (a int)")
    snapshots = open_snapshots(mariadb_url, database=None, schemas=())

    with pytest.raises(ConfigurationError, match="READ ONLY"), snapshots._session() as inside:
        inside.first("INSERT INTO there VALUES (1)")


def test_errors_say_who_mends_them(mariadb_server: MariaDbServer, mariadb_url: str) -> None:
    """A wrong password or an unknown database is for the settings; a server that is away, a time-out, for later."""
    with session(mariadb_url) as cursor:
        cursor.execute("CREATE OR REPLACE USER guarded@'%' IDENTIFIED BY 'secret'")

    with pytest.raises(ConfigurationError, match="Access denied") as denied:
        look(login(mariadb_url, "guarded", "wrong"))
    assert "wrong" not in str(denied.value)
    with pytest.raises(ConfigurationError, match="no schema nowhere"):
        look(mariadb_url, schemas=["nowhere"])
    with pytest.raises(Transient):
        look("mysql://watcher@127.0.0.1:1/db")
    snapshots = open_snapshots(mariadb_url, database=None, schemas=(), timeout=1)
    with pytest.raises(Transient, match="max_statement_time"), snapshots._session() as inside:
        inside.first("SELECT SLEEP(30)")


def test_the_driver_speaks_as_the_test_does(mariadb_url: str) -> None:
    """A comment and an enum in any language arrive whole."""
    with connected(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE words (a enum('größe', '大') COMMENT 'naïve 大')")

    (column,) = image(look(mariadb_url), "words").columns

    assert (column.type, column.comment) == ("enum('größe','大')", "naïve 大")
