"""Ownership: which domain answers for a dataset, by patterns of which the most specific wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from watcher.model.domain import DomainRecord

Canonical = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two documents claim the same; `source` is the one to mend."""

    message: str
    source: str


@dataclass(frozen=True, slots=True)
class _Claim:
    pattern: str
    written: str
    owner: DomainRecord

    @property
    def specificity(self) -> tuple[bool, int, int, int]:
        """The greater wins: no wildcard at all, a longer text before the first, fewer of them, more text in all."""
        wildcards = self.pattern.count("*")
        return (wildcards == 0, len(self.pattern.partition("*")[0]), -wildcards, len(self.pattern) - wildcards)


class Ownership:
    """The patterns of all domains, the most specific first; free of ties (see `ownership_conflicts`)."""

    def __init__(self, domains: Iterable[DomainRecord], canonical: Canonical) -> None:
        claims = sorted(_claims(domains, canonical), key=lambda claim: (claim.specificity, claim.pattern), reverse=True)
        self._exact = {claim.pattern: claim.owner for claim in claims if "*" not in claim.pattern}
        self._wild = tuple(claim for claim in claims if "*" in claim.pattern)
        self._owner_of = lru_cache(maxsize=65_536)(self._find)

    def owner_of(self, dataset: str) -> DomainRecord | None:
        """The domain of the most specific pattern that fits."""
        return self._owner_of(dataset)

    def _find(self, dataset: str) -> DomainRecord | None:
        exact = self._exact.get(dataset)
        if exact is not None:
            return exact
        return next((claim.owner for claim in self._wild if fits(claim.pattern, dataset)), None)


def fits(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern in which `*` stands for any text, none included; linear, no backtracking."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    if not name.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - at >= len(rest[-1]) and name.endswith(rest[-1])


def ownership_conflicts(domains: Sequence[DomainRecord], canonical: Canonical) -> tuple[Conflict, ...]:
    """Patterns of two domains that are equally specific, and that one dataset could fit both of."""
    # Only patterns of equal specificity and with the same text before the first wildcard can tie.
    groups: dict[tuple[object, str], list[_Claim]] = {}
    for claim in _claims(domains, canonical):
        groups.setdefault((claim.specificity, claim.pattern.partition("*")[0]), []).append(claim)
    return tuple(
        Conflict(
            f"the pattern `{b.written}` of domain `{b.owner.name}` and `{a.written}` of domain"
            f" `{a.owner.name}` ({a.owner.source}) fit the same datasets equally well: make one of them more specific",
            b.owner.source,
        )
        for group in groups.values()
        for a, b in combinations(group, 2)
        if a.owner.name != b.owner.name and overlap(a.pattern, b.pattern)
    )


def overlap(a: str, b: str) -> bool:
    """Whether some name fits both patterns: a walk over the pairs of positions in the two."""
    todo, seen = [(0, 0)], {(0, 0)}
    while todo:
        i, j = todo.pop()
        if i == len(a) and j == len(b):
            return True
        for step in _moves(a, b, i, j):
            if step not in seen:
                seen.add(step)
                todo.append(step)
    return False


def _moves(a: str, b: str, i: int, j: int) -> Iterator[tuple[int, int]]:
    star_a, star_b = a[i : i + 1] == "*", b[j : j + 1] == "*"
    if star_a:
        yield i + 1, j
    if star_b:
        yield i, j + 1
    if star_a and j < len(b) and not star_b:
        yield i, j + 1  # the wildcard takes the other's letter
    if star_b and i < len(a) and not star_a:
        yield i + 1, j
    if not star_a and not star_b and i < len(a) and j < len(b) and a[i] == b[j]:
        yield i + 1, j + 1


def _claims(domains: Iterable[DomainRecord], canonical: Canonical) -> Iterator[_Claim]:
    for domain in domains:
        for pattern in domain.owns:
            yield _Claim(canonical(pattern), pattern, domain)
