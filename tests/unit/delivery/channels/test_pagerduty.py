"""PagerDuty: one alert a ticket under its marker, whatever is repeated; what is about no ticket wakes nobody."""

from __future__ import annotations

from dataclasses import replace

from tests.standins.base import SECRET
from tests.standins.contract import Play, compose, played
from tests.standins.pagerduty import CASES
from watcher.delivery.channels import pagerduty
from watcher.delivery.letters.letter import Letter
from watcher.model.delivery import Delivered, Delivery, MessageType, Refused

[CASE] = CASES


def test_a_repeat_is_the_same_alert_with_the_new_words() -> None:
    """The key is the marker: an update triggers it again, and what it says is the latest."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_UPDATED, word="A second field went.")
        [alert] = one.standin.alerts
        assert alert.triggered == 2
        assert "A second field went." in alert.text

    played(CASE, play)


def test_a_ticket_that_comes_back_opens_another_alert() -> None:
    """PagerDuty does not open what was resolved: the same key begins anew."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        await one.tell(MessageType.TICKET_REOPENED)
        assert [alert.state for alert in one.standin.alerts] == ["resolved", "triggered"]

    played(CASE, play)


def test_what_is_about_no_ticket_is_a_change_event() -> None:
    """A digest or a nag has no marker: it is shown, and pages nobody."""

    def unmarked(delivery: Delivery) -> Letter:
        return replace(compose(delivery), marker="")

    async def play(one: Play) -> None:
        one.channel = pagerduty.build(one.door, one.clock, unmarked, url=one.standin.url, routing_key=SECRET)
        assert isinstance(await one.tell(MessageType.DIGEST), Delivered)
        assert (len(one.standin.alerts), len(one.standin.changes)) == (0, 1)

    played(CASE, play)


def test_a_key_that_is_none_says_what_to_mend_and_never_itself() -> None:
    """PagerDuty answers 400, and asks not to be asked again: a dead letter at once, with its words and not the key."""

    async def play(one: Play) -> None:
        wrong = "r0" * 16
        one.channel = pagerduty.build(one.door, one.clock, compose, url=one.standin.url, routing_key=wrong)
        answer = await one.tell()
        assert isinstance(answer, Refused)
        assert "check the routing key" in answer.reason
        assert "Invalid routing key" in answer.reason or "invalid" in answer.reason.lower()
        assert wrong not in answer.reason
        assert wrong not in repr(one.channel)

    played(CASE, play)


def test_what_was_done_there_is_not_done_there_again() -> None:
    """An incident that somebody acknowledged in PagerDuty is not triggered again by it."""

    async def play(one: Play) -> None:
        await one.tell()
        before = len(one.standin.requests)
        assert isinstance(await one.tell(MessageType.TICKET_MOVED, state="acknowledged", known=True), Delivered)
        assert len(one.standin.requests) == before

    played(CASE, play)


def test_a_domains_entry_is_checked() -> None:
    """What the channel does not know is told with its nearest."""
    assert pagerduty.check_route({"component": "orders"}) == []
    assert "component" in pagerduty.check_route({"componnet": "orders"})[0]
