"""Whether a type guarantees a constraint that a consumer relies on: it states it, or something at least as strict."""

from __future__ import annotations

import math

from watcher.diff.constraints import numbers, sizes
from watcher.model.types import (
    Array,
    Constraint,
    Date,
    Decimal,
    Enum,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Uuid,
)

_FORMATS: dict[type, str] = {Date: "date", Time: "time", Timestamp: "date-time", Uuid: "uuid"}


def meets(type_: Type, wanted: Constraint) -> bool:
    """Whether every value of the type meets a constraint, by what the type says of itself."""
    match type_:
        case Integer() | Float() | Decimal():
            # A number without bounds of its own, but for the constraint, must hold all that the type has.
            return numbers(Float(constraints=(wanted,))).hold(numbers(type_))
        case String(length):
            most = math.inf if length is None else length
            return sizes((wanted,), "Length").hold(sizes(type_.constraints, "Length", most))
        case Enum(symbols) if symbols:
            lengths = sizes((wanted,), "Length")
            return not lengths.other and all(lengths.least <= len(one) <= lengths.most for one in symbols)
        case Array():
            return sizes((wanted,), "Items").hold(sizes(type_.constraints, "Items"))
        case Map() | Record():
            return sizes((wanted,), "Properties").hold(sizes(type_.constraints, "Properties"))
        case Date() | Time() | Timestamp() | Uuid() if type_.base is None or isinstance(type_.base, String):
            stated = type_.base.constraints if type_.base is not None else ()
            return wanted == Constraint("format", _FORMATS[type(type_)]) or meets(String(constraints=stated), wanted)
    return False


def longest(text: String) -> float:
    """The most characters of a text, by its length and by its constraints; without end where neither says."""
    return sizes(text.constraints, "Length", math.inf if text.max_length is None else text.max_length).most
