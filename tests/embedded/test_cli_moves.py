"""Commands that move tickets, on an SQLite file that a daemon may hold meanwhile: told at once, kept for good."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledger.build import NOW, a_delivery, a_violation, open_ticket
from tests.parts.command_line import Ended, call
from watcher.ledger import SqlLedger, open_ledger
from watcher.model.delivery import MessageType

SETTINGS = """
kafka: {bootstrap_servers: "127.0.0.1:9092"}
feeds: [{name: registry, namespace: "kafka://prod"}]
ledger: sqlite:///ledger.db
fallback: office
channels: {office: {type: webhook, url: "http://127.0.0.1:9/hook", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}}
follow_up: {arbiters: [chief-architect]}
"""
DOCUMENT = {
    "consumer": {"domain": "finance", "team": None, "contact": None},
    "subscription": "revenue-close",
    "criticality": "high",
    "expectation": "exists",
    "wants": "`amount` is there",
    "outcome": "broken",
    "rule": "field-removed",
    "message": "`amount` is gone",
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    """The ledger as a running daemon holds it, with one ticket; settings beside it."""
    (tmp_path / "watcher.yaml").write_text(SETTINGS)
    (tmp_path / "contracts").mkdir()
    with closing(open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")) as opened:
        with opened.begin() as tx:
            open_ticket(tx, "T-1")
            tx.add_violations([a_violation(document=DOCUMENT)])
        yield opened


def tickets(tmp_path: Path, *words: str) -> Ended:
    """`watcher tickets …` with these settings."""
    return call("tickets", *words, "--config", str(tmp_path / "watcher.yaml"))


def test_a_ticket_is_moved_and_everyone_concerned_is_told(ledger: SqlLedger, tmp_path: Path) -> None:
    """The answer says where it stands; the message waits for the daemon."""
    ended = tickets(tmp_path, "acknowledge", "T-1", "--by", "em-checkout")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "ticket T-1 is acknowledged; 1 message is on the way\n"
    with ledger.look() as views:
        [row] = views.list_deliveries()
    assert row.delivery.type is MessageType.TICKET_MOVED
    assert row.delivery.body["move"]["by"] == "em-checkout"


def test_the_page_says_who_did_what(ledger: SqlLedger, tmp_path: Path) -> None:
    """With the way in which it was done."""
    tickets(tmp_path, "comment", "T-1", "the migration runs tonight", "--by", "em-checkout")

    page = call("tickets", "show", "T-1", "--ledger", f"sqlite:///{tmp_path / 'ledger.db'}")

    assert "comment, by em-checkout (cli): the migration runs tonight" in page.out


def test_what_is_settled_is_neither_waived_nor_snoozed(ledger: SqlLedger, tmp_path: Path) -> None:
    """The refusal lists what can be done from where the ticket stands."""
    decided = tickets(tmp_path, "resolve", "T-1", "--not-breaking", "--reason", "never", "--by", "chief-architect")
    assert (decided.code, decided.err) == (0, "")

    for verb in ("waive", "snooze"):
        ended = tickets(tmp_path, verb, "T-1", "--until", "3d", "--reason", "later")

        assert (ended.code, ended.out) == (2, "")
        assert f"ticket T-1 is resolved: it cannot be moved by `{verb}`; what can be done is " in ended.err
        assert "resolve it" not in ended.err


def test_a_snooze_is_shown_with_its_end(ledger: SqlLedger, tmp_path: Path) -> None:
    """On the ticket's page and in the list, in UTC; a comment that came after it changes nothing."""
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date()
    tickets(tmp_path, "snooze", "T-1", "--until", str(until), "--reason", "she is back then", "--by", "em-checkout")
    tickets(tmp_path, "comment", "T-1", "thanks", "--by", "finance")

    page, listed = tickets(tmp_path, "show", "T-1").out, tickets(tmp_path, "list").out

    assert f"  snoozed  until {until} 23:59 UTC: the ladder rests\n" in page
    assert f"snoozed until {until} 23:59 UTC, by em-checkout (cli): she is back then\n" in page
    assert f"(snoozed until {until} 23:59)" in listed


def test_messages_are_listed_as_people_read_them(ledger: SqlLedger, tmp_path: Path) -> None:
    """What a message is about has no control characters in it."""
    with ledger.begin() as tx:
        tx.add_deliveries([a_delivery("msg_1", key="kafka://prod/orders\x1foffice\x1fto=#checkout")], NOW)

    out = tickets(tmp_path, "deliveries").out

    assert "kafka://prod/orders, office, to=#checkout" in out
    assert "x1f" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["resolve", "T-1", "--not-breaking", "--reason", "right", "--by", "em-checkout"], "named are chief-architect"),
        (["uphold", "T-1", "--reason", "right", "--by", "chief-architect"], "what can be done is"),
        (["waive", "T-1", "--reason", "fine", "--until", "yesterday"], "no day"),
        (["waive", "T-1", "--reason", "fine", "--until", "2020-01-01"], "ahead"),
        (["start", "T-9"], "no ticket T-9"),
        (["dispute", "T-1", "--reason", " "], "needs a reason"),
    ],
)
def test_what_is_not_legal_is_refused_with_a_way_out(
    ledger: SqlLedger, tmp_path: Path, words: list[str], said: str
) -> None:
    """Exit code 2, and nothing has moved."""
    ended = tickets(tmp_path, *words)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    with ledger.look() as views:
        assert len(views.list_deliveries()) == 0


def test_the_chain_is_walked(ledger: SqlLedger, tmp_path: Path) -> None:
    """Whole: 0 and the head; a head that is not of this chain: 1."""
    tickets(tmp_path, "acknowledge", "T-1")
    url = f"sqlite:///{tmp_path / 'ledger.db'}"

    whole = call("audit", "verify", "--ledger", url)
    head = call("audit", "head", "--ledger", url).out.strip()
    again = call("audit", "verify", "--ledger", url, "--head", head)
    other = call("audit", "verify", "--ledger", url, "--head", "2:" + "f" * 64, "--json")

    assert (whole.code, again.code, other.code) == (0, 0, 1)
    assert f"2 links, whole; the head is {head}" in whole.out
    assert "not the one that was noted" in other.json()["faults"][0]
    assert [line["kind"] for line in call("audit", "show", "T-1", "--ledger", url).lines()] == ["ticket.moved"] * 2


def test_a_thing_that_no_link_is_about_is_an_error(ledger: SqlLedger, tmp_path: Path) -> None:
    """Exit code 2, and where the ids are found."""
    ended = call("audit", "show", "T-nope", "--ledger", f"sqlite:///{tmp_path / 'ledger.db'}")

    assert (ended.code, ended.out) == (2, "")
    assert "no ticket, waiver or announcement T-nope: `watcher tickets list --all` shows the tickets" in ended.err
