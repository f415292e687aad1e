"""The cost of what is asked all the time does not grow with what is over."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from tests.ledger.build import NOW, SECOND, a_dataset, a_delivery, open_ticket
from watcher.ledger import SqlLedger
from watcher.model.dataset import DatasetName
from watcher.model.delivery import DeliveryState
from watcher.ports import Transaction

HOUR = dt.timedelta(hours=1)

ASKED: dict[str, Callable[[Transaction], Any]] = {
    "claim": lambda tx: tx.claim_deliveries(NOW, worker="w", lease=HOUR, limit=1, busy={"mail"}),
    "next delivery": lambda tx: tx.next_due_delivery(),
    "release": lambda tx: tx.release_deliveries("w"),
    "dead": lambda tx: tx.list_deliveries(1, state=DeliveryState.DEAD),
    "due datasets": lambda tx: tx.due_datasets(NOW, 5),
    "next dataset": lambda tx: tx.next_due_dataset(),
    "unsettled tickets": lambda tx: tx.unsettled_tickets(DatasetName("topic-1")),
    "unreadable": lambda tx: tx.list_unreadable(1),
}


@contextmanager
def statements(ledger: SqlLedger) -> Iterator[list[tuple[str, Any]]]:
    """What the ledger sends to the database, with its values."""
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    event.listen(ledger._engine, "before_cursor_execute", keep)
    yield sent
    event.remove(ledger._engine, "before_cursor_execute", keep)


def plan(connection: Connection, statement: str, values: Any) -> str:
    """How the database goes about it."""
    explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    return "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(explain + statement, values))


@pytest.mark.parametrize("question", ASKED)
def test_what_is_over_is_not_looked_at(ledger: SqlLedger, question: str) -> None:
    """Each goes through an index that holds only what is pending, dead, waiting or unsettled."""
    ids = [f"delivery-{number}" for number in range(2_000)]
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery(id_) for id_ in ids], NOW)
    with ledger._engine.begin() as connection:
        connection.execute(text("update deliveries set state = 'delivered'"))
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery("pending")], NOW)
        tx.put_datasets([a_dataset(f"topic-{number}") for number in range(2_000)])
        tx.put_datasets([a_dataset("due", due_at=NOW - SECOND)])
        open_ticket(tx, dataset=DatasetName("topic-1"))
    with ledger._engine.begin() as connection:
        connection.execute(text("analyze"))
    with statements(ledger) as sent, ledger.begin() as tx:
        ASKED[question](tx)
    with ledger._engine.connect() as connection:
        plans = [plan(connection, statement, values) for statement, values in sent if "BEGIN" not in statement]

    assert plans
    for one in plans:
        assert "Seq Scan on deliveries" not in one
        assert "Seq Scan on datasets" not in one
        assert "SCAN deliveries'" not in one
        assert "SCAN datasets'" not in one
        assert "SCAN events'" not in one
