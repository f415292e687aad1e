"""The ladder: when its clock runs, when it stands, and that a daemon that was away tells one rung at a time."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from watcher.followup.deadlines import due
from watcher.followup.ladder import LadderState, look_at, position
from watcher.model.contract import Criticality
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import Address, Calendar, Deadline, DomainRecord, Rung, Span, parse_address
from watcher.model.errors import UsageError
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb, destination

HOUR = dt.timedelta(hours=1)
TEAM, LEAD, TOP = "slack:#checkout", "mail:em-checkout@acme.example", "mail:cto@acme.example"
LADDER = (Rung(Span(time=4 * HOUR), TEAM), Rung(Span(days=2), LEAD), Rung(Span(days=5), TOP))
CHECKOUT = DomainRecord(
    Domain("checkout"),
    ("*",),
    ladder=LADDER,
    deadlines=(("normal", Deadline(Span(days=1), Span(days=10))),),
    calendar=Calendar(around_the_clock=frozenset({Criticality.CRITICAL})),
)
MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    """`24 13:00` of November 2026; December goes on counting."""
    day, _, time = text.partition(" ")
    first = dt.datetime.fromisoformat(f"2026-11-01T{time or '09:00'}:00+00:00")
    return first + dt.timedelta(days=int(day) - 1)


class Life:
    """A ticket of the domain, moved by hand."""

    def __init__(self, domain: DomainRecord = CHECKOUT, severity: Criticality = Criticality.NORMAL) -> None:
        self.domain = domain
        self.severity = severity
        self.moves: list[TicketMove] = []
        self.move(Verb.OPEN, MONDAY)

    def move(self, verb: Verb, when: dt.datetime, **details: Any) -> "Life":
        before = self.moves[-1].after if self.moves else None
        after = TicketState.OPEN if before is None else destination(TicketId("T-1"), before, verb)
        self.moves.append(
            TicketMove(TicketId("T-1"), before, after, when, "x", "why", verb=verb, details=details or None)
        )
        return self

    def tell(self, rung: int, when: dt.datetime) -> "Life":
        return self.move(Verb.ESCALATE, when, rung=rung, to=self.domain.ladder[rung - 1].to)

    @property
    def ticket(self) -> Ticket:
        begun = [one.at for one in self.moves if one.verb in {Verb.OPEN, Verb.REOPEN, Verb.EXPIRE, Verb.REVOKE}][-1]
        promised = due(self.domain, self.severity, begun)
        return Ticket(
            TicketId("T-1"),
            self.domain.name,
            DatasetName("orders"),
            self.moves[-1].after,
            MONDAY,
            self.moves[-1].at,
            severity=self.severity,
            episode_at=begun,
            acknowledge_by=promised.acknowledge_by,
            fix_by=promised.fix_by,
        )

    def stands(self, now: dt.datetime = MONDAY, default: Sequence[Rung] = ()) -> LadderState:
        return position(self.domain, self.ticket, self.moves, now, default=default)

    def next(self) -> tuple[int | None, dt.datetime | None]:
        state = self.stands()
        return state.next_rung, state.due_at

    def look(self, now: dt.datetime) -> dt.datetime | None:
        return look_at(self.domain, self.ticket, self.moves, now)


def test_a_silent_team_climbs_rung_by_rung() -> None:
    """A ticket that nobody touches is told at each rung, in the domain's working time, and after the last no more."""
    life = Life()
    assert life.next() == (1, at("23 13:00"))
    life.tell(1, at("23 13:00"))
    assert life.next() == (2, at("24 17:00"))
    life.tell(2, at("24 17:00"))
    assert life.next() == (3, at("27 17:00"))
    life.tell(3, at("27 17:00"))
    assert life.next() == (None, None)
    assert [one.to for one in life.stands().told] == [TEAM, LEAD, TOP]


def test_a_rung_is_due_from_its_moment_on() -> None:
    """A moment before, nothing is due; at the moment and after, the rung is."""
    state = Life().stands()

    assert not state.is_due(at("23 12:59"))
    assert state.is_due(at("23 13:00"))
    assert state.is_due(at("30 13:00"))
    assert state.rung == LADDER[0]


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.START])
def test_the_clock_stands_while_somebody_has_it_in_hand(verb: Verb) -> None:
    """Who acknowledges has the time to fix; when that is over, the clock goes on where it stood."""
    life = Life().move(verb, at("23 11:00"))
    fix_by = life.ticket.fix_by

    assert fix_by == at("34 17:00")  # ten working days: Friday, 4 December
    assert life.next() == (1, at("37 11:00"))
    assert life.stands(at("30")).elapsed == 2 * HOUR


