"""The catalogue of contracts and domains: names, owners, and the contracts that a change touches."""

import pytest

from watcher.formats.contracts.read import read
from watcher.model.catalogue import Catalogue, canonical_dataset, conflicts
from watcher.model.change import (
    Change,
    DatasetCreated,
    DatasetDropped,
    DefaultAdded,
    EnumValueAdded,
    FieldAdded,
    FieldRemoved,
    FieldRenamed,
    FieldsReordered,
    NameChanged,
    NullabilityLoosened,
    TypeWidened,
)
from watcher.model.contract import Subscription
from watcher.model.domain import DomainRecord
from watcher.model.errors import ConfigurationError
from watcher.model.ownership import fits
from watcher.model.path import FieldPath
from watcher.model.schema import Format, Schema
from watcher.model.types import Default, Field, Integer, String

SCHEMA = Schema(Format.AVRO, String())


def subscription(name: str, *relies_on: str, dataset: str = "k://p/orders", more: str = "") -> Subscription:
    text = f"name: {name}\nconsumer: {{domain: c}}\ndataset: {dataset}\nrelies_on: [{', '.join(relies_on)}]\n{more}"
    (found,) = read(text, f"{name}.yaml", parse_reader=lambda _: SCHEMA)
    assert isinstance(found, Subscription)
    return found


def domain(name: str, *owns: str) -> DomainRecord:
    (found,) = read(f"name: {name}\nowns: {list(owns)}", f"{name}.yaml")
    assert isinstance(found, DomainRecord)
    return found


def path(text: str) -> FieldPath:
    return FieldPath(text)


def removed(text: str) -> Change:
    return FieldRemoved(path(text), Field("x", String()))


def touched(changes: list[Change], *subscriptions: Subscription) -> list[str]:
    return [str(one.name) for one in Catalogue(subscriptions).touching("k://p/orders", changes)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kafka://prod/orders", "kafka://broker:9092/orders"),
        ("kafka://prod", "kafka://broker:9092"),
        ("kafka://prod/eu/orders", "kafka://eu:9092/orders"),
        ("kafka://production/orders", "kafka://production/orders"),
        ("kafka://broker:9092/orders", "kafka://broker:9092/orders"),
        ("orders", "orders"),
    ],
)
def test_an_alias_stands_for_a_namespace(name: str, expected: str) -> None:
    """The longest alias that a name begins with is written out, where the namespace ends there."""
    aliases = {"kafka://prod": "kafka://broker:9092", "kafka://prod/eu": "kafka://eu:9092"}

    assert canonical_dataset(name, aliases) == expected


def test_contracts_and_questions_meet_through_aliases() -> None:
    """A contract by alias is found by the full name, and the other way round; so is the owner."""
    aliases = {"kafka://prod": "kafka://broker:9092"}
    short, long = (
        subscription("s", "a", dataset="kafka://prod/o"),
        subscription("l", "a", dataset="kafka://broker:9092/o"),
    )
    catalogue = Catalogue([short, long], [domain("d", "kafka://prod/*")], aliases)

    for name in ("kafka://prod/o", "kafka://broker:9092/o"):
        assert catalogue.subscriptions_for(name) == (long, short)
        assert catalogue.touching(name, [removed("a")]) == (long, short)
        assert catalogue.owner_of(name) == domain("d", "kafka://prod/*")


def test_the_order_of_documents_does_not_matter() -> None:
    """Contracts are given by name, whatever the order in which they were read."""
    one, two = subscription("a", "x"), subscription("b", "x")

    assert Catalogue([two, one]).subscriptions == Catalogue([one, two]).subscriptions == (one, two)


def test_a_name_is_taken_once() -> None:
    """Two contracts of one name are refused, and the message names both files."""
    other = subscription("a", "y", dataset="elsewhere")

    with pytest.raises(ConfigurationError, match=r"a\.yaml:1:1: the subscription name `a` is taken already by a\.yaml"):
        Catalogue([subscription("a", "x"), other])


@pytest.mark.parametrize(
    ("dataset", "owner"),
    [
        ("k://p/orders", "exact"),
        ("k://p/orders_eu", "prefix"),
        ("k://p/returns", "wide"),
        ("k://q/orders", None),
    ],
)
def test_the_most_specific_pattern_wins(dataset: str, owner: str | None) -> None:
    """No wildcard beats one, and a longer text before the wildcard a shorter one."""
    catalogue = Catalogue(
        (), [domain("wide", "k://p/*"), domain("prefix", "k://p/orders*"), domain("exact", "k://p/orders")]
    )
    found = catalogue.owner_of(dataset)

    assert (found.name if found else None) == owner


