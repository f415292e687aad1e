"""Guard: a compatibility level that was lowered or raised is a change of its own, recorded and never blamed."""

from __future__ import annotations

import datetime as dt
import hashlib

import structlog

from watcher.diff.render import to_json
from watcher.model.catalogue import Catalogue
from watcher.model.change import CompatibilityLowered, CompatibilityRaised
from watcher.model.dataset import DatasetName, Subject
from watcher.model.domain import UNOWNED
from watcher.model.observation import GuardChanged, Heard
from watcher.ports import ChangeRow, Transaction

log = structlog.get_logger(__name__)


def record_guard(
    tx: Transaction, catalogue: Catalogue, observation: GuardChanged, heard: Heard, moved_at: dt.datetime
) -> None:
    """Record that a subject, a context or the whole registry is guarded by another level than before."""
    made = CompatibilityLowered if observation.lowered else CompatibilityRaised
    fact = made(before=observation.before, after=observation.after)
    dataset = observation.dataset or DatasetName(observation.scope)
    owner = catalogue.owner_of(observation.dataset) if observation.dataset else None
    identity = f"{heard.position}\x1f{observation.scope}\x1f{observation.before}\x1f{observation.after}"
    tx.add_change(
        ChangeRow(
            id=hashlib.sha256(identity.encode()).hexdigest()[:24],
            dataset=dataset,
            subject=heard.subject or Subject(observation.scope),
            domain=owner.name if owner else UNOWNED,
            before=None,
            after=None,
            before_version=None,
            after_version=None,
            changes=[to_json(fact, str(dataset))],
            verdicts=[],
            position=heard.position,
            at=moved_at,
        )
    )
    log.info(
        "guard.changed",
        scope=observation.scope,
        before=observation.before,
        after=observation.after,
        lowered=observation.lowered,
        position=str(heard.position),
    )
