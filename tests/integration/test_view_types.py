"""The columns of views, as we tell them from their SELECT and as real servers list them."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from tests.parts.mariadb_server import MariaDbServer
from tests.parts.postgres_server import PostgresServer
from watcher.formats.sql.catalogue import Catalogue
from watcher.formats.sql.interpret import run
from watcher.formats.sql.lexis import lexis
from watcher.formats.sql.selects import read_select
from watcher.formats.sql.types import read_type
from watcher.model.types import Type

TABLE = (
    "create table t (id int not null, a int, g bigint not null, s smallint, b varchar(10), x text, d date not null,"
    " n decimal(10,2) not null, f double precision, r real)"
)
EXPRESSIONS = """
count(*) | count(a) | sum(a) | sum(g) | sum(s) | sum(n) | sum(f) | sum(r) | avg(a) | avg(n) | avg(f) | avg(r) | min(b)
max(x) | max(d) | coalesce(a, 0) | coalesce(x, 'q') | coalesce(b, 'q') | coalesce(g, 0) | coalesce(s, 1) | nullif(a, 1)
coalesce(n, 0) | coalesce(a, g) | case when a > 1 then a else id end | case when a > 1 then 'x' else 'y' end | -a | 1
case when a > 1 then 1 end | concat(b, x) | a + id | a + g | a * id | a - 1 | a / 2 | s + s | n * a | f * 2 | f + a
cast(n as decimal(5,1)) | cast(d as date) | now() | current_timestamp | current_date | a is null | a > 1 | a in (1, 2)
exists(select 1) | lower(b) | upper(x) | trim(x) | replace(x, 'a', 'b') | length(x) | extract(year from d) | 1.5
row_number() over (order by id) | lag(a) over (order by id) | first_value(b) over (order by id) | abs(a) | round(n)
greatest(a, id) | 2147483648 | 'x' | true | (select max(a) from t) | count(distinct a) | a % 2 | count(*) over ()
"""
ALL = [one.strip() for line in EXPRESSIONS.strip().splitlines() for one in line.split(" | ")]


def told(dialect: str, expression: str) -> tuple[str, Type]:
    """What we make of one column."""
    known = lexis(dialect)
    assert known is not None
    catalogue = Catalogue(known)
    list(run(TABLE, catalogue))
    (column,) = read_select(f"select {expression} as q from t", catalogue).columns
    return column.text, column.type


@pytest.fixture(scope="module")
def postgres(postgres_server: PostgresServer) -> Iterator[psycopg.Connection]:
    """A database on it, with the table."""
    url = postgres_server.create_database()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(TABLE)
        yield connection
    postgres_server.drop_database(url)


@pytest.fixture(scope="module")
def mariadb(mariadb_server: MariaDbServer) -> Iterator[pymysql.cursors.Cursor]:
    """A database on it, with the table."""
    url = mariadb_server.create_database()
    parts = urlsplit(url)
    connection = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        database=parts.path[1:],
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        yield cursor
    mariadb_server.drop_database(url)


@pytest.mark.parametrize("expression", ALL)
def test_on_postgres(postgres: psycopg.Connection, expression: str) -> None:
    """A type that we tell is that of the server; where we tell none, that is no claim."""
    postgres.execute("drop view if exists v")
    postgres.execute(f"create view v as select {expression} as q from t".encode())
    query = "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'v'::regclass and attnum > 0"
    (listed,) = postgres.execute(query).fetchone() or ("",)

    text, type_ = told("postgres", expression)

    assert not text or type_ == read_type(listed, "postgres")


@pytest.mark.parametrize("expression", ALL)
def test_on_mariadb(mariadb: pymysql.cursors.Cursor, expression: str) -> None:
    """A type that we tell is that of the server; where we tell none, that is no claim."""
    mariadb.execute(f"create or replace view v as select {expression} as q from t")
    mariadb.execute(
        "select column_type from information_schema.columns where table_name = 'v' and table_schema = database()"
    )
    (listed,) = mariadb.fetchone() or ("",)

    text, type_ = told("mariadb", expression)

    assert not text or type_ == read_type(listed, "mariadb")
