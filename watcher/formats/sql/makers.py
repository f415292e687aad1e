"""Makers: how a platform's type and what stands in its brackets become a canonical type; the tables use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from watcher.model.types import (
    UNITS,
    Binary,
    Boolean,
    Constraint,
    Decimal,
    Fixed,
    Float,
    Integer,
    String,
    Time,
    Timestamp,
    Type,
)

Args: TypeAlias = tuple[int | str, ...]
"""What stands in a type's brackets: numbers, or words in capitals (`MAX`, `*`); a text in quotes as it is."""

Maker: TypeAlias = Callable[[Args], Type | None]
"""Gives no type where the brackets hold what the platform does not know."""

MAX_DIGITS = 100_000
"""Beyond it no platform counts digits or characters for certain types; such a size is taken for a mistake."""

NOT_NEGATIVE = (Constraint("minimum", 0),)


def plain(type_: Type) -> Maker:
    """The type, whatever the brackets say (a width for display, a name of a time zone)."""
    return lambda _: type_


def bare(type_: Type) -> Maker:
    """The type, with nothing in brackets."""
    return lambda args: None if args else type_


def text(default: int | None = None, *, most: int | None = None, fixed: bool = False, endless: int = 0) -> Maker:
    """Text of `(n)` characters, by itself of `default`; `(MAX)` of `most`.

    `fixed`: padded to its length, so never shorter. `endless`: from this length on it is as long as the platform makes
    it by itself, which is told as no bound.
    """

    def make(args: Args) -> Type | None:
        size: int | str | None = args[0] if args else default
        if size == "MAX":
            size = most
        if size is None:
            return String()
        if not isinstance(size, int) or size < 1 or len(args) > 1:
            return None
        if endless and size >= endless:
            return String()
        return String(size, (Constraint("minLength", size),) if fixed else ())

    return make


def binary(default: int | None = None, *, most: int | None = None, fixed: bool = False, endless: int = 0) -> Maker:
    """Bytes, as `text` is for characters."""

    def make(args: Args) -> Type | None:
        size: int | str | None = args[0] if args else default
        if size == "MAX":
            size = most
        if size is None:
            return Binary()
        if not isinstance(size, int) or size < 1 or len(args) > 1:
            return None
        if endless and size >= endless:
            return Binary()
        return Fixed(size) if fixed else Binary(size)

    return make


def decimal(
    precision: int | None = None, scale: int | None = None, *, loose: bool = False, negative: bool = True
) -> Maker:
    """A decimal; without brackets of `precision` and `scale`, with one number without a scale.

    `loose`: the scale may be below zero or beyond the precision. Not `negative`: zero or more.
    """

    def make(args: Args) -> Type | None:
        digits = args or tuple(one for one in (precision, scale) if one is not None)
        if not all(isinstance(one, int) for one in digits) or len(digits) > 2:
            return None
        numbers = [one for one in digits if isinstance(one, int)]
        if any(abs(one) > MAX_DIGITS for one in numbers) or (numbers and numbers[0] < 1):
            return None
        asked = () if negative else NOT_NEGATIVE
        if not numbers:
            return Decimal(constraints=asked)
        whole, behind = numbers[0], numbers[1] if len(numbers) > 1 else 0
        if behind < 0 and loose and behind > -1000:
            # Rounded before the point: NUMBER(5,-2) has five digits and two noughts.
            return Decimal(whole - behind, 0, None, (*asked, Constraint("multipleOf", 10**-behind)))
        return Decimal(whole, behind, None, asked) if loose or 0 <= behind <= whole else None

    return make


def digits(precision: int) -> Maker:
    """A decimal whose brackets give the scale only."""

    def make(args: Args) -> Type | None:
        scale = args[0] if args else 0
        return Decimal(precision, scale) if isinstance(scale, int) and 0 <= scale <= precision else None

    return make


def floating(default: int, *, negative: bool = True) -> Maker:
    """A binary float of `default` bits; `(p)` counts the bits of its digits: up to 24 it has 32, up to 53 it has 64."""

    def make(args: Args) -> Type | None:
        bits = default
        if len(args) == 1:
            if not isinstance(args[0], int) or not 0 <= args[0] <= 53:
                return None
            bits = 32 if args[0] <= 24 else 64
        return Float(bits, () if negative else NOT_NEGATIVE)

    return make


def stamp(default: int, *, zoned: bool) -> Maker:
    """A timestamp; in brackets stand the digits of a second."""
    return lambda args: None if (unit := _unit(args, default)) is None else Timestamp(unit, zoned)


def clock(default: int) -> Maker:
    """A time of day; in brackets stand the digits of a second."""
    return lambda args: None if (unit := _unit(args, default)) is None else Time(unit)


def bits(args: Args) -> Type | None:
    """MySQL's BIT: one is a truth value, several are a number."""
    size = args[0] if args else 1
    if not isinstance(size, int) or not 1 <= size <= 64:
        return None
    return Boolean() if size == 1 else Integer(size, signed=False)


def _unit(args: Args, default: int) -> str | None:
    found = args[0] if args else default
    return UNITS[found] if isinstance(found, int) and 0 <= found < len(UNITS) else None
