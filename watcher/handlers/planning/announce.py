"""Announce: a producer plans a change; who would break is asked, reminded, heard, and what it comes to is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from watcher.followup.consent import Standing, asked, next_look, reminders_due, standing
from watcher.followup.planned import key_of
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.planning.go import Signer
from watcher.handlers.planning.invitations import Invitations
from watcher.handlers.planning.plan import LONGEST_AHEAD, LONGEST_TEXT, MAX_FACTS, Proposal, read, who
from watcher.model.announcement import Announcement, AnnouncementState, Answer, Asked, Deprecation, Terms, Word
from watcher.model.errors import Undecidable, UsageError
from watcher.model.ticket import WATCHER
from watcher.ports import Transaction

log = structlog.get_logger(__name__)

LOOKED_AT = dt.timedelta(days=1)
"""How long an open announcement is left alone at most: contracts that came meanwhile are asked too."""


class NoAnnouncement(UsageError):  # noqa: N818 - reads as what it is
    """There is none of this id."""


class Announcing:
    """What is done with planned changes within one transaction, at one moment, under these terms."""

    def __init__(self, tx: Transaction, judgement: Judgement, terms: Terms, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._terms = terms
        self._now = now
        self._invitations = Invitations(tx, judgement, now)

    def who(self, proposal: Proposal) -> Announcement:
        """The announcement as it would be made now, with everyone who would be asked; nothing is recorded."""
        return who(self._tx, self._judgement, proposal, self._terms, self._now)

    def propose(self, proposal: Proposal) -> Announcement:
        """Record a planned change, and ask everyone who would break; raises UsageError where it cannot be one."""
        self._tx.hold_chain()
        one = self.who(proposal)
        for other in self._tx.announcements_for(one.dataset):
            if other.open and other.planned == one.planned:
                raise UsageError(
                    f"{other.id} announces the same already, for {other.since:%Y-%m-%d}: "
                    "withdraw it to name another day"
                )
        self._tx.add_announcement(one)
        log.info("announcement.made", announcement=one.id, domain=one.domain, dataset=one.dataset, asked=len(one.asked))
        for each in one.asked:
            self._invitations.ask(one, each)
        return self._settled(one)

    def answer(self, said: Answer) -> Announcement:
        """Record what a consumer says; its last word counts. Raises UsageError for a stranger, or where it is over."""
        self._tx.hold_chain()
        one = self.found(said.announcement)
        names = [str(each.subscription) for each in one.asked]
        if str(said.subscription) not in names:
            listed = ", ".join(names[:20]) or "nobody"
            raise UsageError(f"{said.subscription} is not asked by {one.id}: asked is {listed}")
        _check(said)
        if not one.open:
            raise UsageError(f"{one.id} is {one.state}: there is nothing to answer any more")
        self._tx.add_answer(said)
        log.info("announcement.answered", announcement=one.id, subscription=said.subscription, answer=said.word.value)
        self._invitations.answered(one, said, self._standing(one))
        return self._settled(one)

    def withdraw(self, announcement: str, by: str, reason: str = "") -> Announcement:
        """Take a planned change back; a token that was given ends by itself, with its window."""
        self._tx.hold_chain()
        one = self.found(announcement)
        _signed(by, reason)
        if not one.open:
            raise UsageError(f"{one.id} is {one.state}: there is nothing to withdraw")
        one = self.move(one, AnnouncementState.WITHDRAWN, by, reason)
        self._invitations.send()
        return one

    def look(self, limit: int = 100) -> int:
        """What the clock has to do: ask newcomers, remind, and conclude; how many announcements were looked at.

        What was missed while nobody looked comes once: one reminder, not each that was due.
        """
        due_at = self._tx.next_due_announcement()
        if due_at is None or due_at > self._now:
            return 0
        self._tx.hold_chain()
        due = self._tx.due_announcements(self._now, limit)
        for one in due:
            self._settled(self._reminded(self._refreshed(one)))
        return len(due)

    def move(self, one: Announcement, state: AnnouncementState, by: str, reason: str = "") -> Announcement:
        """Bring an announcement to another state: recorded, and told to everyone concerned when `send` is called."""
        self._tx.hold_chain()
        moved = self._put(one.moved(state, self._now))
        said = {"before": one.state.value, "after": state.value, "by": by, "reason": reason}
        self._tx.record("announcement.moved", moved.id, said, self._now)
        log.info("announcement.moved", announcement=moved.id, before=one.state.value, after=state.value, by=by)
        if state is not AnnouncementState.PROPOSED:
            self._invitations.decided(moved, self._standing(moved), by, reason)
        return moved

    def send(self) -> int:
        """Wish what is to be told; how many messages."""
        return self._invitations.send()

    def found(self, announcement: str) -> Announcement:
        """An announcement; raises UsageError where there is none."""
        one = self._tx.announcement(announcement)
        if one is None:
            raise NoAnnouncement(f"there is no announcement {announcement}: `watcher announce list` has them all")
        return one

    def go(self, announcement: str, signer: Signer) -> dict[str, Any]:
        """The token of an announcement that is agreed; raises UsageError where it is not, or is over."""
        one = self.found(announcement)
        token = signer.go(one, self._standing(one), self._now)
        return {"announcement": one.id, "dataset": str(one.dataset), "token": token, "key": signer.public.id}

    def shown(self, one: Announcement) -> dict[str, Any]:
        """An announcement as people and machines are shown it."""
        return document(one, self._tx.answers(one.id), self._now)

    def _settled(self, one: Announcement) -> Announcement:
        """Put the announcement where the answers and the clock have brought it, and tell of it."""
        state = _state(one, self._standing(one), self._now)
        one = self._put(one) if state is one.state else self.move(one, state, WATCHER)
        self._invitations.send()
        return one

    def _put(self, one: Announcement) -> Announcement:
        later = self._now + LOOKED_AT
        due = next_look(one, self._tx.answers(one.id), self._now)
        self._tx.put_announcement(one, min(due or later, later) if one.open else None)
        return one

    def _standing(self, one: Announcement) -> Standing:
        return standing(one, self._tx.answers(one.id), self._now)

    def _refreshed(self, one: Announcement) -> Announcement:
        """With those asked too who would break by now, and without those whose contract is over."""
        kept = {each.subscription: each for each in one.asked if self._in_force(each)}
        try:
            plan = read(self._tx, self._judgement, one.dataset, one.planned, self._now)
        except (UsageError, Undecidable):
            return replace(one, asked=tuple(kept.values()))  # who would break cannot be told at the moment
        for each in plan.affected:
            known = kept.get(each.subscription.name)
            if known is not None and (known.told or not self._invitations.can_ask(each.subscription)):
                continue
            told = self._invitations.can_ask(each.subscription)
            kept[each.subscription.name] = fresh = asked(each, self._terms, self._now, told=told)
            self._invitations.ask(one, fresh)
        known_facts = {key_of(fact) for fact in one.facts}
        facts = (*one.facts, *(fact for fact in plan.facts if key_of(fact) not in known_facts))
        return replace(one, asked=tuple(kept.values()), facts=facts[:MAX_FACTS])

    def _reminded(self, one: Announcement) -> Announcement:
        """With those reminded who have not answered, once for all that is due."""
        silent = self._standing(one).missing
        after: list[Asked] = []
        for each in one.asked:
            due = reminders_due(each, self._now)
            if each.told and each.subscription in silent and due > each.reminded:
                self._invitations.ask(one, each, reminder=due)
                log.info("announcement.reminded", announcement=one.id, subscription=each.subscription, reminder=due)
                after.append(replace(each, reminded=due))
            else:
                after.append(each)
        return replace(one, asked=tuple(after))

    def _in_force(self, one: Asked) -> bool:
        """Whether a contract still has a say; while documents cannot be read, its absence proves nothing."""
        subscription = self._judgement.catalogue().subscription(one.subscription)
        if subscription is None:
            return not self._judgement.whole()
        return subscription.in_force(self._now.date())


def document(announcement: Announcement, answers: Sequence[Answer], now: dt.datetime) -> dict[str, Any]:
    """An announcement as people and machines are shown it: every answer, and what they come to at this moment."""
    stands = standing(announcement, answers, now)
    return {
        **announcement.document(),
        "agreed": stands.agreed,
        "start": stands.start.isoformat(),
        "earliest": None if stands.earliest is None else stands.earliest.isoformat(),
        "short": [str(one) for one in stands.short],
        "voices": [
            {
                "subscription": str(one.name),
                "consumer": one.asked.consumer,
                "contact": one.asked.contact,
                "criticality": one.asked.criticality.value,
                "says": one.says.value,
                "by": one.by,
                "reason": one.reason,
                "clauses": list(one.asked.clauses),
                "answer_by": one.asked.answer_by.isoformat(),
            }
            for one in stands.voices
        ],
        "sentences": list(stands.sentences),
        "answers": [one.document() for one in answers],
    }


def summary(announcement: Announcement, answers: Sequence[Answer], now: dt.datetime) -> dict[str, Any]:
    """An announcement in a list: what it is and where it stands, without the schema and each consumer's word."""
    stands = standing(announcement, answers, now)
    planned = "a schema"
    if isinstance(announcement.planned, Deprecation):
        shown = ", ".join(announcement.planned.paths[:5]) + (", …" if len(announcement.planned.paths) > 5 else "")
        planned = f"{shown or 'the dataset'} goes"
    kept = ("id", "domain", "dataset", "since", "until", "by", "reason", "made_at", "state", "decided_at")
    whole = replace(announcement, planned=Deprecation(), facts=(), asked=()).document()
    return {
        **{key: whole[key] for key in kept},
        "planned": planned,
        "changes": len(announcement.facts),
        "asked": len(stands.voices),
        "missing": len(stands.missing),
        "objected": len(stands.objected),
        "agreed": stands.agreed,
        "earliest": None if stands.earliest is None else stands.earliest.isoformat(),
    }


