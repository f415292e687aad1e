"""Content addresses: of a schema's own text, and of the whole that it forms with all that it refers to, at any depth.

A whole is addressed by its text's digest and the names and addresses of its references, so that the address changes
when anything below it does. What cannot be put together (a missing version, a circle) has an address of its own, which
no whole ever has, and a cause.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from watcher.feeds.registry.records import Reference
from watcher.feeds.registry.state import RegistryState, Version
from watcher.model.observation import Unreadable
from watcher.model.schema import Fingerprint

Key = tuple[str, int]
"""Subject and version."""
MAX_WHOLES = 50_000
"""So many are kept at hand: more would be old versions that nobody asks for again."""
_LATEST = -1
_CIRCLE = "reference-circle"
_MAX_NAMED = 8
_MAX_VISITS = 8


@dataclass(frozen=True, slots=True)
class Whole:
    """A schema with all that it refers to; `cause` says why it cannot be put together or read, where it cannot."""

    fingerprint: Fingerprint
    references: tuple[tuple[str, Fingerprint], ...] = ()
    cause: Unreadable | None = None


def text_digest(format_: str, text: str) -> bytes:
    """The content address of a text by itself."""
    return hashlib.sha256(f"{format_}\0{text}".encode()).digest()


class ReferenceGraph:
    """Who refers to whom among the versions of a state; wholes are computed when asked for, and kept until outdated."""

    def __init__(self, state: RegistryState) -> None:
        self._state = state
        self._referrers: dict[Key, set[Key]] = {}
        self._wholes: dict[Key, Whole] = {}
        for subject in state.subjects():
            lineage = state.lineage(subject)
            for number, version in lineage.versions.items() if lineage else ():
                self.link((subject, number), version)

    def link(self, key: Key, version: Version) -> None:
        """A version counts from now on, and its references do; what was put together of an earlier one does not."""
        self._wholes.pop(key, None)
        for _, subject, number in version.references:
            self._referrers.setdefault((subject, number), set()).add(key)

    def unlink(self, key: Key, version: Version) -> None:
        """A version's references count no longer."""
        for _, subject, number in version.references:
            referrers = self._referrers.get((subject, number))
            if referrers is not None:
                referrers.discard(key)
                if not referrers:
                    del self._referrers[subject, number]

    def ripple(self, changed: Collection[Key]) -> dict[Key, Fingerprint | None]:
        """After these versions changed: every version above them whose whole is another one now, with its old address.

        Goes up level by level, and no further than something changes: a long chain whose foot is still missing must
        not be walked to its top each time that it grows downwards.
        """
        for key in changed:
            self._wholes.pop(key, None)
        if any(self._reaches_itself(key) for key in changed):
            return self._compute(self._dependents(changed))
        moved: dict[Key, Fingerprint | None] = {}
        queue = dict.fromkeys(above for key in changed for above in self._above(key))
        visits: Counter[Key] = Counter()
        while queue:
            key = next(iter(queue))
            del queue[key]
            visits[key] += 1
            if visits[key] > _MAX_VISITS:  # old circles can pass a cause round and round
                return {**self._compute(self._dependents(changed)), **moved}
            before = self._wholes.get(key)
            if not self._compute([key]):
                continue
            moved.setdefault(key, before.fingerprint if before else None)
            queue |= dict.fromkeys(self._above(key))
        return moved

    def _compute(self, keys: Iterable[Key]) -> dict[Key, Fingerprint | None]:
        """Put these together anew, all of them; those that are another whole now, with their old addresses."""
        before = {key: self._wholes.pop(key, None) for key in keys}
        moved: dict[Key, Fingerprint | None] = {}
        for key, old in before.items():
            version = self._state.version(*key)
            if version is not None and self.whole(key, version) != old:
                moved[key] = old.fingerprint if old else None
        return moved

    def _above(self, key: Key) -> Iterator[Key]:
        """Who refers to this version; to the subject's latest, too, since it may be or have been that."""
        yield from sorted(self._referrers.get(key, ()))
        yield from sorted(self._referrers.get((key[0], _LATEST), ()))

    def _dependents(self, changed: Iterable[Key]) -> dict[Key, None]:
        found: dict[Key, None] = {}
        queue = list(changed)
        while queue:
            for key in self._above(queue.pop()):
                if key not in found:
                    found[key] = None
                    queue.append(key)
        return found

    def _reaches_itself(self, start: Key) -> bool:
        if not any(True for _ in self._above(start)):
            return False
        seen: set[Key] = set()
        stack = [start]
        while stack:
            version = self._state.version(*stack.pop())
            for reference in version.references if version else ():
                below = self._meant(reference)
                if below == start:
                    return True
                if below is not None and below not in seen:
                    seen.add(below)
                    stack.append(below)
        return False

    def whole(self, key: Key, version: Version) -> Whole:
        """The version with all that it refers to."""
        if not version.references:
            return Whole(Fingerprint(version.digest.hex()), (), version.cause)
        known = self._wholes.get(key)
        if known is None:
            if len(self._wholes) > MAX_WHOLES:
                self._wholes.clear()
            self._put_together(key)
            known = self._wholes[key]
        return known

    def _put_together(self, start: Key) -> None:
        # A walk with its own stack, dependencies first: a chain of references may be longer than Python's. What is open
        # is the way from the start down to here, in that order.
        open_: dict[Key, None] = {}
        stack = [start]
        while stack:
            key = stack[-1]
            version = self._state.version(*key)
            if key in self._wholes or version is None:
                stack.pop()
                continue
            if key not in open_:
                open_[key] = None
                waiting = [below for below in self._below(version) if below not in self._wholes and below not in open_]
                if waiting:
                    stack += reversed(waiting)
                    continue
            stack.pop()
            self._wholes[key] = self._joined(version, open_)
            del open_[key]

    def _below(self, version: Version) -> list[Key]:
        keys = [self._meant(reference) for reference in version.references]
        return [key for key in keys if key is not None and self._refers(key)]

    def _joined(self, version: Version, open_: Mapping[Key, None]) -> Whole:
        found: list[tuple[str, Fingerprint]] = []
        cause = version.cause
        for reference in version.references:
            key = self._meant(reference)
            below = self._state.version(*key) if key is not None else None
            if key is None or below is None:
                cause = cause or Unreadable("unknown-reference", f"{_named(reference)}, is not there")
            elif key in open_:
                cause = cause or _circle(key, list(open_))
            else:
                whole = self.whole(key, below)
                found.append((reference[0], whole.fingerprint))
                if whole.cause:
                    cause = cause or _through(reference, whole.cause)
        return Whole(_address(version, found, cause), tuple(found), cause)

    def _meant(self, reference: Reference) -> Key | None:
        _, subject, number = reference
        if number != _LATEST:
            return subject, number
        lineage = self._state.lineage(subject)
        return (subject, lineage.latest) if lineage is not None and lineage.latest else None

    def _refers(self, key: Key) -> bool:
        version = self._state.version(*key)
        return version is not None and bool(version.references)


