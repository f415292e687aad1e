"""What a registry's topic adds up to: versions, deletions, settings, aliases; the state machine behind the feed.

It follows the registry's own reader. Records are applied strictly in their order, and again without effect. What is
soft-deleted stays known, since others may still refer to it; only live versions hold their id. A record that gives a
held id another text is refused, as the registry's followers do: its leader writes a correction after it.

Everything is kept as entries, text key → bytes, so that a ledger can hold it: `v/<version>/<subject>`, `c/<scope>`,
`m/<scope>`, `x/<context>`, `a/<association>`. Texts are not kept, only their content addresses; see `Version.packed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from watcher.feeds.registry.records import Association, Config, Context, Mode, Reference, SchemaRecord
from watcher.feeds.registry.subjects import GLOBAL, context_scope, split
from watcher.model.observation import Unreadable


@dataclass(slots=True)
class Version:
    """One version of a subject; `digest` is the content address of its own text (see references.py).

    `packed` is the compressed text, kept only where the version refers to others: when one of those changes, the text
    goes out again under another address. `cause` says why the text cannot be read, where it cannot.
    """

    id: int
    digest: bytes
    format: str
    deleted: bool
    references: tuple[Reference, ...] = ()
    packed: bytes | None = None
    cause: Unreadable | None = None


@dataclass(slots=True)
class Lineage:
    """A subject's versions, and the latest live one (0: none)."""

    versions: dict[int, Version]
    latest: int = 0

    def settle(self) -> None:
        """Find the latest live version anew."""
        self.latest = max((number for number, one in self.versions.items() if not one.deleted), default=0)