def test_what_was_due_before_is_not_due_while_the_clock_stands() -> None:
    """A rung that nobody told in time is not told to somebody who has taken it in hand meanwhile."""
    life = Life().move(Verb.ACKNOWLEDGE, at("25 12:00"))

    assert not life.stands().is_due(at("25 13:00"))
    assert life.next() == (1, at("34 17:00"))


def test_a_dispute_stops_the_clock_and_its_rejection_lets_it_go_on() -> None:
    """Nobody is reminded while it is disputed; rejected after the time to fix, the clock runs at once."""
    life = Life().tell(1, at("23 13:00")).move(Verb.DISPUTE, at("23 14:00"))
    assert life.next() == (2, None)
    life.move(Verb.REJECT, at("37 09:00"))
    assert life.next() == (2, at("38 12:00"))  # 5 of 16 hours had passed


def test_a_snooze_stops_the_clock_until_its_end() -> None:
    """The snoozed time does not count, a later snooze replaces the earlier one."""
    life = Life().move(Verb.SNOOZE, at("23 11:00"), until="2026-11-25T11:00:00Z", owner="x")
    assert life.next() == (1, at("25 13:00"))
    life.move(Verb.SNOOZE, at("24 11:00"), until="2026-11-24T12:00:00+00:00", owner="x")
    assert life.next() == (1, at("24 14:00"))


@pytest.mark.parametrize("until", [None, "soon", 5])
def test_a_snooze_without_a_readable_end_stops_nothing(until: Any) -> None:
    """Of a record that cannot be read the clock takes no notice."""
    assert Life().move(Verb.SNOOZE, at("23 10:00"), until=until).next() == (1, at("23 13:00"))


@pytest.mark.parametrize("verb", [Verb.RESOLVE, Verb.WAIVE])
def test_a_settled_ticket_is_at_the_end_of_the_ladder(verb: Verb) -> None:
    """Nobody hears of what is resolved or waived."""
    assert Life().move(verb, at("23 10:00")).next() == (None, None)


@pytest.mark.parametrize(("settled", "again"), [(Verb.RESOLVE, Verb.REOPEN), (Verb.WAIVE, Verb.EXPIRE)])
def test_what_comes_back_begins_anew(settled: Verb, again: Verb) -> None:
    """A new episode has a new clock and all rungs again."""
    life = Life().tell(1, at("23 13:00")).move(settled, at("23 14:00")).move(again, at("30 09:00"))

    assert life.next() == (1, at("30 13:00"))
    assert life.stands().told == ()


def test_a_daemon_that_was_away_tells_one_rung_at_a_time() -> None:
    """Each rung has its whole time to act: told late, it moves the ones above it."""
    life = Life()
    assert life.stands().is_due(at("30 09:00"))
    life.tell(1, at("30 09:00"))
    assert not life.stands().is_due(at("30 09:01"))
    assert life.next() == (2, at("31 13:00"))  # twelve working hours after the first


def test_the_time_between_two_rungs_is_time_in_which_somebody_could_act() -> None:
    """What passes while the clock stands is not taken off the next rung's time."""
    life = Life().tell(1, at("26 09:00")).move(Verb.ACKNOWLEDGE, at("26 10:00"))

    assert life.next() == (2, at("36 12:00") + dt.timedelta(days=2))  # eleven hours after the time to fix


def test_a_clock_that_goes_back_makes_nothing_due() -> None:
    """Moves of a clock that jumped neither take a rung back nor bring the next one nearer."""
    life = Life().tell(1, at("27 09:00"))
    before = life.next()
    life.move(Verb.COMMENT, at("20 09:00"))

    assert life.next() == before
    assert not life.stands(at("20 09:00")).is_due(at("20 09:00"))


def test_a_critical_ticket_climbs_by_the_wall_clock() -> None:
    """Where the calendar says so, nights count, and a day has 24 hours."""
    life = Life(severity=Criticality.CRITICAL)
    assert life.tell(1, at("23 13:00")).next() == (2, at("25 09:00"))


def test_a_domain_without_a_ladder_borrows_one() -> None:
    """The default ladder counts in the domain's hours, and the state says that it is borrowed."""
    life = Life(DomainRecord(Domain("checkout"), ("*",)))
    state = life.stands(default=LADDER[:1])

    assert (state.borrowed, state.next_rung, state.due_at) == (True, 1, at("23 13:00"))
    assert life.stands() == LadderState((), borrowed=True)
    assert not Life().stands(default=LADDER[:1]).borrowed


