"""The catalogue: who relies on what and who owns what, indexed so that a change costs what it touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from watcher.model.change import Change
from watcher.model.contract import Subscription, SubscriptionName
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import DomainRecord, inherited, place_of
from watcher.model.errors import ConfigurationError
from watcher.model.ownership import Conflict, Decision, Imported, Ownership, ownership_conflicts
from watcher.model.touch import TouchIndex

NO_ALIASES: Mapping[str, str] = MappingProxyType({})


def canonical_dataset(name: str, aliases: Mapping[str, str] = NO_ALIASES) -> DatasetName:
    """The dataset's name with its namespace alias written out: `kafka://prod/orders` → `kafka://broker-1:9092/orders`.

    The longest alias that the name begins with counts, and only where the namespace ends there. It is replaced once.
    """
    for alias in sorted(aliases, key=len, reverse=True):
        if name == alias or name.startswith(alias + "/"):
            return DatasetName(aliases[alias] + name[len(alias) :])
    return DatasetName(name)


_FOLDING = frozenset(
    {
        "athena", "awsathena", "databricks", "duckdb", "hive", "mssql", "oracle", "postgres", "postgresql", "redshift",
        "snowflake", "sqlite", "sqlserver", "trino", "unitycatalog",
    }
)  # fmt: skip
"""Namespaces of platforms on which a table's name means the same in any case, unless it was made in quotes."""


def dataset_key(name: DatasetName) -> str:
    """What two names of one dataset have in common: SQL folds what is not quoted, topics and BigQuery do not."""
    return name.casefold() if name.partition(":")[0] in _FOLDING else name


class Catalogue:
    """All contracts and domains in force at one moment; it never changes, a newer one replaces it.

    Dataset names are taken as written, on both sides, and made equal through `aliases`. `imported` is what other
    systems say of owners. What a domain does not say is taken from the one that it is part of.
    """

    __slots__ = ("_aliases", "_by_dataset", "_by_name", "_domains", "_ownership", "_touch")

    def __init__(
        self,
        subscriptions: Iterable[Subscription] = (),
        domains: Iterable[DomainRecord] = (),
        aliases: Mapping[str, str] = NO_ALIASES,
        imported: Iterable[Imported] = (),
    ) -> None:
        """Raises ConfigurationError, every conflict on a line, where two documents claim the same."""
        told, owners = tuple(subscriptions), tuple(domains)
        found = conflicts(told, owners, aliases)
        if found:
            raise ConfigurationError("\n".join(f"{one.source}:{one.line}:{one.column}: {one.message}" for one in found))
        self._aliases = dict(aliases)
        self._by_name = {one.name: one for one in told}
        written = {one.name: one for one in owners}
        self._domains = {one.name: inherited(one, lineage(one, written)) for one in owners}
        canonical = lambda pattern: dataset_key(canonical_dataset(pattern, aliases))  # noqa: E731 - used here alone
        self._ownership = Ownership(self._domains.values(), canonical, imported)
        by_dataset: dict[str, list[Subscription]] = {}
        for one in sorted(told, key=lambda one: one.name):
            by_dataset.setdefault(self._key(one.dataset), []).append(one)
        self._by_dataset = {name: tuple(those) for name, those in by_dataset.items()}
        self._touch: dict[str, TouchIndex] = {}

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """All contracts, by name."""
        return tuple(self._by_name[name] for name in sorted(self._by_name))

    @property
    def domains(self) -> tuple[DomainRecord, ...]:
        """All domains, by name."""
        return tuple(self._domains[name] for name in sorted(self._domains))

    @property
    def datasets(self) -> tuple[DatasetName, ...]:
        """The canonical names of the datasets that somebody relies on, sorted."""
        return tuple(sorted({self.canonical(one.dataset) for one in self._by_name.values()}))

    def canonical(self, dataset: str) -> DatasetName:
        """The dataset's name with its namespace alias written out."""
        return canonical_dataset(dataset, self._aliases)

    def _key(self, dataset: str) -> str:
        return dataset_key(self.canonical(dataset))

    def subscription(self, name: str) -> Subscription | None:
        """The contract of this name."""
        return self._by_name.get(SubscriptionName(name))

    def domain(self, name: str) -> DomainRecord | None:
        """The domain of this name."""
        return self._domains.get(Domain(name))

    def owner_of(self, dataset: str) -> DomainRecord | None:
        """The domain whose pattern fits the dataset most closely; None: unowned."""
        return self._ownership.owner_of(self._key(dataset))

    def ownership(self, dataset: str) -> Decision:
        """Who answers for the dataset, and what decided it."""
        return self._ownership.decided(self._key(dataset))

    def loose_ends(self) -> tuple[Conflict, ...]:
        """What domains say that leads nowhere: they are in force, without what they hoped to take from another."""
        return loose_ends(self.domains)

    def subscriptions_for(self, dataset: str) -> tuple[Subscription, ...]:
        """The contracts on a dataset, by name."""
        return self._by_dataset.get(self._key(dataset), ())

    def touching(self, dataset: str, changes: Sequence[Change]) -> tuple[Subscription, ...]:
        """The contracts on a dataset with a clause that one of the changes could flip or heal, by name.

        Costs what it finds, not what there is. It may name too many, never too few.
        """
        name = self._key(dataset)
        index = self._touch.get(name)
        if index is None:
            index = self._touch[name] = TouchIndex(self._by_dataset.get(name, ()))
        return index.touching(changes)


