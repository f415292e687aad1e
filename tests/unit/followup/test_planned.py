"""Planned: a change that was seen, held against what was announced."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.parts.announcements import MADE, PLANNED, SINCE, UNTIL, announcement, days, invited, removal, said, violation
from watcher.followup.planned import FORGOTTEN, Announced, Fit, Reason, Weighed, covers, weigh
from watcher.model.announcement import Announcement, AnnouncementState, Answer, Deprecation, Word
from watcher.model.path import FieldPath
from watcher.model.verdict import Violation

FACTS = (removal("amount"), removal("tax"))
GOING = Deprecation((FieldPath("amount"),))


def held(one: Announcement, *answers: Answer) -> list[Announced]:
    return [Announced(one, answers)]


def outcome(
    announced: list[Announced], at: dt.datetime, *violations: Violation, facts: tuple[dict[str, object], ...] = FACTS
) -> Weighed:
    return weigh(announced, violations, facts, None, at)


@pytest.mark.parametrize(
    ("at", "fit"),
    [
        (SINCE - days(1), Fit.EARLY),
        (SINCE, Fit.INSIDE),
        (UNTIL - dt.timedelta(seconds=1), Fit.INSIDE),
        (UNTIL, Fit.LATE),
        (UNTIL + FORGOTTEN, Fit.OTHER),
    ],
)
def test_the_same_schema_counts_by_when_it_comes(at: dt.datetime, fit: Fit) -> None:
    """The window has a beginning that is in it, and an end that is not; long after it, nobody remembers."""
    assert covers(announcement(), (), PLANNED.address, at) is fit


def test_a_part_of_the_announced_facts_is_inside_and_one_more_is_not() -> None:
    """A change may come in steps; what was never announced is another change."""
    one = announcement(facts=FACTS)

    assert covers(one, FACTS[:1], None, SINCE) is Fit.INSIDE
    assert covers(one, (*FACTS, removal("id")), None, SINCE) is Fit.OTHER
    assert covers(one, (), None, SINCE) is Fit.OTHER


def test_a_deprecation_covers_the_removal_of_its_fields_and_of_what_is_below() -> None:
    """From the sunset on, and without an end; what merely looks alike by name is not meant."""
    one = announcement(planned=GOING)

    assert covers(one, (removal("amount.cents"),), None, SINCE + days(900)) is Fit.INSIDE
    assert covers(one, (removal("amount"),), None, SINCE - days(1)) is Fit.EARLY
    assert covers(one, (removal("amounts"),), None, SINCE) is Fit.OTHER
    assert covers(one, ({**removal("amount"), "kind": "type-changed"},), None, SINCE) is Fit.OTHER


def test_the_whole_dataset_may_go_only_where_that_was_said() -> None:
    """A field's sunset is no leave to drop the table."""
    dropped: dict[str, object] = {"kind": "dataset-dropped", "path": "", "before": [], "after": None}

    assert covers(announcement(planned=Deprecation()), (dropped,), None, SINCE) is Fit.INSIDE
    assert covers(announcement(planned=GOING), (dropped,), None, SINCE) is Fit.OTHER


def test_a_consumer_that_agreed_has_no_break() -> None:
    """Inside the window its violation is excused by the announcement, and nothing weighs more."""
    one = announcement(invited(), facts=FACTS)

    found = outcome(held(one, said(Word.ACCEPT)), SINCE, violation())

    assert found.excused == {"finance amount": "A-1"}
    assert found.aggravated == ()
    assert found.kept == ("A-1",)


def test_each_consumers_own_word_counts() -> None:
    """One agreed, one objected, one was not heard yet: three ways to end."""
    one = announcement(invited(), invited("search"), invited("ml", at=SINCE - days(1)), facts=FACTS)
    answers = [said(Word.ACCEPT), said(Word.OBJECT, "search", reason="the year's end")]

    found = outcome(held(one, *answers), SINCE, violation(), violation(name="search"), violation(name="ml"))

    assert list(found.excused) == ["finance amount"]
    assert found.aggravated == (Reason.OBJECTED,)
    assert found.sentences["search"] == "announcement A-1 was objected to: the year's end"
    assert found.sentences["ml"] == "as announced (announcement A-1), but not yet answered, 1 day after it was asked"


def test_an_answer_given_after_the_change_excuses_nothing() -> None:
    """Consent comes before the deed."""
    one = announcement(invited(at=SINCE - days(1)), facts=FACTS)

    assert outcome(held(one, said(Word.ACCEPT, at=SINCE + days(1))), SINCE, violation()).excused == {}


def test_too_early_weighs_more_even_for_those_who_agreed() -> None:
    """They agreed to a day."""
    one = announcement(invited(), facts=FACTS)

    found = outcome(held(one, said(Word.ACCEPT)), SINCE - days(8), violation())

    assert found.excused == {}
    assert found.aggravated == (Reason.EARLY,)
    assert found.sentences["finance"] == "early: announcement A-1 is for 2026-12-01, which is 8 days away"


