"""Matches the teams that other systems name with the domains that there are; a team that is none becomes one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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


def matched(told: Claims, domains: Sequence[DomainRecord], mail: str | None = None) -> Match:
    """Which domain each claim means: by `also_known_as` as it is written, by the same short name, else a new one.

    A new domain has the team's name and address, and takes what it lacks from the team above it. `mail` is the channel
    on which it is told at its address; without one, or without an address, the fallback is told.
    """
    written = {text.strip().casefold(): one.name for one in domains for text in one.also_known_as}
    short = {same(text): one.name for one in domains for text in one.also_known_as}
    short |= {same(one.name): one.name for one in domains}
    made = _Made(told.teams, mail, frozenset(one.name for one in domains))
    imported = tuple(Imported(claim, _domain(claim, written, short, made)) for claim in told.claims)
    return Match(tuple(made.with_parents(written, short)), imported)


def _domain(claim: Claim, written: dict[str, Domain], short: dict[str, Domain], made: _Made) -> Domain | None:
    if not claim.owner.strip():
        return None
    found = written.get(claim.owner.strip().casefold()) or short.get(same(claim.owner))
    return found or made.domain(claim)


class _Made:
    """The domains that are made of teams, by the team's short name."""

    def __init__(self, teams: Iterable[Team], mail: str | None, taken: frozenset[Domain]) -> None:
        self._teams: dict[str, Team] = {}
        for team in teams:
            self._teams.setdefault(same(team.ref), team)
        self._mail = mail
        self._taken = set(taken)
        self._made: dict[str, DomainRecord] = {}
        self._numbers: dict[str, int] = {}

    def domain(self, claim: Claim) -> Domain:
        key = same(claim.owner)
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
        plain = _UNFIT.sub("-", key.partition("@")[0] or key).strip("-._")[:_LONGEST_NAME] or "team"
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
            parent = written.get(above.casefold()) or short.get(same(above)) if above else None
            if parent is None and above and same(above) in self._made and same(above) != key:
                parent = self._made[same(above)].name
            yield replace(one, part_of=parent) if parent is not None else one
