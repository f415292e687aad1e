"""Consent: who would break by a planned change and must be asked, and what their answers come to."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watcher.diff import diff
from watcher.diff.apply import apply
from watcher.model.announcement import Announcement, Answer, Asked, Deprecation, Silence, Terms, Word
from watcher.model.catalogue import Catalogue
from watcher.model.change import FieldRemoved
from watcher.model.contract import Subscription, SubscriptionName
from watcher.model.dataset import DatasetName
from watcher.model.errors import UsageError
from watcher.model.lookup import Place, find, members
from watcher.model.path import Member, canonical, steps
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState, Outcome, Violation
from watcher.rules.evaluate import flips

MAX_CLAUSES = 20
"""So many clauses of one consumer are told in words; how many more there are is said."""

DAY = dt.timedelta(days=1)
REMINDERS = (0.5, 0.9)
"""When a consumer that has not answered is reminded, as parts of its time to answer: halfway, and near the end."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One consumer who would break, and on what."""

    subscription: Subscription
    violations: tuple[Violation, ...]

    @property
    def certain(self) -> bool:
        """Whether a clause breaks for sure; otherwise one can no longer be judged."""
        return any(one.outcome is Outcome.BROKEN for one in self.violations)

    @property
    def clauses(self) -> tuple[str, ...]:
        """What breaks, in words."""
        told = tuple(dict.fromkeys(one.message for one in self.violations))
        more = len(told) - MAX_CLAUSES
        return told if more <= 0 else (*told[:MAX_CLAUSES], f"and {more} more")


class Says(enum.StrEnum):
    """What one consumer's word comes to at a moment."""

    ACCEPTS = "accepts"
    SILENT = "accepts by silence"
    NEEDS = "needs until a day"
    MISSING = "has not answered"
    OBJECTS = "objects"


_ACCEPTING = frozenset({Says.ACCEPTS, Says.SILENT})


@dataclass(frozen=True, slots=True)
class Voice:
    """One consumer's word at a moment; `start` is from when on the change is fine for it, None where nobody can say."""

    asked: Asked
    says: Says
    start: dt.datetime | None
    by: str | None = None
    reason: str = ""

    @property
    def name(self) -> SubscriptionName:
        """Whose word it is."""
        return self.asked.subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """What all answers come to at a moment.

    `start` is the moment from which all who have a say are ready, `earliest` the first day on which all could accept,
    None where somebody objects. `short` are those whose contract asks for more notice than they were given.
    """

    agreed: bool
    voices: tuple[Voice, ...]
    start: dt.datetime
    earliest: dt.date | None
    short: tuple[SubscriptionName, ...]
    sentences: tuple[str, ...]

    def voice(self, subscription: str) -> Voice | None:
        """The word of one consumer; None where it was not asked."""
        return next((one for one in self.voices if one.name == subscription), None)

    @property
    def missing(self) -> tuple[SubscriptionName, ...]:
        """Who has not answered."""
        return tuple(one.name for one in self.voices if one.says is Says.MISSING)

    @property
    def objected(self) -> tuple[SubscriptionName, ...]:
        """Who objects."""
        return tuple(one.name for one in self.voices if one.says is Says.OBJECTS)


def affected(
    catalogue: Catalogue, dataset: DatasetName, before: DatasetState, after: DatasetState, today: dt.date
) -> tuple[Affected, ...]:
    """Who would break, or could no longer be judged, if `after` took the place of `before`; by name.

    It is asked as the watcher itself judges when the change comes: what is broken already is nobody's question now.
    Raises SchemaError where the two cannot be compared.
    """
    changes = diff(before.schema, after.schema)
    found = []
    for one in catalogue.touching(dataset, changes):
        if one.in_force(today):
            violations = flips(one, dataset, before, after, changes)
            if violations:
                found.append(Affected(one, violations))
    return tuple(found)


def deprecated(schema: Schema, gone: Deprecation) -> Schema | None:
    """What is left when what is deprecated is gone; None: nothing. Raises UsageError for a path that leads nowhere."""
    if not gone.paths:
        return None
    facts = []
    for path in gone.paths:
        taken = steps(path)
        last = taken[-1] if taken else None
        if not isinstance(last, Member):
            raise UsageError(f"{str(path)!r} is no field that can be removed: name a field, such as `total.amount`")
        place = find(schema, canonical(taken[:-1]))
        owners = place.records if isinstance(place, Place) else ()
        fields = [members(one)[last.name] for one in owners if last.name in members(one)]
        if not fields:
            raise UsageError(f"there is no field {path} to be deprecated: `watcher diff` and the schema name what is")
        facts.append(FieldRemoved(canonical(taken), fields[0]))
    return apply(facts, schema)


def asked(one: Affected, terms: Terms, at: dt.datetime, *, told: bool = True) -> Asked:
    """One consumer as it is asked: it may take the notice that its contract asks for to answer."""
    who = one.subscription
    return Asked(
        subscription=who.name,
        consumer=str(who.consumer),
        criticality=who.criticality,
        at=at,
        answer_by=at + (who.notice or terms.silence),
        clauses=one.clauses,
        contact=who.consumer.contact,
        notice=who.notice,
        certain=one.certain,
        told=told,
    )


