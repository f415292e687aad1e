"""The tail of a PostgreSQL outbox: a notification wakes it, the rows are the truth.

Of two workers that read one outbox, the first one's batch counts: the ledger refuses records that were read from a
place where it no longer stands.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from watcher.feeds.postgres.outbox import Order, Row, transactions
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import ConfigurationError, Transient

log = structlog.get_logger(__name__)

POLL_S = 1.0
"""Without a notification the outbox is looked at this often; where the server cannot send one, this is the delay."""
HELD_S = 0.1
"""So often while rows wait behind a gap: nobody tells when a transaction is rolled back."""
AGAIN_S = 1.0
LONGEST_S = 30.0
CONNECT_S = 10
PARTITION = 0

Take = Callable[[Sequence[RawRecord]], Awaitable[None]]
Cursor = Callable[[], Awaitable[tuple[int, bytes | None]]]
"""The ledger's next offset, and the id of the row that was read last; None where none was."""

# One statement sees one state: what is not among the rows any more was pruned by then.
_ROWS = """
SELECT p.id, o.id, o.xid::text::bigint, (extract(epoch FROM o.at) * 1000)::bigint, o.by, o.application, o.query,
       o.payload
  FROM (SELECT coalesce(max(id), 0) AS id FROM schema_watcher.pruned) p
  LEFT JOIN (SELECT * FROM schema_watcher.outbox WHERE id > %s ORDER BY id LIMIT %s) o ON true
 ORDER BY o.id
"""
# A transaction that is prepared loses its session, and is known as `-1/` and its number from then on: both are told.
_WRITING = """
WITH writing AS (
    SELECT virtualtransaction, pid FROM pg_locks
     WHERE locktype = 'relation' AND relation = 'schema_watcher.outbox'::regclass AND mode = 'RowExclusiveLock'
       AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT virtualtransaction, pid FROM writing
 UNION
SELECT '-1/' || l.transactionid, w.pid FROM writing w
  JOIN pg_locks l ON l.virtualtransaction = w.virtualtransaction AND l.locktype = 'transactionid'
"""
_ENDS = """
SELECT CASE WHEN is_called THEN last_value ELSE 0 END, (SELECT max(id) FROM schema_watcher.pruned), pg_is_in_recovery()
  FROM schema_watcher.outbox_id_seq
"""
_SCRIPT = "install deploy/postgres/watcher.sql in this database"
_MENDS = {
    "3F000": f"the schema schema_watcher is not there: {_SCRIPT}",
    "42P01": f"the outbox is not there: {_SCRIPT}",
    "42501": "the url's role may not read the outbox: GRANT watcher_reader TO it",
    "42703": "the outbox is another version's: run deploy/postgres/watcher.sql again",
}


