"""Redshift's DDL text, as its system tables cut it into rows, becomes statements again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import orjson
import pytest

from watcher.feeds.warehouse.facts import Blind, Fact, Ran, Reading, Touched
from watcher.feeds.warehouse.feed import Decoders, WarehouseFeed
from watcher.feeds.warehouse.naming import Naming
from watcher.feeds.warehouse.sources import redshift_pieces
from watcher.feeds.warehouse.sources.redshift import decode
from watcher.model.dataset import Position, RawRecord
from watcher.model.observation import DatasetSeen

Row = dict[str, object]
HOME = ("dev", "analytics")
LONG = "CREATE TABLE sales.orders (\\n" + ",\\n".join(f"  column_{one:02} varchar(64)" for one in range(24)) + "\\n)"
"""Of four rows."""


class Log:
    """A feed's records, one after the other, with its memory."""

    def __init__(self) -> None:
        self.memory: dict[str, bytes] = {}
        self.offset = 0

    def row(self, row: object) -> Reading:
        self.offset += 1
        value = row if isinstance(row, bytes) else orjson.dumps(row)
        return decode(RawRecord(Position("rs", 0, self.offset), None, value), self.memory)

    def all(self, rows: Sequence[Row]) -> list[Fact]:
        return [fact for row in rows for fact in self.row(row).facts]


def rows(sql: str, *, second: int = 0, pid: int = 7, xid: int = 100, stripped: bool = False) -> list[Row]:
    """A statement as STL_DDLTEXT holds it, padding and all."""
    raw = sql.encode()
    parts = [raw[at : at + 200].decode() for at in range(0, len(raw), 200)]
    return [
        {
            "userid": 100,
            "xid": xid,
            "pid": pid,
            "label": "default",
            "starttime": f"2026-03-01 10:{second // 60:02}:{second % 60:02}.123456",
            "endtime": f"2026-03-01 10:{second // 60:02}:{second % 60:02}.654321",
            "sequence": number,
            "text": part.rstrip(" ") if stripped else part.ljust(200),
        }
        for number, part in enumerate(parts)
    ]


def plain(sql: str) -> str:
    return sql.replace("\\n", "\n").rstrip()


def test_one_row() -> None:
    """A statement that fills no row has run with its row, by its user, at its end."""
    reading = Log().row(rows("ALTER TABLE sales.orders DROP COLUMN note")[0])

    assert reading.facts == (Ran("ALTER TABLE sales.orders DROP COLUMN note"),)
    assert (reading.kind, reading.by, reading.query) == ("ddl", "100", "100")
    assert reading.at == 1772359200654
    assert reading.id == "100/7/2026-03-01 10:00:00.123456"


@pytest.mark.parametrize("stripped", [False, True])
def test_several_rows(stripped: bool) -> None:
    """Rows are joined in their sequence, the line ends that are written as two characters among them."""
    cut = rows(LONG, stripped=stripped)

    assert len(cut) == 4
    assert Log().all(cut) == [Ran(plain(LONG))]


def test_order_does_not_matter() -> None:
    """Whatever the order of a statement's rows, it is the same statement, told once."""
    for order in itertools.permutations(rows(LONG)):
        assert Log().all(order) == [Ran(plain(LONG))]


def test_rows_that_come_twice() -> None:
    """A row that comes again, before or after the statement is whole, says nothing."""
    cut = rows(LONG)
    log = Log()

    assert log.all([cut[0], cut[0], cut[1], cut[0], *cut[1:], *cut]) == [Ran(plain(LONG))]
    assert log.all(cut + rows("DROP TABLE a", second=90) * 2) == [Ran("DROP TABLE a")]


def test_interleaved_sessions() -> None:
    """The rows of two sessions in turn are two statements."""
    other = LONG.replace("orders", "lines")
    mixed = [one for pair in zip(rows(LONG), rows(other, pid=8, xid=101), strict=False) for one in pair]

    assert Log().all(mixed) == [Ran(plain(LONG)), Ran(plain(other))]


def test_spaces_at_a_rows_end() -> None:
    """A row that ends in spaces within a statement keeps them, be its padding there or not."""
    head = "CREATE TABLE sales.orders (note varchar(10) DEFAULT '".ljust(200)
    sql = head + "x', id int)"

    for stripped in (False, True):
        assert Log().all(rows(sql, stripped=stripped)) == [Ran(sql)]


def test_no_row_is_known_as_the_last() -> None:
    """A statement that fills its last row is told when its session goes on, or when a minute has passed."""
    sql = "ALTER TABLE sales.orders ADD COLUMN ".ljust(196, "x") + " int"
    assert len(sql) == 200
    log = Log()

    assert log.all(rows(sql)) == []
    after = log.row(rows("DROP TABLE a", second=5)[0])
    assert after.facts == (Ran(sql), Ran("DROP TABLE a"))
    assert after.id is None

    log = Log()
    assert log.all(rows(sql) + rows("DROP TABLE a", second=5, pid=9)) == [Ran("DROP TABLE a")]
    assert log.all(rows("DROP TABLE b", second=61, pid=9)) == [Ran(sql), Ran("DROP TABLE b")]