def standing(announcement: Announcement, answers: Sequence[Answer], now: dt.datetime) -> Standing:
    """What the answers come to at this moment; the last word of each subscription counts, and none of a stranger."""
    last: Mapping[str, Answer] = {one.subscription: one for one in answers if one.announcement == announcement.id}
    voices = tuple(_voice(announcement, one, last.get(one.subscription), now) for one in announcement.asked)
    since = announcement.since
    start = max([since, *(one.start for one in voices if one.says is Says.NEEDS and one.start is not None)])
    open_ = [one for one in voices if one.says in {Says.MISSING, Says.OBJECTS}]
    fits = announcement.until is None or start < announcement.until
    short = tuple(one.name for one in voices if one.says is not Says.ACCEPTS and _short(announcement, one.asked))
    earliest = None
    if not any(one.start is None for one in voices):
        earliest = _day(max([since, *(one.start for one in voices if one.start is not None)]))
    sentences = _sentences(announcement, voices, start, fits=fits)
    return Standing(not open_ and fits, voices, start, earliest, short, sentences)


def next_look(announcement: Announcement, answers: Sequence[Answer], now: dt.datetime) -> dt.datetime | None:
    """When the clock next has something to do with it; None: never again."""
    if not announcement.open:
        return None
    moments = [announcement.until] if announcement.until is not None else []
    for one in standing(announcement, answers, now).voices:
        if one.says is Says.MISSING:
            moments += [reminder for reminder in reminders(one.asked)[one.asked.reminded :] if one.asked.told]
            moments += [one.asked.answer_by] if one.asked.told and now < one.asked.answer_by else []
    return min(moments, default=None)


def reminders(one: Asked) -> tuple[dt.datetime, ...]:
    """When one consumer is reminded that has not answered."""
    return tuple(one.at + (one.answer_by - one.at) * part for part in REMINDERS)


def reminders_due(one: Asked, now: dt.datetime) -> int:
    """How many reminders should have been sent by now; those that were missed are one."""
    return sum(at <= now for at in reminders(one))


def _voice(announcement: Announcement, one: Asked, answer: Answer | None, now: dt.datetime) -> Voice:
    since = announcement.since
    if answer is not None:
        match answer.word:
            case Word.ACCEPT:
                return Voice(one, Says.ACCEPTS, since, answer.by, answer.reason)
            case Word.OBJECT:
                return Voice(one, Says.OBJECTS, None, answer.by, answer.reason)
            case Word.NEED_UNTIL:
                day = answer.until or since.date()
                needed = max(since, dt.datetime.combine(day, dt.time(), dt.UTC))
                return Voice(one, Says.NEEDS, needed, answer.by, answer.reason)
    told_by = max(since, one.at + (one.notice or dt.timedelta(0)))
    if not one.told or now < one.answer_by:
        return Voice(one, Says.MISSING, max(told_by, one.answer_by))
    if announcement.silence is Silence.OBJECTS:
        return Voice(one, Says.OBJECTS, None, reason="it never answered, and silence counts as an objection")
    return Voice(one, Says.SILENT, told_by)


def _short(announcement: Announcement, one: Asked) -> bool:
    """Whether the contract asks for more notice than there is."""
    return one.notice is not None and announcement.since - one.at < one.notice


def _sentences(
    announcement: Announcement, voices: Sequence[Voice], start: dt.datetime, *, fits: bool
) -> tuple[str, ...]:
    """What stands in the way, and what the answers were, one line a consumer; what is in the way first."""
    if not voices:
        return ("nobody who has a contract would break",)
    order = (Says.OBJECTS, Says.MISSING, Says.NEEDS, Says.SILENT, Says.ACCEPTS)
    told = [_sentence(one) for one in sorted(voices, key=lambda one: order.index(one.says))]
    if not fits and announcement.until is not None:
        told.insert(0, f"the window ends on {announcement.until:%Y-%m-%d}, before all are ready on {start:%Y-%m-%d}")
    for one in voices:
        if one.says is not Says.ACCEPTS and _short(announcement, one.asked) and one.asked.notice is not None:
            given = days(announcement.since - one.asked.at)
            told.append(f"{one.name} asks for {days(one.asked.notice)} of notice, and got {given}")
    return tuple(told)


def _sentence(one: Voice) -> str:
    because = f": {one.reason}" if one.reason else ""
    match one.says:
        case Says.ACCEPTS:
            return f"{one.name} accepts, says {one.by}{because}"
        case Says.OBJECTS:
            return f"{one.name} objects{f', says {one.by}' if one.by else ''}{because}"
        case Says.NEEDS:
            return f"{one.name} needs until {_day(one.start or one.asked.at)}, says {one.by}{because}"
        case Says.SILENT:
            return f"{one.name} said nothing until {one.asked.answer_by:%Y-%m-%d}, which counts as acceptance"
        case Says.MISSING if not one.asked.told:
            return f"{one.name} could not be asked: its contract names no channel to be told on; {_contact(one.asked)}"
        case Says.MISSING:
            return f"{one.name} has not answered; it may until {one.asked.answer_by:%Y-%m-%d}"


def _contact(one: Asked) -> str:
    return f"ask {one.contact}" if one.contact else f"ask somebody of {one.consumer}"


def days(span: dt.timedelta) -> str:
    """A span as people say it, in whole days, rounded down; below a day in hours."""
    if span < DAY:
        hours = max(0, int(span.total_seconds() // 3600))
        return f"{hours} hour{'s' * (hours != 1)}"
    return f"{span.days} day{'s' * (span.days != 1)}"


def _day(at: dt.datetime) -> dt.date:
    """The first day that begins at or after a moment, in UTC."""
    at = at.astimezone(dt.UTC)
    midnight = dt.datetime.combine(at.date(), dt.time(), dt.UTC)
    return at.date() if at == midnight else at.date() + DAY