class RegistryState:
    """All that the topic said so far."""

    def __init__(self, default_level: str = "BACKWARD", default_policy: str = "STRICT") -> None:
        self._default_level = default_level
        self._default_policy = default_policy
        self._lineages: dict[str, Lineage] = {}
        self._held: dict[str, dict[int, bytes]] = {}  # context → id → the text that its live carriers have
        self._carriers: dict[tuple[str, int], int] = {}  # how many they are, where there are several
        self._configs: dict[str, Config] = {}
        self._aliases: dict[str, set[str]] = {}  # subject → those that stand for it
        self._plain: dict[str, bytes] = {}  # modes, contexts, associations: remembered, and not asked yet
        self._dirty: set[tuple[str, int] | str] = set()

    # What it knows.

    def lineage(self, subject: str) -> Lineage | None:
        """A subject's versions."""
        return self._lineages.get(subject)

    def version(self, subject: str, number: int) -> Version | None:
        """One version, live or soft-deleted."""
        lineage = self._lineages.get(subject)
        return lineage.versions.get(number) if lineage else None

    def subjects(self) -> Iterator[str]:
        """Every subject with versions, and every alias."""
        yield from self._lineages
        yield from (scope for scope, config in self._configs.items() if config.alias and scope not in self._lineages)

    def spoken_for(self, subject: str) -> str:
        """The subject whose versions count: an alias's target (one step, as registries go), or its own."""
        config = self._configs.get(subject)
        return config.alias if config is not None and config.alias else subject

    def aliases(self, subject: str) -> Iterable[str]:
        """The subjects that stand for this one."""
        return self._aliases.get(subject, ())

    def level(self, subject: str) -> str:
        """The compatibility level in force: the subject's, its context's, the registry's, the server's default."""
        return self._own_level(subject) or self.scope_level(context_scope(split(subject)[0]))

    def scope_level(self, scope: str) -> str:
        """The level in force where a subject sets none: of a context, or (empty) of the default one."""
        return next((level for level in map(self._own_level, _above(scope)) if level), self._default_level)

    def beside(self, subject: str) -> tuple[str, str | None]:
        """What else the check goes by: policy and group, each as it is set nearest."""
        policies = (config.policy for config in self._in_force(subject) if config.policy)
        groups = (config.group for config in self._in_force(subject) if config.group)
        return next(policies, self._default_policy), next(groups, None)

    def inheritors(self) -> Iterator[str]:
        """The subjects that set no level of their own."""
        return (subject for subject in self._lineages if not self._own_level(subject))

    def mode(self, scope: str) -> str | None:
        """The mode that is set for exactly this scope."""
        data = self._plain.get(f"m/{scope}")
        return data.decode() if data is not None else None

    def conflict(self, record: SchemaRecord, digest: bytes) -> bool:
        """Whether the record gives an id that a live version holds another text."""
        if record.deleted:
            return False
        held = self._held.get(split(record.subject)[0], _NONE).get(record.id)
        return held is not None and held != digest

    # How it moves.

    def put(self, subject: str, number: int, version: Version) -> None:
        """A version stands as this."""
        lineage = self._lineages.get(subject)
        if lineage is None:
            lineage = self._lineages[subject] = Lineage({})
        before = lineage.versions.get(number)
        if before is not None:
            self._release(subject, before)
        lineage.versions[number] = version
        self._hold(subject, version)
        self._dirty.add((subject, number))
        if not version.deleted:
            lineage.latest = max(lineage.latest, number)
        elif lineage.latest == number:
            lineage.settle()

    def bury(self, subject: str, number: int) -> Version | None:
        """A version is gone for good; gives what it was."""
        lineage = self._lineages.get(subject)
        before = lineage.versions.pop(number, None) if lineage else None
        if lineage is None or before is None:
            return None
        self._release(subject, before)
        self._dirty.add((subject, number))
        if lineage.latest == number:
            lineage.settle()
        if not lineage.versions:
            del self._lineages[subject]
        return before

    def soft_delete(self, subject: str, watermark: int | None) -> list[tuple[str, int]]:
        """Every live version up to the watermark is soft-deleted; gives which those were."""
        lineage = self._lineages.get(subject)
        if lineage is None or not lineage.latest:
            return []
        found = []
        for number, version in lineage.versions.items():
            if not version.deleted and (watermark is None or number <= watermark):
                self._release(subject, version)
                version.deleted = True
                self._dirty.add((subject, number))
                found.append((subject, number))
        lineage.settle()
        return found

    def soft_deleted(self, subject: str) -> list[tuple[str, int]]:
        """What is soft-deleted of a subject (empty: of all subjects)."""
        chosen = [subject] if subject in self._lineages else [] if subject else list(self._lineages)
        return [
            (one, number)
            for one in chosen
            for number, version in self._lineages[one].versions.items()
            if version.deleted
        ]

    def configure(self, config: Config) -> None:
        """The setting of a scope stands as this; where it sets nothing it is removed."""
        scope, alias = config.scope, config.alias
        before = self._configs.pop(scope, None)
        if before is not None and before.alias:
            self._aliases[before.alias].discard(scope)
            if not self._aliases[before.alias]:
                del self._aliases[before.alias]
        if config.level or alias or config.policy or config.group:
            self._configs[scope] = config
        if alias:
            self._aliases.setdefault(alias, set()).add(scope)
        self._dirty.add(f"c/{scope}")

    def note(self, record: Mode | Context | Association) -> None:
        """What is only remembered."""
        match record:
            case Mode():
                key, value = f"m/{record.scope}", record.mode
            case Context():
                key, value = f"x/{record.name}", None if record.gone else ""
            case Association():
                key, value = f"a/{record.key}", record.subject
        if value is None:
            self._plain.pop(key, None)
        else:
            self._plain[key] = value.encode()
        self._dirty.add(key)

    # How it is kept.

    @classmethod
    def restored(cls, entries: Iterable[tuple[str, bytes]], *defaults: str) -> RegistryState:
        """The state that these entries hold; `defaults` are the server's own level and policy."""
        state = cls(*defaults)
        for key, data in entries:
            kind, _, rest = key.partition("/")
            if kind == "v":
                number, _, subject = rest.partition("/")
                state.put(subject, int(number), _unpack(data))
            elif kind == "c":
                state.configure(Config(rest, *orjson.loads(data)))
            else:
                state._plain[key] = data
        state._dirty.clear()
        return state

    def drain(self) -> Sequence[tuple[str, bytes | None]]:
        """The entries that changed since the last call; None where one is gone."""
        changed = [self._entry(key) for key in self._dirty]
        self._dirty.clear()
        return changed

    def _entry(self, key: tuple[str, int] | str) -> tuple[str, bytes | None]:
        if isinstance(key, tuple):
            subject, number = key
            version = self.version(subject, number)
            return f"v/{number}/{subject}", _pack(version) if version else None
        if key.startswith("c/"):
            config = self._configs.get(key[2:])
            return key, orjson.dumps([config.level, config.alias, config.policy, config.group]) if config else None
        return key, self._plain.get(key)

    def _own_level(self, scope: str) -> str | None:
        config = self._configs.get(scope)
        return config.level if config is not None else None

    def _in_force(self, subject: str) -> Iterator[Config]:
        """The settings that speak for a subject, the nearest first."""
        for scope in (subject, *_above(context_scope(split(subject)[0]))):
            config = self._configs.get(scope)
            if config is not None:
                yield config

    def _hold(self, subject: str, version: Version) -> None:
        if version.deleted:
            return
        context = split(subject)[0]
        held = self._held.setdefault(context, {})
        if version.id in held:
            self._carriers[context, version.id] = self._carriers.get((context, version.id), 1) + 1
        else:
            held[version.id] = version.digest

    def _release(self, subject: str, version: Version) -> None:
        if version.deleted:
            return
        key = context, number = split(subject)[0], version.id
        carriers = self._carriers.pop(key, 1)
        if carriers == 1:
            del self._held[context][number]
        elif carriers > 2:
            self._carriers[key] = carriers - 1


_NONE: Mapping[int, bytes] = MappingProxyType({})


def _above(scope: str) -> tuple[str, ...]:
    """The scopes that are asked where a subject sets nothing: of a context, or (empty) of the default one."""
    # What is set without a subject speaks for the default context, and for all others where nothing is above it.
    return ("", GLOBAL) if scope == "" else (scope, GLOBAL, "")


def _pack(version: Version) -> bytes:
    cause = [version.cause.kind, version.cause.reason] if version.cause else None
    parts: list[object] = [version.id, int(version.deleted), version.format, version.digest.hex(), cause]
    if version.packed is not None:
        parts += [version.references, version.packed.hex()]
    return orjson.dumps(parts)


def _unpack(data: bytes) -> Version:
    number, deleted, format_, digest, cause, *rest = orjson.loads(data)
    version = Version(number, bytes.fromhex(digest), format_, bool(deleted))
    if cause:
        version.cause = Unreadable(*cause)
    if rest:
        version.references = tuple((name, subject, at) for name, subject, at in rest[0])
        version.packed = bytes.fromhex(rest[1])
    return version
