"""The registry as a feed: each record moves the state, and what datasets look like differently then is what it says.

What is said is always the difference between two views of the state, never a reading of the record itself. So a record
applied again says nothing, a registry's repairs say nothing, and the latest live version decides.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import orjson

from watcher.feeds.registry.decode import decode
from watcher.feeds.registry.naming import Naming
from watcher.feeds.registry.records import (
    Association,
    ClearSubject,
    Config,
    Context,
    DeleteSubject,
    Mode,
    Noop,
    Record,
    SchemaRecord,
    SchemaTombstone,
)
from watcher.feeds.registry.references import Key, ReferenceGraph, text_digest
from watcher.feeds.registry.state import RegistryState, Version
from watcher.feeds.registry.subjects import GLOBAL, split
from watcher.feeds.registry.views import Views
from watcher.model.compatibility import guards_less
from watcher.model.dataset import RawRecord, Subject
from watcher.model.errors import SchemaError
from watcher.model.observation import (
    GuardChanged,
    Heard,
    Observation,
    StoredSchema,
    Unreadable,
    VersionStands,
)
from watcher.model.schema import Fingerprint, Format, SchemaText

Parse = Callable[[SchemaText], object]
"""Reads a text as its format; raises SchemaError where it cannot."""

EVERYWHERE = "*"
"""The scope of a setting for the whole registry, as `GuardChanged` names it."""
MAX_TEXT = 5_000_000
"""A text of more characters is taken for an attack or an accident: five times what a broker takes by default."""
_NO_VERSION = 0
_JSON_FORMATS = frozenset({Format.AVRO.value, Format.JSON.value})


@dataclass(frozen=True, slots=True)
class _Said:
    """What one record says: the parts of `Heard` that come of the state."""

    observations: Sequence[Observation] = ()
    schemas: Sequence[StoredSchema] = ()
    versions: Sequence[VersionStands] = ()
    unreadable: Unreadable | None = None
    whole: Fingerprint | None = None


class RegistryFeed:
    """A registry's topic, record by record; fits `ports.Feed`.

    `parse` tells texts that cannot be read. It is asked for the formats in `parsed` and for texts that refer to no
    others. The texts that others refer to are in the ledger and not here: so a text that refers to others only has to
    be JSON here, and `Heard.whole` asks for it to be read where it can be put together.
    """

    def __init__(  # noqa: PLR0913 - what a source is, and what its server is set to
        self,
        source: str,
        naming: Naming,
        parse: Parse | None = None,
        *,
        parsed: frozenset[str] = frozenset({Format.AVRO.value}),
        default_level: str = "BACKWARD",
        default_policy: str = "STRICT",
    ) -> None:
        self._source = source
        self._naming = naming
        self._parse = parse
        self._parsed = parsed
        self._defaults = default_level, default_policy
        self.restore(())

    @property
    def source(self) -> str:
        """The feed's name: the first part of each position."""
        return self._source

    def restore(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Forget everything, and remember these entries."""
        self._state = RegistryState.restored(entries, *self._defaults)
        self._graph = ReferenceGraph(self._state)
        self._views = Views(self._state, self._graph, self._naming)

    def drain(self) -> Sequence[tuple[str, bytes | None]]:
        """The entries that changed since the last call; None where one is gone."""
        return self._state.drain()

    def hear(self, record: RawRecord) -> Heard:
        """What this record says, given all those before it."""
        position, timestamp = record.position, record.timestamp
        decoded = decode(record)
        if isinstance(decoded, Unreadable):
            return Heard(position, "unreadable", unreadable=decoded, timestamp=timestamp)
        subject, said = self._apply(decoded)
        return Heard(
            position,
            decoded.kind,
            Subject(subject) if subject else None,
            tuple(said.observations),
            tuple(said.schemas),
            said.unreadable,
            timestamp,
            tuple(said.versions),
            said.whole,
        )

    def _apply(self, record: Record) -> tuple[str | None, _Said]:
        match record:
            case SchemaRecord():
                return record.subject, self._register(record)
            case SchemaTombstone():
                return record.subject, self._bury([(record.subject, record.version)])
            case DeleteSubject():
                return record.subject, self._soft_delete(record)
            case ClearSubject():
                return record.subject, self._bury(self._state.soft_deleted(record.subject))
            case Config():
                return record.scope, _Said(self._configure(record))
            case Mode() | Context() | Association():
                self._state.note(record)
                return None, _Said()
            case Noop():
                return None, _Said()

    # Versions.

    def _register(self, record: SchemaRecord) -> _Said:
        subject, number = key = (record.subject, record.version)
        digest = text_digest(record.format, record.text)
        before = self._state.version(subject, number)
        if self._state.conflict(record, digest):
            return _Said(unreadable=_taken(record))
        if before is not None and record.deleted:
            # Some registries write the text anew when they delete, in other words: what was registered stays.
            version = replace(before, id=record.id, deleted=True)
        else:
            version = self._read(record, digest)
        if version == before:
            return _Said()
        if before is not None:
            self._graph.unlink(key, before)
        self._state.put(subject, number, version)
        self._graph.link(key, version)
        known = before is not None and before.digest == digest and not version.references
        schemas = [] if known else self._out(key, record.text)
        said = self._settle([key])
        said = replace(said, schemas=[*schemas, *said.schemas])
        if version.deleted:
            return said
        whole = self._graph.whole(key, version)
        told_whole = bool(version.references) and whole.cause is None and version.format in self._parsed
        return replace(said, unreadable=whole.cause, whole=whole.fingerprint if told_whole else None)

    def _read(self, record: SchemaRecord, digest: bytes) -> Version:
        version = Version(record.id, digest, record.format, record.deleted, record.references)
        version.cause = self._fault(record)
        if record.references and not _unfit(record.text):
            version.packed = zlib.compress(record.text.encode(), 6)
        return version

    def _fault(self, record: SchemaRecord) -> Unreadable | None:
        unfit = _unfit(record.text)
        if unfit is not None or self._parse is None or record.deleted:
            return unfit
        try:
            if record.references:
                if record.format in _JSON_FORMATS:
                    orjson.loads(record.text)
            elif record.format in self._parsed:
                self._parse(SchemaText(Format(record.format), record.text))
        except SchemaError as error:
            return Unreadable(error.kind, str(error))
        except orjson.JSONDecodeError as error:
            return Unreadable("malformed-json", f"the text is not JSON: {error}")
        return None

    def _bury(self, keys: Sequence[Key]) -> _Said:
        for key in keys:
            before = self._state.bury(*key)
            if before is not None:
                self._graph.unlink(key, before)
        return self._settle(keys)

    def _soft_delete(self, record: DeleteSubject) -> _Said:
        deleted = self._state.soft_delete(record.subject, record.version)
        # To what refers to its versions, they are still there; only which is the latest may have changed.
        return self._settle([(record.subject, _NO_VERSION)], deleted)

    def _settle(self, changed: Sequence[Key], deleted: Sequence[Key] = ()) -> _Said:
        """What is said of these versions and of all that depends on them, and the texts that have a new address."""
        moved = self._graph.ripple(changed)
        schemas: list[StoredSchema] = []
        for key, address in moved.items():
            schemas += (one for one in self._out(key, None) if one.fingerprint != address)
        subjects = dict.fromkeys(subject for subject, _ in changed)
        seen = self._views.look([*subjects, *sorted({subject for subject, _ in moved} - set(subjects))])
        keys = dict.fromkeys((*changed, *deleted, *moved))
        return _Said(seen, schemas, [self._stands(key) for key in keys if key[1] != _NO_VERSION])

    def _stands(self, key: Key) -> VersionStands:
        """How a version stands now."""
        subject, version = Subject(key[0]), self._state.version(*key)
        if version is None:
            return VersionStands(subject, key[1], None)
        whole = self._graph.whole(key, version)
        cause = whole.cause.reason if whole.cause else None
        return VersionStands(subject, key[1], whole.fingerprint, version.deleted, cause)

    def _out(self, key: Key, text: str | None) -> list[StoredSchema]:
        """The version's text under its content address, to be kept; nothing where it is unfit to be kept."""
        version = self._state.version(*key)
        if version is None:
            return []
        if text is None and version.packed is not None:
            text = zlib.decompress(version.packed).decode()
        if text is None or _unfit(text):
            return []
        whole = self._graph.whole(key, version)
        return [StoredSchema(whole.fingerprint, version.format, text, whole.references)]

    # Settings.

    def _configure(self, record: Config) -> Sequence[Observation]:
        scope = record.scope
        wide = not split(scope)[1]
        level = self._state.scope_level if wide else self._state.level
        before = level(scope)
        beside = self._state.beside(scope)
        self._state.configure(record)
        after = level(scope)
        looked_at = [] if wide else [scope]
        if wide and beside != self._state.beside(scope):
            looked_at = sorted(self._state.subjects())
        if before == after:
            return self._views.look(looked_at)
        name = EVERYWHERE if scope in {"", GLOBAL} else scope
        dataset = None if wide else self._naming.dataset(scope)
        if wide:
            looked_at = looked_at or sorted(self._state.inheritors())
        changed = GuardChanged(name, dataset, before, after, lowered=guards_less(before, after))
        return [changed, *self._views.look(looked_at)]


def _taken(record: SchemaRecord) -> Unreadable:
    return Unreadable(
        "duplicate-id",
        f"{record.subject} version {record.version} gives id {record.id} another text than the one it stands for: "
        "registries disregard such a record, and their leader corrects it",
    )


def _unfit(text: str) -> Unreadable | None:
    """Why a text cannot even be kept, where it cannot."""
    if len(text) > MAX_TEXT:
        return Unreadable("too-large", f"the text has {len(text):,} characters; the watcher reads {MAX_TEXT:,} at most")
    if "\0" in text:
        return Unreadable("invalid-schema", "the text holds NUL, which no schema language allows")
    return None
