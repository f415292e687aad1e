"""The real escalation over a real ledger in simulated time: whatever people, clocks and two workers do to it."""

import datetime as dt
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.build import CHECKOUT, ORDERS, a_ticket, a_violation
from watcher.followup.ladder import position
from watcher.followup.simulate import climbed
from watcher.formats.read import read_registered, read_schema
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.shelf import Shelf
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.handlers.ticketing.life import Life
from watcher.ledger import SqlLedger, open_ledger
from watcher.model.catalogue import Catalogue
from watcher.model.dataset import DatasetName
from watcher.model.domain import Deadline, DomainRecord, Rung, Span, TicketRoute
from watcher.model.errors import UsageError
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb

BEGIN = dt.datetime(2026, 3, 23, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ID = TicketId("T-1")
LADDER = tuple(Rung(Span(time=hours * HOUR), f"chat:rung-{number}") for number, hours in enumerate((2, 3, 9, 30), 1))
DOMAIN = DomainRecord(
    CHECKOUT,
    (ORDERS,),
    tickets=(TicketRoute("tracker"),),
    ladder=LADDER,
    deadlines=(("normal", Deadline(Span(time=2 * HOUR), Span(time=12 * HOUR))),),
)
JUDGEMENT = Judgement(
    catalogue=lambda: Catalogue((), (DOMAIN,)),
    shelf=Shelf(read_registered),
    parse=read_schema,
    check=lambda _reader, _writer: (),
    policy=Policy(arbiters=("arbiter",), channels=frozenset({"chat", "tracker"}), trackers=frozenset({"tracker"})),
)
DOCUMENT = {
    "consumer": {"domain": "finance", "team": None, "contact": None},
    "subscription": "revenue-close",
    "criticality": "normal",
    "expectation": "exists",
    "wants": "`amount` is there",
    "outcome": "broken",
    "rule": "field-removed",
    "message": "`amount` is gone",
}


@dataclass(frozen=True)
class Tick:
    """The clock goes so many hours (back, where it is less than nothing), and one worker looks, or both in turn."""

    hours: float
    both: bool


@dataclass(frozen=True)
class Do:
    """Somebody moves the ticket after so many hours; a snooze or a waiver lasts `length` hours."""

    hours: float
    verb: Verb
    length: int


ticks = st.builds(Tick, st.floats(0, 40), st.booleans())
jumps = st.builds(Tick, st.floats(-60, 60), st.booleans())
people = st.builds(
    Do,
    st.floats(0, 20),
    st.sampled_from(
        [
            Verb.ACKNOWLEDGE,
            Verb.START,
            Verb.SNOOZE,
            Verb.DISPUTE,
            Verb.REJECT,
            Verb.WAIVE,
            Verb.REVOKE,
            Verb.COMMENT,
            Verb.REOPEN,
        ]
    ),
    st.integers(1, 100),
)


class World:
    """One ticket in a ledger, its people, and two workers."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger = ledger
        self.now = BEGIN
        with ledger.begin() as tx:
            life = Life(tx, JUDGEMENT, BEGIN)
            plain = a_ticket(ID, opened_at=BEGIN, changed_at=BEGIN, episode_at=BEGIN)
            ticket = life.rated(plain, plain.severity)
            life.begin(ticket, "broken", {"change": "c"}, {})
            life.schedule(ticket)
            tx.add_violations([a_violation(document=DOCUMENT, at=BEGIN)])

    def tick(self, one: Tick) -> None:
        """Time passes, and the clock looks: exactly the rung is told that is due, and none else."""
        self.now += one.hours * HOUR
        before = self.moves()
        stands = position(DOMAIN, self.ticket(), before, self.now)
        for _ in range(1 + one.both):
            with self.ledger.begin() as tx:
                climb(tx, JUDGEMENT, self.now)
        rungs = [move for move in self.moves()[len(before) :] if move.verb is Verb.ESCALATE]
        assert len(rungs) <= 1
        assert [(move.details or {})["rung"] for move in rungs] == [stands.next_rung] * stands.is_due(self.now)

    def do(self, one: Do) -> None:
        """A person tries a move; what the state table does not list is refused."""
        self.now += one.hours * HOUR
        until = (self.now + one.length * HOUR).isoformat()
        details = {"until": until} if one.verb in {Verb.SNOOZE, Verb.WAIVE} else {}
        order = Order(ID, one.verb, "arbiter", "cli", "for a reason", details)
        with suppress(UsageError), self.ledger.begin() as tx:
            act(tx, JUDGEMENT, order, self.now)

    def ticket(self) -> Ticket:
        with self.ledger.begin() as tx:
            found = tx.ticket(ID)
        assert found is not None
        return found

    def moves(self) -> list[TicketMove]:
        with self.ledger.begin() as tx:
            return list(tx.ticket_moves(ID))

    def episodes(self) -> list[list[int]]:
        """The rungs that were told, by episode."""
        found: list[list[int]] = []
        for move in self.moves():
            if move.verb in {Verb.OPEN, Verb.REOPEN, Verb.EXPIRE, Verb.REVOKE}:
                found.append([])
            if move.verb is Verb.ESCALATE:
                found[-1].append((move.details or {})["rung"])
        return found

    def letters(self) -> list[tuple[int, int]]:
        """Episode and rung of each message to people."""
        with self.ledger.begin() as tx:
            rows = tx.list_deliveries(10_000)
        told = [row.delivery.body["move"]["details"] for row in rows if row.delivery.channel == "chat"]
        return [(one["episode"], one["rung"]) for one in told][::-1]


@contextmanager
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder, closing(open_ledger(f"sqlite:///{folder}/ledger.db")) as ledger:
        yield World(ledger)


def holds(one: World) -> None:
    """Each rung at most once an episode, in order, and each told by one letter."""
    episodes = one.episodes()
    for told in episodes:
        assert told == list(range(1, len(told) + 1))
    assert one.letters() == [(number, rung) for number, told in enumerate(episodes) for rung in told]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(ticks, people), max_size=14))
def test_each_rung_is_told_once_in_order_whatever_people_do(doings: list[Tick | Do]) -> None:
    """Two workers look, people acknowledge, snooze, dispute, waive and reopen: one letter a rung and episode."""
    with world() as one:
        for doing in doings:
            one.tick(doing) if isinstance(doing, Tick) else one.do(doing)
        holds(one)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(jumps, people), max_size=14))
def test_a_clock_that_jumps_tells_nothing_twice(doings: list[Tick | Do]) -> None:
    """Forwards by days and back again: no burst, nothing out of order, nothing again."""
    with world() as one:
        for doing in doings:
            one.tick(doing) if isinstance(doing, Tick) else one.do(doing)
        holds(one)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([Verb.ACKNOWLEDGE, Verb.SNOOZE, Verb.DISPUTE, Verb.WAIVE]), st.lists(st.floats(0, 3), max_size=6)
)
def test_nothing_is_told_while_the_ladder_stands_still(verb: Verb, ticks: list[float]) -> None:
    """In hand within its time, snoozed, disputed, waived: nobody hears of it."""
    with world() as one:
        one.do(Do(1, verb, 100))
        end = BEGIN + 12 * HOUR if verb is Verb.ACKNOWLEDGE else BEGIN + 100 * HOUR
        for hours in ticks:
            if one.now + hours * HOUR < end:
                one.tick(Tick(hours, both=True))
        assert one.letters() == []


def test_two_workers_at_one_moment_tell_each_rung_once() -> None:
    """Each has its own connection, and both look as soon as they can."""
    with tempfile.TemporaryDirectory() as folder, closing(open_ledger(f"sqlite:///{folder}/ledger.db")) as ledger:
        with ledger.begin() as tx:
            life = Life(tx, JUDGEMENT, BEGIN)
            for number in range(30):
                plain = a_ticket(f"T-{number}", opened_at=BEGIN, changed_at=BEGIN, episode_at=BEGIN)
                ticket = life.rated(replace(plain, dataset=DatasetName(f"{ORDERS}-{number}")), plain.severity)
                life.begin(ticket, "broken", {"change": "c"}, {})
                life.schedule(ticket)
        start = threading.Barrier(2)

        def work(mine: SqlLedger) -> int:
            start.wait(20)
            told = 0
            for _ in range(10):
                with mine.begin() as tx:
                    told += climb(tx, JUDGEMENT, BEGIN + 2 * HOUR, limit=7)
            return told

        other = open_ledger(f"sqlite:///{folder}/ledger.db", exclusive=False)
        with closing(other), ThreadPoolExecutor(2) as pool:
            told = sum(pool.map(work, (ledger, other)))
        with ledger.begin() as tx:
            rungs = [
                move for one in tx.list_tickets() for move in tx.ticket_moves(one.id) if move.verb is Verb.ESCALATE
            ]
            letters = [one for one in tx.list_deliveries(1000) if one.delivery.channel == "chat"]
        assert (len(rungs), len({one.ticket for one in rungs}), len(letters)) == (30, 30, 30)
        assert told == 2 * 30  # to whom it names, and the tracker's item


def test_a_silent_team_hears_every_rung_and_then_no_more() -> None:
    """By looks every hour for a month: four rungs, and the ledger has nothing more to look at."""
    with world() as one:
        for _ in range(24 * 30):
            with one.ledger.begin() as tx:
                due = tx.next_due_ticket()
            if due is None:
                break
            one.now = max(one.now, due)
            one.tick(Tick(0, both=True))
        assert one.episodes() == [[1, 2, 3, 4]]
        assert one.ticket().look_at is None
        holds(one)


def punctual(one: World, until: dt.datetime) -> None:
    """Time passes, and the daemon looks whenever something is due; who does something at that moment is first."""
    for _ in range(1_000):
        with one.ledger.begin() as tx:
            due = tx.next_due_ticket()
            if due is None or due >= until:
                break
            one.now = max(one.now, due)
            climb(tx, JUDGEMENT, one.now)
    one.now = until


@settings(max_examples=40, deadline=None)
@given(st.lists(people, max_size=8))
def test_what_is_simulated_is_what_happens(doings: list[Do]) -> None:
    """The same rungs, to the same people, at the same moments as a daemon that is never late has told them."""
    with world() as one:
        for doing in doings:
            punctual(one, one.now + doing.hours * HOUR)
            one.do(replace(doing, hours=0))
        punctual(one, one.now + 2_000 * HOUR)

        moves, episode, really = one.moves(), -1, []
        for move in moves:
            episode += move.verb in {Verb.OPEN, Verb.REOPEN, Verb.EXPIRE, Verb.REVOKE}
            if move.verb is Verb.ESCALATE:
                details = move.details or {}
                really.append((episode, details["rung"], move.at, details["to"]))
        would = climbed(DOMAIN, one.ticket(), moves, one.now)
        assert [(each.episode, each.rung, each.at, each.to) for each in would] == really
        assert really or one.ticket().state is not TicketState.OPEN