@pytest.mark.parametrize(
    ("one", "other", "tie"),
    [
        ("k://p/orders", "k://p/orders", True),
        ("k://p/*", "k://p/*", True),
        ("k://p/*a", "k://p/*b", False),
        ("k://p/*a*", "k://p/*b*", True),
        ("k://p/a*", "k://p/b*", False),
        ("k://p/*", "k://p/a*", False),
    ],
)
def test_a_tie_is_refused(one: str, other: str, tie: bool) -> None:
    """Two domains whose patterns fit one dataset equally well are a conflict, told with both names."""
    found = conflicts((), [domain("a", one), domain("b", other)])

    assert bool(found) is tie
    assert all("`a`" in conflict.message and "`b`" in conflict.message for conflict in found)
    assert [conflict.source for conflict in found] == ["b.yaml"] * tie


def test_one_domain_may_claim_twice() -> None:
    """Patterns of one domain that overlap are no conflict."""
    assert not conflicts((), [domain("a", "k://*x*", "k://*y*")])


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("*", "", True),
        ("a*", "a", True),
        ("*b", "ab", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("a*a", "a", False),
        ("ab*ba", "aba", False),
        ("*aa*", "aba", False),
        ("a.c", "abc", False),
    ],
)
def test_a_wildcard_is_any_text(pattern: str, name: str, expected: bool) -> None:
    """`*` stands for any text, also none; everything else for itself."""
    assert fits(pattern, name) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (removed("id"), ["id"]),
        (removed("total"), ["amount"]),
        (removed("total.amount"), ["amount"]),
        (removed("total.tax"), []),
        (removed("lines"), ["sku"]),
        (removed("lines[].sku"), ["sku"]),
        (removed("pay<Card>.number"), ["number"]),
        (FieldAdded(path("new"), Field("new", String())), []),
        (FieldRenamed(path("ident"), path("id"), "alias", 1.0), ["id"]),
        (TypeWidened(path("total.amount"), Integer(32), Integer(64)), ["amount"]),
        (NullabilityLoosened(path("total"), String(), String()), ["amount"]),
        (DefaultAdded(path("total"), Default(None)), []),
        (FieldsReordered(path(""), ("a", "b"), ("b", "a")), ["empty"]),
        (NameChanged(path(""), "A", "B"), ["empty"]),
        (EnumValueAdded(path("id"), "x"), ["id"]),
        (DatasetDropped(SCHEMA), ["amount", "empty", "id", "number", "sku"]),
        (DatasetCreated(SCHEMA), ["amount", "empty", "id", "number", "sku"]),
    ],
)
def test_a_change_touches_those_on_its_path(change: Change, expected: list[str]) -> None:
    """A change touches the contracts at its path and below; a whole dataset touches all; branches need no name."""
    contracts = [
        subscription("id", "id"),
        subscription("amount", "total.amount"),
        subscription("sku", "'lines[].sku'"),
        subscription("number", "pay.number"),
        subscription("empty"),
    ]

    assert touched([change], *contracts) == expected


def test_what_looks_at_a_whole_record_is_touched_from_below() -> None:
    """A closed shape and a reader schema are touched by a change of anything within them."""
    contracts = [
        subscription("closed", "id", more="shape: closed"),
        subscription("inner", "{total: {shape: closed}}"),
        subscription("reader", "id", more="reads_with: {format: avro, schema: '{}'}"),
        subscription("open", "id"),
    ]

    assert touched([FieldAdded(path("total.x"), Field("x", String()))], *contracts) == ["closed", "inner", "reader"]
    assert "open" not in touched([FieldAdded(path("x"), Field("x", String()))], *contracts)


def test_a_change_in_a_recursive_type_touches_those_further_in() -> None:
    """What is told at the outermost path touches contracts on the same member below, and on shapes below."""
    contracts = [
        subscription("deep", "next.next.value"),
        subscription("shape", "{next: {shape: closed}}"),
        subscription("other", "next.name"),
    ]

    assert touched([removed("value")], *contracts) == ["deep", "shape"]


def test_a_contract_is_named_once() -> None:
    """A contract that several changes touch is named once."""
    assert touched([removed("a"), removed("b")], subscription("s", "a", "b")) == ["s"]


def test_nothing_touches_a_dataset_that_nobody_reads() -> None:
    """A dataset without contracts has nobody to ask."""
    assert Catalogue().touching("k://p/orders", [removed("a")]) == ()
