"""The ledger's side of planned changes: announcements, and what consumers answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select, update

from watcher.ledger import nouns
from watcher.ledger.chain import Chain
from watcher.ledger.tables import WATCHED, announcements, answers
from watcher.model.announcement import OPEN_STATES, Announcement, Answer
from watcher.model.dataset import DatasetName


class SqlAnnouncements(Chain):
    """`Announcements` as queries."""

    def add_announcement(self, announcement: Announcement) -> None:
        """Record a planned change; the chain has it too."""
        if self._add(announcements, [nouns.announcement_values(announcement)]):
            self.record("announcement.made", announcement.id, announcement.document(), announcement.made_at)

    def put_announcement(self, announcement: Announcement, look_at: dt.datetime | None) -> None:
        """Set where an announcement stands, and when the clock next has something to do with it."""
        one = announcements.c
        values = {"document": announcement.document(), "state": announcement.state, "look_at": look_at}
        self._connection.execute(update(announcements).where(one.id == announcement.id).values(**values))

    def announcement(self, announcement: str) -> Announcement | None:
        """One announcement; on PostgreSQL its row is locked until the transaction ends."""
        query = select(announcements).where(announcements.c.id == announcement).with_for_update()
        found = self._connection.execute(query).first()
        return None if found is None else nouns.announcement(found)

    def announcements_for(self, dataset: DatasetName) -> Sequence[Announcement]:
        """All announcements about a dataset, oldest first."""
        query = select(announcements).where(announcements.c.dataset == dataset).order_by(announcements.c.number)
        return [nouns.announcement(row) for row in self._connection.execute(query)]

    def list_announcements(self, limit: int = 100, *, open_only: bool = False) -> Sequence[Announcement]:
        """Announcements, the newest first."""
        query = select(announcements).order_by(announcements.c.number.desc()).limit(limit)
        if open_only:
            query = query.where(announcements.c.state.in_(sorted(OPEN_STATES)))
        return [nouns.announcement(row) for row in self._connection.execute(query)]

    def due_announcements(self, now: dt.datetime, limit: int) -> Sequence[Announcement]:
        """Announcements with which the clock has something to do; what another worker has is left to it."""
        one = announcements.c
        query = select(announcements).where(WATCHED, one.look_at <= now).order_by(one.look_at).limit(limit)
        return [nouns.announcement(row) for row in self._connection.execute(query.with_for_update(skip_locked=True))]

    def next_due_announcement(self) -> dt.datetime | None:
        """When the clock next has something to do with an announcement."""
        return self._connection.execute(select(func.min(announcements.c.look_at)).where(WATCHED)).scalar()

    def add_answer(self, answer: Answer) -> None:
        """Record what a consumer said of an announcement; the chain has it too."""
        self._add(answers, [nouns.answer_values(answer)])
        self.record("announcement.answered", answer.announcement, answer.document(), answer.at)

    def answers(self, announcement: str) -> Sequence[Answer]:
        """All answers to an announcement, oldest first."""
        query = select(answers).where(answers.c.announcement == announcement).order_by(answers.c.number)
        return [nouns.answer(row) for row in self._connection.execute(query)]
