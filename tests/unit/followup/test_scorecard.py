"""Scorecards by hand: what counts against a domain, what does not, and how late late was."""

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from watcher.followup.calendar import between
from watcher.followup.scorecard import (
    Hit,
    Planned,
    Scorecard,
    Spent,
    Story,
    Times,
    heaviest,
    precision,
    score,
    spent,
)
from watcher.model.contract import Criticality
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import Budget, Calendar
from watcher.model.ticket import Ticket, TicketId, TicketMove, TicketState, Verb

CHECKOUT = Domain("checkout")
HOUR = dt.timedelta(hours=1)
NINE_TO_FIVE = partial(between, Calendar())


def at(text: str) -> dt.datetime:
    """`02 13:00` of November 2026; nine o'clock where none is given. The second is a Monday."""
    day, _, time = text.partition(" ")
    return dt.datetime.fromisoformat(f"2026-11-{day}T{time or '09:00'}:00+00:00")


SINCE, UNTIL = at("01 00:00"), at("30 00:00")


class Life:
    """A ticket's life, a move a line."""

    def __init__(self, opened: str, *, acknowledge_by: str | None = None, fix_by: str | None = None) -> None:
        self.moves: list[TicketMove] = []
        self.hits: list[Hit] = []
        self._promised = {
            name: at(text) for name, text in (("acknowledge_by", acknowledge_by), ("fix_by", fix_by)) if text
        }
        self.move(opened, Verb.OPEN, TicketState.OPEN, **self._told())

    def _told(self) -> dict[str, str]:
        return {name: moment.isoformat() for name, moment in self._promised.items()}

    def reopened(self, when: str, **promised: str) -> "Life":
        self._promised = {name: at(text) for name, text in promised.items()}
        return self.move(when, Verb.REOPEN, TicketState.OPEN, **self._told())

    def move(self, when: str, verb: Verb, after: TicketState | None = None, **details: Any) -> "Life":
        before = self.moves[-1].after if self.moves else None
        state = after or before or TicketState.OPEN
        self.moves.append(
            TicketMove(TicketId("T-1"), before, state, at(when), "x", "why", verb=verb, details=details or None)
        )
        return self

    def hit(self, change: str, subscription: str, criticality: Criticality, when: str) -> "Life":
        self.hits.append(Hit(change, subscription, criticality, at(when)))
        return self

    def acknowledge(self, when: str) -> "Life":
        return self.move(when, Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED)

    def resolve(self, when: str, **details: Any) -> "Life":
        return self.move(when, Verb.RESOLVE, TicketState.RESOLVED, **details)

    def upheld(self, disputed: str, decided: str) -> "Life":
        self.move(disputed, Verb.DISPUTE, TicketState.DISPUTED)
        return self.move(decided, Verb.UPHOLD, TicketState.RESOLVED)

    @property
    def story(self) -> Story:
        begun = [one for one in self.moves if one.verb in {Verb.OPEN, Verb.REOPEN, Verb.EXPIRE, Verb.REVOKE}]
        last = self.moves[-1]
        ticket = Ticket(
            TicketId("T-1"),
            CHECKOUT,
            DatasetName("kafka://prod/orders"),
            last.after,
            self.moves[0].at,
            last.at,
            reopened=len(begun) - 1,
            episode_at=begun[-1].at,
        )
        promised = self._promised.get("acknowledge_by"), self._promised.get("fix_by")
        return Story(replace(ticket, acknowledge_by=promised[0], fix_by=promised[1]), tuple(self.moves), self.hits)


def card(*lives: Life, planned: tuple[Planned, ...] = (), since: dt.datetime = SINCE, **more: Any) -> Scorecard:
    """November's scorecard, in working hours from nine to five."""
    stories = [one.story for one in lives]
    return score(CHECKOUT, stories, planned, since=since, until=UNTIL, elapsed=NINE_TO_FIVE, **more)


def fixed() -> Life:
    """Opened Monday at nine, acknowledged at eleven, fixed on Wednesday at noon: in time, and a day late."""
    life = Life("02", acknowledge_by="02 13:00", fix_by="03 17:00").acknowledge("02 11:00").resolve("04 12:00")
    return life.hit("c1", "revenue", Criticality.HIGH, "02").hit("c1", "search", Criticality.LOW, "02")


def silent() -> Life:
    """Opened on the ninth, climbed twice, never acknowledged, still there."""
    life = Life("09", acknowledge_by="09 13:00", fix_by="10 17:00")
    life.move("09 13:00", Verb.ESCALATE).move("11", Verb.ESCALATE)
    return life.hit("c2", "revenue", Criticality.CRITICAL, "09").hit("c3", "revenue", Criticality.HIGH, "10")


