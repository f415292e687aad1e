"""The types of each SQL platform: the words that mean the same, and what they mean there."""

import pytest
from sqlglot import exp, parse_one

from watcher.diff.lattice import Order, order
from watcher.formats.sql.dialects import ALIASES, PLATFORMS, dialect_of
from watcher.formats.sql.types import MAX_TEXT, read_type, read_type_node, recognised
from watcher.model.types import (
    NULL,
    Array,
    Binary,
    Boolean,
    Constraint,
    Date,
    Decimal,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Record,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Unknown,
    Uuid,
)

VARIANT = Unknown("variant")


def fixed(length: int) -> String:
    return String(length, (Constraint("minLength", length),))


def unsigned(bits: int) -> Integer:
    return Integer(bits, signed=False)


def local(unit: str) -> Timestamp:
    return Timestamp(unit, zoned=False)


def struct(**members: Type) -> Record:
    """A struct whose members may be null."""
    return Record(tuple(Field(name, Union((NULL, type_))) for name, type_ in members.items()))


TABLES: dict[str, list[tuple[str, Type]]] = {
    "snowflake": [
        ("INT|INTEGER|BIGINT|SMALLINT|TINYINT|BYTEINT|NUMBER|NUMBER(38,0)|NUMERIC|DECIMAL(38)", Decimal(38, 0)),
        ("NUMBER(10,2)|decimal( 10 , 2 )", Decimal(10, 2)),
        ("FLOAT|FLOAT4|FLOAT8|DOUBLE|DOUBLE PRECISION|REAL", Float(64)),
        ("VARCHAR|STRING|TEXT|VARCHAR(16777216)", String()),
        ("VARCHAR(20)|STRING(20)|NVARCHAR2(20)|CHAR VARYING(20)", String(20)),
        ("CHAR|CHAR(1)|CHARACTER", String(1)),
        ("BINARY|VARBINARY", Binary()),
        ("BOOLEAN", Boolean()),
        ("DATE", Date()),
        ("TIME|TIME(9)", Time("ns")),
        ("TIMESTAMP|TIMESTAMP_NTZ|DATETIME|TIMESTAMP_NTZ(9)", local("ns")),
        ("TIMESTAMP_LTZ|TIMESTAMP_TZ(9)", Timestamp("ns")),
        ("TIMESTAMP_NTZ(3)", local("ms")),
        ("VARIANT", VARIANT),
        ("GEOGRAPHY", Unknown("geography")),
        ("ARRAY", Array(VARIANT)),
        ("OBJECT", Map(VARIANT)),
        ("ARRAY(NUMBER)", Array(Decimal(38, 0))),
        ("MAP(VARCHAR, NUMBER(10,2))", Map(Decimal(10, 2))),
    ],
    "bigquery": [
        ("INT64|INT|INTEGER|BIGINT|SMALLINT|TINYINT|BYTEINT", Integer(64)),
        ("NUMERIC|DECIMAL|NUMERIC(38,9)", Decimal(38, 9)),
        ("NUMERIC(10)", Decimal(10, 0)),
        ("BIGNUMERIC|BIGDECIMAL|BIGNUMERIC(76,38)", Decimal(76, 38)),
        ("FLOAT64", Float(64)),
        ("STRING", String()),
        ("STRING(10)", String(10)),
        ("BYTES(10)", Binary(10)),
        ("BOOL|BOOLEAN", Boolean()),
        ("DATETIME", local("us")),
        ("TIMESTAMP", Timestamp("us")),
        ("TIME", Time("us")),
        ("JSON", Unknown("json")),
        ("RANGE<DATE>", Unknown("range<date>")),
        ("ARRAY<STRUCT<a INT64, b STRING>>", Array(struct(a=Integer(64), b=String()))),
        ("STRUCT<a INT64 NOT NULL>", Record((Field("a", Integer(64)),))),
    ],
    "redshift": [
        ("SMALLINT|INT2", Integer(16)),
        ("INT|INTEGER|INT4", Integer(32)),
        ("BIGINT|INT8", Integer(64)),
        ("NUMERIC|DECIMAL(18,0)", Decimal(18, 0)),
        ("REAL|FLOAT4|FLOAT(10)", Float(32)),
        ("FLOAT|FLOAT8|DOUBLE PRECISION", Float(64)),
        ("VARCHAR|TEXT|VARCHAR(256)|character varying(256)|NVARCHAR", String(256)),
        ("VARCHAR(MAX)|VARCHAR(65535)", String(65535)),
        ("CHAR|CHAR(1)|NCHAR(1)", fixed(1)),
        ("BPCHAR|CHAR(256)", fixed(256)),
        ("VARBYTE", Binary(64_000)),
        ("TIMESTAMP|TIMESTAMP WITHOUT TIME ZONE", local("us")),
        ("TIMESTAMPTZ|TIMESTAMP WITH TIME ZONE", Timestamp("us")),
        ("TIMETZ", Unknown("timetz")),
        ("SUPER", Unknown("super")),
    ],
    "databricks": [
        ("TINYINT|BYTE", Integer(8)),
        ("SMALLINT|SHORT", Integer(16)),
        ("INT|INTEGER", Integer(32)),
        ("BIGINT|LONG", Integer(64)),
        ("FLOAT|REAL", Float(32)),
        ("DECIMAL|DEC|NUMERIC|DECIMAL(10,0)", Decimal(10, 0)),
        ("STRING", String()),
        ("CHAR(5)", fixed(5)),
        ("TIMESTAMP|TIMESTAMP_LTZ", Timestamp("us")),
        ("TIMESTAMP_NTZ", local("us")),
        ("ARRAY<INT>", Array(Integer(32))),
        ("MAP<STRING,INT>", Map(Integer(32))),
        ("MAP<INT,STRING>", Map(String(), (Constraint("keys", "int"),))),
        ("STRUCT<a:INT,b:STRING>|struct<a INT, b: string COMMENT 'x'>", struct(a=Integer(32), b=String())),
        ("INTERVAL DAY TO SECOND", Duration()),
        ("INTERVAL YEAR TO MONTH", Unknown("interval year to month")),
    ],
    "postgres": [
        ("smallint|int2|smallserial", Integer(16)),
        ("integer|int|int4|serial|serial4", Integer(32)),
        ("bigint|int8|bigserial|serial8", Integer(64)),
        ("numeric|decimal", Decimal()),
        ("numeric(10)|decimal(10,0)", Decimal(10, 0)),
        ("numeric(5,-2)", Decimal(7, 0, None, (Constraint("multipleOf", 100),))),
        ("real|float4|float(24)", Float(32)),
        ("double precision|float8|float|float(25)", Float(64)),
        ("text|varchar|character varying|bpchar", String()),
        ("varchar(20)|character varying(20)", String(20)),
        ("char|character(1)", fixed(1)),
        ("name", String(63)),
        ("bytea", Binary()),
        ("timestamp|timestamp without time zone|timestamp(6)", local("us")),
        ("timestamptz|timestamp with time zone|timestamp(6) with time zone", Timestamp("us")),
        ("timestamp(4)", local("100us")),
        ("time", Time("us")),
        ("time with time zone", Unknown("timetz")),
        ("interval", Duration()),
        ("uuid", Uuid()),
        ("money", Decimal(19, 2)),
        ("jsonb|JSONB", Unknown("jsonb")),
        ("int[]|integer array|int4[]", Array(Integer(32))),
        ("text[][]|text[3][]|text array[4]", Array(String())),
        ("myschema.mytype", Unknown("myschema.mytype")),
    ],
    "mysql": [
        ("TINYINT|TINYINT(4)", Integer(8)),
        ("TINYINT(1)|BOOL|BOOLEAN|BIT|BIT(1)", Boolean()),
        ("TINYINT UNSIGNED|TINYINT(1) UNSIGNED", unsigned(8)),
        ("MEDIUMINT", Integer(24)),
        ("INT|INTEGER|INT(11)|INT SIGNED", Integer(32)),
        ("INT UNSIGNED|INT(10) UNSIGNED ZEROFILL", unsigned(32)),
        ("BIGINT UNSIGNED|SERIAL", unsigned(64)),
        ("BIT(8)", unsigned(8)),
        ("DECIMAL|NUMERIC|FIXED|DECIMAL(10,0)", Decimal(10, 0)),
        ("DECIMAL(5,2) UNSIGNED", Decimal(5, 2, None, (Constraint("minimum", 0),))),
        ("FLOAT|FLOAT(24)|FLOAT(7,4)", Float(32)),
        ("DOUBLE|DOUBLE PRECISION|REAL|FLOAT(25)", Float(64)),
        ("VARCHAR(20)|VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", String(20)),
        ("TEXT", String(65_535)),
        ("LONGTEXT", String()),
        ("BINARY(5)", Fixed(5)),
        ("BLOB", Binary(65_535)),
        ("DATETIME|DATETIME(0)", local("s")),
        ("DATETIME(6)", local("us")),
        ("TIMESTAMP", Timestamp("s")),
        ("ENUM('a','b  c',' signed off')", Enum(("a", "b  c", " signed off"))),
        ("SET('a','b')", Unknown("SET('a', 'b')")),
        ("JSON", Unknown("json")),
    ],
    "mariadb": [("JSON|LONGTEXT", String()), ("UUID", Uuid()), ("INT(11)", Integer(32))],
    "sqlserver": [
        ("bit", Boolean()),
        ("tinyint", unsigned(8)),
        ("int|[int]|[sys].[int]", Integer(32)),
        ("decimal|numeric(18,0)", Decimal(18, 0)),
        ("money", Decimal(19, 4)),
        ("smallmoney", Decimal(10, 4)),
        ("float|float(53)|double precision", Float(64)),
        ("real|float(24)", Float(32)),
        ("nvarchar(20)|varchar(20)|[nvarchar](20)", String(20)),
        ("nvarchar(max)|varchar(MAX)|text|ntext", String()),
        ("nchar(5)|char(5)", fixed(5)),
        ("sysname", String(128)),
        ("varbinary(max)|image", Binary()),
        ("binary(5)", Fixed(5)),
        ("rowversion|timestamp", Fixed(8)),
        ("datetime2|datetime2(7)", local("100ns")),
        ("datetime|datetime2(3)", local("ms")),
        ("datetimeoffset(7)|datetimeoffset", Timestamp("100ns")),
        ("time", Time("100ns")),
        ("uniqueidentifier", Uuid()),
        ("hierarchyid", Unknown("hierarchyid")),
        ("sql_variant", VARIANT),
    ],
    "oracle": [
        ("NUMBER|NUMBER(*)", Decimal()),
        ("NUMBER(38)|NUMBER(38,0)|INTEGER|INT|SMALLINT|DECIMAL|NUMBER(*,0)", Decimal(38, 0)),
        ("NUMBER(10,2)", Decimal(10, 2)),
        ("NUMBER(5,-2)", Decimal(7, 0, None, (Constraint("multipleOf", 100),))),
        ("NUMBER(2,5)", Decimal(2, 5)),
        ("FLOAT|FLOAT(126)|REAL|DOUBLE PRECISION", Float(128)),
        ("BINARY_FLOAT", Float(32)),
        ("BINARY_DOUBLE", Float(64)),
        ("VARCHAR2(20)|VARCHAR2(20 CHAR)|VARCHAR2(20 BYTE)|NVARCHAR2(20)", String(20)),
        ("CHAR|CHAR(1)", fixed(1)),
        ("CLOB|NCLOB|LONG", String()),
        ("RAW(16)", Binary(16)),
        ("BLOB|LONG RAW|BFILE", Binary()),
        ("DATE|TIMESTAMP(0)", local("s")),
        ("TIMESTAMP|TIMESTAMP(6)", local("us")),
        ("TIMESTAMP WITH TIME ZONE|TIMESTAMP WITH LOCAL TIME ZONE", Timestamp("us")),
        ("INTERVAL DAY TO SECOND", Duration()),
        ("INTERVAL YEAR(2) TO MONTH", Unknown("interval year(2) to month")),
        ("XMLTYPE", Unknown("xmltype")),
    ],
    "trino": [
        ("INTEGER|INT", Integer(32)),
        ("REAL", Float(32)),
        ("DECIMAL|DECIMAL(38)", Decimal(38, 0)),
        ("VARCHAR", String()),
        ("CHAR|CHAR(1)", fixed(1)),
        ("TIMESTAMP|TIMESTAMP(3)", local("ms")),
        ("TIMESTAMP(12)", local("ps")),
        ("TIMESTAMP(6) WITH TIME ZONE", Timestamp("us")),
        ("ARRAY(INTEGER)|ARRAY<INTEGER>", Array(Integer(32))),
        ("ROW(a INTEGER, b VARCHAR)", struct(a=Integer(32), b=String())),
        ("IPADDRESS", Unknown("ipaddress")),
    ],
    "athena": [("DECIMAL", Decimal(10, 0)), ("struct<a:int>", struct(a=Integer(32))), ("string", String())],
    "duckdb": [
        ("INTEGER|INT|INT4|SIGNED", Integer(32)),
        ("HUGEINT", Integer(128)),
        ("UHUGEINT", unsigned(128)),
        ("UBIGINT", unsigned(64)),
        ("DECIMAL|NUMERIC|DECIMAL(18,3)", Decimal(18, 3)),
        ("VARCHAR|VARCHAR(10)|TEXT|STRING|CHAR", String()),
        ("TIMESTAMP|DATETIME", local("us")),
        ("TIMESTAMP_NS", local("ns")),
        ("TIMESTAMPTZ", Timestamp("us")),
        ("INT[]", Array(Integer(32))),
        ("INT[3]", Array(Integer(32), (Constraint("maxItems", 3), Constraint("minItems", 3)))),
        ("STRUCT(a INTEGER)|ROW(a INTEGER)", struct(a=Integer(32))),
        ("UNION(num INTEGER, str VARCHAR)", Union((Integer(32), String()))),
        ("ENUM('a','b')", Enum(("a", "b"))),
    ],
    "clickhouse": [
        ("UInt8", unsigned(8)),
        ("UInt64", unsigned(64)),
        ("Int256", Integer(256)),
        ("Float32", Float(32)),
        ("BFloat16", Float(16)),
        ("Decimal|Decimal(10)|Decimal(10,0)", Decimal(10, 0)),
        ("Decimal32(2)|Decimal(9,2)", Decimal(9, 2)),
        ("Decimal256(5)", Decimal(76, 5)),
        ("String|LowCardinality(String)|VARCHAR(10)", String()),
        ("FixedString(5)", fixed(5)),
        ("DateTime|DateTime('UTC')", Timestamp("s")),
        ("DateTime64|DateTime64(3)|DateTime64(3,'UTC')", Timestamp("ms")),
        ("Nullable(Int32)", Union((NULL, Integer(32)))),
        ("LowCardinality(Nullable(String))", Union((NULL, String()))),
        ("Array(Nullable(String))", Array(Union((NULL, String())))),
        ("Enum8('a'=1,'b'=-2)", Enum(("a", "b"), numbers=(1, -2))),
        ("Tuple(a Int32, b String)", Record((Field("a", Integer(32)), Field("b", String())))),
        ("Nested(a Int32)", Array(Record((Field("a", Integer(32)),)))),
        ("SimpleAggregateFunction(sum, Double)", Float(64)),
        ("IPv4", Unknown("ipv4")),
    ],
    "sqlite": [
        ("INT|INTEGER|TINYINT|UNSIGNED BIG INT|FLOATING POINT", Integer(64)),
        ("CHARACTER(20)|VARCHAR(255)|TEXT|CLOB|VARYING CHARACTER(255)", String()),
        ("BLOB", Binary()),
        ("REAL|DOUBLE PRECISION|FLOAT", Float(64)),
        ("NUMERIC|DECIMAL(10,5)|BOOLEAN|DATE|DATETIME|STRING", Decimal()),
    ],
}
ROWS = [(dialect, texts, type_) for dialect, rows in TABLES.items() for texts, type_ in rows]