def _state(one: Announcement, stands: Standing, now: dt.datetime) -> AnnouncementState:
    """Where it stands by the answers; once all agreed, a newcomer's silence does not undo it, an objection does."""
    if not one.open:
        return one.state
    if one.until is not None and now >= one.until:
        return AnnouncementState.LAPSED
    if stands.objected:
        return AnnouncementState.OBJECTED
    fits = one.until is None or stands.start < one.until
    if stands.agreed or (one.state is AnnouncementState.AGREED and fits):
        return AnnouncementState.AGREED
    return AnnouncementState.PROPOSED


def _check(said: Answer) -> None:
    _signed(said.by, said.reason)
    if said.word is Word.OBJECT and not said.reason.strip():
        raise UsageError("an objection needs a reason, which the producer will read")
    if (said.word is Word.NEED_UNTIL) is (said.until is None):
        raise UsageError("`need-until` names a day, such as 2026-12-15; `accept` and `object` name none")
    if said.until is not None and said.until > (said.at + LONGEST_AHEAD).date():
        raise UsageError(
            f"{said.until} is more than {LONGEST_AHEAD.days} days ahead: name a nearer day, or `object` with the reason"
        )


def _signed(by: str, reason: str) -> None:
    if not by.strip():
        raise UsageError("say who you are: every word about a planned change is on record")
    if len(reason) > LONGEST_TEXT or len(by) > LONGEST_TEXT:
        raise UsageError(f"a reason, and a name, may have {LONGEST_TEXT} characters")