def test_a_ticket_without_a_known_domain_borrows_the_ladder() -> None:
    """What is unowned climbs the default ladder in default hours."""
    life = Life()
    state = position(None, life.ticket, life.moves, MONDAY, default=LADDER)

    assert (state.borrowed, state.due_at) == (True, at("23 13:00"))


def test_a_rung_only_for_the_unacknowledged_is_left_out() -> None:
    """Who has acknowledged is not asked again to acknowledge; the rung above comes next."""
    ladder = (Rung(Span(time=HOUR), TEAM, "unacknowledged"), Rung(Span(time=2 * HOUR), LEAD))
    life = Life(DomainRecord(Domain("checkout"), ("*",), ladder=ladder))
    assert life.next() == (1, at("23 10:00"))
    life.move(Verb.ACKNOWLEDGE, at("23 09:30"))
    assert life.next() == (2, at("37 10:30"))


def test_a_rung_only_for_the_unfixed_waits_for_the_deadline() -> None:
    """Such a rung is told when the time to fix is over, not before, and those above it wait for it."""
    ladder = (Rung(Span(time=HOUR), TEAM, "unfixed"), Rung(Span(time=2 * HOUR), LEAD))
    life = Life(DomainRecord(Domain("checkout"), ("*",), ladder=ladder))
    assert life.next() == (1, at("34 17:00"))


def test_two_rungs_of_the_same_time_are_told_one_after_the_other() -> None:
    """Two addresses at the same time are what the domain wrote: the second is due as soon as the first is told."""
    ladder = (Rung(Span(time=HOUR), TEAM), Rung(Span(time=HOUR), LEAD))
    life = Life(DomainRecord(Domain("checkout"), ("*",), ladder=ladder))
    assert life.next() == (1, at("23 10:00"))
    assert life.tell(1, at("23 10:00")).next() == (2, at("23 10:00"))


def test_a_ladder_that_was_shortened_has_no_more_rungs() -> None:
    """A ladder that is edited while a ticket climbs goes on by its numbers."""
    life = Life().tell(1, at("23 13:00")).tell(2, at("24 17:00"))
    shorter = DomainRecord(Domain("checkout"), ("*",), ladder=LADDER[:1])

    assert position(shorter, life.ticket, life.moves, MONDAY).next_rung is None


def test_a_ladder_that_was_stretched_waits_for_its_new_times() -> None:
    """A rung is never due before its own time, as the ladder has it now."""
    life = Life().tell(1, at("23 13:00"))
    slower = (Rung(Span(days=2), TEAM), Rung(Span(days=3), LEAD))
    stretched = DomainRecord(Domain("checkout"), ("*",), ladder=slower)

    assert position(stretched, life.ticket, life.moves, MONDAY).due_at == at("25 17:00")


def test_a_calendar_without_working_time_has_no_rungs() -> None:
    """Where nobody ever works, no rung is ever due and no deadline ever passes."""
    life = Life(DomainRecord(Domain("checkout"), ("*",), ladder=LADDER, calendar=Calendar(days=())))

    assert life.next() == (1, None)
    assert life.look(MONDAY) is None


def test_the_next_look_is_at_whatever_comes_first() -> None:
    """Rungs, deadlines and the end of a snooze each are a moment at which the clock has something to do."""
    life = Life()
    assert life.look(MONDAY) == at("23 13:00")
    life.tell(1, at("23 13:00"))
    assert life.look(at("23 13:00")) == at("23 17:00")  # to be acknowledged by
    assert life.look(at("23 17:00")) == at("24 17:00")
    life.move(Verb.SNOOZE, at("24 09:00"), until="2026-11-24T11:00:00Z")
    assert life.look(at("24 09:00")) == at("24 11:00")
    life.move(Verb.ACKNOWLEDGE, at("24 12:00"))
    assert life.look(at("24 12:00")) == at("34 17:00")  # to be fixed by
    life.move(Verb.DISPUTE, at("24 13:00"))
    assert life.look(at("24 13:00")) is None


def test_an_overdue_rung_is_looked_at_at_once() -> None:
    """A rung that was missed is a moment that has passed, so that whoever asks looks now."""
    assert Life().look(at("30 09:00")) == at("23 13:00")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("slack:#checkout", Address("slack", "#checkout")),
        ("mail: a@acme.example", Address("mail", "a@acme.example")),
        ("slack:", Address("slack", "")),
    ],
)
def test_an_address_is_a_channel_and_who_is_meant(text: str, address: Address) -> None:
    """What stands before the first colon is the channel; the rest is the channel's own."""
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "someone", ":#checkout", "  :x"])
def test_an_address_without_a_channel_is_refused(text: str) -> None:
    """What names no channel is told with how to write one."""
    with pytest.raises(UsageError, match="names no channel"):
        parse_address(text)