def lineage(one: DomainRecord, domains: Mapping[Domain, DomainRecord]) -> tuple[DomainRecord, ...]:
    """The domains that it is part of, the nearest first; a circle ends before it closes."""
    found: dict[Domain, DomainRecord] = {}
    at = domains.get(one.part_of) if one.part_of is not None else None
    while at is not None and at.name != one.name and at.name not in found:
        found[at.name] = at
        at = domains.get(at.part_of) if at.part_of is not None else None
    return tuple(found.values())


def loose_ends(domains: Iterable[DomainRecord]) -> tuple[Conflict, ...]:
    """Where a domain is part of one that is none, or of itself."""
    known = {one.name: one for one in domains}
    found = []
    for _, one in sorted(known.items()):
        if one.part_of is None:
            continue
        place = place_of(one, "part_of", one.part_of)
        if one.part_of not in known:
            near = get_close_matches(one.part_of, sorted(known), n=1)
            mend = f"did you mean `{near[0]}`?" if near else "write a document for it, or take the line out"
            message = f"`part_of: {one.part_of}` names no domain, and nothing is taken from it: {mend}"
            found.append(Conflict(message, one.source, *place))
        elif one.name in {each.part_of for each in lineage(one, known)}:
            message = f"domain `{one.name}` is, by its `part_of`, a part of itself: take one of them out"
            found.append(Conflict(message, one.source, *place))
    return tuple(found)


def _one_team_twice(domains: Sequence[DomainRecord]) -> Iterator[Conflict]:
    """Where two domains say that another system means them by the same name, or by the other's own."""
    names = {str(one.name).casefold(): (one, "name", str(one.name)) for one in domains}
    for one in domains:
        for alias in one.also_known_as:
            first, key, written = names.setdefault(alias.casefold(), (one, "also_known_as", alias))
            if first.name != one.name:
                line, column = place_of(first, key, written)
                message = (
                    f"`also_known_as: {alias}` of domain `{one.name}` means domain `{first.name}` already"
                    f" ({first.source}:{line}:{column}): one team is one domain, take it out of one of them"
                )
                yield Conflict(message, one.source, *place_of(one, "also_known_as", alias))


def conflicts(
    subscriptions: Sequence[Subscription], domains: Sequence[DomainRecord], aliases: Mapping[str, str] = NO_ALIASES
) -> tuple[Conflict, ...]:
    """Where two documents claim the same; the later one in the sequence is at fault."""
    found: list[Conflict] = []
    names: dict[str, Subscription | DomainRecord] = {}
    for kind, several in (("subscription", subscriptions), ("domain", domains)):
        names.clear()
        for one in several:
            first = names.setdefault(str(one.name), one)
            if first is not one:
                message = f"the {kind} name `{one.name}` is taken already by {first.source}"
                place = place_of(one, "name", one.name) if isinstance(one, DomainRecord) else (1, 1)
                found.append(Conflict(message, one.source, *place))
    unique = tuple({one.name: one for one in reversed(domains)}.values())[::-1]
    found.extend(_one_team_twice(unique))
    found.extend(ownership_conflicts(unique, lambda pattern: dataset_key(canonical_dataset(pattern, aliases))))
    return tuple(found)
