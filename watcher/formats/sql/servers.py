"""The types of the database servers: PostgreSQL, MySQL, MariaDB, SQL Server, Oracle, SQLite."""

from __future__ import annotations

from watcher.formats.sql.makers import (
    Args,
    Maker,
    bare,
    binary,
    bits,
    clock,
    decimal,
    floating,
    plain,
    stamp,
    text,
)
from watcher.formats.sql.mysql_types import BLOB, TEXT
from watcher.formats.sql.platform import COMMON, Platform
from watcher.model.types import (
    Binary,
    Boolean,
    Constraint,
    Decimal,
    Fixed,
    Float,
    Integer,
    String,
    Timestamp,
    Type,
    Unknown,
)

_SINGLE, _DOUBLE = plain(Float(32)), plain(Float(64))
_TEXT, _BYTES = plain(String()), plain(Binary())


def _varbit(args: Args) -> Type:
    return Unknown(f"bit varying({args[0]})" if args else "bit varying")


# www.postgresql.org/docs/current/datatype-numeric.html: numeric without brackets has no bound, float(1..24) is real
# .../datatype-character.html: varchar without brackets has no bound, char is char(1) and padded, bpchar alone is not
# .../datatype-datetime.html: microseconds by themselves; .../datatype-money.html: two digits behind the point
POSTGRES = Platform(
    "postgres",
    {
        **COMMON,
        **dict.fromkeys(("SERIAL",), plain(Integer(32))),
        "BIGSERIAL": plain(Integer(64)),
        "SMALLSERIAL": plain(Integer(16)),
        "DECIMAL": decimal(loose=True),
        "FLOAT": _SINGLE,
        "DOUBLE": floating(64),
        "TEXT": _TEXT,
        "VARCHAR": text(),
        "CHAR": text(1, fixed=True),
        "NCHAR": text(1, fixed=True),
        "BPCHAR": text(),
        "NAME": plain(String(63)),
        "VARBINARY": _BYTES,
        "TIMESTAMP": stamp(6, zoned=False),
        "TIMESTAMPTZ": stamp(6, zoned=True),
        "TIME": clock(6),
        "MONEY": plain(Decimal(19, 2)),
    },
    {
        "serial2": bare(Integer(16)),
        "serial4": bare(Integer(32)),
        "serial8": bare(Integer(64)),
        "citext": bare(String()),
        "oid": bare(Integer(32, signed=False)),
        "numeric": decimal(loose=True),
        "decimal": decimal(loose=True),
        "bit": lambda args: Unknown(f"bit({args[0] if args else 1})"),
        **dict.fromkeys(("varbit", "bit varying"), _varbit),
    },
)

_YEAR = Integer(16, constraints=(Constraint("maximum", 2155), Constraint("minimum", 0)))


def _tiny(args: Args) -> Type:
    return Boolean() if args == (1,) else Integer(8)


# dev.mysql.com/doc/refman/8.4/en/numeric-type-syntax.html: DECIMAL is (10,0) by itself, a display width means nothing,
# BOOLEAN is TINYINT(1), REAL is DOUBLE; .../string-type-syntax.html: lengths of the texts and blobs
# .../date-and-time-type-syntax.html: no digits of a second by themselves, TIMESTAMP is a moment and DATETIME is not
_MYSQL: dict[str, Maker] = {
    **COMMON,
    "TINYINT": _tiny,
    "SERIAL": plain(Integer(64, signed=False)),
    "BIT": bits,
    "DECIMAL": decimal(10, 0),
    "UDECIMAL": decimal(10, 0, negative=False),
    "FLOAT": floating(32),
    "DOUBLE": _DOUBLE,
    "UDOUBLE": lambda _: floating(64, negative=False)(()),
    **dict.fromkeys(("CHAR", "NCHAR"), text(1)),  # what pads it is taken off again when it is read
    **dict.fromkeys(("VARCHAR", "NVARCHAR"), text()),
    "TINYTEXT": plain(String(255)),
    "TEXT": TEXT,
    "MEDIUMTEXT": plain(String(16_777_215)),
    "LONGTEXT": _TEXT,
    "BINARY": binary(1, fixed=True),
    "VARBINARY": binary(),
    "TINYBLOB": plain(Binary(255)),
    "BLOB": BLOB,
    "MEDIUMBLOB": plain(Binary(16_777_215)),
    "LONGBLOB": _BYTES,
    **dict.fromkeys(("DATETIME", "TIMESTAMP"), stamp(0, zoned=False)),
    "TIMESTAMPTZ": stamp(0, zoned=True),
    "TIME": clock(0),
    "YEAR": plain(_YEAR),
}
_MYSQL_WORDS: dict[str, Maker] = {
    "real": _DOUBLE,
    "long": bare(String(16_777_215)),
    "long varchar": bare(String(16_777_215)),
    "long varbinary": bare(Binary(16_777_215)),
    "float unsigned": floating(32, negative=False),
}
MYSQL = Platform("mysql", _MYSQL, _MYSQL_WORDS)

