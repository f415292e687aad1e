"""Planned: whether a change that was seen is one that was announced, and what that does to the weight of its breaks."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from watcher.followup.consent import Says, Standing, Voice, days, standing
from watcher.model.announcement import Announcement, AnnouncementState, Answer, Deprecation
from watcher.model.schema import Fingerprint
from watcher.model.verdict import Violation

Fact = Mapping[str, Any]
"""A fact of the diff as JSON: kind, path, before, after."""

_GOING = frozenset({"field-removed", "branch-removed"})


FORGOTTEN = dt.timedelta(days=30)
"""So long after its window a change is still told to be late; later, it is one that nobody announced."""


class Fit(enum.StrEnum):
    """How a change that was seen stands to an announcement."""

    INSIDE = "inside"
    EARLY = "early"
    LATE = "late"
    OTHER = "other"


class Reason(enum.StrEnum):
    """Why a break weighs one step more."""

    UNANNOUNCED = "unannounced"
    """The consumer's contract asks for notice, and there was none."""
    EARLY = "early"
    EARLY_REMOVAL = "early removal"
    """Before the sunset that the producer had promised."""
    OBJECTED = "objected"


@dataclass(frozen=True, slots=True)
class Announced:
    """One announcement with what was answered, as a change is held against it."""

    announcement: Announcement
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Weighed:
    """What announcements do to a step's violations.

    `excused` are those that their consumer consented to, by fingerprint, with the announcement's id. `aggravated` are
    the reasons why the others weigh more, `sentences` what is to be said of it all in the ticket, by subscription.
    `kept` are the announcements that the step made good.
    """

    excused: Mapping[str, str] = field(default_factory=dict)
    aggravated: tuple[Reason, ...] = ()
    sentences: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


def covers(
    announcement: Announcement,
    facts: Sequence[Fact],
    after: Fingerprint | None,
    at: dt.datetime,
    start: dt.datetime | None = None,
) -> Fit:
    """Whether these facts are what was announced, and whether they came when they should.

    The schema itself counts, by its `address_of` (`after`), and so do facts that all are among the proposed ones: a
    change may come in parts. `start` is from when on the consumers are ready, where that is later than the window.
    """
    return _fit(_Held.of(Announced(announcement), at), facts, after, at, start)


def weigh(
    announcements: Sequence[Announced],
    violations: Sequence[Violation],
    facts: Sequence[Fact],
    after: Fingerprint | None,
    at: dt.datetime,
) -> Weighed:
    """What the announcements do to a step's violations; each violation is measured by the fact that caused it.

    Only a consumer's own word, or its silence, excuses what breaks for it. What was not announced weighs more only for
    those whose contract asks for notice; what came early, or against an objection, for everyone.
    """
    held = [
        _Held.of(one, at) for one in announcements if one.announcement.made_at <= at and not _over(one.announcement)
    ]
    excused: dict[str, str] = {}
    reasons: dict[Reason, None] = {}
    sentences: dict[str, str] = {}
    for violation in violations:
        cause = (violation.change,) if violation.change is not None else tuple(facts)
        word = _best(held, violation, cause, after, at)
        if word.excused_by is not None:
            excused[violation.fingerprint] = word.excused_by
        elif word.reason is not None:
            reasons[word.reason] = None
        if word.sentence:
            sentences.setdefault(str(violation.subscription.name), word.sentence)
    kept = tuple(one.announcement.id for one in held if _fit(one, facts, after, at) is Fit.INSIDE)
    return Weighed(excused, tuple(reasons), sentences, kept)


def _over(one: Announcement) -> bool:
    """Whether it was taken back, or promised a removal that was seen: what is made anew and goes again is another."""
    done = one.state is AnnouncementState.DONE and one.until is None
    return done or one.state is AnnouncementState.WITHDRAWN