@pytest.mark.parametrize(("dialect", "texts", "type_"), ROWS, ids=[f"{one}-{texts}" for one, texts, _ in ROWS])
def test_words_of_one_meaning(dialect: str, texts: str, type_: Type) -> None:
    """Words that mean the same on a platform are one type, in any case."""
    for text in texts.split("|"):
        assert read_type(text, dialect) == type_, text
        if "'" not in text and "." not in text and "Field(" not in repr(type_):
            assert read_type(text.upper(), dialect) == type_, text


def test_every_platform_has_a_table() -> None:
    """No platform is without a test of its types."""
    assert TABLES.keys() == PLATFORMS.keys()


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias: str) -> None:
    """Another name of a platform has the same types."""
    assert read_type("bigint", alias) == read_type("bigint", ALIASES[alias])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "int garbage",
        "int; drop table x",
        "int)",
        "varchar(0)",
        "varchar(x)",
        "decimal(0)",
        "decimal(1,2,3)",
        "time(13)",
        "array<" * 40 + "int" + ">" * 40,
        "int" + "[]" * 40,
        "x" * (MAX_TEXT + 1),
        "(" * 10_000,
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize("dialect", sorted(PLATFORMS.keys() - {"sqlite"}))
def test_what_is_no_type_is_unknown(text: str, dialect: str) -> None:
    """A text that the platform knows no type for is unknown by its text, never something like it."""
    found = read_type(text, dialect)
    assert isinstance(found, Unknown) or dialect in ("duckdb", "clickhouse"), found
    assert isinstance(read_type(text, "nowhere"), Unknown)


