"""Which dataset a subject stands for: settings first, then the naming strategy that the producers use.

Contexts other than the default one stay part of the name (`kafka://prod/:.staging:orders`): a subject of a staging
context must never be taken for the dataset that production reads, and a contract can still name it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.feeds.registry.subjects import context_scope, split
from watcher.model.dataset import DatasetName


class Strategy(enum.StrEnum):
    """The naming strategies of the serializers."""

    TOPIC = "topic"
    RECORD = "record"
    TOPIC_RECORD = "topic-record"


@dataclass(frozen=True, slots=True)
class Naming:
    """Subject → dataset; `explicit` maps subjects as the registry writes them, `topics` helps `topic-record`."""

    namespace: str
    strategy: Strategy = Strategy.TOPIC
    explicit: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()

    def dataset(self, subject: str) -> DatasetName:
        """The dataset that the subject (canonical) stands for."""
        named = self.explicit.get(subject)
        if named is not None:
            return DatasetName(named)
        context, name = split(subject)
        return DatasetName(f"{self.namespace}/{context_scope(context)}{self._within(name)}")

    def rank(self, subject: str) -> tuple[int, str]:
        """Whose word counts where several live subjects stand for one dataset: the lowest rank's.

        `orders` beside `orders-value` is a reference or a leftover; two voices would read as endless changes.
        """
        if subject in self.explicit:
            return 0, subject
        if self.strategy is Strategy.TOPIC and not subject.endswith(("-value", "-key")):
            return 2, subject
        return 1, subject

    def _within(self, name: str) -> str:
        if self.strategy is Strategy.RECORD:
            return name
        if self.strategy is Strategy.TOPIC_RECORD:
            return self._topic_record(name)
        if name.endswith("-value") and len(name) > len("-value"):
            return name.removesuffix("-value")
        if name.endswith("-key") and len(name) > len("-key"):
            return name.removesuffix("-key") + "#key"
        return name

    def _topic_record(self, name: str) -> str:
        known = max((one for one in self.topics if name.startswith(f"{one}-")), key=len, default=None)
        if known is not None and len(name) > len(known) + 1:
            return f"{known}#{name[len(known) + 1 :]}"
        # Topics may hold hyphens, names of records cannot: the last one parts them.
        topic, hyphen, record = name.rpartition("-")
        return f"{topic}#{record}" if hyphen and topic and record else name
