"""The registry's state machine under any history: a simulated registry writes it, arbitrary records disturb it."""

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.feeds.registry_topic import (
    Pair,
    Topic,
    clear_subject,
    config,
    config_removed,
    delete_subject,
    dump,
    key,
    raw,
    schema,
    text,
    tombstone,
)
from watcher.feeds.registry.decode import decode
from watcher.feeds.registry.feed import RegistryFeed
from watcher.feeds.registry.naming import Naming
from watcher.model.observation import DatasetGone, DatasetSeen

SUBJECTS = ["a-value", "a-key", "a", "b-value", ":.s:a-value"]
TEXTS = [text(*names) for names in (["x"], ["x", "y"], ["z"], [])]
LEVELS = ["NONE", "BACKWARD", "FULL", "FORWARD_TRANSITIVE"]


class Registry:
    """A registry that writes what its clients do; sometimes its leader errs, and corrects it at once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.log: list[Pair] = []
        self.ids: dict[tuple[str, str], int] = {}
        self.versions: dict[str, dict[int, tuple[int, str, bool, list[tuple[str, str, int]]]]] = {}
        self.numbers: dict[str, int] = {}

    def act(self) -> None:
        subject = self.chance.choice(SUBJECTS)
        act = self.chance.choice([self.register, self.register, self.delete, self.wipe, self.bury, self.err, self.set])
        act(subject)

    def register(self, subject: str) -> None:
        words = self.chance.choice(TEXTS)
        context = ":.s:" if subject.startswith(":") else ""
        id_ = self.ids.setdefault((context, words), len(self.ids) + 1)
        known = self.versions.setdefault(subject, {})
        if any(one[0] == id_ and not one[2] for one in known.values()):
            return
        number = self.numbers[subject] = self.numbers.get(subject, 0) + 1
        old = [at for at, one in known.items() if one[0] == id_]
        references = self.references(subject)
        known[number] = (id_, words, False, references)
        self.log.append(schema(subject, number, id_, words, references=references))
        for at in old:  # its own repair: the soft-deleted one with this id is buried
            del known[at]
            self.log.append(tombstone(subject, at))

    def references(self, subject: str) -> list[tuple[str, str, int]]:
        if self.chance.random() < 0.6:
            return []
        other = self.chance.choice(SUBJECTS)
        return [("r", other, self.chance.choice([-1, 1, 2]))] if other != subject else []

    def delete(self, subject: str) -> None:
        for number, (id_, words, deleted, references) in self.versions.get(subject, {}).items():
            if not deleted:
                self.versions[subject][number] = (id_, words, True, references)
                self.log.append(schema(subject, number, id_, words, deleted=True, references=references))
                return

    def wipe(self, subject: str) -> None:
        known = self.versions.get(subject, {})
        if known:
            self.versions[subject] = {at: (one[0], one[1], True, one[3]) for at, one in known.items()}
            self.log.append(delete_subject(subject, max(known)))

    def bury(self, subject: str) -> None:
        known = self.versions.get(subject, {})
        if known and all(one[2] for one in known.values()):
            self.log += [tombstone(subject, at, self.chance.choice([None, b""])) for at in sorted(known, reverse=True)]
            del self.versions[subject], self.numbers[subject]
        elif self.chance.random() < 0.3:
            self.log.append(clear_subject(subject))
            self.versions[subject] = {at: one for at, one in known.items() if not one[2]}

    def err(self, subject: str) -> None:
        live = [one for one in self.versions.get(subject, {}).values() if not one[2]]
        if live:
            self.log.append(schema(subject, 9, live[0][0], text("wrong")))
            self.log.append(tombstone(subject, 9))

    def set(self, subject: str) -> None:
        scope = self.chance.choice([subject, None, ":.s:", ":.__GLOBAL:"])
        level = self.chance.choice(LEVELS)
        alias = {"alias": self.chance.choice(SUBJECTS)} if scope == subject and self.chance.random() < 0.3 else {}
        self.log.append(self.chance.choice([config(scope, level, **alias), config_removed(scope)]))


@st.composite
def histories(draw: st.DrawFn) -> list[Pair]:
    registry = Registry(draw(st.randoms(use_true_random=False)))
    for _ in range(draw(st.integers(1, 40))):
        registry.act()
    return registry.log


def state(feed: RegistryFeed) -> set[tuple[str, bytes | None]]:
    """What the feed would have kept from scratch."""
    everything = feed._state
    everything._dirty |= {(s, n) for s, one in everything._lineages.items() for n in one.versions}
    everything._dirty |= {f"c/{scope}" for scope in everything._configs} | set(everything._plain)
    return set(everything.drain())


def views(topic: Topic) -> dict[str, DatasetSeen]:
    """What the datasets look like, from scratch."""
    feed = topic.new_feed()
    feed.restore(topic.entries.items())
    return {str(dataset): view for dataset, view in feed._views._standing.items()}  # type: ignore[misc]


@given(histories())
def test_any_history_heard_twice_is_the_same(records: Sequence[Pair]) -> None:
    """Reading a prefix again, from its first record on, leads back to the same state."""
    topic = Topic()
    topic.say(*records)
    once = dict(topic.entries)

    topic.say(*records)

    assert topic.entries == once


@given(histories(), st.data())
def test_a_restart_at_any_point_changes_nothing(records: Sequence[Pair], data: st.DataObject) -> None:
    """What is drained is all that there is: a feed restored from it says what the other one says."""
    cut = data.draw(st.integers(0, len(records)))
    through, restarted = Topic(), Topic()
    through.say(*records[:cut])
    restarted.say(*records[:cut])

    restarted.restart()

    assert restarted.say(*records[cut:]) == through.say(*records[cut:])
    assert restarted.entries == through.entries
    assert state(restarted.feed) == set(through.entries.items())


@given(histories())
def test_what_was_said_adds_up_to_what_stands(records: Sequence[Pair]) -> None:
    """Following every observation gives the view that a fresh look at the state gives."""
    topic = Topic()
    standing: dict[str, DatasetSeen] = {}
    for said in topic.say(*records):
        if isinstance(said, DatasetSeen):
            standing[said.dataset] = said
        elif isinstance(said, DatasetGone):
            del standing[said.dataset]

    fresh = views(topic)

    assert {name: (one.subject, one.version, one.schema, one.level) for name, one in standing.items()} == {
        name: (one.subject, one.version, one.schema, one.level) for name, one in fresh.items()
    }
    assert {name for name, one in standing.items() if one.blocked} == {n for n, one in fresh.items() if one.blocked}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "", ":.s:", "\0", "SCHEMA", "AVRO"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "subject"]), inner),
    max_leaves=5,
)
MEMBERS = [
    "subject", "version", "id", "schema", "schemaType", "references", "deleted", "compatibilityLevel", "alias", "mode",
    "context", "seq",
]  # fmt: skip
KEYTYPES = ["SCHEMA", "DELETE_SUBJECT", "CLEAR_SUBJECT", "CONFIG", "MODE", "NOOP", "CONTEXT", "ASSOC", "OTHER"]
DOCUMENTS = st.dictionaries(st.sampled_from(MEMBERS), JSON)
DISTURBED = st.tuples(
    st.builds(
        lambda kind, magic, more: key(kind, **({"subject": "a", "version": 1, "magic": magic} | more)),
        st.sampled_from(KEYTYPES),
        st.sampled_from([0, 1]),
        DOCUMENTS,
    )
    | st.binary(max_size=20)
    | st.none(),
    st.builds(lambda more: dump({"id": 1, "schema": "x", "version": 1} | more), DOCUMENTS)
    | st.binary(max_size=20)
    | st.none(),
)


@given(st.lists(DISTURBED, max_size=20))
@settings(max_examples=300)
def test_no_record_is_too_strange(records: list[Pair]) -> None:
    """Whatever the bytes: it is heard or unreadable, and the memory survives a restart."""
    feed = RegistryFeed("prod", Naming("kafka://prod"))
    for offset, pair in enumerate(records):
        decode(raw(pair, offset))
        feed.hear(raw(pair, offset))
    kept = {name: data for name, data in feed.drain() if data is not None}
    again = RegistryFeed("prod", Naming("kafka://prod"))
    again.restore(kept.items())

    assert state(again) == set(kept.items())


@given(histories())
def test_the_versions_that_were_told_are_those_that_stand(records: Sequence[Pair]) -> None:
    """What was said of versions, word by word, adds up to what the state holds: live ones, deleted ones, addresses."""
    topic, told = Topic(), {}
    for record in records:
        for one in topic.hear(record).versions:
            told[one.subject, one.version] = one

    feed = topic.new_feed()
    feed.restore(topic.entries.items())
    standing = {
        (subject, number): feed._stands((subject, number))
        for subject, lineage in feed._state._lineages.items()
        for number in lineage.versions
    }
    assert {key: one for key, one in told.items() if one.schema is not None} == standing
