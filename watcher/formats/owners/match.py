"""Matches the teams that other systems name with the domains that there are; a team that is none becomes one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from watcher.formats.owners.refs import address, same
from watcher.model.claim import Claim, Claims, Team
from watcher.model.dataset import Domain
from watcher.model.domain import UNOWNED, DomainRecord, TicketRoute
from watcher.model.ownership import Imported

_UNFIT = re.compile(r"[^a-z0-9._-]+")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Match:
    """The domains that only other systems know, and each claim with the domain that it means."""

    domains: tuple[DomainRecord, ...] = ()
    imported: tuple[Imported, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    """Where something stands that somebody should look at, and what."""


def matched(told: Claims, domains: Sequence[DomainRecord], mail: str | None = None) -> Match:
    """Which domain each claim means: by `also_known_as` as it is written, by the same short name, else a new one.

    Of several teams that one system has under one name, in different namespaces, each is its own: only that of the
    namespace `default` has the short name. A new domain has the team's name and address, and takes what it lacks from
    the team above it. `mail` is the channel on which it is told at its address; without one, or without an address, the
    fallback is told.
    """
    written = {_folded(text): one.name for one in domains for text in one.also_known_as}
    short = {same(text): one.name for one in domains for text in one.also_known_as}
    short |= {same(one.name): one.name for one in domains}
    apart = _apart(told.claims, written)
    made = _Made(told.teams, mail, frozenset(one.name for one in domains), apart)
    imported = tuple(Imported(claim, _domain(claim, written, short, made)) for claim in told.claims)
    return Match(tuple(made.with_parents(written, short)), imported, tuple(_remarks(told.claims, apart)))


def _domain(claim: Claim, written: dict[str, Domain], short: dict[str, Domain], made: _Made) -> Domain | None:
    if not claim.owner.strip():
        return None
    return written.get(_folded(claim.owner)) or short.get(made.key(claim.owner)) or made.domain(claim)


def _apart(claims: Iterable[Claim], written: Mapping[str, Domain]) -> Mapping[str, str]:
    """References to teams whose short name is another team's of the same system, each with that other one's.

    What tells systems apart here is how they write a team: `group:default/checkout`, `@acme/checkout`.
    """
    alike: dict[tuple[str, str], set[str]] = {}
    for ref in (*written, *(_folded(claim.owner) for claim in claims)):
        place, slash, name = ref.rpartition("/")
        if slash:
            kind = "@" if place.startswith("@") else place.rpartition(":")[0]
            alike.setdefault((kind, name), set()).add(ref)
    found = {}
    for several in alike.values():
        for one in several - written.keys():
            others = sorted(several - {one}, key=lambda ref: (not _usual(ref), ref))
            if others and not _usual(one):
                found[one] = others[0]
    return found


def _usual(ref: str) -> bool:
    """Whether it is of the namespace that is meant where none is named."""
    return ref.rpartition("/")[0].endswith(":default")


def _remarks(claims: Iterable[Claim], apart: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    seen = set()
    for claim in claims:
        ref = _folded(claim.owner)
        if ref in apart and ref not in seen:
            seen.add(ref)
            remark = f"`{ref}` is another team than `{apart[ref]}`, of the same short name: "
            yield claim.where, f"{remark}write each under `also_known_as` of its own domain"


def _folded(ref: str) -> str:
    return ref.strip().casefold()


class _Made:
    """The domains that are made of teams, by the team's short name; one that is `apart` has its name in full."""

    def __init__(
        self, teams: Iterable[Team], mail: str | None, taken: frozenset[Domain], apart: Collection[str]
    ) -> None:
        self._apart = apart
        self._teams: dict[str, Team] = {}
        for team in teams:
            self._teams.setdefault(self.key(team.ref), team)
        self._mail = mail
        self._taken = set(taken)
        self._made: dict[str, DomainRecord] = {}
        self._numbers: dict[str, int] = {}

    def key(self, ref: str) -> str:
        return _folded(ref) if _folded(ref) in self._apart else same(ref)

    def domain(self, claim: Claim) -> Domain:
        key = self.key(claim.owner)
        if key not in self._made:
            team = self._teams.get(key)
            self._made[key] = self._record(key, team, claim)
        return self._made[key].name

    def _record(self, key: str, team: Team | None, claim: Claim) -> DomainRecord:
        email = team.email if team and team.email else address(claim.owner)
        routes = (TicketRoute(self._mail, (("to", email),)),) if self._mail and email else ()
        return DomainRecord(
            name=self._name(key),
            owns=(),
            accountable=email or claim.owner.strip(),
            tickets=routes,
            source=team.where if team else claim.where,
            said=frozenset({"tickets"} if routes else ()),
            made_of=claim.owner.strip(),
        )

    def _name(self, key: str) -> Domain:
        short = key.rpartition(":")[2] if key in self._apart else key.partition("@")[0] or key
        plain = _UNFIT.sub("-", short).strip("-._")[:_LONGEST_NAME] or "team"
        name, number = plain, self._numbers.get(plain, 2)
        while Domain(name) in self._taken or name == UNOWNED:
            name, number = f"{plain}-{number}", number + 1
        self._numbers[plain] = number
        self._taken.add(Domain(name))
        return Domain(name)

    def with_parents(self, written: dict[str, Domain], short: dict[str, Domain]) -> Iterator[DomainRecord]:
        """The domains, each part of the one that its team is below, where that is a domain too."""
        for key, one in self._made.items():
            team = self._teams.get(key)
            above = team.parent.strip() if team else ""
            larger = self.key(above)
            parent = written.get(_folded(above)) or short.get(larger) if above else None
            if parent is None and above and larger in self._made and larger != key:
                parent = self._made[larger].name
            yield replace(one, part_of=parent) if parent is not None else one