def test_the_row_may_say_how_many_there_are() -> None:
    """A count of the rows is believed: nothing is run before, nothing is waited for after."""
    sql = "ALTER TABLE sales.orders ADD COLUMN ".ljust(199, "x") + "   encode zstd int ".ljust(201)
    cut: list[Row] = [{**one, "chunks": 2} for one in rows(sql.rstrip().ljust(200))]
    log = Log()

    assert log.all(cut[:1]) == []
    assert log.all(cut[1:]) == [Ran(sql.rstrip())]


def test_a_statement_that_goes_on() -> None:
    """What was taken for whole and goes on after all is a blind spot, on its table where that is told in full."""
    sql = "ALTER TABLE dev.sales.orders ADD COLUMN ".ljust(195, "x") + " int ENCODE zstd"
    first, second = rows(sql)
    short = {**first, "text": str(first["text"])[:195].ljust(200)}
    log = Log()

    assert [type(one) for one in log.all([short])] == [Ran]
    reading = log.row(second)
    assert [(type(one), getattr(one, "name", None)) for one in reading.facts] == [(Touched, ("dev", "sales", "orders"))]
    assert log.all([second, short]) == []


def test_restart_in_the_middle() -> None:
    """Pieces without their beginning are told as a blind spot when a minute has passed, not before."""
    log = Log()

    assert log.all(rows(LONG)[2:]) == []
    assert log.all(rows("DROP TABLE a", second=30)) == [Ran("DROP TABLE a")]
    facts = log.all(rows("DROP TABLE b", second=70))
    assert [type(one) for one in facts] == [Blind, Ran]
    assert log.memory.get("pieces") is None
    assert not [key for key in log.memory if key.startswith("piece|")]


def test_open_brackets_wait() -> None:
    """A later statement of the session does not end one whose brackets are open: its rows may only be late."""
    log = Log()

    assert log.all(rows(LONG)[:2]) == []
    assert log.all(rows("DROP TABLE a", second=1)) == [Ran("DROP TABLE a")]
    assert log.all(rows(LONG)[2:]) == [Ran(plain(LONG))]


def test_bounded() -> None:
    """However many statements stay open and however long one is, the memory has its bounds, and what goes is told."""
    log = Log()
    facts = [fact for number in range(200) for fact in log.all(rows(LONG, pid=number, xid=number)[:1])]
    assert len(facts) == 200 - redshift_pieces.MAX_OPEN
    assert all(isinstance(one, Blind) for one in facts)
    assert len(log.memory) <= 200 + 1 + redshift_pieces.MAX_OPEN

    log = Log()
    endless = rows("CREATE TABLE sales.t (" + "x" * 200)[0]
    found = [fact for number in range(1500) for fact in log.row({**endless, "sequence": number}).facts]
    assert [type(one) for one in found] == [Blind]
    assert len(log.memory) < 10


def test_union_of_the_tables() -> None:
    """Of SVL_STATEMENTTEXT the DDL is heard, and what makes a table out of a query; the rest is not ours."""
    select = {**rows("SELECT 1 FROM sales.orders")[0], "type": "QUERY"}
    made = "CREATE TABLE sales.copy AS SELECT * FROM sales.orders"

    assert Log().all([select]) == []
    assert Log().all([{**one, "type": "DDL"} for one in rows(LONG)]) == [Ran(plain(LONG))]
    assert Log().all([{**rows(made)[0], "type": "QUERY"}]) == [Ran(made)]
    insert = [{**one, "type": "QUERY"} for one in rows("INSERT INTO sales.orders VALUES " + "(1), " * 99 + "(2)")]
    log = Log()
    assert log.all(insert) == []
    assert log.memory == {}


def history(sql: str, **members: object) -> Row:
    """A row of SYS_QUERY_HISTORY."""
    return {
        "user_id": 100,
        "query_id": 555,
        "transaction_id": 100,
        "session_id": 7,
        "database_name": "dev",
        "query_type": "DDL",
        "status": "success",
        "start_time": "2026-03-01T10:00:00.123Z",
        "end_time": "2026-03-01T10:00:01Z",
        "query_text": sql,
    } | members


def test_query_history() -> None:
    """A statement of SYS_QUERY_HISTORY ran in its database."""
    reading = Log().row(history("DROP TABLE sales.orders"))

    assert reading.facts == (Ran("DROP TABLE sales.orders", ("dev", "")),)
    assert (reading.id, reading.query, reading.at) == ("query/555", "555", 1772359201000)


@pytest.mark.parametrize(
    "members", [{"status": "failed"}, {"status": "running"}, {"query_type": "SELECT"}, {"query_type": "INSERT"}]
)
def test_what_did_not_change_a_table(members: Row) -> None:
    """A statement that failed, is still running or only reads or writes rows says nothing."""
    reading = Log().row(history("ALTER TABLE sales.orders DROP COLUMN note", **members))

    assert (reading.kind, reading.facts, reading.unreadable) == ("ignored", (), None)


