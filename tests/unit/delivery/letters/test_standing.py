"""A move's letter in its two parts: all of the ticket as it stands now, and only what is new."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.parts.letters import AT, OF_TOPIC, OPENED, ORDERS, REGISTRY, move, moved, row, ticket, told
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.letter import Letter
from watcher.delivery.letters.plain import render
from watcher.model.dataset import Position
from watcher.model.delivery import Delivery, MessageType
from watcher.model.schema import Format
from watcher.model.ticket import LIFE, TicketState, Verb, verbs_from


def standing(one: Delivery) -> Letter:
    """How the ticket stands by this message."""
    found = compose(one).standing
    assert found is not None
    return found


def news(one: Delivery) -> str:
    """What is new by it, as text."""
    found = compose(one).news
    assert found is not None
    return render(found)


def after(*moves: Any, state: TicketState, at: dt.datetime = AT) -> Delivery:
    """The message of the last of several moves."""
    what = MessageType.TICKET_RESOLVED if state is TicketState.RESOLVED else MessageType.TICKET_MOVED
    return told(
        what,
        ticket(ORDERS, state),
        moves[-1],
        OF_TOPIC,
        moves=[OPENED, *moves],
        registry=REGISTRY,
        row=row(ORDERS, 6, 7, Position("registry", 0, 41)),
        format_=Format.AVRO,
    )


def by_a_person(verb: Verb, before: TicketState, to: TicketState, **more: Any) -> Any:
    """A move that somebody made an hour later."""
    said = {"at": AT + dt.timedelta(hours=1), "by": "em-checkout", "via": "slack", "reason": "we are on it", **more}
    return move(verb, before, to, **said)


ACKNOWLEDGED = by_a_person(Verb.ACKNOWLEDGE, TicketState.OPEN, TicketState.ACKNOWLEDGED)


def test_an_acknowledged_ticket_still_says_all_of_what_broke() -> None:
    """What changed, who breaks, how to mend it and the proof stand there after a move as before it."""
    opened = {one.heading for one in compose(after(OPENED, state=TicketState.OPEN)).standing.sections}  # type: ignore[union-attr]
    one = standing(after(ACKNOWLEDGED, state=TicketState.ACKNOWLEDGED))

    assert {part.heading for part in one.sections} == opened
    assert "How to fix it" in opened
    assert "What changed" in opened
    assert one.marker


def test_who_acknowledged_it_takes_the_place_of_by_when_it_is_to_be() -> None:
    """A deadline that was kept is no longer shown as one."""
    facts = dict(standing(after(ACKNOWLEDGED, state=TicketState.ACKNOWLEDGED)).facts.pairs)

    assert "Acknowledge by" not in facts
    assert "Fix by" in facts
    assert "".join(run.text for run in facts["Acknowledged"]).startswith(
        "by em-checkout (slack), Mon 2 Nov 2026, 11:00"
    )
    assert "Acknowledge by" in dict(standing(after(OPENED, state=TicketState.OPEN)).facts.pairs)


def test_an_acknowledgement_of_an_earlier_time_holds_no_more() -> None:
    """What is opened again is to be acknowledged again."""
    again = move(
        Verb.REOPEN, TicketState.RESOLVED, TicketState.OPEN, at=AT + dt.timedelta(hours=3), reason="it is back"
    )
    facts = dict(standing(after(ACKNOWLEDGED, again, state=TicketState.OPEN)).facts.pairs)

    assert "Acknowledged" not in facts
    assert "Acknowledge by" in facts


def test_a_snooze_is_shown_while_it_lasts() -> None:
    """Who asked for quiet, and until when; after its end it is gone."""
    until = {"until": "2026-11-03T09:00:00.000Z"}
    snoozed = by_a_person(Verb.SNOOZE, TicketState.OPEN, TicketState.OPEN, details=until)
    later = by_a_person(Verb.COMMENT, TicketState.OPEN, TicketState.OPEN, at=AT + dt.timedelta(days=3))

    fact = dict(standing(after(snoozed, state=TicketState.OPEN)).facts.pairs)["Snoozed"]
    assert "em-checkout (slack) until Tue 3 Nov 2026" in "".join(run.text for run in fact)
    assert "Snoozed" not in dict(standing(after(snoozed, later, state=TicketState.OPEN)).facts.pairs)


def test_a_waived_ticket_says_until_when_before_why() -> None:
    """The reason and the end are not run together."""
    waived = by_a_person(
        Verb.WAIVE,
        TicketState.OPEN,
        TicketState.WAIVED,
        reason="finance moves to v2 in March",
        details={"until": "2027-03-31T21:59:59.000Z"},
    )
    one = after(waived, state=TicketState.WAIVED)

    end = "until Wed 31 Mar 2027, 23:59 Europe/Berlin (21:59 UTC)"
    assert f"{end}; then it is open again: finance moves to v2 in March." in news(one)
    assert f"Waived by em-checkout (slack) {end}: finance moves to v2 in March." in render(standing(one))


def test_a_resolved_ticket_says_that_it_was_broken_once() -> None:
    """Nobody reads of a break that is over as of one that is there."""
    done = move(Verb.RESOLVE, TicketState.OPEN, TicketState.RESOLVED, reason="every expectation holds again")
    one = standing(after(done, state=TicketState.RESOLVED))

    assert "(broke 2 consumers)" in one.title
    assert "Resolved, Mon 2 Nov 2026" in render(one)
    assert "What happens if nothing is done" not in [part.heading for part in one.sections]


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.START, Verb.DISPUTE, Verb.SNOOZE, Verb.COMMENT])
def test_news_are_short(verb: Verb) -> None:
    """A comment under a ticket says who did what and why; no table, no buttons, no list of what breaks."""
    found = compose(moved(verb, LIFE[verb].after or TicketState.OPEN)).news

    assert found is not None
    assert (found.facts.pairs, found.sections, found.actions) == ((), (), ())
    assert "em-checkout (slack)" in render(found)
    assert "we are on it" in render(found)


def test_an_escalation_in_the_tickets_own_item_says_to_whom() -> None:
    """Who reads it there is not whom it climbed to."""
    climbed = move(
        Verb.ESCALATE, TicketState.OPEN, TicketState.OPEN, reason="nobody did", details={"to": "mail:vp@acme.example"}
    )
    one = told(MessageType.TICKET_ESCALATED, ticket(ORDERS), climbed, OF_TOPIC, moves=[OPENED, climbed])

    assert "climbed to mail:vp@acme.example: nobody did" in news(one)


@pytest.mark.parametrize("state", TicketState)
def test_the_command_of_a_footer_can_be_given_as_it_stands(state: TicketState) -> None:
    """What must be said with a verb, its reason, is in the example."""
    foot = "".join(run.text for run in standing(after(OPENED, state=state)).footer)
    first = verbs_from(state)[0]

    assert f"watcher tickets {first.value} T-3f2a9c01b7" in foot
    assert ('--reason "why"' in foot) is LIFE[first].reason
