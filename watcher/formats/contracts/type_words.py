"""The words that contracts know for types, and what each of them is."""

from __future__ import annotations

import re
from collections.abc import Callable

from watcher.model.types import UNITS as STEPS
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
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

ANY = Unknown("any")
UNITS = {**{unit: unit for unit in STEPS}, "millis": "ms", "micros": "us", "nanos": "ns"}
REWORDED = (
    (re.compile(r"\b(timestamp|time)( ?\([^()]*\))? with(?: local)? time zone(?![\w-])", re.IGNORECASE), r"\1tz\2"),
    (re.compile(r"\b(timestamp)( ?\([^()]*\))? without time zone(?![\w-])", re.IGNORECASE), r"\1_ntz\2"),
    (re.compile(r"\b(time)( ?\([^()]*\))? without time zone(?![\w-])", re.IGNORECASE), r"\1\2"),
    (re.compile(r"\blocal timestamp(?![\w-])", re.IGNORECASE), "timestamp_ntz"),
    (re.compile(r"\bdouble precision(?![\w-])", re.IGNORECASE), "double"),
    (re.compile(r"\b(?:character|char) varying(?![\w-])", re.IGNORECASE), "varchar"),
    (re.compile(r"\b(tinyint|smallint|mediumint|integer|int|bigint) unsigned(?![\w-])", re.IGNORECASE), r"u\1"),
)
"""Types of several words, and the one word for each that is read."""

PLAIN: dict[str, Type] = {
    "any": ANY,
    "boolean": Boolean(),
    "bool": Boolean(),
    "tinyint": Integer(8),
    "int8": Integer(8),
    "smallint": Integer(16),
    "int16": Integer(16),
    "int": Integer(32),
    "int32": Integer(32),
    "integer": Integer(32),
    "long": Integer(64),
    "int64": Integer(64),
    "bigint": Integer(64),
    "byte": Integer(8),
    "short": Integer(16),
    "int2": Integer(16),
    "mediumint": Integer(24),
    "int4": Integer(32),
    "hugeint": Integer(128),
    "utinyint": Integer(8, signed=False),
    "usmallint": Integer(16, signed=False),
    "umediumint": Integer(24, signed=False),
    "uint": Integer(32, signed=False),
    "uinteger": Integer(32, signed=False),
    "ubigint": Integer(64, signed=False),
    "uhugeint": Integer(128, signed=False),
    "uint8": Integer(8, signed=False),
    "uint16": Integer(16, signed=False),
    "uint32": Integer(32, signed=False),
    "uint64": Integer(64, signed=False),
    "float": Float(32),
    "float32": Float(32),
    "real": Float(32),
    "double": Float(64),
    "float4": Float(32),
    "float8": Float(64),
    "binary_float": Float(32),
    "binary_double": Float(64),
    "float64": Float(64),
    "date": Date(),
    "uuid": Uuid(),
    "uniqueidentifier": Uuid(),
    "duration": Duration(),
    "interval": Duration(),
    "record": Record(()),
    "struct": Record(()),
    "enum": Enum(()),
    "text": String(),
    "clob": String(),
    "blob": Binary(),
    "bytea": Binary(),
    "timestamp-millis": Timestamp("ms", zoned=True),
    "timestamp-micros": Timestamp("us", zoned=True),
    "timestamp-nanos": Timestamp("ns", zoned=True),
    "local-timestamp-millis": Timestamp("ms", zoned=False),
    "local-timestamp-micros": Timestamp("us", zoned=False),
    "local-timestamp-nanos": Timestamp("ns", zoned=False),
    "time-millis": Time("ms"),
    "time-micros": Time("us"),
}
SIZED: dict[str, Callable[[int | None], Type]] = {
    "string": String,
    "varchar": String,
    "char": String,
    "character": String,
    "nchar": String,
    "nvarchar": String,
    "varchar2": String,
    "nvarchar2": String,
    "bytes": Binary,
    "binary": Binary,
    "varbinary": Binary,
    "fixed": lambda size: Binary() if size is None else Fixed(size),
}
TIMED: dict[str, Callable[[str | None], Type]] = {
    "time": Time,
    "timestamp": lambda unit: Timestamp(unit, zoned=None),
    "timestamptz": lambda unit: Timestamp(unit, zoned=True),
    "timestamp_tz": lambda unit: Timestamp(unit, zoned=True),
    "timestamp_ltz": lambda unit: Timestamp(unit, zoned=True),
    "datetimeoffset": lambda unit: Timestamp(unit, zoned=True),
    "datetime2": lambda unit: Timestamp(unit, zoned=False),
    "timestamp_ntz": lambda unit: Timestamp(unit, zoned=False),
    "local-timestamp": lambda unit: Timestamp(unit, zoned=False),
    "datetime": lambda unit: Timestamp(unit, zoned=None),
}
DECIMALS = ("decimal", "dec", "numeric", "number", "bignumeric", "bigdecimal")
HOLDERS: dict[str, tuple[int, Callable[[list[Type]], Type]]] = {
    "array": (1, lambda inner: Array(inner[0] if inner else ANY)),
    "list": (1, lambda inner: Array(inner[0] if inner else ANY)),
    # `map<string, T>` is written by those who come from SQL: keys are text in every format that we read.
    "map": (2, lambda inner: Map(inner[-1] if inner else ANY)),
}
WORDS = (*PLAIN, *SIZED, *TIMED, *DECIMALS, *HOLDERS)
"""Every word that a type's text may begin with."""