def test_truncated() -> None:
    """A text that reaches the view's 4,000 bytes is not run: its table is read again, or it is a blind spot."""
    sql = "CREATE TABLE sales.orders (" + "column_x int, " * 400

    (fact,) = Log().row(history(sql[:4000])).facts
    assert isinstance(fact, Touched)
    assert fact.name == ("dev", "sales", "orders")
    (fact,) = Log().row(history(sql.replace("sales.", "")[:4000])).facts
    assert isinstance(fact, Blind)


def test_query_text() -> None:
    """Rows of SYS_QUERY_TEXT hold 4,000 bytes each; the history's row of the same query is told once with them."""
    sql = "CREATE TABLE sales.orders (" + ", ".join(f"column_{one:04} int" for one in range(400)) + ")"
    row = {name: one for name, one in history("").items() if name not in ("query_text", "status", "query_type")}
    cut = [{**row, "sequence": at // 4000, "text": sql[at : at + 4000]} for at in range(0, len(sql), 4000)]
    log = Log()

    assert len(cut) == 2
    assert log.all(cut) == [Ran(sql, ("dev", ""))]
    assert [type(one) for one in log.all([history(sql[:4000])])] == [Touched]
    assert Log().all([history("DROP TABLE a"), {**row, "sequence": 0, "text": "DROP TABLE a"}]) == [
        Ran("DROP TABLE a", ("dev", ""))
    ]


def test_whole_texts() -> None:
    """A text that the query has put together already is taken as it is, in any case of the columns' names."""
    row = {"XID": 1, "PID": 2, "STARTTIME": 1772359200123, "TEXT": LONG + ";", "SCHEMA_NAME": "sales"}
    log = Log()

    assert log.all([row, row]) == [Ran(plain(LONG) + ";", ("", "sales"))]
    assert Log().all([{"text": "DROP TABLE a"}]) == [Ran("DROP TABLE a")]
    assert Log().all([{"schema": {"type": "struct"}, "payload": row}]) == [Ran(plain(LONG) + ";", ("", "sales"))]
    assert Log().all([{**row, "aborted": 1}]) == []


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"xid": 1}, "not-a-row"),
        ({"text": "DROP TABLE a", "sequence": 0}, "no-key"),
        ({"text": "DROP TABLE a", "sequence": -1, "xid": 1, "starttime": "x"}, "malformed-row"),
        ({"text": "DROP TABLE a", "sequence": 10**9, "xid": 1, "starttime": "x"}, "malformed-row"),
        (b"not json", "malformed-json"),
        (b"[]", "not-an-object"),
        (b'{"text": "' + b"x" * 6_000_000 + b'"}', "too-large"),
    ],
)
def test_unreadable(row: object, kind: str) -> None:
    """A row that cannot be understood says why."""
    reading = Log().row(row)
    assert reading.unreadable is not None
    assert reading.unreadable.kind == kind


def test_characters_of_several_bytes() -> None:
    """A row's length is counted in bytes: one that ends short of 200 characters may be full."""
    sql = "ALTER TABLE sales.orders ADD COLUMN " + "é" * 82 + " varchar(10), " + "ADD COLUMN b int"
    assert len(sql[:118].encode()) == 200

    assert Log().all(rows(sql)) == [Ran(sql)]


@pytest.mark.parametrize(
    ("sql", "closed"),
    [
        ("DROP TABLE a", True),
        ("CREATE TABLE a (b int", False),
        ("CREATE TABLE a (b int) -- (", True),
        ("COMMENT ON TABLE a IS 'it''s (", False),
        ("COMMENT ON TABLE a IS 'it''s (\\'", False),
        ("COMMENT ON TABLE a IS 'x' /* (", False),
        ("ALTER TABLE a ADD COLUMN b int,", False),
        ("", False),
    ],
)
def test_closed(sql: str, closed: bool) -> None:
    """A text may end where no bracket, quote or comment is open and no part is awaited."""
    assert redshift_pieces.is_closed(sql) is closed


def test_where_names_live() -> None:
    """A name that says less is in the row's database, and in the schema that the feed's settings say."""
    feed = WarehouseFeed("rs", Decoders(decode, decode), Naming("redshift://c:5439"), dialect="redshift", place=HOME)
    told = [history("CREATE TABLE t (a int)", database_name="prod"), history("CREATE TABLE s.t (a int)", query_id=2)]
    heard = [feed.hear(RawRecord(Position("rs", 0, at), None, orjson.dumps(row))) for at, row in enumerate(told)]

    assert [str(one.dataset) for each in heard for one in each.observations if isinstance(one, DatasetSeen)] == [
        "redshift://c:5439/prod.analytics.t",
        "redshift://c:5439/dev.s.t",
    ]
