"""Opsgenie: one open alert a ticket under its alias; teams and tags as the domain's document says."""

from __future__ import annotations

from tests.standins.contract import Play, played
from tests.standins.opsgenie import CASES
from watcher.delivery.channels import opsgenie
from watcher.model.delivery import Delivered, MessageType

[CASE] = CASES


def test_news_are_notes_under_the_open_alert() -> None:
    """An update counts the alert up and is written under it; there is one open alert all the time."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_UPDATED, word="A second field went.")
        [alert] = one.standin.alerts
        assert alert.count == 2
        assert "A second field went." in alert.notes[0]

    played(CASE, play)


def test_closing_what_is_closed_already_is_done() -> None:
    """Somebody closed the alert in Opsgenie: there is nothing left to close, and nothing fails."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.alerts[0].state = "closed"
        assert isinstance(await one.tell(MessageType.TICKET_RESOLVED, state="resolved"), Delivered)

    played(CASE, play)


def test_a_ticket_that_comes_back_is_another_alert() -> None:
    """A closed alert stays closed; its alias is free again."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        await one.tell(MessageType.TICKET_REOPENED)
        assert [alert.state for alert in one.standin.alerts] == ["closed", "open"]

    played(CASE, play)


def test_a_domains_entry_is_checked() -> None:
    """What the channel does not know is told with its nearest."""
    assert opsgenie.check_route({"team": "checkout", "tags": "a, b"}) == []
    assert "team" in opsgenie.check_route({"teem": "checkout"})[0]
