"""What a stranger wrote into a schema reaches the ledger whole, and never stops it."""

import datetime as dt
from typing import Any

import pytest

from tests.ledger.build import NOW, a_change, a_dataset, a_delivery, a_schema, an_unreadable
from watcher.ledger import SqlLedger
from watcher.model.dataset import DatasetName, Subject

STRANGE = [
    "nul \x00 inside",
    "\x01 a mark in front",
    '\x01"quoted"',
    "half a pair \ud800",
    "both halves apart \ud83d, \ude00",
    "'; drop table events; --",
    "%s %(name)s ? :name {braces}",
    "🤷 e\u0301 \u202e\ufeff\uffff",
    "",
    " ",
    "line\r\nbreaks\tand tabs",
]


@pytest.mark.parametrize("text", STRANGE)
def test_any_text_comes_back_whole(ledger: SqlLedger, text: str) -> None:
    """Wherever a text of others can stand: schemas, events, entries, datasets, documents."""
    event = an_unreadable(subject=Subject(text), reason=text)
    schema = a_schema(text=text, references=((text, a_schema().fingerprint),))
    name = DatasetName(f"kafka://prod/{text}")
    change = a_change(dataset=name, subject=Subject(text), changes=[{text: text}], verdicts=[])
    delivery = a_delivery(key=name, body={text: [text]})
    with ledger.begin() as tx:
        tx.add_events([event])
        tx.add_schemas([schema])
        tx.put_entries("registry", [(text, text.encode("utf-8", "surrogatepass"))])
        tx.put_datasets([a_dataset(name, subject=Subject(text))])
        tx.add_change(change)
        tx.add_deliveries([delivery], NOW)
    with ledger.begin() as tx:
        assert list(tx.list_unreadable()) == [event]
        assert tx.schema(schema.fingerprint) == schema
        assert dict(tx.entries("registry")) == {text: text.encode("utf-8", "surrogatepass")}
        assert dict(tx.datasets([name])) == {name: a_dataset(name, subject=Subject(text))}
        assert list(tx.list_changes(dataset=name)) == [change]
        assert list(tx.claim_deliveries(NOW, worker="w", lease=dt.timedelta(1), limit=1)) == [delivery]


@pytest.mark.parametrize(
    "value",
    [2**64, -(2**70), 1e308, 0.1, [[[[[[]]]]]], {"": None}, True, "\ud800"],
)
def test_any_json_value_comes_back_whole(ledger: SqlLedger, value: Any) -> None:
    """Numbers beyond 64 bits and half surrogate pairs as well, which not every JSON library takes."""
    with ledger.begin() as tx:
        tx.add_change(a_change(changes=[{"after": value}]))
        (change,) = tx.list_changes()

    assert [{"after": value}] == change.changes


def test_a_document_may_be_nested_deeply(ledger: SqlLedger) -> None:
    """Deeper than the quick JSON library goes."""
    nested: Any = 1
    for _ in range(400):
        nested = [nested]
    with ledger.begin() as tx:
        tx.add_change(a_change(changes=[{"after": nested}]))
        (change,) = tx.list_changes()

    assert [{"after": nested}] == change.changes


def test_a_schema_of_ten_megabytes_is_kept(ledger: SqlLedger) -> None:
    """Size alone is no reason to refuse it here."""
    schema = a_schema(text="é" * 5_000_000)
    with ledger.begin() as tx:
        tx.add_schemas([schema])

        assert tx.schema(schema.fingerprint) == schema


def test_a_version_beyond_64_bits_is_kept_as_the_largest(ledger: SqlLedger) -> None:
    """No registry gives such a number, but a record can claim it."""
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset(current_version=10**30, judged_version=-(10**30))])
        (row,) = tx.list_datasets()

    assert (row.current_version, row.judged_version) == (2**63 - 1, -(2**63) + 1)


@pytest.mark.parametrize("hours", [-11, 0, 14])
def test_a_moment_is_the_same_in_every_zone(ledger: SqlLedger, hours: int) -> None:
    """It comes back in UTC, to the microsecond, and sorts by the moment, not by its text."""
    local = NOW.astimezone(dt.timezone(dt.timedelta(hours=hours)))
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset("due", due_at=local), a_dataset("later", due_at=NOW + dt.timedelta(microseconds=1))])
        due = tx.due_datasets(local, 10)

    assert [("due", NOW, dt.timedelta(0))] == [(row.dataset, row.due_at, _offset(row.due_at)) for row in due]


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59.999999+00:00", "9999-12-30T00:00:00+00:00"])
def test_a_moment_may_be_far_away(ledger: SqlLedger, text: str) -> None:
    """Before the epoch, or at the end of all calendars."""
    far = dt.datetime.fromisoformat(text)
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset(moved_at=far)])
        (row,) = tx.list_datasets()

    assert far == row.moved_at


def test_a_moment_without_a_zone_is_a_mistake(ledger: SqlLedger) -> None:
    """It would be another moment on another machine."""
    with pytest.raises(ValueError, match="no time zone"), ledger.begin() as tx:
        tx.put_datasets([a_dataset(moved_at=NOW.replace(tzinfo=None))])


def _offset(moment: dt.datetime | None) -> dt.timedelta | None:
    return moment.utcoffset() if moment else None
