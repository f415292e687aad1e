"""Plan: a change that a producer means to make, held against what stands now: what it comes to, and who would break."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watcher.diff import diff
from watcher.diff.render import to_json
from watcher.followup.consent import Affected, affected, asked, deprecated
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.naming import row_of
from watcher.handlers.judging.reading import once
from watcher.handlers.planning.invitations import Invitations
from watcher.handlers.planning.preview import next_shape
from watcher.handlers.telling import messages
from watcher.model.address import address_of
from watcher.model.announcement import (
    Announcement,
    Deprecation,
    NewSchema,
    Planned,
    Terms,
    announcement_id,
)
from watcher.model.dataset import DatasetName
from watcher.model.domain import UNOWNED
from watcher.model.errors import Undecidable, UsageError
from watcher.model.path import FieldPath
from watcher.model.schema import Schema, SchemaText
from watcher.model.verdict import DatasetState
from watcher.ports import DatasetRow, Transaction

LONGEST_AHEAD = dt.timedelta(days=2 * 365)
LONGEST_WINDOW = dt.timedelta(days=90)
LONGEST_TEXT = 2_000
"""Characters of a reason, a name: what people read, and not a place to keep things."""
MAX_FACTS = 5_000
"""So many facts of a planned change are kept; one that comes whole is known by its schema as well."""
MAX_PATHS = 1_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a producer plans: a `schema`, or, where there is none, that `paths` go away (none: the whole dataset).

    `on` is the first moment at which it may come, the sunset of a deprecation; `window` how long after it still may.
    """

    dataset: str
    on: dt.datetime
    by: str
    reason: str
    schema: SchemaText | None = None
    paths: tuple[str, ...] = ()
    window: dt.timedelta | None = None

    @property
    def planned(self) -> Planned:
        """As the announcement has it."""
        if self.schema is not None:
            return NewSchema(self.schema, address_of(self.schema))
        return Deprecation(tuple(FieldPath(one) for one in self.paths))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a planned change comes to: the facts (a deprecation has none), and who would break."""

    dataset: DatasetName
    facts: tuple[Mapping[str, Any], ...]
    affected: tuple[Affected, ...]


def read(tx: Transaction, judgement: Judgement, dataset: str, planned: Planned, now: dt.datetime) -> Plan:
    """Hold a planned change against what stands now.

    Raises UsageError where it cannot be one, Undecidable where what stands, or the schema, cannot be read.
    """
    catalogue = judgement.catalogue()
    row = row_of(tx, catalogue, dataset)
    if row is None:
        raise UsageError(f"{dataset} is not known: `watcher check` names datasets as contracts do, kafka://prod/orders")
    before = judgement.standing(tx, row)
    if before.unreadable is not None:
        raise Undecidable(
            f"what stands at {dataset} cannot be read, so nobody can say who would break: {before.unreadable}"
        )
    if before.schema is None:
        raise UsageError(f"{dataset} is not there any more: there is nothing to change")
    if isinstance(planned, Deprecation):
        schema = deprecated(before.schema, planned)
    else:
        schema = next_shape(tx, judgement, row, catalogue.canonical(dataset), planned.text)
    after = _state(tx, judgement, row, schema, before)
    facts: tuple[Mapping[str, Any], ...] = ()
    if isinstance(planned, NewSchema):
        changes = diff(before.schema, schema)
        facts = tuple(messages.fact(to_json(one, str(row.dataset))) for one in changes)
    return Plan(row.dataset, facts[:MAX_FACTS], affected(catalogue, row.dataset, before, after, now.date()))


def who(tx: Transaction, judgement: Judgement, proposal: Proposal, terms: Terms, now: dt.datetime) -> Announcement:
    """The announcement as it would be made at this moment, with everyone who would be asked; nothing is recorded."""
    _check(proposal, terms, now)
    planned = proposal.planned
    plan = read(tx, judgement, proposal.dataset, planned, now)
    if isinstance(planned, NewSchema) and not plan.facts:
        raise UsageError(f"nothing would change: {proposal.dataset} has this schema already")
    owner = judgement.catalogue().owner_of(plan.dataset)
    invitations = Invitations(tx, judgement, now)
    return Announcement(
        id=announcement_id(plan.dataset, planned, proposal.on, now),
        domain=owner.name if owner else UNOWNED,
        dataset=plan.dataset,
        planned=planned,
        since=proposal.on,
        until=proposal.on + (proposal.window or terms.window) if isinstance(planned, NewSchema) else None,
        by=proposal.by.strip(),
        reason=proposal.reason.strip(),
        made_at=now,
        silence=terms.counts_as,
        asked=tuple(asked(one, terms, now, told=invitations.can_ask(one.subscription)) for one in plan.affected),
        facts=plan.facts,
        named=proposal.dataset,
    )


def _check(proposal: Proposal, terms: Terms, now: dt.datetime) -> None:
    """Refuse what is no plan; raises UsageError, which says what to do."""
    for what, written in (("who announces it (`by`)", proposal.by), ("a reason", proposal.reason)):
        if not written.strip():
            raise UsageError(f"{what} is missing: those who are asked will read it")
        if len(written) > LONGEST_TEXT:
            raise UsageError(f"{what} may have {LONGEST_TEXT} characters")
    if len(proposal.paths) > MAX_PATHS:
        raise UsageError(f"{MAX_PATHS} paths can be deprecated at once: deprecate the dataset, or do it in parts")
    window = terms.window if proposal.window is None else proposal.window
    if not dt.timedelta(0) < window <= LONGEST_WINDOW:
        raise UsageError(f"the window is longer than nothing, and has {LONGEST_WINDOW.days} days at most")
    if proposal.on > now + LONGEST_AHEAD:
        raise UsageError(
            f"{proposal.on:%Y-%m-%d} is more than {LONGEST_AHEAD.days} days ahead: nobody can answer to that"
        )
    end = proposal.on + window if proposal.schema is not None else proposal.on + dt.timedelta(days=1)
    if end <= now:
        raise UsageError(f"{proposal.on:%Y-%m-%d} is over: what was done cannot be announced any more")


def _state(
    tx: Transaction, judgement: Judgement, row: DatasetRow, schema: Schema | None, before: DatasetState
) -> DatasetState:
    """The dataset as it would be, as the rules see it."""
    if schema is None:
        return DatasetState(None, last=before.schema, level=before.level)
    reads = once(lambda expectation: judgement.reads(tx, expectation, schema, row))
    return DatasetState(schema, reads=reads, level=before.level)
