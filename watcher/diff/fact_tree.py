"""The fact tree: facts by the path that they are about, as one comes by them on a walk from the root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from watcher.model.change import Change, FieldAdded, FieldRemoved, FieldRenamed
from watcher.model.path import Member, Step, steps


@dataclass(slots=True)
class FactTree:
    """What is told of one place, and of those below; members that came, went or have another name are told above.

    `renamed` is by the name after: the name before, and the evidence.
    """

    here: list[Change] = field(default_factory=list)
    children: dict[Step, FactTree] = field(default_factory=dict)
    added: list[FieldAdded] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    renamed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Sequence[Change]) -> FactTree:
        """The tree of these."""
        tree = cls()
        for change in changes:
            taken = steps(change.path)
            if not isinstance(change, FieldAdded | FieldRemoved | FieldRenamed):
                tree.at(taken).here.append(change)
                continue
            place, name = tree.at(taken[:-1]), _name(taken[-1])
            match change:
                case FieldAdded():
                    place.added.append(change)
                case FieldRemoved():
                    place.removed.add(name)
                case FieldRenamed():
                    place.renamed[name] = _name(steps(change.before)[-1]), change.evidence
        return tree

    @property
    def is_empty(self) -> bool:
        """Whether nothing is told here or below."""
        return not (self.here or self.children or self.added or self.removed or self.renamed)

    def at(self, taken: Sequence[Step]) -> FactTree:
        """The place these steps lead to."""
        tree = self
        for step in taken:
            tree = tree.children.setdefault(step, FactTree())
        return tree

    def child(self, step: Step) -> FactTree:
        """What is told one step below."""
        return self.children.get(step) or FactTree()

    def of_kind(self, *kinds: Any) -> list[Any]:
        """What is told here, of these kinds alone."""
        return [one for one in self.here if isinstance(one, kinds)]

    def but(self, *kinds: Any) -> FactTree:
        """All but what is told here of these kinds."""
        rest = [one for one in self.here if not isinstance(one, kinds)]
        return FactTree(rest, self.children, self.added, self.removed, self.renamed)


def _name(step: Step) -> str:
    return step.name if isinstance(step, Member) else ""
