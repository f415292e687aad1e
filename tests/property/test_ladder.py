"""The ladder under any life of a ticket and any clock: in order, once each, never in a burst or while it stands."""

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from watcher.followup.calendar import between, length
from watcher.followup.deadlines import due
from watcher.followup.ladder import Told, look_at, position
from watcher.model.contract import Criticality
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import Calendar, DomainRecord, Rung, Span
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb, destination, verbs_from

ID = TicketId("T-1")
BEGIN = dt.datetime(2026, 3, 23, 9, tzinfo=dt.UTC)
SEVERITY = Criticality.NORMAL
MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE


def ladder(gaps: Iterable[int]) -> tuple[Rung, ...]:
    total, rungs = 0, []
    for number, gap in enumerate(gaps):
        total += gap
        rungs.append(Rung(Span(time=total * MINUTE), f"mail:rung-{number + 1}@acme.example"))
    return tuple(rungs)


domains = st.builds(
    lambda gaps, zone, hours: DomainRecord(
        Domain("checkout"), ("*",), ladder=ladder(gaps), calendar=Calendar(zone, (dt.time(hours[0]), dt.time(hours[1])))
    ),
    st.lists(st.integers(1, 3000), min_size=1, max_size=5),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.tuples(st.integers(0, 10), st.integers(11, 23)),
)
steps = st.lists(
    st.tuples(st.timedeltas(dt.timedelta(0), dt.timedelta(days=4)), st.integers(0, 20), st.integers(1, 100)),
    max_size=8,
)
"""After how long somebody moves the ticket, by which of the legal verbs; for a snooze, for how many hours."""


class World:
    """A ticket, its people, and a daemon that tells what is due when it looks."""

    def __init__(self, domain: DomainRecord) -> None:
        self.domain = domain
        self.moves: list[TicketMove] = []
        self.add(Verb.OPEN, BEGIN)

    @property
    def ticket(self) -> Ticket:
        begun = [one.at for one in self.moves if one.verb in {Verb.OPEN, Verb.REOPEN, Verb.EXPIRE, Verb.REVOKE}][-1]
        promised = due(self.domain, SEVERITY, begun)
        state = self.moves[-1].after
        return Ticket(
            ID, self.domain.name, DatasetName("d"), state, BEGIN, begun, episode_at=begun,
            acknowledge_by=promised.acknowledge_by, fix_by=promised.fix_by,
        )  # fmt: skip

    def add(self, verb: Verb, now: dt.datetime, details: dict[str, object] | None = None) -> None:
        before = self.moves[-1].after if self.moves else None
        after = TicketState.OPEN if before is None else destination(ID, before, verb)
        self.moves.append(TicketMove(ID, before, after, now, "x", "why", verb=verb, details=details))

    def look(self, now: dt.datetime) -> int:
        """Tell what is due; how many rungs."""
        told = 0
        while (state := position(self.domain, self.ticket, self.moves, now)).is_due(now):
            assert state.rung is not None
            self.add(Verb.ESCALATE, now, {"rung": state.next_rung, "to": state.rung.to})
            told += 1
        return told

    def people(self, now: dt.datetime, choice: int, hours: int) -> None:
        """Somebody does something that is legal."""
        legal = [*verbs_from(self.moves[-1].after), *([Verb.EXPIRE] * (self.moves[-1].after is TicketState.WAIVED))]
        verb = legal[choice % len(legal)]
        until = (now + hours * HOUR).isoformat()
        self.add(verb, now, {"until": until} if verb is Verb.SNOOZE else None)

    def told(self) -> tuple[Told, ...]:
        return position(self.domain, self.ticket, self.moves, BEGIN).told


