"""The types of the warehouses: Snowflake, BigQuery, Redshift, Databricks with Spark and Delta."""

from __future__ import annotations

from watcher.formats.sql.makers import binary, clock, decimal, floating, plain, stamp, text
from watcher.formats.sql.platform import COMMON, Platform
from watcher.model.types import Binary, Decimal, Float, Integer, String, Unknown

_WHOLE = plain(Decimal(38, 0))
_DOUBLE = plain(Float(64))
_LONGEST = 16_777_216
_WORD = text(1, endless=_LONGEST)
_WORDS = text(endless=_LONGEST)
_BYTES = binary(endless=8_388_608)

# docs.snowflake.com/en/sql-reference/data-types-numeric: every whole number is NUMBER(38,0), every float has 64 bits
# .../data-types-text: VARCHAR is 16,777,216 long by itself, CHAR 1; .../data-types-datetime: nine digits by themselves,
# TIMESTAMP and DATETIME are TIMESTAMP_NTZ unless a session says otherwise; .../data-types-semistructured
SNOWFLAKE = Platform(
    "snowflake",
    {
        **COMMON,
        **dict.fromkeys(("TINYINT", "SMALLINT", "INT", "BIGINT"), _WHOLE),
        "DECIMAL": decimal(38, 0),
        **dict.fromkeys(("FLOAT", "DOUBLE"), _DOUBLE),
        **dict.fromkeys(("CHAR", "NCHAR"), _WORD),
        **dict.fromkeys(("VARCHAR", "NVARCHAR", "TEXT"), _WORDS),
        **dict.fromkeys(("BINARY", "VARBINARY"), _BYTES),
        **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ", "DATETIME"), stamp(9, zoned=False)),
        **dict.fromkeys(("TIMESTAMPLTZ", "TIMESTAMPTZ"), stamp(9, zoned=True)),
        "TIME": clock(9),
    },
    untyped=Unknown("variant"),
)

# cloud.google.com/bigquery/docs/reference/standard-sql/data-types: one integer, one float; NUMERIC is (38,9) and
# BIGNUMERIC (76,38) by themselves, without a scale where only a precision is given; microseconds everywhere
BIGQUERY = Platform(
    "bigquery",
    {
        **COMMON,
        **dict.fromkeys(("TINYINT", "SMALLINT", "INT", "BIGINT"), plain(Integer(64))),
        "DECIMAL": decimal(38, 9),
        "BIGDECIMAL": decimal(76, 38),
        **dict.fromkeys(("FLOAT", "DOUBLE"), _DOUBLE),
        **dict.fromkeys(("TEXT", "VARCHAR"), text()),
        **dict.fromkeys(("BINARY", "VARBINARY"), binary()),
        **dict.fromkeys(("TIMESTAMP", "DATETIME"), stamp(6, zoned=False)),
        "TIMESTAMPTZ": stamp(6, zoned=True),
        "TIME": clock(6),
    },
)

# docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html: DECIMAL is (18,0) by itself
# .../r_Character_types.html: VARCHAR is 256 long by itself and TEXT is just that, CHAR 1, MAX 65,535 (all in bytes)
# .../r_Datetime_types.html: microseconds; .../r_VARBYTE_type.html: 64,000 by itself
REDSHIFT = Platform(
    "redshift",
    {
        **COMMON,
        "DECIMAL": decimal(18, 0),
        "FLOAT": plain(Float(32)),
        "DOUBLE": floating(64),
        **dict.fromkeys(("CHAR", "NCHAR"), text(1, most=4096, fixed=True)),
        "BPCHAR": text(256, fixed=True),
        **dict.fromkeys(("VARCHAR", "NVARCHAR"), text(256, most=65_535)),
        "TEXT": plain(String(256)),
        "VARBINARY": binary(64_000),
        "TIMESTAMP": stamp(6, zoned=False),
        "TIMESTAMPTZ": stamp(6, zoned=True),
        "TIME": clock(6),
    },
)

# docs.databricks.com/aws/en/sql/language-manual/sql-ref-datatypes, spark.apache.org/docs/latest/sql-ref-datatypes.html:
# DECIMAL is (10,0) by itself; TIMESTAMP is a moment, TIMESTAMP_NTZ is not, both of microseconds
DATABRICKS = Platform(
    "databricks",
    {
        **COMMON,
        "DECIMAL": decimal(10, 0),
        "FLOAT": plain(Float(32)),
        "DOUBLE": _DOUBLE,
        "TEXT": plain(String()),
        "VARCHAR": text(),
        "CHAR": text(1, fixed=True),
        **dict.fromkeys(("BINARY", "VARBINARY"), plain(Binary())),
        **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPLTZ"), stamp(6, zoned=True)),
        "TIMESTAMPNTZ": stamp(6, zoned=False),
    },
)
