"""Slack: one message a ticket, its news in the thread; what Slack's own words mean."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.parts.letters import moved, of_topic
from tests.standins.base import SECRET, Fault
from tests.standins.contract import Play, compose, played
from tests.standins.slack import CASES, PERSON
from watcher.delivery.channels import slack
from watcher.delivery.letters.compose import compose as letters
from watcher.model.delivery import Delivered, DeliveryId, MessageType, Postponed, Refused
from watcher.model.errors import ConfigurationError
from watcher.model.ticket import TicketState, Verb
from watcher.ports import Channel

BOT, HOOK = CASES


def test_the_message_shows_how_it_stands_and_the_thread_what_was_new() -> None:
    """An update changes the first message, and is written under it."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_UPDATED, word="A second field went.")
        assert "A second field went." in one.item.text
        assert "A second field went." in one.item.notes[0]

    played(BOT, play)


def told_by_the_watcher(one: Play, *, buttons: bool = True) -> Channel:
    """The channel with the watcher's own letters."""
    url = f"{one.standin.url}/api"
    return slack.build(one.door, one.clock, letters, token=SECRET, url=url, buttons=buttons)


async def snoozed(one: Play) -> tuple[str, str]:
    """What the first message and its thread show after the ticket was opened and snoozed."""
    route = {"to": "#checkout"}
    opened = await one.channel.send(replace(of_topic(), route=route))
    assert isinstance(opened, Delivered)
    details = {"until": "2026-11-03T09:00:00.000Z"}
    news = replace(moved(Verb.SNOOZE, TicketState.OPEN, details=details), route=route, remote=opened.remote)
    assert isinstance(await one.channel.send(replace(news, id=DeliveryId("msg_2"))), Delivered)
    first, answer = (json.dumps(each.blocks, ensure_ascii=False) for each in one.standin.messages)
    return first, answer


def test_a_move_leaves_all_of_the_ticket_in_the_first_message() -> None:
    """After a snooze it still says what broke and how to mend it, with the buttons; the thread has the short news."""

    async def play(one: Play) -> None:
        one.channel = told_by_the_watcher(one)
        first, answer = await snoozed(one)
        for said in ("How to fix it", "What changed", "*Snoozed*", "Tue 3 Nov 2026", "ticket.acknowledge"):
            assert said in first
        assert "nobody is told further until" in answer
        for left in ("How to fix it", "ticket.acknowledge", "*Fix by*"):
            assert left not in answer

    played(BOT, play)


def test_buttons_are_drawn_only_where_they_are_taken() -> None:
    """A channel that hears nothing shows none; what leads somewhere stays."""

    async def play(one: Play) -> None:
        one.channel = told_by_the_watcher(one, buttons=False)
        first, _ = await snoozed(one)
        assert "ticket.acknowledge" not in first
        assert "Open the ticket" in first

    played(BOT, play)


def test_a_deleted_message_is_posted_anew() -> None:
    """The thread goes on under the new one."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.delete(one.item.id)
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED, word="A second field went."), Delivered)
        assert one.mirror is not None
        assert one.mirror.id == one.item.id
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert len(one.item.notes) == 1

    played(BOT, play)


@pytest.mark.parametrize(
    ("error", "stale", "said"),
    [
        ("is_archived", True, "is_archived"),
        ("channel_not_found", True, "channel_not_found"),
        ("not_in_channel", False, "invite the bot"),
        ("missing_scope", False, "check the token"),
        ("fatal_error", False, "fatal_error"),
    ],
)
def test_what_slacks_words_mean(error: str, stale: bool, said: str) -> None:
    """A dead place is stale; what can be mended is tried again, and says how."""

    async def play(one: Play) -> None:
        one.standin.trouble = error
        told = await one.tell()
        assert isinstance(told, Refused if stale else Postponed)
        assert said in told.reason
        assert getattr(told, "stale", False) is stale

    played(BOT, play)


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long"])
def test_what_slack_says_of_the_message_itself_is_believed_in_the_end(error: str) -> None:
    """It would say so each time: after some hours the message is a dead letter, and holds up nothing behind it."""

    async def play(one: Play) -> None:
        one.standin.trouble = error
        assert isinstance(await one.tell(), Postponed)
        told = [await one.again() for _ in range(5)]
        assert isinstance(told[-1], Refused)
        assert error in told[-1].reason
        assert not told[-1].stale

    played(BOT, play)


def test_a_spent_limit_that_is_said_with_200_is_waited_for() -> None:
    """`ratelimited` without a header still asks to be left alone."""

    async def play(one: Play) -> None:
        one.standin.trouble = "ratelimited"
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert told.retry_after

    played(BOT, play)


def test_what_is_read_is_asked_for_in_the_query() -> None:
    """Slack passes over a JSON body where a method only reads: all that is asked stands in the query."""

    async def play(one: Play) -> None:
        await one.tell()
        one.forget()
        assert isinstance(await one.elsewhere(), Delivered)
        await one.tell(MessageType.TICKET_UPDATED)
        await one.again()
        reads = one.standin.calls("/api/conversations")
        assert {one.path.rpartition(".")[2] for one in reads} >= {"history", "replies"}
        assert all(one.method == "GET" and not one.body for one in reads)
        assert len(one.items) == 1
        assert len(one.item.notes) == 1

    played(BOT, play)


def test_a_place_is_found_by_its_name_without_the_right_to_private_ones() -> None:
    """Without groups:read the public channels are still looked through, so that nothing is posted twice."""

    async def play(one: Play) -> None:
        one.standin.scopes.discard("groups:read")
        await one.tell()
        one.forget()
        other = BOT.build(one.door, one.clock, compose, one.standin)
        assert isinstance(await one.elsewhere(other), Delivered)
        assert len(one.items) == 1

    played(BOT, play)


@pytest.mark.parametrize("scope", [True, False])
def test_news_for_a_person_are_no_dead_letter_after_a_lost_answer(scope: bool) -> None:
    """A person's id is no place to search: the talk with them is, where the token may ask for it."""

    async def play(one: Play) -> None:
        if not scope:
            one.standin.scopes.discard("im:write")
        one.standin.then.append(Fault(drop="after"))
        assert isinstance(await one.tell(), Postponed)
        assert isinstance(await one.again(), Delivered)
        assert len(one.items) == (1 if scope else 2)
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED), Delivered)

    played(replace(BOT, route={"to": PERSON}), play)


def test_a_long_thread_is_looked_through_for_what_was_written_already() -> None:
    """The newest answers of a thread come last: all of its pages are read before a note is written again."""

    async def play(one: Play) -> None:
        one.standin.most = 2
        await one.tell()
        for _ in range(4):
            await one.tell(MessageType.TICKET_UPDATED)
        one.standin.then.append(Fault(on="postMessage", drop="after"))
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED), Postponed)
        assert isinstance(await one.again(), Delivered)
        assert len(one.item.notes) == 5

    played(BOT, play)


def test_a_webhook_that_was_taken_away_is_stale() -> None:
    """404: nobody will ever hear there again."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(status=404, body="no_service")
        told = await one.tell()
        assert isinstance(told, Refused)
        assert told.stale

    played(HOOK, play)


def test_a_domains_entry_is_checked() -> None:
    """Nobody named is told with what to write."""
    assert slack.check_route({"to": "#checkout"}) == []
    assert "missing" in slack.check_route({})[0]


def test_an_address_that_is_none_is_refused() -> None:
    """At the start, with words."""
    with pytest.raises(ConfigurationError):
        slack.build(None, None, None, webhook_url="not a url")  # type: ignore[arg-type]