@given(domains, steps, st.lists(st.timedeltas(dt.timedelta(0), dt.timedelta(days=3)), max_size=20))
def test_rungs_are_told_in_order_and_never_in_a_burst(
    domain: DomainRecord, doings: list[tuple[dt.timedelta, int, int]], ticks: list[dt.timedelta]
) -> None:
    """Whatever people do and whenever the daemon looks: one rung at a look, each once and in order in its episode."""
    world, now = World(domain), BEGIN
    for index in range(max(len(doings), len(ticks))):
        if index < len(ticks):
            now += ticks[index]
            assert world.look(now) <= 1
        if index < len(doings):
            after, choice, hours = doings[index]
            now += after
            world.people(now, choice, hours)
        numbers = [one.rung for one in world.told()]
        assert numbers == list(range(1, len(numbers) + 1))
    told, rungs = world.told(), domain.ladder
    for one, other in pairwise(told):
        before, after = (length(domain.calendar, rungs[each.rung - 1].after) for each in (one, other))
        assert between(domain.calendar, one.at, other.at) >= after - before


@given(domains, steps, st.timedeltas(dt.timedelta(0), dt.timedelta(days=400)))
def test_nothing_is_told_while_the_clock_stands(
    domain: DomainRecord, doings: list[tuple[dt.timedelta, int, int]], later: dt.timedelta
) -> None:
    """No rung is due while somebody has it in hand in time, while it is disputed, snoozed or settled."""
    world, now = World(domain), BEGIN
    for after, choice, hours in doings:
        now += after
        world.look(now)
        world.people(now, choice, hours)
    now += later
    ticket, last = world.ticket, world.moves[-1]
    in_hand = last.after in {TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS}
    in_time = in_hand and ticket.fix_by is not None and now < ticket.fix_by
    snoozed = last.verb is Verb.SNOOZE and now < dt.datetime.fromisoformat(str((last.details or {})["until"]))
    if in_time or snoozed or last.after in {TicketState.DISPUTED, TicketState.RESOLVED, TicketState.WAIVED}:
        assert not position(domain, ticket, world.moves, now).is_due(now)


@given(domains, st.lists(st.timedeltas(MINUTE, dt.timedelta(days=9)), max_size=12))
def test_however_often_one_looks_the_same_rungs_are_told(domain: DomainRecord, ticks: list[dt.timedelta]) -> None:
    """A silent team hears each rung once, by a daemon that looks when it should and by one that looks when it can.

    Who looks rarely tells later, never more, and never earlier.
    """
    exact, rare, at = World(domain), World(domain), BEGIN
    for tick in [*ticks, *[dt.timedelta(days=60)] * 20]:
        at += tick
        rare.look(at)
    while (now := look_at(domain, exact.ticket, exact.moves, exact.moves[-1].at)) is not None:
        if not exact.look(now) and position(domain, exact.ticket, exact.moves, now).next_rung is None:
            break
        if exact.moves[-1].at < now:  # a deadline: nothing to tell, and nothing to wait for again
            exact.add(Verb.COMMENT, now)

    assert (
        [one.rung for one in exact.told()]
        == [one.rung for one in rare.told()]
        == list(range(1, len(domain.ladder) + 1))
    )
    assert all(one.at <= other.at for one, other in zip(exact.told(), rare.told(), strict=True))


@given(domains, st.lists(st.timedeltas(-dt.timedelta(days=30), dt.timedelta(days=30)), max_size=15))
def test_a_clock_that_jumps_tells_nothing_twice(domain: DomainRecord, jumps: list[dt.timedelta]) -> None:
    """A clock that goes back and forth makes no burst, and each rung is told once at most."""
    world, now = World(domain), BEGIN
    for jump in jumps:
        now += jump
        assert world.look(now) <= 1
        world.add(Verb.COMMENT, now)
    numbers = [one.rung for one in world.told()]

    assert numbers == list(range(1, len(numbers) + 1))


@given(domains, steps)
def test_looking_when_told_to_misses_nothing(domain: DomainRecord, doings: list[tuple[dt.timedelta, int, int]]) -> None:
    """Up to the moment that `look_at` names, nothing becomes due."""
    world, now = World(domain), BEGIN
    for after, choice, hours in doings:
        now += after
        world.look(now)
        world.people(now, choice, hours)
    world.look(now)
    at = look_at(domain, world.ticket, world.moves, now)
    just_before = at - dt.timedelta(microseconds=1) if at is not None else now + dt.timedelta(days=2000)

    assert not position(domain, world.ticket, world.moves, just_before).is_due(just_before)
