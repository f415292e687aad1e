"""What the event triggers write down on a real PostgreSQL, statement by statement; and that they never fail one."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import orjson
import psycopg
import pytest

from tests.parts.postgres_server import PostgresServer
from watcher.feeds.warehouse.facts import Blind, ColumnImage, Fact, Gone, Image
from watcher.feeds.warehouse.sources.postgres import decode
from watcher.model.dataset import Position, RawRecord

pytestmark = pytest.mark.timeout(120)
FOLDER = Path(__file__).parents[2] / "deploy" / "postgres"


def play(url: str, name: str) -> None:
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(FOLDER / name)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class Watched:
    """A database with the watcher's ear: what each statement makes its triggers write down."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = psycopg.connect(url, autocommit=True)
        self.user = self._plain()
        self.warnings: list[str] = []
        self.user.add_notice_handler(lambda told: self.warnings.append(f"{told.severity}: {told.message_primary}"))
        self._last = 0

    def _plain(self) -> psycopg.Connection[tuple[object, ...]]:
        """Somebody who may create tables, and has no right on anything of the watcher's."""
        self.admin.execute("DO $$ BEGIN CREATE ROLE watcher_plain LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
        self.admin.execute("GRANT CREATE ON SCHEMA public TO watcher_plain")
        self.admin.execute(f"GRANT CREATE ON DATABASE {urlsplit(self.url).path.lstrip('/')} TO watcher_plain".encode())
        parts = urlsplit(self.url)
        return psycopg.connect(
            urlunsplit(parts._replace(netloc=f"watcher_plain@{parts.hostname}:{parts.port}")), autocommit=True
        )

    def run(self, *statements: str, admin: bool = False) -> list[Fact]:
        """Run statements; the facts that come of them."""
        for one in statements:
            (self.admin if admin else self.user).execute(one.encode())
        return self.facts()

    def facts(self) -> list[Fact]:
        """What was written down since the last call."""
        asked = "SELECT id, payload FROM schema_watcher.outbox WHERE id > %s ORDER BY id"
        rows = self.admin.execute(asked, (self._last,)).fetchall()
        self._last = max((one[0] for one in rows), default=self._last)
        value = orjson.dumps({"rows": [one[1] for one in rows]})
        return list(decode(RawRecord(Position("w", 0, 0), None, value), {}).facts)

    def oid(self, name: str) -> str:
        found = self.admin.execute("SELECT %s::regclass::oid::text", (name,)).fetchone()
        assert found is not None
        return str(found[0])

    def close(self) -> None:
        self.admin.close()
        self.user.close()


@pytest.fixture
def db(postgres_url: str) -> Iterator[Watched]:
    play(postgres_url, "watcher.sql")
    one = Watched(postgres_url)
    yield one
    one.close()


def told(facts: list[Fact]) -> list[str]:
    """Each fact in a few words: `app.t(a, b)`, `-app.t`, `?reason's kind`."""
    found = []
    for one in facts:
        if isinstance(one, Image):
            found.append(f"{'.'.join(one.name[1:])}({', '.join(column.name for column in one.columns)})")
        elif isinstance(one, Gone):
            found.append(f"-{'.'.join(one.name[1:])}")
        else:
            assert isinstance(one, Blind)
            found.append(f"?{one.kind}")
    return found


def columns(facts: list[Fact]) -> dict[str, ColumnImage]:
    (one,) = [one for one in facts if isinstance(one, Image)]
    return {column.name: column for column in one.columns}


def test_a_table_from_its_first_day_to_its_last(db: Watched) -> None:
    """Each statement of the reference's table is told by the whole table; oid and number outlive renames and types."""
    assert db.run("CREATE SCHEMA app") == []
    made = db.run("CREATE TABLE app.orders (id int PRIMARY KEY, note text, amount numeric(12,2) DEFAULT 1.5 NOT NULL)")
    oid = db.oid("app.orders")
    database = urlsplit(db.url).path.lstrip("/")
    assert made == [
        Image(
            (database, "app", "orders"),
            (
                ColumnImage("id", "integer", nullable=False, id=f"{oid}.1"),
                ColumnImage("note", "text", nullable=True, id=f"{oid}.2"),
                ColumnImage("amount", "numeric(12,2)", nullable=False, default="1.5", id=f"{oid}.3"),
            ),
            primary_key=("id",),
            keys=(),
            id=oid,
        )
    ]
    assert set(told(db.run("ALTER TABLE app.orders ADD c1 int, DROP note"))) == {"app.orders(id, amount, c1)"}
    assert columns(db.run("ALTER TABLE app.orders RENAME c1 TO c2"))["c2"].id == f"{oid}.4"
    assert columns(db.run("ALTER TABLE app.orders ALTER c2 TYPE bigint"))["c2"].type == "bigint"
    assert columns(db.run("ALTER TABLE app.orders ALTER amount DROP NOT NULL"))["amount"].nullable is True
    assert columns(db.run("COMMENT ON COLUMN app.orders.c2 IS 'why'"))["c2"].comment == "why"
    (renamed,) = db.run("ALTER TABLE app.orders RENAME TO sales")
    assert isinstance(renamed, Image)
    assert (renamed.name[1:], renamed.id) == (("app", "sales"), oid)
    (moved,) = db.run("ALTER TABLE app.sales SET SCHEMA public")
    assert isinstance(moved, Image)
    assert (moved.name[1:], moved.id) == (("public", "sales"), oid)
    assert told(db.run("CREATE VIEW seen AS SELECT id FROM sales")) == ["public.seen(id)"]
    assert db.run("TRUNCATE sales") == []
    gone = db.run("DROP TABLE sales CASCADE")
    assert told(gone) == ["-public.sales", "-public.seen"]
    assert isinstance(gone[0], Gone)
    assert gone[0].id == oid


def test_tables_that_come_another_way(db: Watched) -> None:
    """CREATE TABLE AS, SELECT INTO, LIKE, a DO block, materialised views, foreign tables; not temporary ones."""
    assert told(db.run("CREATE TABLE a AS SELECT 1 AS x, 'y'::varchar(3) AS y")) == ["public.a(x, y)"]
    assert told(db.run("SELECT x INTO b FROM a")) == ["public.b(x)"]
    assert told(db.run("CREATE TABLE c (LIKE a)")) == ["public.c(x, y)"]
    assert told(db.run("DO $$ BEGIN CREATE TABLE d (e int); EXECUTE 'CREATE TABLE f (g int)'; END $$")) == [
        "public.d(e)",
        "public.f(g)",
    ]
    assert told(db.run("CREATE MATERIALIZED VIEW m AS SELECT x FROM a")) == ["public.m(x)"]
    assert told(db.run("ALTER MATERIALIZED VIEW m RENAME COLUMN x TO z")) == ["public.m(z)"]
    assert db.run("CREATE TEMP TABLE passing (a int)", "ALTER TABLE passing ADD b int", "DROP TABLE passing") == []
    wrapper = ("CREATE EXTENSION postgres_fdw", "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw")
    assert db.run(*wrapper, admin=True) == []
    assert told(db.run("CREATE FOREIGN TABLE away (a int) SERVER s", admin=True)) == ["public.away(a)"]
    assert told(db.run("DROP EXTENSION postgres_fdw CASCADE", admin=True)) == ["-public.away"]


def test_identity_generated_and_odd_columns(db: Watched) -> None:
    """What counts by itself has no default to tell; names may hold anything, and be as long as the server lets them."""
    found = columns(
        db.run(
            'CREATE TABLE "ü.x""y" (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED ALWAYS AS (1 + 1) STORED,'
            f' c serial, "d.e" int, "f""g" int, "{"z" * 63}" int)'
        )
    )
    assert list(found) == ["a", "b", "c", "d.e", 'f"g', "z" * 63]
    assert (found["a"].default, found["b"].default) == (None, None)
    assert (found["c"].default or "").startswith("nextval(")
    assert told(db.run('DROP TABLE "ü.x""y"')) == ['-public.ü.x"y']


def test_partitions_and_heirs_follow_their_parents(db: Watched) -> None:
    """A change of the parent is told of each of them, for it is theirs too."""
    db.run("CREATE TABLE p (a int, k int) PARTITION BY LIST (k)", "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
    assert told(db.run("ALTER TABLE p ADD b text")) == ["public.p(a, k, b)", "public.p1(a, k, b)"]
    assert told(db.run("DROP TABLE p")) == ["-public.p", "-public.p1"]
    db.run("CREATE TABLE t (a int, b int)", "CREATE TABLE heir (c int) INHERITS (t)")
    assert set(told(db.run("ALTER TABLE t DROP COLUMN a"))) == {"public.t(b)", "public.heir(b, c)"}


def test_types_tell_of_the_tables_that_hold_them(db: Watched) -> None:
    """A new or renamed value, a renamed domain; and a type dropped with CASCADE takes columns with it."""
    db.run("CREATE TYPE mood AS ENUM ('a', 'it''s')", "CREATE DOMAIN pos AS numeric(5,2)")
    made = columns(db.run("CREATE TABLE m (x mood, y mood[], z pos, w pos[])"))
    assert [one.type for one in made.values()] == [
        "enum('a', 'it''s')",
        "enum('a', 'it''s')[]",
        "numeric(5,2)",
        "numeric(5,2)[]",
    ]
    assert columns(db.run("ALTER TYPE mood ADD VALUE 'c' BEFORE 'a'"))["x"].type == "enum('c', 'a', 'it''s')"
    assert columns(db.run("ALTER TYPE mood RENAME VALUE 'a' TO 'A'"))["y"].type == "enum('c', 'A', 'it''s')[]"
    assert told(db.run("ALTER DOMAIN pos RENAME TO positive")) == ["public.m(x, y, z, w)"]
    assert set(told(db.run("DROP TYPE mood CASCADE"))) == {"public.m(z, w)"}


def test_keys_come_and_go(db: Watched) -> None:
    """Also by an index of its own, made or dropped concurrently; partial ones and those of expressions are no keys."""

    def keys(facts: list[Fact]) -> tuple[tuple[str, ...], ...]:
        last = facts[-1]
        assert isinstance(last, Image)
        return last.keys or ()

    db.run("CREATE TABLE k (a int, b int, c int CONSTRAINT of_c UNIQUE)")
    assert keys(db.run("CREATE UNIQUE INDEX by_a ON k (a)")) == (("c",), ("a",))
    assert keys(db.run("CREATE UNIQUE INDEX CONCURRENTLY by_b ON k (b)")) == (("c",), ("a",), ("b",))
    assert keys(db.run("CREATE UNIQUE INDEX of_some ON k (b) WHERE b > 0")) == (("c",), ("a",), ("b",))
    assert keys(db.run("DROP INDEX by_a")) == (("c",), ("b",))
    assert keys(db.run("DROP INDEX CONCURRENTLY by_b")) == (("c",),)
    assert keys(db.run("ALTER TABLE k DROP CONSTRAINT of_c")) == ()


def test_whole_schemas_and_owners(db: Watched) -> None:
    """A renamed schema renames its tables; DROP SCHEMA and DROP OWNED take them."""
    db.run("CREATE SCHEMA app", "CREATE TABLE app.one (a int)", "CREATE TABLE app.two (b int)")
    assert told(db.run("ALTER SCHEMA app RENAME TO shop")) == ["shop.one(a)", "shop.two(b)"]
    assert told(db.run("DROP SCHEMA shop CASCADE")) == ["-shop.one", "-shop.two"]
    db.run("CREATE TABLE mine (a int)")
    assert told(db.run("DROP OWNED BY watcher_plain CASCADE", admin=True)) == ["-public.mine"]


def test_transactions_and_savepoints(db: Watched) -> None:
    """What is rolled back leaves nothing, to a savepoint as well; what stays is of one transaction."""
    assert db.run("BEGIN", "CREATE TABLE never (a int)", "ROLLBACK") == []
    found = db.run(
        *("BEGIN", "CREATE TABLE z (a int)", "SAVEPOINT s", "ALTER TABLE z ADD b int", "ROLLBACK TO s"),
        *("ALTER TABLE z ADD c int", "COMMIT"),
    )
    assert told(found) == ["public.z(a)", "public.z(a, c)"]
    assert db.admin.execute("SELECT count(DISTINCT xid) FROM schema_watcher.outbox").fetchone() == (1,)
    assert db.admin.execute("SELECT DISTINCT by FROM schema_watcher.outbox").fetchone() == ("watcher_plain",)


def test_sessions_that_call_themselves_replicas_are_heard(db: Watched) -> None:
    """As restores and bulk loaders do."""
    assert told(db.run("SET session_replication_role = replica", "CREATE TABLE r (a int)", admin=True)) == [
        "public.r(a)"
    ]


def test_installing_again_is_an_upgrade(db: Watched) -> None:
    """It loses no row, and doubles nothing; uninstalling leaves the database as it was."""
    db.run("CREATE TABLE one (a int)")
    play(db.url, "watcher.sql")
    assert told(db.run("CREATE TABLE two (a int)")) == ["public.two(a)"]
    assert db.admin.execute("SELECT count(*) FROM schema_watcher.outbox").fetchone() == (2,)
    play(db.url, "uninstall.sql")
    play(db.url, "uninstall.sql")
    db.user.execute("CREATE TABLE three (a int)")
    assert db.admin.execute("SELECT count(*) FROM pg_event_trigger").fetchone() == (0,)
    play(db.url, "watcher.sql")


def test_a_failure_is_written_down(db: Watched) -> None:
    """As a blind spot with the server's words; the statement itself succeeds."""
    db.admin.execute("ALTER TABLE schema_watcher.outbox ADD CHECK (payload ->> 'kind' <> 'image') NOT VALID")

    (found,) = db.run("CREATE TABLE one (a int)")

    assert isinstance(found, Blind)
    assert found.kind == "not-written-down"
    assert "CREATE TABLE" in found.reason
    assert db.oid("one")
    assert db.warnings == []


@pytest.mark.parametrize(
    ("broken", "fails"),
    [
        ("ALTER TABLE schema_watcher.outbox ADD CONSTRAINT full_disk CHECK (false) NOT VALID", True),
        ("ALTER TABLE schema_watcher.outbox RENAME TO away", True),
        ("ALTER FUNCTION schema_watcher.note(jsonb) RENAME TO away", True),
        ("ALTER FUNCTION schema_watcher.note_tables(oid[]) OWNER TO watcher_reader", False),
        ("DROP TABLE schema_watcher.outbox", True),
        ("REVOKE ALL ON SCHEMA schema_watcher FROM watcher_plain", False),
    ],
)
def test_what_cannot_be_written_down_is_a_warning(db: Watched, broken: str, *, fails: bool) -> None:
    """Never an error of the user's: tables are made and dropped whatever became of the outbox."""
    db.admin.execute(broken.encode())

    for one in ("CREATE TABLE one (a int)", "ALTER TABLE one ADD b int", "DROP TABLE one"):
        db.user.execute(one.encode())

    if fails:
        assert len(db.warnings) >= 3
        assert all("WARNING: the watcher could not write down this" in one for one in db.warnings)
    else:
        assert db.warnings == []


def test_a_locked_outbox_is_not_waited_for(db: Watched) -> None:
    """After about a second the statement goes on, with a warning."""
    with psycopg.connect(db.url) as other:
        other.execute("LOCK TABLE schema_watcher.outbox IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        db.user.execute("CREATE TABLE one (a int)")
        seconds = time.monotonic() - began
        other.rollback()

    assert seconds < 60
    assert "lock timeout" in db.warnings[0]


def test_a_table_as_wide_as_can_be(db: Watched) -> None:
    """1,600 columns cost a fraction of a second: the text of each default is made without a look at the others."""
    began = time.monotonic()
    found = db.run(f"CREATE TABLE wide ({', '.join(f'c{n} numeric(10,2) DEFAULT {n}' for n in range(1600))})")

    assert len(columns(found)) == 1600
    assert time.monotonic() - began < 10


def test_rows_are_pruned_by_their_age(db: Watched) -> None:
    """And the last of them is remembered, so that a watcher that had not read it can be told."""
    db.run("CREATE TABLE one (a int)", "CREATE TABLE two (a int)")
    assert db.admin.execute("SELECT schema_watcher.prune('1 day')").fetchone() == (0,)
    db.admin.execute("UPDATE schema_watcher.outbox SET at = now() - interval '2 days' WHERE id = 1")
    assert db.admin.execute("SELECT schema_watcher.prune('1 day')").fetchone() == (1,)
    assert db.admin.execute("SELECT id FROM schema_watcher.pruned").fetchone() == (1,)


def test_a_transaction_with_ddl_can_be_prepared(own_postgres_server: PostgresServer) -> None:
    """Where the server allows prepared transactions at all, nothing is notified, for one that notifies cannot be."""
    with psycopg.connect(own_postgres_server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_prepared_transactions = 4")
    own_postgres_server.stop()
    own_postgres_server.restart()
    one = own_postgres_server.create_database()
    play(one, "watcher.sql")
    with psycopg.connect(one, autocommit=True) as connection:
        for statement in ("BEGIN", "CREATE TABLE one (a int)", "PREPARE TRANSACTION 'p'", "COMMIT PREPARED 'p'"):
            connection.execute(statement.encode())
        assert connection.execute("SELECT count(*) FROM schema_watcher.outbox").fetchone() == (1,)