def _address(version: Version, found: Iterable[tuple[str, Fingerprint]], cause: Unreadable | None) -> Fingerprint:
    address = hashlib.sha256(version.digest)
    if cause is not None:
        address.update(b"blocked")
        for name, subject, number in version.references:
            address.update(f"{len(name)}:{name}{len(subject)}:{subject}{number};".encode())
    else:
        for name, fingerprint in found:
            address.update(f"{len(name)}:{name}".encode() + bytes.fromhex(fingerprint))
    return Fingerprint(address.hexdigest())


def _circle(first: Key, open_: Sequence[Key]) -> Unreadable:
    """The circle that ends at `first`, the same words wherever it was entered."""
    ring = open_[open_.index(first) :]
    start = ring.index(min(ring))
    ring = [*ring[start:], *ring[:start]]
    named = [f"{subject} version {number}" for subject, number in ring[:_MAX_NAMED]]
    if len(ring) > _MAX_NAMED:
        named.append(f"{len(ring) - _MAX_NAMED} more")
    named.append(f"{ring[0][0]} version {ring[0][1]}")
    return Unreadable(_CIRCLE, f"its references form a circle, {' → '.join(named)}: it can never be put together")


def _through(reference: Reference, cause: Unreadable) -> Unreadable:
    # Without the cause below, but for a circle: it may change often, and who is far above it need not hear of that.
    if cause.kind == _CIRCLE:
        return cause
    return Unreadable("unreadable-reference", f"{_named(reference)}, cannot be read")


def _named(reference: Reference) -> str:
    _, subject, number = reference
    return f"what it refers to, {subject} version {'latest' if number == _LATEST else number}"