def test_two_tickets_by_hand() -> None:
    """Three breaking changes; two consumers, each by what is heaviest for it; the silent one broke both promises."""
    assert card(fixed(), silent()) == Scorecard(
        CHECKOUT,
        SINCE,
        UNTIL,
        unannounced=3,
        consumers=2,
        weighted=8 + 1,
        acknowledged=Times(1, 1, 2 * HOUR, 2 * HOUR),
        fixed=Times(1, 2, 19 * HOUR, 19 * HOUR),
        unfinished=1,
        escalated=2,
    )


def test_an_upheld_dispute_counts_against_nobody() -> None:
    """Its changes, its hits, its times and its steps are taken out; that it was upheld is on the page."""
    wrong = Life("02", acknowledge_by="02 10:00").hit("c1", "revenue", Criticality.CRITICAL, "02")
    wrong.move("03", Verb.ESCALATE).upheld("04", "05")

    found = card(wrong)

    expected = Scorecard(CHECKOUT, SINCE, UNTIL, disputed=1, upheld=1, false_alarms=1)
    assert found == expected


def test_what_was_closed_as_not_breaking_counts_against_nobody() -> None:
    """It is a false alarm of the watcher; a resolution as fixed is none."""
    wrong = Life("02").hit("c1", "revenue", Criticality.HIGH, "02").resolve("03", **{"as": "not-breaking"})
    right = Life("02").hit("c2", "revenue", Criticality.HIGH, "02").resolve("03", **{"as": "fixed"})

    found = card(wrong, right)

    assert (found.unannounced, found.false_alarms, found.fixed.count) == (1, 1, 1)


def test_the_watchers_own_precision_is_told() -> None:
    """One of four settled tickets was no break: three quarters. Those still open say nothing."""
    wrong = Life("02").upheld("03", "04")
    lives = [wrong, fixed(), fixed(), fixed(), silent()]

    found = precision([one.story for one in lives], SINCE, UNTIL)

    assert (found.settled, found.false_alarms, found.value) == (4, 1, 0.75)
    assert precision([], SINCE, UNTIL).value is None


def test_a_rejected_dispute_changes_nothing_but_its_own_count() -> None:
    """The break counts, and to dispute is to have seen it."""
    life = Life("02", acknowledge_by="02 13:00").hit("c1", "revenue", Criticality.HIGH, "02")
    life.move("02 12:00", Verb.DISPUTE, TicketState.DISPUTED).move("03", Verb.REJECT, TicketState.ACKNOWLEDGED)

    found = card(life)

    assert (found.unannounced, found.disputed, found.upheld, found.rejected) == (1, 1, 0, 1)
    assert found.acknowledged == Times(1, 0, 3 * HOUR, 3 * HOUR)


def test_each_episode_is_measured_from_its_own_beginning() -> None:
    """A ticket that came back was acknowledged twice: in one hour, and in six, which was too late by its promise."""
    life = Life("02", acknowledge_by="02 13:00", fix_by="06").acknowledge("02 10:00").resolve("03")
    life.reopened("09", acknowledge_by="09 13:00")
    life.acknowledge("09 15:00").resolve("10")

    found = card(life)

    assert found.reopened == 1
    assert found.acknowledged == Times(2, 1, 3.5 * HOUR, 6 * HOUR)
    assert found.fixed == Times(2, 0, 8 * HOUR, 8 * HOUR)


def test_a_late_acknowledgement_is_late() -> None:
    """At the promised moment it is in time, a minute after it is not."""
    in_time = Life("02", acknowledge_by="02 13:00").acknowledge("02 13:00")
    late = Life("02", acknowledge_by="02 13:00").acknowledge("02 13:01")

    assert card(in_time).acknowledged.late == 0
    assert card(late).acknowledged.late == 1


def test_what_nobody_ever_acknowledged_is_late_as_soon_as_its_time_is_over() -> None:
    """Whoever stays silent looks no better than who answers late; what still has time is not counted."""
    in_time = Life("27", acknowledge_by="30 13:00", fix_by="30 17:00")

    found = card(silent(), in_time)

    assert (found.acknowledged, found.fixed) == (Times(late=1), Times(late=1))


def test_a_promise_is_broken_in_one_span_only() -> None:
    """In the one in which it ran out, however much later it was kept."""
    life = Life("02", acknowledge_by="02 13:00", fix_by="03 17:00").acknowledge("10").resolve("10 10:00")
    later = card(life, since=at("09"))

    assert (card(life).acknowledged.late, card(life).fixed.late) == (1, 1)
    assert (later.acknowledged.count, later.acknowledged.late, later.fixed.late) == (1, 0, 0)


