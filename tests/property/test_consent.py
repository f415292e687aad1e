"""Consent under any answers: what was agreed is excused, what is recorded is read back, and the last word counts."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.parts.announcements import MADE, SINCE, UNTIL, announcement, days, invited, removal, said, violation
from watcher.followup.consent import next_look, standing
from watcher.followup.planned import Announced, weigh
from watcher.model.address import address_of
from watcher.model.announcement import (
    Announcement,
    Answer,
    Asked,
    Deprecation,
    NewSchema,
    Silence,
    Word,
    announcement_of,
    answer_of,
)
from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText

NAMES = ("finance", "search", "ml", "ops")
MOMENTS = st.integers(0, 60 * 24).map(lambda hours: MADE + dt.timedelta(hours=hours))
DAYS = st.integers(0, 60).map(lambda count: (MADE + days(count)).date())


@st.composite
def invitations(draw: st.DrawFn) -> tuple[Asked, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    notice = st.one_of(st.none(), st.integers(1, 60))
    return tuple(invited(name, notice=draw(notice), told=draw(st.booleans()), at=draw(MOMENTS)) for name in names)


@st.composite
def answers(draw: st.DrawFn) -> list[Answer]:
    found = []
    for at in sorted(draw(st.lists(MOMENTS, max_size=8))):
        word = draw(st.sampled_from(Word))
        until = draw(DAYS) if word is Word.NEED_UNTIL else None
        found.append(said(word, draw(st.sampled_from(NAMES)), at=at, until=until, reason=draw(st.text(max_size=5))))
    return found


PLANNED = st.one_of(
    st.lists(st.text(min_size=1, max_size=3).map(FieldPath), max_size=3).map(lambda paths: Deprecation(tuple(paths))),
    st.builds(SchemaText, st.sampled_from(Format), st.text(max_size=20)).map(
        lambda text: NewSchema(text, address_of(text))
    ),
)


@st.composite
def announcements(draw: st.DrawFn) -> Announcement:
    return announcement(*draw(invitations()), planned=draw(PLANNED), silence=draw(st.sampled_from(Silence)))


@given(one=announcements(), said_=answers())
def test_what_is_recorded_is_read_back(one: Announcement, said_: list[Answer]) -> None:
    """Announcements and answers are the same after they were written as JSON."""
    assert announcement_of(json.loads(json.dumps(one.document()))) == one
    assert [answer_of(json.loads(json.dumps(each.document()))) for each in said_] == said_


@given(asked=invitations(), said_=answers(), at=st.integers(0, 7 * 24 - 1))
def test_what_all_agreed_to_breaks_nobody(asked: tuple[Asked, ...], said_: list[Answer], at: int) -> None:
    """Where the answers come to an agreement, each asked consumer's break is excused from its beginning on."""
    moment = SINCE + dt.timedelta(hours=at)
    one = announcement(*asked, facts=(removal("amount"),))
    heard = [each for each in said_ if each.at <= moment]
    stands = standing(one, heard, moment)
    if not stands.agreed or moment < stands.start:
        return

    broken = [violation(name=each.subscription) for each in asked]
    found = weigh([Announced(one, said_)], broken, one.facts, None, moment)

    assert set(found.excused) == {each.fingerprint for each in broken}
    assert found.aggravated == ()


@given(asked=invitations(), said_=answers(), now=MOMENTS)
def test_only_the_last_word_of_each_counts(asked: tuple[Asked, ...], said_: list[Answer], now: dt.datetime) -> None:
    """What somebody said before changes nothing."""
    one = announcement(*asked)
    last = {each.subscription: each for each in said_}

    assert standing(one, said_, now) == standing(one, list(last.values()), now)


@given(asked=invitations(), said_=answers(), now=MOMENTS)
def test_the_earliest_day_is_one_on_which_all_accept(
    asked: tuple[Asked, ...], said_: list[Answer], now: dt.datetime
) -> None:
    """Moved to that day, and looked at then, the same change is agreed, if everyone was reached."""
    one = announcement(*asked)
    stands = standing(one, said_, now)
    if stands.earliest is None or not all(each.told for each in asked):
        return
    day = dt.datetime.combine(stands.earliest, dt.time(), dt.UTC)

    assert day >= SINCE
    assert standing(replace(one, since=day, until=day + days(7)), said_, day).agreed


@given(asked=invitations(), said_=answers(), now=MOMENTS)
def test_the_clock_is_never_told_to_look_back(asked: tuple[Asked, ...], said_: list[Answer], now: dt.datetime) -> None:
    """Once reminders were sent that were due, the next look lies ahead, or the window is over."""
    reminded = tuple(replace(each, reminded=2) for each in asked)
    look = next_look(announcement(*reminded), said_, now)

    assert look is not None
    assert look > now or look == UNTIL
