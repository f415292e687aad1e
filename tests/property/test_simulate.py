"""Simulation of a ladder against a second, slow way to reckon it: minute by minute, with nothing but a counter."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.followup.calendar import AROUND_THE_CLOCK
from watcher.followup.simulate import WouldTell, climbed
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import Deadline, DomainRecord, Rung, Span
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb, destination, verbs_from

ID = TicketId("T-1")
BEGIN = dt.datetime(2026, 3, 23, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
FIX = 45
RUNNING = {TicketState.OPEN}
IN_HAND = {TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS}

rungs = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["always", "unacknowledged", "unfixed"])), max_size=4)
steps = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(-5, 60)), max_size=8)
"""After how many minutes somebody moves the ticket, by which of the legal verbs; how long a snooze lasts."""


def domain_of(written: list[tuple[int, str]]) -> DomainRecord:
    total, ladder = 0, []
    for number, (gap, when) in enumerate(written, start=1):
        total += gap
        ladder.append(Rung(Span(time=total * MINUTE), f"mail:rung-{number}@acme.example", when))
    promised = Deadline(Span(time=10 * MINUTE), Span(time=FIX * MINUTE))
    return DomainRecord(
        Domain("checkout"), ("*",), ladder=tuple(ladder), deadlines=(("normal", promised),), calendar=AROUND_THE_CLOCK
    )


def life(doings: list[tuple[int, int, int]]) -> list[TicketMove]:
    """A ticket's real moves, with rungs that another ladder told among them."""
    now = BEGIN
    moves = [TicketMove(ID, None, TicketState.OPEN, now, "watcher", "broken", verb=Verb.OPEN)]
    for after, choice, snooze in doings:
        now += after * MINUTE
        state = moves[-1].after
        legal = [*verbs_from(state), *([Verb.EXPIRE] * (state is TicketState.WAIVED))]
        if state in RUNNING | IN_HAND:
            legal.append(Verb.ESCALATE)
        verb = legal[choice % len(legal)]
        details = {"until": (now + snooze * MINUTE).isoformat()} if verb is Verb.SNOOZE else {"rung": 1}
        moves.append(TicketMove(ID, state, destination(ID, state, verb), now, "x", "why", verb=verb, details=details))
    return moves


def by_the_minute(domain: DomainRecord, moves: list[TicketMove], until: dt.datetime) -> list[WouldTell]:
    """What is told, with a clock that is a number."""
    after = [int(rung.after.time / MINUTE) for rung in domain.ladder]
    told: list[WouldTell] = []
    episode, shown, last, shown_then, begun, snoozed = -1, 0, 0, 0, BEGIN, BEGIN
    state, waiting = TicketState.OPEN, [one for one in moves if one.verb is not Verb.ESCALATE]
    now = BEGIN
    while now < until:
        while waiting and waiting[0].at <= now:
            move = waiting.pop(0)
            state = move.after
            if move.verb in {Verb.OPEN, Verb.REOPEN, Verb.EXPIRE, Verb.REVOKE}:
                episode, shown, last, shown_then, begun, snoozed = episode + 1, 0, 0, 0, now, now
            if move.verb is Verb.SNOOZE and move.details:
                snoozed = dt.datetime.fromisoformat(move.details["until"])
        over = now >= begun + FIX * MINUTE
        if now >= snoozed and (state in RUNNING or (state in IN_HAND and over)):
            for number in range(last + 1, len(after) + 1):
                when = domain.ladder[number - 1].when
                if when == "unacknowledged" and state not in RUNNING:
                    continue
                apart = after[number - 1] - (after[last - 1] if last else 0)
                needed = max(after[number - 1], shown_then + apart) if last else after[number - 1]
                if shown >= needed and (when != "unfixed" or over):
                    told.append(WouldTell(episode, number, now, domain.ladder[number - 1].to))
                    last, shown_then = number, shown
                break
            shown += 1
        now += MINUTE
    return told


@settings(max_examples=300, deadline=None)
@given(rungs, steps, st.integers(0, 200))
def test_it_tells_what_a_counter_tells(
    written: list[tuple[int, str]], doings: list[tuple[int, int, int]], more: int
) -> None:
    """Whatever people did, and whatever another ladder told meanwhile: the same rungs, at the same minutes."""
    domain, moves = domain_of(written), life(doings)
    until = moves[-1].at + more * MINUTE + MINUTE / 2
    ticket = Ticket(ID, domain.name, DatasetName("d"), moves[-1].after, BEGIN, moves[-1].at)

    assert list(climbed(domain, ticket, moves, until)) == by_the_minute(domain, moves, until)


@given(rungs, steps, st.integers(0, 200), st.integers(0, 300))
def test_what_was_told_by_a_moment_stays_told(
    written: list[tuple[int, str]], doings: list[tuple[int, int, int]], more: int, less: int
) -> None:
    """Whoever looks at a shorter span sees the beginning of the longer one's."""
    domain, moves = domain_of(written), life(doings)
    until = moves[-1].at + more * MINUTE
    ticket = Ticket(ID, domain.name, DatasetName("d"), moves[-1].after, BEGIN, moves[-1].at)
    whole = climbed(domain, ticket, moves, until)
    cut = max(BEGIN, until - less * MINUTE)

    assert climbed(domain, ticket, moves, cut) == tuple(one for one in whole if one.at < cut)