def test_what_was_waived_in_time_is_not_late() -> None:
    """Whoever was given until later has kept their word; a waiver after the time was over mends nothing."""
    in_time = Life("02", fix_by="03 17:00").move("03", Verb.WAIVE, TicketState.WAIVED).resolve("10")
    late = Life("02", fix_by="03 17:00").move("04", Verb.WAIVE, TicketState.WAIVED).resolve("10")

    assert (card(in_time).fixed.late, card(late).fixed.late) == (0, 1)


def test_what_healed_before_anybody_said_a_word_owes_no_acknowledgement() -> None:
    """It is fixed, not acknowledged; nor is it late for that."""
    found = card(Life("02", acknowledge_by="02 10:00", fix_by="03").resolve("02 12:00"))

    assert (found.acknowledged, found.fixed.count) == (Times(), 1)


def test_only_what_happened_within_the_span_counts() -> None:
    """From its first moment to before its last; a ticket of before is only counted as still open."""
    early = Life("01").hit("c0", "revenue", Criticality.HIGH, "01").move("02", Verb.ESCALATE)

    found = card(early, silent(), since=at("09"))

    assert (found.unannounced, found.consumers, found.escalated, found.unfinished) == (2, 1, 2, 2)
    assert card(Life("30 00:00").hit("c9", "revenue", Criticality.HIGH, "30 00:00")).unannounced == 0


def test_a_waived_ticket_is_finished_for_now() -> None:
    """It is counted as waived, and once its waiver is over as unfinished again."""
    life = Life("02").move("03", Verb.WAIVE, TicketState.WAIVED)
    assert (card(life).waived, card(life).unfinished) == (1, 0)

    life.move("20", Verb.EXPIRE, TicketState.OPEN)

    assert (card(life).waived, card(life).unfinished, card(life).reopened) == (1, 1, 0)


def test_announced_changes_are_counted_apart_with_their_notice() -> None:
    """Twenty days, two and five: the middle is five. Whom they touch counts; what came before the span does not."""
    hit = (Hit("p1", "revenue", Criticality.NORMAL, at("22")),)
    planned = (
        Planned("p1", at("02"), at("22"), hit),
        Planned("p2", at("02"), at("04")),
        Planned("p3", at("02"), at("07")),
        Planned("p0", at("01") - 90 * 24 * HOUR, at("01") - 24 * HOUR),
    )

    found = card(fixed(), planned=planned)

    assert (found.breaking, found.announced, found.unannounced) == (4, 3, 1)
    assert found.notice == dt.timedelta(days=5)
    assert (found.consumers, found.weighted) == (2, 4 + 1)


@pytest.mark.parametrize(("days", "count"), [(30, 3), (20, 1), (19, 0)])
def test_a_budget_counts_what_lies_within_its_own_time(days: int, count: int) -> None:
    """Changes of the second, ninth and tenth, seen from the thirtieth; the first moment of its time is in it."""
    story = (fixed().story, silent().story)

    found = spent(Budget(2, dt.timedelta(days=days), "go-token"), story, at("30 09:00"))

    assert (found.spent, found.left, found.over) == (count, max(0, 2 - count), count >= 2)
    assert found.when_spent == "go-token"


def test_a_budget_is_not_spent_by_what_was_no_break() -> None:
    """An upheld dispute gives it back; a change that broke several consumers is one."""
    wrong = Life("02").hit("c1", "revenue", Criticality.HIGH, "02").upheld("03", "04")
    month = Budget(3, dt.timedelta(days=40))

    assert card(wrong, fixed(), budget=month).budget == Spent(3, 1, dt.timedelta(days=40), "escalate")


def test_a_budget_of_nothing_is_spent_from_the_start() -> None:
    """Who promised none has none left."""
    assert spent(Budget(0, dt.timedelta(days=90)), (), UNTIL).over


@pytest.mark.parametrize(
    ("one", "other", "weight"),
    [
        (Criticality.LOW, Criticality.NORMAL, Criticality.NORMAL),
        (Criticality.HIGH, Criticality.NORMAL, Criticality.HIGH),
        (Criticality.CRITICAL, Criticality.LOW, Criticality.CRITICAL),
    ],
)
def test_a_consumer_is_hit_once_by_what_is_heaviest(one: Criticality, other: Criticality, weight: Criticality) -> None:
    """In whichever order it was hit."""
    hits = [Hit("c1", "revenue", one, SINCE), Hit("c2", "revenue", other, SINCE)]

    assert heaviest(hits) == heaviest(hits[::-1]) == {"revenue": weight}
