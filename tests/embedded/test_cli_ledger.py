"""Commands beside a ledger: tickets, dead letters, migration, on a file of SQLite that a daemon may hold meanwhile."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledger.build import NOW, SECOND, a_delivery, a_move, a_violation, an_attempt, open_ticket
from tests.parts.command_line import call
from watcher.ledger import SqlLedger, migrate, open_ledger
from watcher.model.dataset import DatasetName
from watcher.model.delivery import DeliveryId, DeliveryState
from watcher.model.ticket import TicketState

VIOLATION = {
    "consumer": {"domain": "finance", "team": "revenue", "contact": None},
    "subscription": "revenue-close-orders",
    "criticality": "high",
    "wants": "`total.amount` is there",
    "outcome": "broken",
    "rule": "field-removed",
    "message": "`total.amount` is gone",
    "baseline": "ours alone",
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[SqlLedger]:
    """The ledger as a running daemon holds it, with two tickets and three messages."""
    with closing(open_ledger(url)) as opened:
        with opened.begin() as tx:
            open_ticket(tx, "T-1")
            open_ticket(tx, "T-2", dataset=DatasetName("kafka://prod/customers"))
            tx.add_move(a_move("T-2", TicketState.OPEN, TicketState.RESOLVED, NOW + SECOND))
            tx.add_violations([a_violation(document=VIOLATION)])
            tx.add_deliveries([a_delivery(f"delivery-{at}", key=f"k{at}") for at in range(3)], NOW)
            for number in range(2):
                attempt = an_attempt(f"delivery-{number}", outcome="refused", detail="410 \x1b[31mGone")
                tx.settle_delivery(attempt, DeliveryState.DEAD)
        yield opened


def dead(ledger: SqlLedger) -> list[DeliveryId]:
    with ledger.look() as views:
        return sorted(one.delivery.id for one in views.list_deliveries(state=DeliveryState.DEAD))


def test_tickets_that_wait(ledger: SqlLedger, url: str) -> None:
    """The list has those that wait for someone; `--all` those that are settled as well."""
    waiting = call("tickets", "list", "--ledger", url)
    everything = call("tickets", "list", "--ledger", url, "--all", "--json")

    assert (waiting.code, waiting.err) == (0, "")
    assert [line.split()[:2] for line in waiting.out.splitlines()[1:]] == [["T-1", "open"]]
    assert [one["id"] for one in everything.json()] == ["T-2", "T-1"]


def test_one_ticket(ledger: SqlLedger, url: str) -> None:
    """A ticket's page has whom it breaks and why; what is the watcher's own alone is not told."""
    page = call("tickets", "show", "T-1", "--ledger", url)
    document = call("tickets", "show", "T-1", "--ledger", url, "--json").json()

    assert page.code == 0
    assert "finance/revenue (revenue-close-orders, high)" in page.out
    assert "baseline" not in document["violations"][0]


def test_ticket_that_is_not_there(ledger: SqlLedger, url: str) -> None:
    """A ticket that is not there is a usage error that says where the others are."""
    ended = call("tickets", "show", "T-9", "--ledger", url)

    assert (ended.code, ended.out) == (2, "")
    assert "tickets list --all" in ended.err


def test_dead_letters(ledger: SqlLedger, url: str) -> None:
    """Dead letters are listed with the reason, and what a receiver answered cannot command the terminal."""
    ended = call("tickets", "dead", "--ledger", url)

    assert ended.code == 0
    assert len(ended.out.splitlines()) == 3
    assert "410 \\x1b[31mGone" in ended.out
    assert len(call("tickets", "deliveries", "--ledger", url, "--json").json()) == 3


def test_redrive_some(ledger: SqlLedger, url: str) -> None:
    """A dead letter that is named is due again, the others stay."""
    ended = call("tickets", "redrive", "delivery-0", "--ledger", url)

    assert (ended.code, ended.out) == (0, "1 message is due again\n")
    assert dead(ledger) == ["delivery-1"]


def test_redrive_all(ledger: SqlLedger, url: str) -> None:
    """All dead letters are due again."""
    ended = call("tickets", "redrive", "--all", "--ledger", url)

    assert (ended.code, ended.out) == (0, "2 messages are due again\n")
    assert dead(ledger) == []


@pytest.mark.parametrize("words", [[], ["delivery-0", "--all"], ["delivery-0", "delivery-2"], ["nothing"]])
def test_redrive_misused(ledger: SqlLedger, url: str, words: list[str]) -> None:
    """Neither or both, and letters that are not dead, are refused, and then nothing at all is sent again."""
    ended = call("tickets", "redrive", *words, "--ledger", url)

    assert (ended.code, ended.out) == (2, "")
    assert dead(ledger) == ["delivery-0", "delivery-1"]


def test_ledger_that_is_not_there(url: str) -> None:
    """A command makes no ledger where there is none."""
    ended = call("tickets", "list", "--ledger", url)

    assert (ended.code, ended.out) == (2, "")
    assert not Path(url.removeprefix("sqlite:///")).exists()


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    """Without a ledger's URL the settings are asked for, by name."""
    ended = call("tickets", "list", "-c", tmp_path / "none.yaml")

    assert ended.code == 2
    assert "none.yaml cannot be read" in ended.err


def test_migrate(url: str) -> None:
    """An empty ledger gets its tables; a second call has nothing to do; a daemon that has it is not disturbed."""
    first, second = call("migrate", "--ledger", url), call("migrate", "--ledger", url)
    with closing(open_ledger(url)):
        held = call("migrate", "--ledger", url)

    assert (first.code, second.code, held.code) == (0, 0, 2)
    assert "it was empty" in first.out
    assert "nothing to do" in second.out
    assert f"process {os.getpid()}" in held.err


def test_migrated_ledger_is_empty(url: str) -> None:
    """An empty ledger's lists say that they are empty."""
    migrate(url)

    assert call("tickets", "list", "--ledger", url).out.splitlines()[-1].startswith("no ticket waits")
    assert call("tickets", "dead", "--ledger", url).out.splitlines()[-1] == "no dead letters"
