"""Verdicts on any schemas and contracts: total, independent of order, and never missed by the index."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.diff import diff
from watcher.model.catalogue import Catalogue
from watcher.model.contract import (
    ClosedShape,
    Consumer,
    Exists,
    Expectation,
    HasType,
    Required,
    Subscription,
    SubscriptionName,
    Values,
)
from watcher.model.dataset import DatasetName, Domain
from watcher.model.path import FieldPath
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Boolean,
    Decimal,
    Enum,
    Field,
    Integer,
    Map,
    Named,
    Record,
    Ref,
    String,
    Timestamp,
    Type,
    Union,
    Unknown,
)
from watcher.model.verdict import DatasetState, Outcome
from watcher.rules.catalogue import BY_ID
from watcher.rules.evaluate import flips, heals, judge

DATASET = DatasetName("k://p/orders")
NAMES = ("a", "b", "c")
SHARED = ("shop.One", "shop.Two")


def any_of(*types: Type) -> st.SearchStrategy[Type]:
    return st.sampled_from(types)


SCALARS = any_of(
    String(),
    String(5),
    Integer(32),
    Integer(64),
    Boolean(),
    Decimal(10, 2),
    Decimal(12, 2),
    Timestamp("ms"),
    Unknown("geo"),
    Enum(("x", "y")),
    Enum(("x", "z")),
)


def wrapped(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    nullable = inner.map(lambda type_: Union((NULL, type_)) if not isinstance(type_, Union) else type_)
    return st.one_of(inner.map(Array), inner.map(Map), nullable, records(inner))


def records(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.lists(st.builds(Field, st.sampled_from(NAMES), inner), max_size=3, unique_by=lambda one: one.name)
    return fields.map(lambda those: Record(tuple(those)))


REFS: st.SearchStrategy[Type] = st.sampled_from(SHARED).map(Ref)
UNIONS: st.SearchStrategy[Type] = st.just(Union((NULL, *map(Ref, SHARED))))
TYPES = st.recursive(st.one_of(SCALARS, REFS, UNIONS), wrapped, max_leaves=6)


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """A record that may refer to two shared ones, which may refer to themselves and each other."""
    named: dict[str, Named] = {}
    for name in ("shop.Root", *SHARED):
        fields = draw(st.lists(st.builds(Field, st.sampled_from(NAMES), TYPES), max_size=3, unique_by=lambda f: f.name))
        named[name] = Record(tuple(fields), name)
    return Schema(Format.AVRO, Ref("shop.Root"), named)


@st.composite
def recursive_schemas(draw: st.DrawFn) -> Schema:
    """A record that holds itself in two ways, and a third member that comes, goes and changes."""
    again = Ref("shop.One")
    one, several = draw(any_of(again, Union((NULL, again)))), draw(any_of(Array(again), Map(again)))
    fields = [Field("a", draw(SCALARS)), Field("b", one), Field("c", several)]
    kept = draw(st.lists(st.sampled_from(fields), min_size=2, unique_by=lambda one: one.name))
    return Schema(Format.AVRO, again, {"shop.One": Record(tuple(kept), "shop.One")})


STEPS = st.sampled_from(["a", "b", "c"])
PATHS = st.builds(
    lambda first, rest: FieldPath("".join((first, *rest))),
    STEPS,
    st.lists(st.sampled_from([".a", ".b", ".c", "[]", "{}", "<One>.a", "<Two>.b"]), max_size=3),
)
EXPECTATIONS: st.SearchStrategy[Expectation] = st.one_of(
    st.builds(Exists, PATHS),
    st.builds(Required, PATHS),
    st.builds(HasType, PATHS, SCALARS, st.just("a type"), st.booleans()),
    st.builds(Values, PATHS, st.just(("x", "y")), st.booleans()),
    st.builds(ClosedShape, PATHS | st.just(FieldPath(""))),
)
CONTRACTS = st.lists(EXPECTATIONS, min_size=1, max_size=4)


def contract(expectations: list[Expectation], name: str = "s") -> Subscription:
    return Subscription(SubscriptionName(name), Consumer(Domain("c")), DATASET, tuple(expectations))


def shuffled(schema: Schema, seed: int) -> Schema:
    """The same schema with the members of its named records in another order."""
    chance = random.Random(seed)
    named: dict[str, Named] = {}
    for name, type_ in schema.named.items():
        assert isinstance(type_, Record)
        named[name] = replace(type_, fields=tuple(chance.sample(type_.fields, len(type_.fields))))
    return replace(schema, named=named)


@given(schemas(), EXPECTATIONS, schemas())
def test_judging_is_total(schema: Schema, expectation: Expectation, baseline: Schema) -> None:
    """Any expectation gets a verdict on any schema, and a rule that explains it wherever it does not hold."""
    for base in (None, baseline):
        verdict = judge(expectation, DatasetState(schema), base)

        assert (verdict.outcome is Outcome.HOLDS) == (verdict.rule == "")
        assert verdict.rule == "" or verdict.rule in BY_ID


@given(schemas(), CONTRACTS)
def test_what_does_not_change_does_not_flip(schema: Schema, expectations: list[Expectation]) -> None:
    """A schema against itself flips and heals nothing."""
    one, state = contract(expectations), DatasetState(schema)

    assert flips(one, DATASET, state, state, ()) == ()
    assert heals(one, DATASET, state, state) == ()


@given(schemas(), schemas(), CONTRACTS, st.integers())
def test_the_order_of_fields_does_not_matter(
    before: Schema, after: Schema, expectations: list[Expectation], seed: int
) -> None:
    """The same violations come of the same schemas with their fields in another order, where nobody counts on it."""
    one = contract([each for each in expectations if not isinstance(each, ClosedShape)])
    found = flips(one, DATASET, DatasetState(before), DatasetState(after), ())
    again = flips(one, DATASET, DatasetState(shuffled(before, seed)), DatasetState(shuffled(after, seed + 1)), ())

    assert {(each.rule, each.path, each.outcome) for each in found} == {
        (each.rule, each.path, each.outcome) for each in again
    }


@given(schemas(), schemas(), st.lists(CONTRACTS, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_contracts_does_not_matter(
    before: Schema, after: Schema, several: list[list[Expectation]], chance: random.Random
) -> None:
    """Whoever is asked first, the answers are the same, and come in the same order."""
    contracts = [contract(expectations, f"s{number}") for number, expectations in enumerate(several)]
    changes = diff(before, after)
    ordered = Catalogue(contracts).touching(DATASET, changes)
    chance.shuffle(contracts)

    assert Catalogue(contracts).touching(DATASET, changes) == ordered


SCHEMA_PAIRS = st.tuples(schemas(), schemas()) | st.tuples(recursive_schemas(), recursive_schemas())


@settings(max_examples=300)
@given(SCHEMA_PAIRS, CONTRACTS)
def test_whoever_is_broken_is_asked(pair: tuple[Schema, Schema], expectations: list[Expectation]) -> None:
    """A contract that a step breaks is among those that the index names for its changes; so is one that it heals."""
    one = contract(expectations)
    changes = diff(*pair)
    touched = Catalogue([one]).touching(DATASET, changes)
    before, after = (DatasetState(schema) for schema in pair)
    found = flips(one, DATASET, before, after, changes)

    if found or heals(one, DATASET, before, after):
        assert touched == (one,)
    assert all(violation.change is not None for violation in found)


@given(schemas(), schemas(), CONTRACTS)
def test_the_way_back_heals(before: Schema, after: Schema, expectations: list[Expectation]) -> None:
    """What held, and was broken by a step, is healed by taking the step back, and nothing breaks by that."""
    one = contract(expectations)
    there, gone = DatasetState(before), DatasetState(after)
    broken = flips(one, DATASET, there, gone, ())
    measured = {each.path: before for each in broken if isinstance(each.expectation, ClosedShape)}
    healed = {each.expectation for each in heals(one, DATASET, gone, there, measured)}
    held = {each.expectation for each in broken if judge(each.expectation, there).outcome is Outcome.HOLDS}

    assert held <= healed
    assert not held & {each.expectation for each in flips(one, DATASET, gone, there, (), measured)}


@given(schemas(), schemas(), CONTRACTS)
def test_one_root_cause_is_told_once(before: Schema, after: Schema, expectations: list[Expectation]) -> None:
    """No violation comes twice, and each is fit to be told: a rule, a message, a wish."""
    found = flips(contract(expectations), DATASET, DatasetState(before), DatasetState(after), diff(before, after))

    assert len({each.fingerprint for each in found}) == len(found)
    assert all(each.message and each.wants and each.rule in BY_ID for each in found)