@dataclass(frozen=True, slots=True)
class _Held:
    """One announcement as a step is held against it: what was answered until then, and its facts by their keys."""

    announcement: Announcement
    standing: Standing
    proposed: frozenset[str]

    @classmethod
    def of(cls, one: Announced, at: dt.datetime) -> _Held:
        """As of the moment of the step."""
        said = [answer for answer in one.answers if answer.at <= at]
        keys = frozenset(key_of(fact) for fact in one.announcement.facts)
        return cls(one.announcement, standing(one.announcement, said, at), keys)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one announcement, or none, says of one violation."""

    sentence: str = ""
    excused_by: str | None = None
    reason: Reason | None = None


def _best(
    held: Iterable[_Held],
    violation: Violation,
    cause: Sequence[Fact],
    after: Fingerprint | None,
    at: dt.datetime,
) -> _Finding:
    """By the announcement that fits best: what excuses, before what is in order, before what weighs more."""
    found = []
    for one in held:
        voice = one.standing.voice(violation.subscription.name)
        fit = _fit(one, cause, after, at, voice.start if voice is not None and voice.says is Says.NEEDS else None)
        if fit is not Fit.OTHER:
            found.append(_finding(one.announcement, voice, fit, at))
    if not found:
        return _unannounced(violation)
    return min(found, key=lambda one: (one.excused_by is None, one.reason is not None))


def _finding(one: Announcement, voice: Voice | None, fit: Fit, at: dt.datetime) -> _Finding:
    name = f"announcement {one.id}"
    if fit is Fit.EARLY:
        day = voice.start if voice is not None and voice.says is Says.NEEDS and voice.start else one.since
        ahead = days(day - at)
        if isinstance(one.planned, Deprecation):
            told = f"early removal: {name} promised that it stays until {day:%Y-%m-%d}, which is {ahead} away"
            return _Finding(told, reason=Reason.EARLY_REMOVAL)
        return _Finding(f"early: {name} is for {day:%Y-%m-%d}, which is {ahead} away", reason=Reason.EARLY)
    if fit is Fit.LATE and one.until is not None:
        return _Finding(f"{name} was for a window that ended on {one.until:%Y-%m-%d}: it counts no more")
    if voice is None:
        return _Finding(f"{name} is older than this contract, which was not asked")
    if voice.says in {Says.ACCEPTS, Says.SILENT, Says.NEEDS}:
        return _Finding(f"as announced ({name}), and consented to", excused_by=one.id)
    if voice.says is Says.OBJECTS:
        because = f": {voice.reason}" if voice.reason else ""
        return _Finding(f"{name} was objected to{because}", reason=Reason.OBJECTED)
    return _Finding(f"as announced ({name}), but {_unanswered(voice, at)}")


def _unanswered(voice: Voice, at: dt.datetime) -> str:
    one = voice.asked
    given = days(at - one.at)
    if not one.told:
        return "this consumer could not be asked: its contract names no channel to be told on"
    if one.notice is not None and at - one.at < one.notice:
        return f"with {given} of notice where the contract asks for {days(one.notice)}, and not yet answered"
    return f"not yet answered, {given} after it was asked"


def _unannounced(violation: Violation) -> _Finding:
    notice = violation.subscription.notice
    if notice is None:
        return _Finding()
    told = f"unannounced: the contract asks for {days(notice)} of notice, and there was none"
    return _Finding(told, reason=Reason.UNANNOUNCED)


def _fit(
    held: _Held, facts: Sequence[Fact], after: Fingerprint | None, at: dt.datetime, start: dt.datetime | None = None
) -> Fit:
    one = held.announcement
    if not _meant(held, facts, after):
        return Fit.OTHER
    if at < (one.since if start is None else start):
        return Fit.EARLY
    if one.until is None or at < one.until:
        return Fit.INSIDE
    return Fit.LATE if at < one.until + FORGOTTEN else Fit.OTHER


def _meant(held: _Held, facts: Sequence[Fact], after: Fingerprint | None) -> bool:
    planned = held.announcement.planned
    if isinstance(planned, Deprecation):
        return removes(planned, facts)
    if after is not None and after == planned.address:
        return True
    return bool(facts) and all(key_of(one) in held.proposed for one in facts)


def removes(planned: Deprecation, facts: Sequence[Fact]) -> bool:
    """Whether all of these facts are removals of what was deprecated."""
    return bool(facts) and all(_goes(one, planned) for one in facts)


def key_of(fact: Fact) -> str:
    """What makes a fact the same one: not how sure a rename is, nor the dataset's name, which may have an alias."""
    told = [fact.get(key) for key in ("kind", "path", "before", "after")]
    return json.dumps(told, sort_keys=True, default=str)


def _goes(fact: Fact, planned: Deprecation) -> bool:
    if fact.get("kind") == "dataset-dropped":
        return not planned.paths
    return fact.get("kind") in _GOING and planned.holds(str(fact.get("path")))
