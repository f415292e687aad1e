"""The order of types under whatever types there are: a partial order, and one that values bear out."""

import itertools
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from tests.property.lattice_types import ALIKE, TYPES, VALUES, is_value
from watcher.diff.lattice import Order, holds, order, reinterprets
from watcher.model.types import Type

SEVERAL = ALIKE.flatmap(lambda kind: st.lists(kind, min_size=3, max_size=6))


@given(TYPES)
def test_reflexive(type_: Type) -> None:
    """A type holds itself."""
    assert holds(type_, type_)
    assert order(type_, type_) is Order.EQUAL
    assert not reinterprets(type_, type_)


@given(SEVERAL)
def test_transitive(types: list[Type]) -> None:
    """What holds a type holds all that it holds."""
    held = {(a, b): holds(types[a], types[b]) for a, b in itertools.product(range(len(types)), repeat=2)}
    for a, b, c in itertools.permutations(range(len(types)), 3):
        if held[a, b] and held[b, c]:
            event("a chain")
            assert held[a, c], (types[a], types[b], types[c])


@given(SEVERAL)
def test_either_way(types: list[Type]) -> None:
    """Seen from the other side wider is narrower, equal is equal, and another reading of bytes stays one."""
    turned = {Order.WIDER: Order.NARROWER, Order.NARROWER: Order.WIDER}
    for one, other in itertools.combinations(types, 2):
        found = order(one, other)
        assert order(other, one) is turned.get(found, found)
        assert reinterprets(one, other) is reinterprets(other, one)


@given(SEVERAL, st.lists(VALUES, min_size=5, max_size=20))
def test_values_bear_it_out(types: list[Type], values: list[Any]) -> None:
    """A value of a type is a value of each type that holds it."""
    for wide, narrow in itertools.permutations(types, 2):
        if wide == narrow or not holds(wide, narrow):
            continue
        for value in values:
            if is_value(value, narrow):
                event("a value of both")
                assert is_value(value, wide) is not False, (wide, narrow, value)
