"""Simulation of a ladder by hand: what was really told is left out, and a severity counts from when it was known."""

import datetime as dt
from typing import Any

from watcher.followup.simulate import WouldTell, climbed
from watcher.model.contract import Criticality
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import Calendar, DomainRecord, Rung, Span
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb

MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TEAM, LEAD = "chat:#checkout", "mail:em-checkout@acme.example"
CHECKOUT = DomainRecord(
    Domain("checkout"),
    ("*",),
    ladder=(Rung(Span(time=4 * HOUR), TEAM), Rung(Span(days=1), LEAD)),
    calendar=Calendar(around_the_clock=frozenset({Criticality.CRITICAL})),
)


def move(hours: float, verb: Verb, after: TicketState = TicketState.OPEN, **details: Any) -> TicketMove:
    before = None if verb is Verb.OPEN else TicketState.OPEN
    return TicketMove(
        TicketId("T-1"), before, after, MONDAY + hours * HOUR, "x", "why", verb=verb, details=details or None
    )


def told(*moves: TicketMove, hours: float, domain: DomainRecord | None = CHECKOUT) -> list[tuple[int, float]]:
    """Which rungs, and after how many hours of the clock."""
    ticket = Ticket(TicketId("T-1"), CHECKOUT.name, DatasetName("orders"), moves[-1].after, MONDAY, moves[-1].at)
    found = climbed(domain, ticket, moves, MONDAY + hours * HOUR, default=(Rung(Span(time=HOUR), "chat:all"),))
    return [(one.rung, (one.at - MONDAY) / HOUR) for one in found]


def test_a_silent_team_hears_each_rung_when_it_is_due() -> None:
    """After four hours, and after one working day, which ends with Monday; at the end of the span itself not yet."""
    assert told(move(0, Verb.OPEN), hours=100) == [(1, 4), (2, 8)]
    assert told(move(0, Verb.OPEN), hours=8) == [(1, 4)]


def test_what_was_really_told_is_left_out() -> None:
    """Another ladder told its first rung after one hour: this one tells both of its own."""
    moves = (move(0, Verb.OPEN), move(1, Verb.ESCALATE, rung=1, to="chat:late"))

    assert told(*moves, hours=100) == [(1, 4), (2, 8)]


def test_an_acknowledgement_stops_it() -> None:
    """As it was made, though a rung might have hastened it."""
    moves = (move(0, Verb.OPEN), move(5, Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED))

    assert told(*moves, hours=24) == [(1, 4)]


def test_a_severity_counts_from_when_it_was_known() -> None:
    """A ticket of the evening would have waited for the morning; an hour later it was critical, and waits no more."""
    normal = move(9, Verb.OPEN, severity="normal")

    assert told(normal, hours=20) == []
    assert told(normal, move(10, Verb.UPDATE, severity="critical"), hours=20) == [(1, 13)]
    assert told(normal, move(18, Verb.UPDATE, severity="critical"), hours=20) == [(1, 18)]


def test_a_domain_that_is_not_known_has_the_default_ladder() -> None:
    """The settings' own, in plain working hours."""
    assert told(move(0, Verb.OPEN), hours=100, domain=None) == [(1, 1)]


def test_each_episode_begins_anew() -> None:
    """What came back is told from the first rung on, and says in which episode."""
    moves = (
        move(0, Verb.OPEN),
        move(5, Verb.RESOLVE, TicketState.RESOLVED),
        TicketMove(
            TicketId("T-1"), TicketState.RESOLVED, TicketState.OPEN, MONDAY + 24 * HOUR, "x", "back", verb=Verb.REOPEN
        ),
    )
    ticket = Ticket(TicketId("T-1"), CHECKOUT.name, DatasetName("orders"), TicketState.OPEN, MONDAY, MONDAY)

    assert climbed(CHECKOUT, ticket, moves, MONDAY + 30 * HOUR) == (
        WouldTell(0, 1, MONDAY + 4 * HOUR, TEAM),
        WouldTell(1, 1, MONDAY + 28 * HOUR, TEAM),
    )