# mariadb.com/kb/en/data-types: as MySQL; JSON is LONGTEXT; mariadb.com/kb/en/uuid-data-type
MARIADB = Platform("mysql", {**_MYSQL, "JSON": _TEXT}, _MYSQL_WORDS)

# learn.microsoft.com/en-us/sql/t-sql/data-types: decimal is (18,0) by itself, tinyint has no sign, float is float(53);
# datetime2, time and datetimeoffset have seven digits by themselves, datetime three, smalldatetime none;
# char, binary and the like are 1 long by themselves in a column, MAX has no bound; money is (19,4)
SQLSERVER = Platform(
    "tsql",
    {
        **COMMON,
        "BIT": plain(Boolean()),
        "DECIMAL": decimal(18, 0),
        "MONEY": plain(Decimal(19, 4)),
        "SMALLMONEY": plain(Decimal(10, 4)),
        "FLOAT": floating(64),
        "DOUBLE": _DOUBLE,
        **dict.fromkeys(("CHAR", "NCHAR"), text(1, fixed=True)),
        **dict.fromkeys(("VARCHAR", "NVARCHAR"), text(1)),
        "TEXT": _TEXT,
        "BINARY": binary(1, fixed=True),
        "VARBINARY": binary(1),
        "IMAGE": _BYTES,
        "ROWVERSION": plain(Fixed(8)),
        "TIME": clock(7),
        "DATETIME": plain(Timestamp("ms", zoned=False)),
        "DATETIME2": stamp(7, zoned=False),
        "SMALLDATETIME": plain(Timestamp("s", zoned=False)),
        "TIMESTAMPTZ": stamp(7, zoned=True),
    },
    {"real": bare(Float(32)), "sysname": bare(String(128)), "hierarchyid": bare(Unknown("hierarchyid"))},
)


def _number(args: Args) -> Type | None:
    """NUMBER alone and NUMBER(*) float their point; a star with a scale has all 38 digits."""
    if args in ((), ("*",)):
        return Decimal()
    return decimal(loose=True)((38 if args[0] == "*" else args[0], *args[1:]))


def _oracle_float(args: Args) -> Type | None:
    """FLOAT counts binary digits of a decimal number, 126 by itself: more than any hardware float has."""
    if len(args) > 1 or (args and not isinstance(args[0], int)):
        return None
    return floating(64)(args) if args and isinstance(args[0], int) and args[0] <= 53 else Float(128)


# docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Data-Types.html: NUMBER alone has no bound, NUMBER(p) no
# scale, whole numbers are NUMBER(38); DATE has a time of whole seconds; TIMESTAMP has six digits by itself; an ANSI
# DECIMAL has no scale by itself; RAW, LONG, CLOB and the like
ORACLE = Platform(
    "oracle",
    {
        **COMMON,
        **dict.fromkeys(("SMALLINT", "INT"), plain(Decimal(38, 0))),
        "DECIMAL": _number,
        "FLOAT": _oracle_float,
        "DOUBLE": _DOUBLE,
        **dict.fromkeys(("VARCHAR", "NVARCHAR"), text()),
        **dict.fromkeys(("CHAR", "NCHAR"), text(1, fixed=True)),
        "TEXT": _TEXT,
        "VARBINARY": _BYTES,
        "DATE": plain(Timestamp("s", zoned=False)),
        "TIMESTAMP": stamp(6, zoned=False),
        **dict.fromkeys(("TIMESTAMPTZ", "TIMESTAMPLTZ"), stamp(6, zoned=True)),
    },
    {
        "number": _number,
        **dict.fromkeys(("decimal", "dec", "numeric"), decimal(38, 0, loose=True)),
        "real": bare(Float(128)),
        "double precision": bare(Float(128)),
        "float": _oracle_float,
        "binary_float": bare(Float(32)),
        "binary_double": bare(Float(64)),
        **dict.fromkeys(("long", "nclob"), bare(String())),
        "raw": binary(),
        **dict.fromkeys(("long raw", "bfile"), bare(Binary())),
        **dict.fromkeys(("timestamp with local time zone",), stamp(6, zoned=True)),
    },
)

# www.sqlite.org/datatype3.html: a column's type is its affinity, which its name is searched for, in this order
AFFINITIES: tuple[tuple[tuple[str, ...], Type], ...] = (
    (("INT",), Integer(64)),
    (("CHAR", "CLOB", "TEXT"), String()),
    (("BLOB", "VARBINARY"), Binary()),
    (("REAL", "FLOA", "DOUB"), Float(64)),
    (("",), Decimal()),
)
SQLITE = Platform("sqlite", {}, affinity=True)
