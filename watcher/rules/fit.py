"""Fit: how the type that stands at a path relates to the one that a consumer expects there."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import replace

from watcher.diff.lattice import Order, order
from watcher.model.lookup import open_types
from watcher.model.schema import Schema
from watcher.model.types import (
    Array,
    Binary,
    Date,
    Decimal,
    Duration,
    Enum,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Unknown,
    Uuid,
)


class Fit(enum.Enum):
    """What stands there, against what is expected; the value reads `it is … <value> <expected>`."""

    SAME = "just as"
    WIDER = "wider than"
    NARROWER = "narrower than"
    MIXED = "which is not always"
    OTHER = "not"


_BOUNDED = Integer | Float | String | Decimal | Array | Map | Record
_FITS = {Order.EQUAL: Fit.SAME, Order.WIDER: Fit.WIDER, Order.NARROWER: Fit.NARROWER}


def fit(expected: Type, actual: Sequence[Type], schema: Schema) -> Fit:
    """How a field's types (null left out) fit the expected one; several of which not all fit are mixed."""
    fits = {_fit(expected, one, schema) for one in actual}
    if len(fits) == 1:
        return fits.pop()
    if not fits:
        return Fit.OTHER
    return Fit.WIDER if fits == {Fit.SAME, Fit.WIDER} else Fit.MIXED


def _fit(expected: Type, actual: Type, schema: Schema) -> Fit:
    expected, actual = _bare(expected), _bare(actual)
    match expected, actual:
        case Unknown("any"), _:
            return Fit.SAME
        case Array(wanted), Array(items):
            return fit(wanted, open_types(schema, (items,), present=True).types, schema)
        case Map(wanted), Map(values):
            return fit(wanted, open_types(schema, (values,), present=True).types, schema)
        case (Time(unit), Time(other)) | (Timestamp(unit), Timestamp(other)) if unit and other and unit != other:
            # In a finer unit every moment still has a place, but a reader of the number takes it for another moment.
            return Fit.OTHER
        case String(None), _ if _is_text(actual):
            return Fit.SAME
        case (Record(()), Record()) | (Enum(()), Enum()) | (Binary(None), Binary() | Fixed()):
            return Fit.SAME
        case Record(), Record():
            return _fit_members(expected, actual, schema)
    return _FITS.get(order(_completed(expected, actual), actual), Fit.OTHER)


def _fit_members(expected: Record, actual: Record, schema: Schema) -> Fit:
    """How a record's members fit those that are expected; it may have more of them."""
    members = {field.name.casefold(): field for field in actual.fields}
    fits: set[Fit] = set()
    for wanted in expected.fields:
        its = members.get(wanted.name.casefold())
        if its is None:
            return Fit.OTHER
        inner = open_types(schema, (wanted.type,), present=True).types
        types = open_types(schema, (its.type,), present=True).types
        fits |= {fit(one, types, schema) for one in inner}
    if len(fits) == 1:
        return fits.pop()
    if Fit.OTHER in fits or Fit.MIXED in fits:
        return Fit.OTHER
    return Fit.SAME if not fits else Fit.MIXED if fits >= {Fit.WIDER, Fit.NARROWER} else (fits - {Fit.SAME}).pop()


def _bare(type_: Type) -> Type:
    """The type without its constraints: who names a type does not rely on bounds that the contract leaves out."""
    if isinstance(type_, _BOUNDED) and type_.constraints:
        return replace(type_, constraints=())
    return type_


def _is_text(type_: Type) -> bool:
    """Whether who reads plain text reads this: JSON has no other carrier for closed lists, dates and the like."""
    if isinstance(type_, Enum):
        return type_.name is None
    return isinstance(type_, Date | Time | Timestamp | Duration | Uuid) and isinstance(type_.base, String)


def _completed(expected: Type, actual: Type) -> Type:
    """The expected type, with what it leaves open taken from the actual one."""
    match expected, actual:
        case (String(None), String()) | (Decimal(None, None), Decimal()):
            return actual
        case Time(unit), Time():
            return Time(unit or actual.unit)
        case Timestamp(unit, zoned), Timestamp():
            return Timestamp(unit or actual.unit, actual.zoned if zoned is None else zoned)
    return expected