def test_unknown_texts_keep_their_quotes() -> None:
    """Case means nothing in a name, and everything within quotes."""
    assert read_type("GEOMETRY", "postgres") == read_type("geometry", "postgres")
    assert read_type("SET('A')", "mysql") != read_type("SET('a')", "mysql")


def test_a_platform_that_has_it_is_not_one_that_does_not() -> None:
    """A type that cannot be placed is told apart from a word that is no type."""
    assert recognised("VARIANT", "snowflake") == VARIANT
    assert recognised("VARIANTT", "snowflake") is None


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("snowflake", "BIGINT", Decimal(38, 0)),
        ("bigquery", "ARRAY<STRUCT<a INT64>>", Array(struct(a=Integer(64)))),
        ("postgres", "timestamptz(3)", Timestamp("ms")),
        ("sqlserver", "nvarchar(max)", String()),
        ("mysql", "INT UNSIGNED", unsigned(32)),
        ("clickhouse", "Nullable(UInt8)", Union((NULL, unsigned(8)))),
        ("sqlite", "VARCHAR(20)", String()),
        ("sqlite", "BOOLEAN", Decimal()),
        ("nowhere", "INT", Unknown("int")),
    ],
)
def test_nodes(dialect: str, text: str, expected: Type) -> None:
    """What a parser of SQL made of a column's type is read as its text is."""
    parser = PLATFORMS[dialect].parser if dialect in PLATFORMS else None
    created = parse_one(f"CREATE TABLE t (c {text})", dialect=parser)
    node = created.find(exp.ColumnDef).args["kind"]  # type: ignore[union-attr]
    assert read_type_node(node, dialect) == expected


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("snowflake://acme-prod/RAW.CHECKOUT.ORDERS", "snowflake"),
        ("bigquery/acme.sales.orders", "bigquery"),
        ("postgresql://db:5432/shop.public.orders", "postgres"),
        ("mssql://db:1433/shop.dbo.orders", "sqlserver"),
        ("awsathena://athena.eu-central-1.amazonaws.com/c.d.t", "athena"),
        ("kafka://prod/snowflake", None),
        ("orders", None),
        ("", None),
    ],
)
def test_namespaces(dataset: str, expected: str | None) -> None:
    """A dataset's namespace says whose types it has."""
    assert dialect_of(dataset) == expected


