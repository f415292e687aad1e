"""Reading: positions that fence workers off from each other, a feed's memory, events, schema texts."""

import tracemalloc
from collections.abc import Iterator

import pytest

from tests.ledger.build import a_schema, an_event, an_unreadable, at, begun
from watcher.ledger import SqlLedger
from watcher.model.dataset import Subject
from watcher.model.observation import VersionStands
from watcher.model.schema import Fingerprint, Format
from watcher.ports import ReadPosition


def test_a_partition_that_was_never_read_has_no_position(ledger: SqlLedger) -> None:
    """The ledger tells "never read" from "read up to zero"."""
    with ledger.begin() as tx:
        assert tx.read_position("registry", 0) is None


def test_the_first_to_begin_reading_sets_the_baseline(ledger: SqlLedger) -> None:
    """A later worker gets what the first one recorded, not what it thinks itself."""
    with ledger.begin() as tx:
        first = tx.begin_reading("registry", 0, ReadPosition(0, 500))
    with ledger.begin() as tx:
        second = tx.begin_reading("registry", 0, ReadPosition(0, 900))

    assert ReadPosition(0, 500) == first == second


def test_a_position_moves_only_from_where_it_is_expected(ledger: SqlLedger) -> None:
    """A worker that read from a stale position is told so, and nothing moves."""
    with ledger.begin() as tx:
        begun(tx)
        moved = tx.advance("registry", 0, expected=0, next_offset=10)
        stale = tx.advance("registry", 0, expected=0, next_offset=12)
        stands = tx.read_position("registry", 0)

    assert (True, False, ReadPosition(10, 0)) == (moved, stale, stands)


def test_a_position_that_was_not_begun_cannot_advance(ledger: SqlLedger) -> None:
    """There is nothing to compare with."""
    with ledger.begin() as tx:
        assert not tx.advance("registry", 0, expected=0, next_offset=1)


def test_positions_are_listed_with_their_baselines(ledger: SqlLedger) -> None:
    """Each source's partitions come in order."""
    with ledger.begin() as tx:
        tx.begin_reading("warehouse", 0, ReadPosition(2, 2))
        tx.begin_reading("registry", 1, ReadPosition(3, 1))
        tx.begin_reading("registry", 0, ReadPosition(1, 1))
        listed = tx.list_positions()

    assert [
        ("registry", 0, ReadPosition(1, 1)),
        ("registry", 1, ReadPosition(3, 1)),
        ("warehouse", 0, ReadPosition(2, 2)),
    ] == list(listed)


def test_a_feed_is_remembered_as_it_last_said(ledger: SqlLedger) -> None:
    """The last word about a key counts, be it a value or that it is gone; other feeds are left alone."""
    with ledger.begin() as tx:
        tx.put_entries("registry", [("a", b"1"), ("b", b"1"), ("c", b"1"), ("b", b"2")])
        tx.put_entries("warehouse", [("a", b"other")])
        tx.put_entries("registry", [("a", None), ("c", b"3"), ("d", b"4"), ("d", None), ("never", None)])
    with ledger.begin() as tx:
        remembered = sorted(tx.entries("registry"))

    assert remembered == [("b", b"2"), ("c", b"3")]


def test_a_key_longer_than_any_index_takes_is_remembered_whole(ledger: SqlLedger) -> None:
    """Two such keys stay two, and each can be forgotten."""
    one, other = "é" * 5000 + "1", "é" * 5000 + "2"
    with ledger.begin() as tx:
        tx.put_entries("registry", [(one, b"1"), (other, b"2")])
        both = dict(tx.entries("registry"))
        tx.put_entries("registry", [(one, None)])
        left = dict(tx.entries("registry"))

    assert ({one: b"1", other: b"2"}, {other: b"2"}) == (both, left)


