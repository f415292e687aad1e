"""What an audit holds: every column of what people can be held to, edited behind the program's back, is named."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Connection, Integer, select, update

from tests.story.doing import do
from tests.story.test_announcements import Shop
from tests.story.world import ORDER, reliance, without
from watcher.handlers.hindsight.audit import verify
from watcher.ledger.columns import Document, Moment
from watcher.ledger.tables import (
    announcements,
    answers,
    chain_heads,
    records,
    ticket_moves,
    ticket_standings,
    tickets,
    waivers,
)
from watcher.model.announcement import Word
from watcher.model.contract import Criticality
from watcher.model.record import BEGINNING, canonical, linked
from watcher.model.ticket import TicketId, TicketMove, TicketState, Verb
from watcher.model.waiver import WaiverKind

HELD = (tickets, ticket_standings, ticket_moves, waivers, announcements, answers, records)
NOT_HELD = {
    "ticket_standings.look_at": "when the clock looks next is worked out from what is held",
    "announcements.look_at": "when the clock looks next is worked out from what is held",
    **{f"{one.name}.number": "a row's number says nothing" for one in HELD if one not in {records, ticket_standings}},
}
CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
deadlines: {normal: {acknowledge: 2h, fix: 1d}}
"""


_WORDS = {
    "state": TicketState.DISPUTED,
    "before": TicketState.IN_PROGRESS,
    "after": TicketState.IN_PROGRESS,
    "severity": Criticality.LOW,
    "verb": Verb.COMMENT,
    "kind": WaiverKind.PRECEDENT,
}
"""Another word for columns that know some only."""


class _Undone(Exception):  # noqa: N818 - no error: how a transaction is given up
    """Nothing of it was meant."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A ticket that was acknowledged, waived, opened again and acknowledged; a plan, and an answer to it."""
    made = Shop(Path(tmp_path_factory.mktemp("audit")), CHECKOUT, reliance("finance", "amount"))
    made.orders(ORDER)
    made.live()
    made.orders(without(ORDER, "amount"))
    ticket = made.show("tickets")[0]["id"]
    do(made, ticket, Verb.ACKNOWLEDGE)
    do(made, ticket, Verb.WAIVE, until="2026-12-01")
    do(made, ticket, Verb.REVOKE)
    do(made, ticket, Verb.ACKNOWLEDGE)
    made.orders(ORDER)
    made.say(made.propose(), Word.ACCEPT)
    yield made
    made.ledger.close()


def _columns() -> Iterator[Any]:
    for table in HELD:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if name not in NOT_HELD:
                yield pytest.param(column, id=name)


@pytest.mark.parametrize("column", list(_columns()))
def test_an_edited_column_is_named(shop: Shop, column: Column[Any]) -> None:
    """Whichever it is: the audit before it is clean, and after it is not."""
    with shop.ledger.begin() as tx:
        assert verify(tx).faults == []

    assert tampered(shop, column)


def test_what_is_not_held_is_there(shop: Shop) -> None:
    """The list of exceptions names columns that exist."""
    assert set(NOT_HELD) <= {f"{table.name}.{column.name}" for table in HELD for column in table.columns}


@pytest.mark.parametrize("table", [tickets, ticket_standings], ids=lambda one: one.name)
def test_a_ticket_that_is_gone_is_named(shop: Shop, table: Any) -> None:
    """Taken out by hand, whole or in part."""
    with shop.ledger.begin() as tx:
        found = edited(tx, table.delete())

    assert any("T-" in one for one in found)


def test_a_ticket_that_nobody_opened_is_named(shop: Shop) -> None:
    """Put in by hand, without a move."""
    values = {"id": "T-0", "domain": "checkout", "dataset": "d", "opened_at": shop.now, "follows": None}
    stands = {"ticket": "T-0", "domain": "checkout", "dataset": "d", "state": "open", "changed_at": shop.now}
    more = {"reopened": 0, "severity": "high"}
    with shop.ledger.begin() as tx:
        found = edited(tx, tickets.insert().values(**values), ticket_standings.insert().values(**stands, **more))

    assert found == ["ticket T-0 has no move: it was put there by hand"]


