"""Recognise: a change that was seen as one that was announced, and what that does to the weight of what it broke."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from watcher.followup.planned import Announced, Weighed, key_of, weigh
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.planning.announce import Announcing
from watcher.model.address import address_of
from watcher.model.announcement import Announcement, AnnouncementState, Deprecation, NewSchema, Terms
from watcher.model.errors import SchemaError
from watcher.model.lookup import Place, find
from watcher.model.schema import Fingerprint
from watcher.model.ticket import WATCHER
from watcher.model.verdict import DatasetState, Violation
from watcher.ports import DatasetRow, Transaction

Facts = Sequence[Mapping[str, Any]]


def recognise(  # noqa: PLR0913, PLR0917 - the step that was judged, and what it did
    tx: Transaction,
    judgement: Judgement,
    row: DatasetRow,
    after: DatasetState,
    violations: Sequence[Violation],
    facts: Facts,
    now: dt.datetime,
) -> Weighed:
    """Hold one judged step against the dataset's announcements; what came whole, as announced, is done.

    The moment that counts is the change's own, not when it was heard or judged.
    """
    announcements = tx.announcements_for(row.dataset)
    if not announcements:
        return weigh((), violations, facts, None, row.moved_at)
    known = [Announced(one, tx.answers(one.id)) for one in announcements]
    address = _address(tx, judgement, row) if any(isinstance(one.planned, NewSchema) for one in announcements) else None
    weighed = weigh(known, violations, facts, address, row.moved_at)
    announcing = Announcing(tx, judgement, Terms(), now)
    for one in announcements:
        if one.id in weighed.kept and one.open and _whole(one, after, facts, address):
            announcing.move(one, AnnouncementState.DONE, WATCHER, f"seen as announced, at {row.position}")
    announcing.send()
    return weighed


def _address(tx: Transaction, judgement: Judgement, row: DatasetRow) -> Fingerprint | None:
    """The content address of what stands now, as announcements write it."""
    if row.current is None:
        return None
    try:
        return address_of(judgement.shelf.text(tx, row.current))
    except SchemaError:
        return None


def _whole(one: Announcement, after: DatasetState, facts: Facts, address: Fingerprint | None) -> bool:
    """Whether nothing of it is left to come."""
    planned = one.planned
    if isinstance(planned, Deprecation):
        schema = after.schema
        return schema is None or (
            bool(planned.paths) and not any(isinstance(find(schema, path), Place) for path in planned.paths)
        )
    return planned.address == address or {key_of(one) for one in one.facts} <= {key_of(one) for one in facts}
