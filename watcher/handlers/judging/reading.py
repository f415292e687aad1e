"""Reading: which schemas consumers read a dataset with, and whether each can read what is written now.

A contract may carry a reader schema, or name the registered version that its consumer was built on. Together these are
the versions in use: the ones that a registry's transitive level stands for, without those that nobody has any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from watcher.model.compatibility import Incompatibility
from watcher.model.contract import ReadsVersion, ReadsWith, Subscription
from watcher.model.dataset import Subject
from watcher.model.errors import Undecidable
from watcher.model.observation import VersionStands
from watcher.model.schema import Schema, SchemaText

Reads: TypeAlias = Callable[[ReadsWith | ReadsVersion], tuple[Incompatibility, ...]]
"""Why a consumer's reader schema cannot read what is written; empty where it can. Raises Undecidable."""

MAX_NAMED = 20
"""So many versions, incompatibilities or consumers are named; the rest are counted."""


def once(reads: Reads) -> Reads:
    """The same answers, each found once: a thousand consumers may read with one version."""
    known: dict[int | SchemaText, tuple[Incompatibility, ...] | str] = {}

    def remembered(expectation: ReadsWith | ReadsVersion) -> tuple[Incompatibility, ...]:
        key = expectation.version if isinstance(expectation, ReadsVersion) else expectation.reader
        found = known.get(key)
        if found is None:
            try:
                found = reads(expectation)
            except Undecidable as cause:
                found = str(cause)
            known[key] = found
        if isinstance(found, str):
            raise Undecidable(found)
        return found

    return remembered


def chosen(
    versions: Sequence[VersionStands], subject: Subject | None, number: int, read: Callable[[VersionStands], Schema]
) -> Schema:
    """The schema of a subject's registered version; raises Undecidable, saying which there are, where it is none."""
    named = next((one for one in versions if one.version == number), None)
    if named is None:
        whose = f" of {subject}" if subject else ""
        raise Undecidable(f"there is no version {number}{whose}: {_there_are(versions)}")
    if named.cause is not None:
        raise Undecidable(f"version {number} of {named.subject} cannot be put together: {named.cause}")
    try:
        return read(named)
    except Undecidable as cause:
        raise Undecidable(f"version {number} of {named.subject} cannot be read: {cause}") from None


def _there_are(versions: Sequence[VersionStands]) -> str:
    if not versions:
        return "none is known"
    told = [f"{one.version}{' (deleted)' if one.deleted else ''}" for one in versions[-MAX_NAMED:]]
    if len(versions) > len(told):
        told.insert(0, f"{len(versions) - len(told)} older ones")
    return f"there {'is' if len(versions) == 1 else 'are'} {', '.join(told)}"


def in_use(subscriptions: Iterable[Subscription], reads: Reads | None) -> list[dict[str, Any]]:
    """One document a version or reader schema that these contracts read with: who does, and can it read what is there.

    `readable` None: it cannot be told, and `reason` says why.
    """
    found: dict[int | SchemaText, tuple[ReadsWith | ReadsVersion, list[Subscription]]] = {}
    for one in subscriptions:
        for clause in one.expectations:
            if isinstance(clause, ReadsVersion | ReadsWith):
                key = clause.version if isinstance(clause, ReadsVersion) else clause.reader
                found.setdefault(key, (clause, []))[1].append(one)
    documents = [_document(clause, those, reads) for clause, those in found.values()]
    return sorted(documents, key=lambda one: (one["version"] is None, one["version"] or 0, one["reader"] or ""))


def _document(clause: ReadsWith | ReadsVersion, those: Sequence[Subscription], reads: Reads | None) -> dict[str, Any]:
    reasons: tuple[Incompatibility, ...] = ()
    cause = None if reads else "what is written now cannot be read"
    if reads is not None:
        try:
            reasons = reads(clause)
        except Undecidable as error:
            cause = str(error)
    consumers = sorted({str(one.consumer) for one in those})
    return {
        "version": clause.version if isinstance(clause, ReadsVersion) else None,
        "reader": clause.source if isinstance(clause, ReadsWith) else None,
        "consumers": consumers[:MAX_NAMED],
        "consumer_count": len(consumers),
        "readable": None if cause else not reasons,
        "incompatibilities": [
            {"kind": one.kind, "path": one.path, "message": one.message} for one in reasons[:MAX_NAMED]
        ],
        "reason": cause,
    }