def test_a_large_memory_is_streamed(ledger: SqlLedger) -> None:
    """Restoring a feed holds a few rows at a time, not all of them: here 40 MB pass through less than 8."""
    with ledger.begin() as tx:
        for start in range(0, 40_000, 4_000):
            tx.put_entries("registry", [(f"key-{number}", bytes(1000)) for number in range(start, start + 4_000)])
    with ledger.begin() as tx:
        tracemalloc.start()
        count = sum(1 for _ in tx.entries("registry"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert count == 40_000
    assert peak < 8_000_000


def test_entries_are_an_iterator_of_pairs(ledger: SqlLedger) -> None:
    """A feed takes them one by one."""
    with ledger.begin() as tx:
        tx.put_entries("registry", [("a", b"\x00\xff")])
        found = tx.entries("registry")
        assert isinstance(found, Iterator)

        assert next(found) == ("a", b"\x00\xff")
        assert next(found, None) is None


def test_an_event_is_kept_once(ledger: SqlLedger) -> None:
    """A repeat of a position, in the same batch or a later one, changes nothing."""
    with ledger.begin() as tx:
        tx.add_events([an_unreadable(1), an_event(1)])
        tx.add_events([an_event(1), an_event(2)])
        counts = tx.counts()

    assert (counts["events"], counts["unreadable"]) == (2, 1)


def test_an_unreadable_record_is_shown_as_it_was_recorded(ledger: SqlLedger) -> None:
    """Nothing of it is lost, absent parts stay absent, and the newest comes first."""
    rows = [an_unreadable(offset, subject=None, timestamp=None) for offset in (1, 2)]
    with ledger.begin() as tx:
        tx.add_events([*rows, an_event(3)])
    with ledger.look() as views:
        shown = views.list_unreadable(10)
        fewer = views.list_unreadable(1)

    assert rows[::-1] == list(shown)
    assert [at(2)] == [row.position for row in fewer]


@pytest.mark.parametrize("format_", [Format.PROTOBUF, "THRIFT"])
def test_a_schema_is_kept_whole(ledger: SqlLedger, format_: Format | str) -> None:
    """Format, text and references come back as they were, also of a format that we do not know."""
    schema = a_schema("a", format=format_, references=(("other.proto", Fingerprint("x")), ("b", Fingerprint("y"))))
    with ledger.begin() as tx:
        tx.add_schemas([schema])
    with ledger.begin() as tx:
        assert tx.schema(schema.fingerprint) == schema
        assert tx.schema(Fingerprint("nowhere")) is None


def test_a_schema_is_kept_under_its_content_address_once(ledger: SqlLedger) -> None:
    """What is known already is left as it is."""
    with ledger.begin() as tx:
        tx.add_schemas([a_schema("a", "1"), a_schema("a", "1"), a_schema("b")])
        tx.add_schemas([a_schema("a", "2")])
        found = tx.schema(a_schema("a").fingerprint)

    assert a_schema("a", "1") == found


def test_a_batch_may_mix_formats_that_we_know_and_others(ledger: SqlLedger) -> None:
    """A registry with one strange schema is read like any other."""
    schemas = [a_schema("a"), a_schema("b", format="THRIFT"), a_schema("c", format=Format.JSON)]
    with ledger.begin() as tx:
        tx.add_schemas(schemas)
        found = [tx.schema(schema.fingerprint) for schema in schemas]

    assert schemas == found


def test_nothing_to_write_is_no_work(ledger: SqlLedger) -> None:
    """Empty batches are allowed everywhere."""
    with ledger.begin() as tx:
        tx.add_events([])
        tx.add_schemas([])
        tx.put_entries("registry", [])
        tx.put_datasets([])
        tx.add_violations([])
        tx.add_healings([])
        tx.add_deliveries([], an_event().at)

        assert set(tx.counts().values()) == {0}


def stands(version: int, schema: str | None = "a", subject: str = "orders-value", **told: object) -> VersionStands:
    return VersionStands(Subject(subject), version, Fingerprint(schema) if schema else None, **told)  # type: ignore[arg-type]


def test_versions_stand_as_they_were_last_told(ledger: SqlLedger) -> None:
    """The last word counts, in one call or several; deleted versions stay, and what is gone for good is forgotten."""
    with ledger.begin() as tx:
        tx.put_versions("registry", [stands(10), stands(2), stands(2, "b"), stands(3, "c", cause="a circle")])
        tx.put_versions("registry", [stands(1, subject="bills-value"), stands(4), stands(5)])
        tx.put_versions("elsewhere", [stands(7)])
        tx.put_versions(
            "registry", [stands(10, deleted=True), stands(4, None), stands(5, None), stands(5, "d"), stands(6, None)]
        )
    with ledger.begin() as tx:
        found = tx.versions("registry", Subject("orders-value"))

    assert [stands(2, "b"), stands(3, "c", cause="a circle"), stands(5, "d"), stands(10, deleted=True)] == list(found)


def test_versions_of_a_subject_that_no_index_holds(ledger: SqlLedger) -> None:
    """A name beyond any real one is found again."""
    long = "s" * 5_000
    with ledger.begin() as tx:
        tx.put_versions("registry", [stands(1, subject=long), stands(2, subject=long), stands(1, None, subject=long)])
        assert [one.version for one in tx.versions("registry", Subject(long))] == [2]
