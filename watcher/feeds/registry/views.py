"""How datasets look from the state: the difference between two looks is what the feed says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from watcher.feeds.registry.naming import Naming
from watcher.feeds.registry.references import ReferenceGraph
from watcher.feeds.registry.state import RegistryState
from watcher.model.dataset import DatasetName, Subject
from watcher.model.observation import DatasetGone, DatasetSeen, Observation
from watcher.model.schema import Fingerprint


class View(NamedTuple):
    """How a dataset looks: whose version it is, which, at which content address, guarded how, and blocked by what.

    The order is that of `DatasetSeen`.
    """

    subject: str
    version: int
    schema: Fingerprint
    level: str
    blocked: str | None
    lineage: Subject
    policy: str
    group: str | None


class Views:
    """How each dataset looked when it was last looked at."""

    def __init__(self, state: RegistryState, graph: ReferenceGraph, naming: Naming) -> None:
        self._state = state
        self._graph = graph
        self._naming = naming
        self._speakers: dict[DatasetName, tuple[str, ...]] = {}
        self._standing: dict[DatasetName, View] = {}
        self.look(list(state.subjects()))

    def look(self, subjects: Iterable[str]) -> list[Observation]:
        """What became of the datasets of these subjects, and of the aliases that stand for them."""
        datasets: dict[DatasetName, None] = {}
        for subject in subjects:
            datasets[self._speaks(subject)] = None
            for alias in sorted(self._state.aliases(subject)):
                datasets[self._speaks(alias)] = None
        return [said for said in map(self._look, datasets) if said is not None]

    def _look(self, dataset: DatasetName) -> Observation | None:
        before, after = self._standing.get(dataset), self._view(dataset)
        if before == after:
            return None
        if after is not None:
            self._standing[dataset] = after
            return DatasetSeen(dataset, Subject(after.subject), *after[1:])
        view = self._standing.pop(dataset)
        return DatasetGone(dataset, Subject(view.subject))

    def _view(self, dataset: DatasetName) -> View | None:
        for subject in self._speakers[dataset]:
            meant = self._state.spoken_for(subject)
            lineage = self._state.lineage(meant)
            if lineage is None or not lineage.latest:
                continue
            number = lineage.latest
            whole = self._graph.whole((meant, number), lineage.versions[number])
            blocked = whole.cause.reason if whole.cause else None
            level, beside = self._state.level(meant), self._state.beside(meant)
            return View(subject, number, whole.fingerprint, level, blocked, Subject(meant), *beside)
        return None

    def _speaks(self, subject: str) -> DatasetName:
        """The subject's dataset, in which it has a say from now on."""
        dataset = self._naming.dataset(subject)
        known = self._speakers.get(dataset, ())
        if subject not in known:
            self._speakers[dataset] = tuple(sorted((*known, subject), key=self._naming.rank))
        return dataset
