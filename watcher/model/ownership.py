"""Ownership: which domain answers for a dataset, by patterns of which the most specific wins, and what decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from watcher.model.claim import SOURCES, Claim
from watcher.model.dataset import Domain
from watcher.model.domain import DomainRecord, place_of

Canonical = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two documents claim the same; `source` is the one to mend, and `line` and `column` say where in it."""

    message: str
    source: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """A claim of another system, with the domain that it means; None: the system says that nobody owns it."""

    claim: Claim
    domain: Domain | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who answers for a dataset, and what decided it.

    `source` is `domain` for a domain's own `owns`, a system of `model/claim.py`, `unclaimed` for a domain's
    `owns_unclaimed`, and empty where nobody owns it. `where` is the file (and the entity in it), `pattern` what fitted,
    `owner` the team as that system writes it, and `others` what the sources that were passed over say, in words.
    """

    domain: DomainRecord | None
    source: str = ""
    where: str = ""
    pattern: str = ""
    owner: str = ""
    inherited_from: str = ""
    others: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As machines are told of it."""
        return {
            "domain": str(self.domain.name) if self.domain else None,
            "source": self.source or None,
            "where": self.where or None,
            "pattern": self.pattern or None,
            "owner": self.owner or None,
            "inherited_from": self.inherited_from or None,
            "others": list(self.others),
        }


NOBODY = Decision(None)


@dataclass(frozen=True, slots=True)
class _Claim:
    pattern: str
    written: str
    owner: DomainRecord | None
    source: str
    weight: int
    """Of two that are equally specific the lighter gives way; only sources of other systems differ in it."""
    claim: Claim | None = None

    @property
    def specificity(self) -> tuple[bool, int, int, int]:
        """The greater wins: no wildcard at all, a longer text before the first, fewer of them, more text in all."""
        wildcards = self.pattern.count("*")
        return (wildcards == 0, len(self.pattern.partition("*")[0]), -wildcards, len(self.pattern) - wildcards)

    @property
    def where(self) -> str:
        """The file that says so."""
        return self.claim.where if self.claim is not None else self.owner.source if self.owner is not None else ""


class _Layer:
    """Claims of one rank, the most specific first."""

    def __init__(self, claims: Iterable[_Claim]) -> None:
        ordered = sorted(claims, key=lambda claim: (claim.specificity, claim.weight, claim.pattern), reverse=True)
        self._exact: dict[str, list[_Claim]] = {}
        for claim in ordered:
            if "*" not in claim.pattern:
                self._exact.setdefault(claim.pattern, []).append(claim)
        self._wild = tuple(claim for claim in ordered if "*" in claim.pattern)

    def of(self, dataset: str) -> list[_Claim]:
        """The claims that fit, the one that decides first."""
        return [
            *self._exact.get(dataset, ()),
            *(claim for claim in self._wild if fits(claim.pattern, dataset)),
        ]


class Ownership:
    """Who answers for what: domains' own patterns, then what other systems say, then what domains take unclaimed.

    Within each the most specific pattern wins; of equally specific ones of other systems the weightier source
    (`SOURCES`), and of one source the first. Domains' own are free of ties (see `ownership_conflicts`).
    """

    def __init__(
        self, domains: Iterable[DomainRecord], canonical: Canonical, imported: Iterable[Imported] = ()
    ) -> None:
        known = {one.name: one for one in domains}
        own, rest = _claims(known.values(), canonical), _unclaimed(known.values(), canonical)
        weighed = (_weighed(one, known, canonical) for one in imported)
        self._layers = tuple(_Layer(claims) for claims in (own, weighed, rest))
        self._decided = lru_cache(maxsize=65_536)(self._decide)

    def owner_of(self, dataset: str) -> DomainRecord | None:
        """The domain that answers for the dataset; None: nobody."""
        return self._decided(dataset).domain

    def decided(self, dataset: str) -> Decision:
        """Who answers for the dataset, and what decided it."""
        return self._decided(dataset)

    def _decide(self, dataset: str) -> Decision:
        fitting = [claim for layer in self._layers for claim in layer.of(dataset)]
        found = next((claim for claim in fitting if claim.owner is not None), None)
        others = tuple(dict.fromkeys(_says(one) for one in fitting if found is None or one.owner is not found.owner))
        if found is None:
            return Decision(None, others=others)
        claim = found.claim
        return Decision(
            found.owner,
            found.source,
            found.where,
            found.written,
            claim.owner if claim else "",
            claim.inherited_from if claim else "",
            others,
        )


def _says(one: _Claim) -> str:
    if one.claim is None:
        return f"`{one.written}` of domain `{one.owner.name if one.owner else ''}` ({one.where}) fits as well"
    who = f"names `{one.claim.owner}`" if one.claim.owner else "names nobody"
    return f"{one.source} ({one.where}) {who}"


def _weighed(one: Imported, known: Mapping[Domain, DomainRecord], canonical: Canonical) -> _Claim:
    claim = one.claim
    owner = known.get(one.domain) if one.domain is not None else None
    weight = len(SOURCES) - SOURCES.index(claim.source) if claim.source in SOURCES else 0
    return _Claim(canonical(claim.pattern), claim.pattern, owner, claim.source, weight, claim)


def _unclaimed(domains: Iterable[DomainRecord], canonical: Canonical) -> Iterator[_Claim]:
    for domain in domains:
        for pattern in domain.owns_unclaimed:
            yield _Claim(canonical(pattern), pattern, domain, "unclaimed", 0)


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
    found: list[Conflict] = []
    for claims in (_claims(domains, canonical), _unclaimed(domains, canonical)):
        # Only patterns of equal specificity and with the same text before the first wildcard can tie.
        groups: dict[tuple[object, str], list[_Claim]] = {}
        for claim in claims:
            groups.setdefault((claim.specificity, claim.pattern.partition("*")[0]), []).append(claim)
        found += (
            Conflict(
                f"the pattern `{b.written}` of domain `{_name(b)}` and `{a.written}` of domain"
                f" `{_name(a)}` ({_place(a)}) fit the same datasets equally well: make one of them more specific",
                b.where,
                *_mark(b),
            )
            for group in groups.values()
            for a, b in combinations(group, 2)
            if _name(a) != _name(b) and overlap(a.pattern, b.pattern)
        )
    return tuple(found)


def _mark(one: _Claim) -> tuple[int, int]:
    key = "owns" if one.source == "domain" else "owns_unclaimed"
    return (1, 1) if one.owner is None else place_of(one.owner, key, one.written)


def _place(one: _Claim) -> str:
    line, column = _mark(one)
    return f"{one.where}:{line}:{column}"


def _name(one: _Claim) -> str:
    return str(one.owner.name) if one.owner is not None else ""


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
            yield _Claim(canonical(pattern), pattern, domain, "domain", 0)
