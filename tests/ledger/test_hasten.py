"""What waits in a line for a later moment can be made due at once; what is being tried again cannot."""

import datetime as dt

from tests.ledger.build import NOW, SECOND, a_delivery
from watcher.ledger import SqlLedger
from watcher.model.dataset import DatasetName
from watcher.model.delivery import DeliveryState
from watcher.ports import AttemptRow, Transaction

LATER = NOW + dt.timedelta(hours=8)
ORDERS, PAYMENTS = DatasetName("orders"), DatasetName("payments")


def due(tx: Transaction) -> dict[str, dt.datetime]:
    return {row.delivery.id: row.due_at for row in tx.list_deliveries(100)}


def test_only_the_lines_that_are_named_are_hastened(ledger: SqlLedger) -> None:
    """By channel and key; what is due earlier stays as it is."""
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery("late", key=ORDERS), a_delivery("other", key=PAYMENTS)], LATER)
        tx.add_deliveries([a_delivery("elsewhere", key=ORDERS, channel="another")], LATER)
        tx.add_deliveries([a_delivery("early", key=ORDERS)], NOW - SECOND)
        channel = a_delivery("late").channel

        tx.hasten({(channel, ORDERS), (channel, "of which nothing is known")}, NOW)

        assert due(tx) == {"late": NOW, "other": LATER, "elsewhere": LATER, "early": NOW - SECOND}


def test_what_failed_keeps_its_pause(ledger: SqlLedger) -> None:
    """A receiver that asked for time is given it."""
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery("failed", key=ORDERS)], NOW)
        [one] = tx.claim_deliveries(NOW, worker="w", lease=SECOND, limit=1)
        tx.settle_delivery(AttemptRow(one.id, 1, "postponed", "429", NOW), DeliveryState.PENDING, due_at=LATER)

        tx.hasten({(one.channel, ORDERS)}, NOW)

        assert due(tx) == {"failed": LATER}


def test_a_key_beyond_any_name_is_found(ledger: SqlLedger) -> None:
    """It is stored shortened, and looked for in the same way."""
    key = DatasetName("kafka://prod/" + "x" * 5_000)
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery("long", key=key)], LATER)

        tx.hasten({(a_delivery("long").channel, key)}, NOW)

        assert due(tx) == {"long": NOW}