@pytest.mark.parametrize(
    ("dialect", "before", "after", "expected"),
    [
        ("snowflake", "NUMBER(38,0)", "BIGINT", Order.EQUAL),
        ("snowflake", "NUMBER(10,2)", "NUMBER(12,2)", Order.WIDER),
        ("bigquery", "INT64", "NUMERIC", Order.WIDER),
        ("mysql", "INT", "INT UNSIGNED", Order.UNRELATED),
        ("mysql", "INT UNSIGNED", "BIGINT", Order.WIDER),
        ("mysql", "VARCHAR(20)", "TEXT", Order.WIDER),
        ("postgres", "char(5)", "varchar(5)", Order.WIDER),
        ("postgres", "numeric", "numeric(20,4)", Order.NARROWER),
        ("sqlserver", "datetime2(3)", "datetime2(7)", Order.WIDER),
        ("oracle", "NUMBER(5,-2)", "NUMBER(7)", Order.WIDER),
        ("databricks", "MAP<INT,STRING>", "MAP<BIGINT,STRING>", Order.UNRELATED),
    ],
)
def test_changes(dialect: str, before: str, after: str, expected: Order) -> None:
    """A changed type is wider or narrower as the platform defines the two."""
    assert order(read_type(before, dialect), read_type(after, dialect)) is expected