class OutboxTail:
    """One database's outbox, read by one task."""

    def __init__(self, url: str, source: str, *, batch: int = 500) -> None:
        self._url = url
        self._source = source
        self._batch = batch
        self._stopping = asyncio.Event()
        self._order = Order()
        self._writers: list[str] = []
        self._trouble: str | None = "not connected yet"
        self._behind = 0

    async def run(self, take: Take, cursor: Cursor) -> None:
        """Read until stopped; a server that is away is waited for.

        Raises ConfigurationError where someone must mend something, and whatever `take` raises but Transient.
        """
        pause = AGAIN_S
        while not self._stopping.is_set():
            try:
                async with await self._connected() as connection:
                    await self._follow(connection, take, cursor)
                    return
            except psycopg.Error as error:
                pause = AGAIN_S if self._trouble is None else pause  # it was well until now
                self._trouble = _mended(error)
            except Transient as error:
                pause = AGAIN_S if self._trouble is None else pause
                self._trouble = str(error)
            log.warning("outbox.away", feed=self._source, reason=self._trouble, again_in=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(LONGEST_S, pause * 2)

    async def stop(self) -> None:
        """Let the batch in flight finish."""
        self._stopping.set()

    def status(self) -> dict[str, Any]:
        """How it stands, in the words of readiness."""
        detail = self._trouble or "listening"
        if self._order.held_behind is not None:
            who = f" (process {', '.join(self._writers)} of the server)" if self._writers else ""
            detail = f"rows wait behind row {self._order.held_behind}, whose transaction has not ended{who}"
        well = self._trouble is None
        return {"assigned": well, "caught_up": well and not self._behind, "lag": self._behind, "detail": detail}

    async def _connected(self) -> AsyncConnection[TupleRow]:
        return await AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_S, application_name="watcher"
        )

    async def _follow(self, connection: AsyncConnection[TupleRow], take: Take, cursor: Cursor) -> None:
        await connection.execute("LISTEN watcher")
        await self._check(connection, take, cursor)
        self._order = Order()  # another server, or one that has restarted, knows its transactions by other names
        self._trouble = None
        while not self._stopping.is_set():
            offset, kept = await cursor()
            after = int(kept or 0)
            pruned, rows = await self._read(connection, after)
            if after < pruned:
                await take([self._lost(offset, pruned, _unread(pruned, after))])
                continue
            self._behind = len(rows)
            if rows:
                log.debug("outbox.read", feed=self._source, rows=len(rows), after=after)
                await take(self._records(offset, rows))
                self._behind = 0
                continue
            await self._wait(connection, HELD_S if self._order.held_behind is not None else POLL_S)

    async def _check(self, connection: AsyncConnection[TupleRow], take: Take, cursor: Cursor) -> None:
        """Whether the rows that come next are still there: told, where they are not."""
        ends = await (await connection.execute(_ENDS)).fetchone()
        assert ends is not None  # noqa: S101 - a sequence is one row
        last, pruned, standby = ends
        if standby:
            raise ConfigurationError("the url leads to a standby, which runs no event triggers: name the primary")
        offset, kept = await cursor()
        after, lost, to = int(kept or 0), None, None
        if kept is None:
            to = pruned or None  # what was pruned before the first start is history
        elif after > last:
            to, lost = last, f"the outbox ends at row {last}, and row {after} was read: the database was restored"
        elif after < pruned:
            to, lost = pruned, _unread(pruned, after)
        if to is not None:
            await take([self._lost(offset, to, lost)])

    def _lost(self, offset: int, cursor: int, reason: str | None) -> RawRecord:
        value = orjson.dumps({"cursor": cursor, "lost": reason})
        return RawRecord(Position(self._source, PARTITION, offset), None, value)

    async def _read(self, connection: AsyncConnection[TupleRow], after: int) -> tuple[int, list[Row]]:
        """The last row that was pruned, and those that can be taken.

        Where a gap is new they are read once more, now that its writers can be asked for.
        """
        for _ in range(2):
            writing = await self._writing(connection) if self._order.waits else None
            found = await (await connection.execute(_ROWS, (after, self._batch))).fetchall()
            taken = self._order.settled([Row(*one[1:]) for one in found if one[1] is not None], after, writing)
            if taken or not self._order.waits:
                break
        return found[0][0], taken

    async def _writing(self, connection: AsyncConnection[TupleRow]) -> frozenset[str]:
        """The transactions that write to the outbox; prepared ones, which have no process, among them."""
        found = await (await connection.execute(_WRITING)).fetchall()
        self._writers = sorted(str(pid) for _, pid in found if pid is not None)
        return frozenset(one for one, _ in found)

    def _records(self, offset: int, rows: Sequence[Row]) -> list[RawRecord]:
        records = []
        for number, those in enumerate(transactions(rows)):
            first, last = those[0], those[-1]
            document = {
                "cursor": last.id,
                "xid": first.xid,
                "by": first.by,
                "application": first.application,
                "query": f"transaction {first.xid}",
                "sql": first.query,
                "rows": [one.payload for one in those],
            }
            position = Position(self._source, PARTITION, offset + number)
            records.append(RawRecord(position, None, orjson.dumps(document), last.at))
        return records

    async def _wait(self, connection: AsyncConnection[TupleRow], seconds: float) -> None:
        """Until a notification, a stop, or the time is over."""

        async def notified() -> None:
            async for _ in connection.notifies(timeout=seconds, stop_after=1):
                return

        waiting = {asyncio.ensure_future(notified()), asyncio.ensure_future(self._stopping.wait())}
        done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in rest:
            one.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for one in done:
            one.result()


def _unread(pruned: int, after: int) -> str:
    return f"rows up to {pruned} were pruned from the outbox, and only {after} were read"


def _mended(error: psycopg.Error) -> str:
    """The server's words; raises ConfigurationError where waiting mends nothing."""
    told = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    mend = _MENDS.get(error.sqlstate or "")
    if mend is not None:
        raise ConfigurationError(f"{mend} ({told})") from error
    refused = ("authentication failed", "no password supplied", "does not exist", "no pg_hba.conf entry")
    if isinstance(error, psycopg.OperationalError) and any(word in told for word in refused):
        raise ConfigurationError(f"PostgreSQL refuses the url: {told}") from error
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        raise ConfigurationError(f"the url cannot be read: {told}") from error
    return told
