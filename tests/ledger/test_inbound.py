"""What comes from outside, in the ledger: which item is whose, and what was taken already."""

import datetime as dt

import pytest

from tests.ledger.build import NOW, SECOND
from watcher.ledger import SqlLedger
from watcher.model.delivery import Remote
from watcher.model.ticket import TicketId
from watcher.ports import MirrorRow


def _item(ticket: str, channel: str, repo: str, remote: str | None, at: dt.datetime = NOW) -> MirrorRow:
    made = Remote(remote, f"https://{repo}.example/{remote}", {"repo": repo}) if remote else None
    return MirrorRow(TicketId(ticket), channel, {"repo": repo}, made, at)


def test_items_with_one_number_are_told_apart(ledger: SqlLedger) -> None:
    """Each repository counts its own issues: all with this number are found, with what tells them apart."""
    first, second = _item("T-1", "github", "shop", "12"), _item("T-2", "github", "lake", "12", NOW + SECOND)
    with ledger.begin() as tx:
        for one in (first, second, _item("T-3", "gitlab", "shop", "12"), _item("T-4", "github", "shop", None)):
            tx.put_mirror(one)

    with ledger.begin() as tx:
        assert list(tx.mirrors_at("github", "12")) == [second, first]
        assert list(tx.mirrors_at("github", "13")) == []
        assert list(tx.mirrors_at("github", "")) == []


def test_an_item_that_was_made_anew_is_found_by_its_new_number(ledger: SqlLedger) -> None:
    """One ticket has one item at a place: the one that was deleted is no longer its."""
    with ledger.begin() as tx:
        tx.put_mirror(_item("T-1", "github", "shop", "12"))
        tx.put_mirror(_item("T-1", "github", "shop", "15", NOW + SECOND))

        assert [one.ticket for one in tx.mirrors_at("github", "15")] == ["T-1"]
        assert list(tx.mirrors_at("github", "12")) == []


@pytest.mark.parametrize("delivery", ["72d3162e", "x" * 5_000, "half \ud800 of a pair", "a\x00b", "\x01"])
def test_a_message_is_taken_once(ledger: SqlLedger, delivery: str) -> None:
    """Whatever a service calls its message, the second copy is known; another channel's is another message."""
    with ledger.begin() as tx:
        assert tx.take_hook("github", delivery, NOW)
        assert not tx.take_hook("github", delivery, NOW)
    with ledger.begin() as tx:
        assert not tx.take_hook("github", delivery, NOW + SECOND)
        assert tx.take_hook("jira", delivery, NOW)


def test_what_failed_was_not_taken(ledger: SqlLedger) -> None:
    """A message whose move fails, and a link whose move is refused, can come again."""

    def refused() -> None:
        with ledger.begin() as tx:
            tx.take_hook("link", "j1", NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        refused()
    with ledger.begin() as tx:
        assert tx.take_hook("link", "j1", NOW)


def test_old_messages_are_forgotten(ledger: SqlLedger) -> None:
    """What is too old to be valid need not be remembered."""
    with ledger.begin() as tx:
        tx.take_hook("github", "old", NOW)
        tx.take_hook("github", "new", NOW + SECOND)

        assert tx.forget_hooks(NOW + SECOND) == 1
        assert tx.take_hook("github", "old", NOW + SECOND)
        assert not tx.take_hook("github", "new", NOW + SECOND)