def test_a_ticket_put_in_with_its_move_is_named(shop: Shop) -> None:
    """A move without a link is older than the chain only where it happened before the chain began."""
    values = {"id": "T-0", "domain": "checkout", "dataset": "d", "opened_at": shop.now, "follows": None}
    stands = {"ticket": "T-0", "domain": "checkout", "dataset": "d", "state": "open", "changed_at": shop.now}
    more = {"reopened": 0, "severity": "high"}
    at = shop.now + dt.timedelta(days=1)
    move = {"ticket": "T-0", "after": "open", "at": at, "by": "watcher", "reason": "", "verb": "open", "via": "x"}
    with shop.ledger.begin() as tx:
        found = edited(
            tx,
            tickets.insert().values(**values),
            ticket_standings.insert().values(**stands, **more),
            ticket_moves.insert().values(**move),
        )

    [fault] = found
    assert fault.startswith("a move of ticket T-0 at ")


@pytest.mark.parametrize(
    ("column", "spelt"),
    [
        ("severity", "severity"),
        ("fix_by", "deadline to fix"),
        ("acknowledge_by", "deadline to acknowledge"),
        ("acknowledged_at", "acknowledgement"),
        ("episode_at", "last opening"),
        ("reopened", "count of reopenings"),
        ("opened_at", "opening"),
        ("follows", "earlier ticket"),
    ],
)
def test_what_was_edited_before_the_next_move_is_named(shop: Shop, column: str, spelt: str) -> None:
    """The move's link has the edited value; that no move made it so is seen against the link before."""
    table = tickets if column in tickets.c else ticket_standings
    here = table.c[column]
    id_ = TicketId(shop.show("tickets")[0]["id"])
    with shop.ledger.begin() as tx:
        ticket = tx.ticket(id_)
        assert ticket is not None
        again = TicketMove(ticket.id, ticket.state, ticket.state, shop.now, "em", "seen", None, Verb.COMMENT)
        now = tx._connection.execute(select(here)).scalar()  # type: ignore[attr-defined]
        found = edited(tx, update(table).values({column: other(here, now)}), moves=[again])

    assert len(found) == 1, found
    assert f"its {spelt} was " in found[0]
    assert found[0].endswith("no move changed it")


def test_links_from_before_standings_were_told_are_no_damage(shop: Shop) -> None:
    """They are counted: what they did not say is not held."""
    with shop.ledger.begin() as tx:
        links = list(tx.records())
        previous, statements = BEGINNING, []
        for link in links:
            document = json.loads(link.document)
            document.pop("stands", None)
            old = linked(link.number, link.at, link.kind, link.about, canonical(document), previous)
            previous = old.hash
            values = {"document": old.document, "previous": old.previous, "hash": old.hash}
            statements.append(update(records).where(records.c.number == link.number).values(**values))
        statements.append(update(chain_heads).values(hash=previous))
        unheld: list[int] = []
        found = edited(tx, *statements, unheld=unheld)

    assert (found, unheld) == ([], [1])


def test_it_is_said_what_was_and_what_is(shop: Shop) -> None:
    """In the words of the ticket's page."""
    with shop.ledger.begin() as tx:
        found = edited(tx, update(ticket_standings).values(severity=Criticality.LOW))

    [fault] = found
    assert "its severity is low; link" in fault
    assert fault.endswith("says normal")


def tampered(shop: Shop, column: Column[Any]) -> list[str]:
    """What an audit finds after the column was edited in one row."""
    table = column.table
    with shop.ledger.begin() as tx:
        connection: Connection = tx._connection  # type: ignore[attr-defined]
        row = connection.execute(select(table).limit(1)).mappings().first()
        assert row is not None, f"the world has no row of {table.name}"
        keys = [one == row[one.name] for one in table.columns if one.primary_key]
        change = update(table).where(*keys).values({column.name: other(column, row[column.name])})
        return edited(tx, change)


def edited(tx: Any, *statements: Any, moves: Sequence[TicketMove] = (), unheld: list[int] | None = None) -> list[str]:
    """What an audit finds after these; all of it is undone."""
    found: list[str] = []
    with suppress(_Undone), tx._connection.begin_nested():
        tx._connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for one in statements:
            tx._connection.execute(one)
        for move in moves:
            tx.add_move(move)
        walked = verify(tx)
        found = walked.faults
        if unheld is not None:
            unheld.append(walked.unheld)
        raise _Undone
    return found


def other(column: Column[Any], value: Any) -> Any:
    """Something else of the column's kind."""
    if column.name in _WORDS and column.table not in {records, announcements}:
        return _WORDS[column.name]
    if isinstance(column.type, Moment):
        return dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    if isinstance(column.type, Document):
        return {"another": 1} if not isinstance(value, (dict, list)) else _document(value)
    if isinstance(column.type, (Integer, BigInteger)):
        return value + 100
    return f"{value or ''}x"


def _document(value: Any) -> Any:
    return [*value, "another"] if isinstance(value, list) else {**value, "reason": "another"}
