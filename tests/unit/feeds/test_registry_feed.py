"""The registry's state machine, as what the feed says: stories of records, and what each comes to."""

import json

import pytest

from tests.unit.feeds.registry_topic import (
    Pair,
    Topic,
    brief,
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
from watcher.feeds.registry.naming import Naming, Strategy
from watcher.model.observation import DatasetSeen, GuardChanged

A, B, C = text("id"), text("id", "name"), text("id", "name", "note")
ONE = schema("orders-value", 1, 1, A)
TWO = schema("orders-value", 2, 2, B)
V1, V2 = "kafka://prod/orders v1", "kafka://prod/orders v2"
GONE = "kafka://prod/orders gone"

STORIES: dict[str, tuple[list[Pair], list[str]]] = {
    "registered": ([ONE, TWO], [V1, V2]),
    "told twice": ([ONE, TWO, ONE, TWO, TWO], [V1, V2]),
    "an older version arrives late": ([TWO, ONE], [V2]),
    "latest soft-deleted": ([ONE, TWO, schema("orders-value", 2, 2, B, deleted=True)], [V1, V2, V1]),
    "soft-deleted, then for good": (
        [ONE, TWO, schema("orders-value", 2, 2, B, deleted=True), tombstone("orders-value", 2)],
        [V1, V2, V1],
    ),
    "all soft-deleted by watermark": ([ONE, TWO, delete_subject("orders-value", 2)], [V1, V2, GONE]),
    "a watermark spares what is newer": ([ONE, TWO, delete_subject("orders-value", 1)], [V1, V2]),
    "redpanda deletes a subject without saying up to where": (
        [ONE, TWO, delete_subject("orders-value", None)],
        [V1, V2, GONE],
    ),
    "karapace deletes a subject in which nothing lives": (
        [ONE, delete_subject("orders-value", 1), delete_subject("orders-value", -1)],
        [V1, GONE],
    ),
    "versions after a watermark live": (
        [ONE, delete_subject("orders-value", 1), TWO],
        [V1, GONE, V2],
    ),
    "hard delete of a subject, newest first": (
        [
            ONE,
            TWO,
            delete_subject("orders-value", 2),
            tombstone("orders-value", 2),
            tombstone("orders-value", 1),
            config_removed("orders-value"),
        ],
        [V1, V2, GONE],
    ),
    "karapace's hard delete": (
        [ONE, delete_subject("orders-value", 1), tombstone("orders-value", 1, b"")],
        [V1, GONE],
    ),
    "numbering begins anew after a hard delete": (
        [ONE, delete_subject("orders-value", 1), tombstone("orders-value", 1), schema("orders-value", 1, 5, C)],
        [V1, GONE, V1],
    ),
    "registered again after a soft delete: the registry buries the old version itself": (
        [
            ONE,
            TWO,
            schema("orders-value", 2, 2, B, deleted=True),
            schema("orders-value", 3, 2, B),
            tombstone("orders-value", 2),
        ],
        [V1, V2, V1, "kafka://prod/orders v3"],
    ),
    "registered again where nothing else lives": (
        [ONE, delete_subject("orders-value", 1), schema("orders-value", 2, 1, A), tombstone("orders-value", 1)],
        [V1, GONE, V2],
    ),
    "a bad record under a taken id, and its burial": (
        [ONE, schema("orders-value", 2, 1, B), tombstone("orders-value", 2)],
        [V1],
    ),
    "a bad record over a good one, and its correction": ([ONE, TWO, schema("orders-value", 2, 2, C), TWO], [V1, V2]),
    "a bad record of another subject": ([ONE, schema("other-value", 1, 1, B), tombstone("other-value", 1)], [V1]),
    "an id is free again once nothing carries it": (
        [ONE, delete_subject("orders-value", 1), tombstone("orders-value", 1), schema("orders-value", 1, 1, B)],
        [V1, GONE, V1],
    ),
    "one id in two subjects, one text": (
        [ONE, schema("copies-value", 1, 1, A), tombstone("orders-value", 1), schema("third-value", 1, 1, B)],
        [V1, "kafka://prod/copies v1", GONE],
    ),
    "ids are each context's own": (
        [ONE, schema(":.staging:orders-value", 1, 1, B)],
        [V1, "kafka://prod/:.staging:orders v1"],
    ),
    "karapace deletes with the text in other words": (
        [ONE, schema("orders-value", 1, 1, json.dumps(json.loads(A), sort_keys=True), deleted=True)],
        [V1, GONE],
    ),
    "what is soft-deleted comes back": ([ONE, schema("orders-value", 1, 1, A, deleted=True), ONE], [V1, GONE, V1]),
    "leftovers are cleared": (
        [ONE, TWO, schema("orders-value", 1, 1, A, deleted=True), clear_subject("orders-value")],
        [V1, V2],
    ),
    "a tombstone of what was never there": ([tombstone("orders-value", 4), delete_subject("nobody", 3)], []),
    "only rules or metadata changed": (
        [ONE, schema("orders-value", 2, 2, A, metadata={"properties": {"owner": "x"}})],
        [V1, V2],
    ),
    "signs of life, modes, contexts, associations": (
        [
            (key("NOOP", magic=0), None),
            (key("MODE", magic=0), dump({"mode": "IMPORT"})),
            (key("CONTEXT", tenant="default", context=".s", magic=0), dump({"context": ".s"})),
            (key("ASSOC", resourceName="orders", subject="orders-value", magic=0), dump({"subject": "orders-value"})),
        ],
        [],
    ),
    "key and value of a topic": (
        [ONE, schema("orders-key", 1, 9, '"string"')],
        [V1, "kafka://prod/orders#key v1"],
    ),
    "a reference's subject never speaks over the topic's": (
        [schema("orders", 1, 8, C), ONE, schema("orders", 2, 9, B), delete_subject("orders-value", 1)],
        ["kafka://prod/orders v1", "kafka://prod/orders v1", "kafka://prod/orders v2"],
    ),
}


@pytest.mark.parametrize("restarting", [False, True], ids=["in one go", "restarted after each"])
@pytest.mark.parametrize("story", STORIES)
def test_each_story_says_what_it_comes_to(story: str, restarting: bool) -> None:
    """What is said is the difference that a record makes, whether or not the process ends after each."""
    records, expected = STORIES[story]
    topic = Topic()
    said = []
    for record in records:
        said += topic.say(record)
        if restarting:
            topic.restart()

    assert brief(said) == expected


def test_a_held_id_with_another_text_is_recorded_as_unreadable() -> None:
    """The registry's followers disregard such a record; we do, and say so."""
    topic = Topic()
    topic.hear(ONE)

    heard = topic.hear(schema("orders-value", 2, 1, B))

    assert heard.unreadable is not None
    assert heard.unreadable.kind == "duplicate-id"
    assert heard.subject == "orders-value"


def test_the_same_text_has_the_same_address_everywhere() -> None:
    """Version, id and metadata are no part of a content address; text and format are."""
    topic = Topic()
    topic.say(ONE, schema("copies-value", 1, 1, A), schema("notes-value", 1, 3, A, schemaType="JSON"))

    addresses = [one.fingerprint for one in topic.texts.values()]

    assert len(addresses) == 2


def test_a_text_goes_out_once_a_version() -> None:
    """A record that is told again, or deleted softly, carries no text into the ledger."""
    topic = Topic()

    first = topic.hear(ONE)
    again = topic.hear(ONE)
    deleted = topic.hear(schema("orders-value", 1, 1, A, deleted=True))

    assert [one.text for one in first.schemas] == [A]
    assert again.schemas == deleted.schemas == ()


# Levels.

LEVELS: dict[str, tuple[list[Pair], list[str]]] = {
    "the whole registry": ([config(None, "NONE")], ["* lowered BACKWARD to NONE"]),
    "raised": ([config(None, "FULL_TRANSITIVE")], ["* raised BACKWARD to FULL_TRANSITIVE"]),
    "sideways loses a direction": ([config("orders-value", "FORWARD")], ["orders-value lowered BACKWARD to FORWARD"]),
    "one direction fewer, all versions more": (
        [config("o", "FULL"), config("o", "BACKWARD_TRANSITIVE")],
        ["o raised BACKWARD to FULL", "o lowered FULL to BACKWARD_TRANSITIVE"],
    ),
    "no longer against all versions": (
        [config("o", "FULL_TRANSITIVE"), config("o", "FULL")],
        ["o raised BACKWARD to FULL_TRANSITIVE", "o lowered FULL_TRANSITIVE to FULL"],
    ),
    "set to what was in force": ([config("o", "BACKWARD")], []),
    "a removed setting falls back": (
        [config(None, "FULL"), config("o", "NONE"), config_removed("o")],
        ["* raised BACKWARD to FULL", "o lowered FULL to NONE", "o raised NONE to FULL"],
    ),
    "karapace removes with an empty value": (
        [config("o", "FULL"), config_removed("o", b"")],
        ["o raised BACKWARD to FULL", "o lowered FULL to BACKWARD"],
    ),
    "a context": ([config(":.s:", "NONE")], [":.s: lowered BACKWARD to NONE"]),
    "above all contexts": ([config(":.__GLOBAL:", "NONE")], ["* lowered BACKWARD to NONE"]),
    "other members of a config say nothing": ([config("o", normalize=True)], []),
}


@pytest.mark.parametrize("case", LEVELS)
def test_a_level_that_changes_is_said(case: str) -> None:
    """Lowered is whatever guards less in some direction than before."""
    records, expected = LEVELS[case]

    assert brief(Topic().say(*records)) == expected


def level_of(topic: Topic, subject: str) -> str | None:
    (seen,) = topic.say(schema(subject, 99, 99, C))
    assert isinstance(seen, DatasetSeen)
    return seen.level


def test_the_level_in_force_is_the_nearest_one() -> None:
    """Subject before context before registry before the server's default."""
    topic = Topic()
    topic.say(config(None, "FULL"), config(":.s:", "FORWARD"), config(":.s:own", "NONE"))

    assert level_of(topic, "plain") == "FULL"
    assert level_of(topic, ":.s:own") == "NONE"
    assert level_of(topic, ":.s:other") == "FORWARD"
    assert level_of(topic, ":.t:other") == "FULL"


def test_what_is_set_above_all_contexts_does_not_overrule_the_default_one() -> None:
    """The setting without a subject is the default context's own, once there is one above it."""
    topic = Topic()
    topic.say(config(None, "FULL"), config(":.__GLOBAL:", "FORWARD"))

    assert level_of(topic, "plain") == "FULL"
    assert level_of(topic, ":.t:other") == "FORWARD"


def test_a_wide_setting_is_seen_at_every_dataset_that_inherits_it() -> None:
    """Datasets whose level in force changed are said anew; the others are not."""
    topic = Topic()
    topic.say(ONE, schema("own-value", 1, 5, C), config("own-value", "FULL"))

    said = topic.say(config(None, "NONE"))

    assert isinstance(said[0], GuardChanged)
    assert said[0].dataset is None
    assert brief(said[1:]) == [V1]


def test_a_subjects_setting_names_its_dataset() -> None:
    """Even before the subject has a schema."""
    (said,) = Topic().say(config("orders-value", "NONE"))

    assert isinstance(said, GuardChanged)
    assert said.dataset == "kafka://prod/orders"


# Aliases.


def test_an_alias_is_a_dataset_of_its_own_with_its_targets_schema() -> None:
    """Contracts may name the alias: it follows its target's latest version, and its level."""
    topic = Topic()
    topic.say(ONE)

    assert brief(topic.say(config("sales-value", alias="orders-value"))) == ["kafka://prod/sales v1"]
    assert brief(topic.say(TWO)) == [V2, "kafka://prod/sales v2"]
    assert brief(topic.say(config("orders-value", "NONE"))) == [
        "orders-value lowered BACKWARD to NONE",
        V2,
        "kafka://prod/sales v2",
    ]
    topic.restart()
    assert brief(topic.say(config_removed("sales-value"))) == ["kafka://prod/sales gone"]
    assert brief(topic.say(schema("orders-value", 3, 3, C))) == ["kafka://prod/orders v3"]


def test_an_alias_is_meant_within_its_own_context() -> None:
    """An unqualified target lies beside the alias; a qualified one where it says."""
    topic = Topic()
    topic.say(ONE, schema(":.s:orders-value", 2, 1, B))

    assert brief(topic.say(config(":.s:near", alias="orders-value"))) == ["kafka://prod/:.s:near v2"]
    topic.restart()
    assert brief(topic.say(config(":.s:far", alias=":.:orders-value"))) == ["kafka://prod/:.s:far v1"]


def test_an_alias_before_its_target_waits_for_it() -> None:
    """Compaction may leave the alias first: the dataset appears with the target's first version."""
    topic = Topic()

    assert topic.say(config("sales-value", alias="orders-value")) == []
    assert brief(topic.say(ONE)) == [V1, "kafka://prod/sales v1"]


# Unreadable texts.


def test_a_text_that_cannot_be_read_moves_the_state_and_is_shown() -> None:
    """The latest version counts although it cannot be read: its dataset is blocked, with the cause, until mended."""
    topic = Topic(parse=True)
    topic.say(ONE)

    broken = topic.hear(schema("orders-value", 2, 2, "broken"))

    assert broken.unreadable is not None
    assert broken.unreadable.kind == "invalid-schema"
    assert brief(broken.observations) == [V2 + " blocked: the text says that it is broken"]
    topic.restart()
    assert brief(topic.say(schema("orders-value", 3, 3, C))) == ["kafka://prod/orders v3"]


def test_a_broken_version_that_is_deleted_gives_way_to_the_one_before() -> None:
    """The version before it is the latest live one again, and can be read."""
    topic = Topic(parse=True)
    topic.say(ONE, schema("orders-value", 2, 2, "broken"))

    assert brief(topic.say(schema("orders-value", 2, 2, "broken", deleted=True))) == [V1]


def test_a_broken_version_that_is_not_the_latest_blocks_nothing() -> None:
    """It is recorded all the same."""
    topic = Topic(parse=True)
    topic.say(TWO)

    heard = topic.hear(schema("orders-value", 1, 1, "broken"))

    assert heard.unreadable is not None
    assert heard.observations == ()


def test_a_text_that_is_too_large_is_not_kept() -> None:
    """Ten megabytes: recorded, blocked, and never written into the ledger."""
    topic = Topic()

    heard = topic.hear(schema("orders-value", 1, 1, '"' + "x" * 10_000_000 + '"'))

    assert heard.unreadable is not None
    assert heard.unreadable.kind == "too-large"
    assert heard.schemas == ()
    assert brief(heard.observations)[0].startswith("kafka://prod/orders v1 blocked: the text has 10,000,002 characters")
    assert sum(map(len, topic.entries.values())) < 1000


def test_a_text_with_nul_is_not_kept() -> None:
    """PostgreSQL would refuse it, and with it the whole batch."""
    heard = Topic().hear(schema("orders-value", 1, 1, '"a\0b"'))

    assert heard.unreadable is not None
    assert heard.schemas == ()


def test_formats_that_are_not_read_yet_are_kept_unread() -> None:
    """Only AVRO is parsed: another format's text goes into the ledger as it is."""
    topic = Topic(parse=True)

    heard = topic.hear(schema("orders-value", 1, 1, "broken for all we know", schemaType="PROTOBUF"))

    assert heard.unreadable is None
    assert [one.format for one in heard.schemas] == ["PROTOBUF"]


def test_an_unreadable_record_changes_nothing() -> None:
    """What a registry would skip, we record and skip."""
    topic = Topic()
    topic.say(ONE)

    heard = topic.hear((key("SCHEMA", subject="orders-value", version=2, magic=1), b"{"))

    assert heard.kind == "unreadable"
    assert heard.unreadable is not None
    assert heard.observations == ()


# References.

MONEY = schema("money", 1, 10, text("amount", name="Money"))


def order(version: int, id_: int, *references: tuple[str, str, int], subject: str = "orders-value") -> Pair:
    return schema(subject, version, id_, text("total", name=f"Order{version}"), references=references)


def test_a_whole_is_addressed_by_all_that_it_refers_to() -> None:
    """The address of a schema with references covers theirs, by name and in order."""
    topic = Topic()
    topic.say(MONEY, schema("note", 1, 11, C))
    say = [
        topic.hear(order(1, 20, ("Money", "money", 1))),
        topic.hear(schema("other-value", 1, 20, text("total", name="Order1"), references=[("Note", "note", 1)])),
        topic.hear(schema("third-value", 1, 20, text("total", name="Order1"))),
    ]

    addresses = [one.fingerprint for heard in say for one in heard.schemas]

    assert len(set(addresses)) == 3
    assert [name for name, _ in say[0].schemas[0].references] == ["Money"]


def test_a_missing_reference_blocks_until_it_arrives() -> None:
    """Out of order or compacted away: the dataset is blocked with the missing one's name, and freed by it."""
    topic = Topic()

    heard = topic.hear(order(1, 20, ("Money", "money", 1)))

    assert heard.unreadable is not None
    assert heard.unreadable.kind == "unknown-reference"
    assert brief(heard.observations) == [V1 + " blocked: what it refers to, money version 1, is not there"]
    topic.restart()
    assert brief(topic.say(MONEY)) == ["kafka://prod/money v1", V1]


def test_a_change_below_is_seen_at_any_depth() -> None:
    """A referenced version that changes moves every dataset that rests on it, however far up, and only those."""
    topic = Topic()
    topic.say(MONEY, schema("price", 1, 11, text("m", name="Price"), references=[("Money", "money", 1)]))
    topic.say(order(1, 20, ("Price", "price", 1)), schema("free-value", 1, 30, C))
    topic.restart()

    said = topic.say(tombstone("money", 1))

    assert brief(said) == [
        "kafka://prod/money gone",
        V1 + " blocked: what it refers to, price version 1, cannot be read",
        "kafka://prod/price v1 blocked: what it refers to, money version 1, is not there",
    ]
    back = topic.hear(schema("money", 1, 40, text("amount", "currency", name="Money")))
    assert brief(back.observations) == ["kafka://prod/money v1", V1, "kafka://prod/price v1"]
    assert len(back.schemas) == 3


def test_a_referenced_version_that_is_deleted_softly_still_counts() -> None:
    """It can still be fetched: what refers to it stays whole."""
    topic = Topic()
    topic.say(MONEY, order(1, 20, ("Money", "money", 1)))

    assert brief(topic.say(delete_subject("money", 1))) == ["kafka://prod/money gone"]


def test_a_reference_to_the_latest_follows_it() -> None:
    """Version -1 is the latest live one: what refers to it moves with each new version, and back with its deletion."""
    topic = Topic()
    topic.say(MONEY, order(1, 20, ("Money", "money", -1)))

    ahead = topic.say(schema("money", 2, 11, text("cents", name="Money")))
    back = topic.say(delete_subject("money", 2))

    assert brief(ahead) == ["kafka://prod/money v2", V1]
    assert brief(back) == [
        "kafka://prod/money gone",
        V1 + " blocked: what it refers to, money version latest, is not there",
    ]


def test_a_new_version_of_what_is_referred_to_by_number_moves_nobody() -> None:
    """References are pinned: who refers to version 1 keeps it."""
    topic = Topic()
    topic.say(MONEY, order(1, 20, ("Money", "money", 1)))

    assert brief(topic.say(schema("money", 2, 11, text("cents", name="Money")))) == ["kafka://prod/money v2"]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_of_references_is_unreadable(length: int) -> None:
    """However long the circle, whoever closes it is recorded, and all in it are blocked."""
    topic = Topic()
    heard = [
        topic.hear(schema(f"s{i}", 1, i, text("x", name=f"N{i}"), references=[("next", f"s{(i + 1) % length}", 1)]))
        for i in range(length)
    ]

    last = heard[-1]
    assert last.unreadable is not None
    assert last.unreadable.kind == "reference-circle"
    assert len([one for one in brief(last.observations) if "form a circle" in one]) == length


def test_a_circle_that_is_opened_is_whole_again() -> None:
    """A new text without the reference frees all that were in the circle."""
    topic = Topic()
    topic.say(
        schema("a", 1, 1, text("x", name="A"), references=[("b", "b", 1)]),
        schema("b", 1, 2, text("x", name="B"), references=[("a", "a", 1)]),
    )

    said = topic.say(schema("b", 1, 3, text("y", name="B")))

    assert brief(said) == ["kafka://prod/b v1", "kafka://prod/a v1"]


def test_a_chain_of_ten_thousand_references_is_walked() -> None:
    """Depth is no reason to fall over: neither upwards nor downwards, nor after a restart."""
    topic = Topic()
    for i in range(10_000, 0, -1):
        topic.hear(schema(f"s{i}", 1, i, text("x", name=f"N{i}"), references=[("next", f"s{i - 1}", 1)]))
    topic.restart()

    said = topic.say(schema("s0", 1, 0, text("x", name="N0")))

    assert len(said) == 10_001
    assert not any(isinstance(one, DatasetSeen) and one.blocked for one in said)


def test_a_lattice_of_references_is_walked_once() -> None:
    """Forty levels of two that each refer to both below are eighty wholes, not a million million."""
    topic = Topic()
    topic.say(schema("l0a", 1, 1000, A), schema("l0b", 1, 1001, B))
    for level in range(1, 41):
        below = [("a", f"l{level - 1}a", 1), ("b", f"l{level - 1}b", 1)]
        topic.say(
            schema(f"l{level}a", 1, 2 * level, text("a", name=f"A{level}"), references=below),
            schema(f"l{level}b", 1, 2 * level + 1, text("b", name=f"B{level}"), references=below),
        )
    topic.restart()

    said = topic.say(schema("l0a", 1, 2000, C))

    assert len(said) == 1 + 80


def test_a_reference_within_a_context_stays_there() -> None:
    """An unqualified reference of a staged subject means the staged one beside it."""
    topic = Topic()
    topic.say(MONEY)

    heard = topic.hear(order(1, 20, ("Money", "money", 1), subject=":.staging:orders-value"))

    assert heard.unreadable is not None
    assert ":.staging:money version 1" in heard.unreadable.reason


def test_a_text_with_references_that_is_no_json_is_unreadable() -> None:
    """What it refers to is not at hand to parse it with; that it is no JSON can be told without."""
    topic = Topic(parse=True)
    topic.say(MONEY)

    heard = topic.hear(schema("orders-value", 1, 20, "{", references=[("Money", "money", 1)]))

    assert heard.unreadable is not None
    assert heard.unreadable.kind == "malformed-json"


# Names and memory.


def test_explicit_names_win_and_two_voices_for_one_dataset_do_not_quarrel() -> None:
    """Where settings give two subjects one dataset, the first by name speaks while it lives."""
    naming = Naming("kafka://prod", Strategy.RECORD, {"b": "kafka://prod/orders", "a": "kafka://prod/orders"})
    topic = Topic(naming)

    assert brief(topic.say(schema("b", 1, 1, A))) == [V1]
    assert brief(topic.say(schema("a", 2, 2, B))) == [V2]
    assert topic.say(schema("b", 3, 3, C)) == []
    assert brief(topic.say(delete_subject("a", 2))) == ["kafka://prod/orders v3"]


def test_forgotten_entries_are_named() -> None:
    """A buried version leaves the ledger's memory, too."""
    topic = Topic()
    topic.say(ONE, config("orders-value", "FULL"))
    assert len(topic.entries) == 2

    topic.say(tombstone("orders-value", 1), config_removed("orders-value"))

    assert topic.entries == {}


def test_restoring_forgets_what_did_not_commit() -> None:
    """After a failed transaction the ledger's truth counts: the same record says the same again."""
    topic = Topic()
    topic.say(ONE)
    first = topic.feed.hear(raw(TWO))

    topic.restart()

    assert topic.feed.hear(raw(TWO)) == first


def test_a_circle_has_the_same_words_wherever_it_is_entered() -> None:
    """Each member of a ring names the ring from the same place on, before and after a restart."""
    ring = [("c", "a"), ("a", "b"), ("b", "c")]
    topic = Topic()
    topic.say(
        *(
            schema(f"{one}-value", 1, at, text(one), references=[("r", f"{of}-value", 1)])
            for at, (one, of) in enumerate(ring)
        )
    )

    words = {one.blocked for one in topic.feed._views._standing.values()}
    topic.restart()
    again = {one.blocked for one in topic.feed._views._standing.values()}

    named = "a-value version 1 → b-value version 1 → c-value version 1 → a-value version 1"
    assert words == again == {f"its references form a circle, {named}: it can never be put together"}


def test_a_policy_and_a_group_are_told_with_the_dataset() -> None:
    """They hold for all where nothing nearer sets them, and a look says when they change."""
    topic = Topic()
    topic.say(schema("a-value", 1, 1, text("x")), schema("b-value", 1, 2, text("x")))

    wide = topic.say(config(None, compatibilityPolicy="LENIENT"))
    own = topic.say(config("a-value", "FULL", compatibilityGroup="major"))

    seen = [(one.dataset, one.policy, one.group) for one in (*wide, *own) if isinstance(one, DatasetSeen)]
    assert seen == [
        ("kafka://prod/a", "LENIENT", None),
        ("kafka://prod/b", "LENIENT", None),
        ("kafka://prod/a", "LENIENT", "major"),
    ]
    topic.restart()
    assert topic.feed._state.beside("a-value") == ("LENIENT", "major")


def test_deletions_say_which_versions_stand() -> None:
    """What is soft-deleted is still there to be read with; what is buried is not."""
    topic = Topic()
    topic.say(schema("a-value", 1, 1, text("x")), schema("a-value", 2, 2, text("y")))

    soft = topic.hear(delete_subject("a-value", 2)).versions
    hard = topic.hear(tombstone("a-value", 2)).versions

    assert [(one.version, one.deleted, one.schema is None) for one in soft] == [(1, True, False), (2, True, False)]
    assert [(one.version, one.schema) for one in hard] == [(2, None)]


def test_a_version_written_again_with_other_references_goes_out_with_them() -> None:
    """The same version with other words and references is another whole: its text goes out under the new address."""
    topic = Topic()
    topic.say(MONEY, schema("price", 1, 11, text("m", name="Price"), references=[("Money", "money", 1)]))

    heard = topic.hear(schema("price", 1, 11, text("m", name="Price"), references=[("Amount", "money", 1)]))

    assert [name for name, _ in heard.schemas[0].references] == ["Amount"]