def test_before_the_day_that_a_consumer_needs_is_early_for_it_alone() -> None:
    """The one who is ready is not hurt; for the other it is too early."""
    one = announcement(invited(), invited("search"), facts=FACTS)
    answers = [said(Word.NEED_UNTIL, until=dt.date(2026, 12, 4)), said(Word.ACCEPT, "search")]

    found = outcome(held(one, *answers), SINCE + days(1), violation(), violation(name="search"))

    assert list(found.excused) == ["search amount"]
    assert found.aggravated == (Reason.EARLY,)
    assert list(outcome(held(one, *answers), SINCE + days(3), violation()).excused) == ["finance amount"]


def test_a_removal_before_the_sunset_is_a_broken_promise() -> None:
    """After it, those who were told in time have no break."""
    one = announcement(invited(notice=10), planned=GOING)

    assert outcome(held(one), SINCE - days(1), violation()).aggravated == (Reason.EARLY_REMOVAL,)
    assert outcome(held(one), SINCE, violation()).excused == {"finance amount": "A-1"}


def test_who_was_told_of_a_sunset_too_late_has_a_break() -> None:
    """Thirty days were asked for, one was given, and nothing was said: it is a break, and the ticket says why."""
    one = announcement(invited(notice=30, at=SINCE - days(1)), planned=GOING)

    found = outcome(held(one), SINCE + days(1), violation(notice=30))

    assert found.excused == {}
    assert "2 days of notice where the contract asks for 30 days" in found.sentences["finance"]


def test_unannounced_weighs_more_only_for_those_who_ask_for_notice() -> None:
    """Who never asked to be told beforehand is broken as before, no worse."""
    found = outcome([], SINCE, violation(), violation(name="search", notice=14))

    assert found.aggravated == (Reason.UNANNOUNCED,)
    assert found.sentences == {"search": "unannounced: the contract asks for 14 days of notice, and there was none"}
    assert outcome([], SINCE, violation()) == Weighed()


def test_of_one_release_the_announced_part_is_told_from_the_other() -> None:
    """Each violation is measured by the fact that caused it."""
    one = announcement(invited(), facts=FACTS)
    release = (*FACTS, removal("id"))

    found = outcome(held(one, said(Word.ACCEPT)), SINCE, violation(), violation("id", notice=14), facts=release)

    assert list(found.excused) == ["finance amount"]
    assert found.aggravated == (Reason.UNANNOUNCED,)
    assert found.kept == ()


def test_what_was_withdrawn_or_made_afterwards_is_no_announcement() -> None:
    """Nobody announces a change after it came."""
    agreed = held(announcement(invited(), facts=FACTS, state=AnnouncementState.WITHDRAWN), said(Word.ACCEPT))
    late = held(announcement(invited(), facts=FACTS, since=MADE - days(7)), said(Word.ACCEPT))

    assert outcome(agreed, SINCE, violation(notice=14)).aggravated == (Reason.UNANNOUNCED,)
    assert outcome(late, MADE - days(1), violation(notice=14)).aggravated == (Reason.UNANNOUNCED,)


def test_a_sunset_is_used_up_once_it_was_seen() -> None:
    """A field that is made anew and goes again was not promised to go."""
    done = announcement(invited(), planned=GOING, state=AnnouncementState.DONE)

    assert outcome(held(done), SINCE + days(400), violation(notice=14)).aggravated == (Reason.UNANNOUNCED,)
    inside = announcement(invited(), facts=FACTS, state=AnnouncementState.DONE)
    assert outcome(held(inside, said(Word.ACCEPT)), SINCE, violation()).excused


def test_a_contract_that_came_after_the_announcement_is_told_so() -> None:
    """It was not asked: it is a break for it, of no more weight than another."""
    found = outcome(held(announcement(facts=FACTS)), SINCE, violation(notice=14))

    assert (found.excused, found.aggravated) == ({}, ())
    assert found.sentences["finance"] == "announcement A-1 is older than this contract, which was not asked"


def test_of_two_announcements_the_kinder_counts() -> None:
    """A removal that is early by one and inside by another is inside."""
    early = announcement(invited(), facts=FACTS, since=UNTIL)
    inside = announcement(invited(), facts=FACTS)

    found = weigh([Announced(early), Announced(inside, [said(Word.ACCEPT)])], [violation()], FACTS, None, SINCE)

    assert list(found.excused) == ["finance amount"]


def test_an_agreement_counts_before_a_window_that_went_by() -> None:
    """Whichever of the two was made first."""
    late = announcement(invited(), facts=FACTS, since=MADE, until=MADE + days(7))
    inside = announcement(invited(), facts=FACTS)

    found = weigh([Announced(late), Announced(inside, [said(Word.ACCEPT)])], [violation()], FACTS, None, SINCE)

    assert list(found.excused) == ["finance amount"]
