"""The types of the engines: Trino with Presto and Athena, DuckDB, ClickHouse."""

from __future__ import annotations

from watcher.formats.sql.makers import Args, Maker, bare, clock, decimal, digits, plain, stamp, text
from watcher.formats.sql.platform import COMMON, Platform
from watcher.model.types import Binary, Float, Integer, String, Timestamp, Type

_SINGLE, _DOUBLE = plain(Float(32)), plain(Float(64))
_TEXT, _BYTES = plain(String()), plain(Binary())

# trino.io/docs/current/language/types.html: DECIMAL is (38,0) by itself, CHAR 1 and padded, VARCHAR without bound;
# times and timestamps have three digits of a second by themselves, twelve at most
_TRINO: dict[str, Maker] = {
    **COMMON,
    "DECIMAL": decimal(38, 0),
    "FLOAT": _SINGLE,
    "DOUBLE": _DOUBLE,
    "VARCHAR": text(),
    "TEXT": _TEXT,
    "CHAR": text(1, fixed=True),
    **dict.fromkeys(("BINARY", "VARBINARY"), _BYTES),
    "TIMESTAMP": stamp(3, zoned=False),
    "TIMESTAMPTZ": stamp(3, zoned=True),
    "TIME": clock(3),
}
TRINO = Platform("trino", _TRINO)

# docs.aws.amazon.com/athena/latest/ug/data-types.html: Trino's; DECIMAL is (10,0) by itself in a table's definition
ATHENA = Platform("athena", {**_TRINO, "DECIMAL": decimal(10, 0)})

# duckdb.org/docs/stable/sql/data_types/overview: DECIMAL is (18,3) by itself; the length of a VARCHAR means nothing;
# microseconds, save where the name of a timestamp says otherwise
DUCKDB = Platform(
    "duckdb",
    {
        **COMMON,
        "INT128": plain(Integer(128)),
        "UINT128": plain(Integer(128, signed=False)),
        **dict.fromkeys(("BIGNUM", "VARINT"), plain(Integer(0))),
        "DECIMAL": decimal(18, 3),
        "FLOAT": _SINGLE,
        "DOUBLE": _DOUBLE,
        **dict.fromkeys(("TEXT", "VARCHAR", "CHAR"), _TEXT),
        "VARBINARY": _BYTES,
        **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ"), stamp(6, zoned=False)),
        "TIMESTAMPTZ": stamp(6, zoned=True),
        "TIMESTAMP_S": plain(Timestamp("s", zoned=False)),
        "TIMESTAMP_MS": plain(Timestamp("ms", zoned=False)),
        "TIMESTAMP_NS": plain(Timestamp("ns", zoned=False)),
        "TIME": clock(6),
    },
    {"varint": bare(Integer(0)), "bignum": bare(Integer(0))},
)


def _moment(args: Args) -> Type | None:
    """DateTime('UTC'): seconds since the epoch; the zone is only how they are shown."""
    return Timestamp("s", zoned=True) if all(isinstance(one, str) for one in args) else None


def _fine_moment(args: Args) -> Type | None:
    """DateTime64(3, 'UTC'): so many digits of a second; the zone is only how it is shown."""
    return stamp(3, zoned=True)(args[:1])


# clickhouse.com/docs/sql-reference/data-types: Decimal is (10,0) by itself, Decimal32 to Decimal256 have 9, 18, 38 and
# 76 digits; the length of a VARCHAR means nothing, FixedString is padded; DateTime64 has three digits by itself
CLICKHOUSE = Platform(
    "clickhouse",
    {
        **COMMON,
        "INT128": plain(Integer(128)),
        "INT256": plain(Integer(256)),
        "UINT128": plain(Integer(128, signed=False)),
        "UINT256": plain(Integer(256, signed=False)),
        "DECIMAL": decimal(10, 0),
        "DECIMAL32": digits(9),
        "DECIMAL64": digits(18),
        "DECIMAL128": digits(38),
        "DECIMAL256": digits(76),
        "FLOAT": _SINGLE,
        "DOUBLE": _DOUBLE,
        **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "BLOB", "VARBINARY", "BINARY"), _TEXT),
        "FIXEDSTRING": lambda args: text(fixed=True)(args) if args else None,
        "DATE32": COMMON["DATE"],
        **dict.fromkeys(("DATETIME", "TIMESTAMP"), _moment),
        "DATETIME64": _fine_moment,
        "TIME": clock(0),
    },
    {"bfloat16": bare(Float(16)), "time64": clock(3), "decimal": decimal(10, 0)},
    nullable=False,
)
