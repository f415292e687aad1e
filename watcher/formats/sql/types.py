"""The types of SQL: a type's text, or what a parser made of it, as the platform itself defines it.

What we cannot place is `Unknown` by its text, never taken for something like it. Of a parsed type the parser has
dropped some words (Oracle's `LONG`, `REAL` of SQL Server and MySQL): where the text is at hand, read the text.
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from watcher.formats.sql.dialects import platform
from watcher.formats.sql.makers import Args
from watcher.formats.sql.mysql_types import in_the_servers_words
from watcher.formats.sql.platform import Platform
from watcher.formats.sql.servers import AFFINITIES
from watcher.model.types import (
    NULL,
    Array,
    Constraint,
    Duration,
    Enum,
    Field,
    Map,
    Record,
    String,
    Type,
    Union,
    Unknown,
)

MAX_TEXT = 20_000
"""A type's text; a struct of some hundred members has a quarter of it."""

MAX_DEPTH = 32
"""Types inside types; what is deeper is unknown."""

_ASIDE = re.compile(
    r" (?:signed|zerofill|binary|ascii|unicode|(?:character set|charset|collate) [\w\".-]+)(?= |$)", re.IGNORECASE
)
"""What may follow a type's name and says nothing of its values."""

_BRACKETED = re.compile(r"^(?:\[sys\]\.)?\[(\w+)\]", re.IGNORECASE)
_SUFFIXED_ARRAY = re.compile(r" array(?: ?\[[0-9]*\])?$", re.IGNORECASE)
_DIMENSIONS = re.compile(r"(?:\s*+\[\s*\d*\s*\]){1,6}+\Z")
"""PostgreSQL's arrays: how many of these there are, and what stands in them, means nothing."""
_PARSING = (SqlglotError, ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)
_LISTS = ("ENUM", "ENUM8", "ENUM16")


def read_type(text: str, dialect: str) -> Type:
    """The canonical type of a type's text; `Unknown` where it cannot be read. Any text is answered."""
    return recognised(text, dialect) or Unknown(told(text))


def recognised(text: str, dialect: str) -> Type | None:
    """The canonical type of a type's text; None where the platform knows no such type, or we do not know the platform.

    A type that the platform has and we cannot place (`VARIANT`, `GEOGRAPHY`) is `Unknown` by its text.
    """
    known = platform(dialect)
    if known is None or len(text) > MAX_TEXT:
        return None
    if known.parser == "mysql" and "'" not in text:
        text = in_the_servers_words(text)
    plain = text.strip() if "'" in text else _ASIDE.sub("", " ".join(text.split())).strip()
    if known.affinity:
        return _affine(plain) if plain else None
    plain = _BRACKETED.sub(r"\1", plain)
    plain = _SUFFIXED_ARRAY.sub("[]", plain)
    if known.parser == "postgres":
        plain = _DIMENSIONS.sub("[]", plain)
    worded = _worded(plain, known)
    if worded is not None:
        return worded
    node = _parsed(plain, known)
    return None if node is None else _Reader(known).type(node, 0)


def read_type_node(node: exp.DataType, dialect: str) -> Type:
    """The canonical type of what a parser of SQL made of a type; `Unknown` where it cannot be placed."""
    known = platform(dialect)
    if known is None:
        return Unknown(told(_written(node)))
    if known.affinity:
        return _affine(_kind(node))
    return _Reader(known).type(node, 0)


def told(text: str) -> str:
    """A type's text as `Unknown` shows it: spaces and case mean nothing outside of quotes."""
    plain = " ".join(text.split())
    plain = plain if "'" in plain or '"' in plain or "`" in plain else plain.lower()
    return plain if len(plain) <= 200 else f"{plain[:200]}…"


def _worded(plain: str, known: Platform) -> Type | None:
    head, opened, tail = plain.lower().partition("(")
    inner, closed, rest = tail.rpartition(")")
    maker = known.words.get(" ".join(f"{head} {rest if opened else ''}".split()))
    if maker is None or bool(opened) is not bool(closed):
        return None
    return maker(tuple(_argument(one) for one in inner.split(",")) if opened else ())


def _argument(text: str) -> int | str:
    """A number, also where it is followed by its unit (`20 CHAR`); else the word."""
    first = next(iter(text.split(maxsplit=1)), "")
    number = first.removeprefix("-")
    return int(first) if number.isascii() and number.isdigit() and len(number) < 10 else first.upper()


def _parsed(plain: str, known: Platform) -> exp.DataType | None:
    """What the parser makes of a text, if it is a type and nothing else."""
    if not plain or _depth(plain) > MAX_DEPTH:
        return None
    try:
        dialect = Dialect.get_or_raise(known.parser)
        parser = dialect.parser(error_level=ErrorLevel.RAISE)
        found = parser.parse_into(exp.DataType, dialect.tokenize(plain), plain)
    except _PARSING:
        return None
    node = found[0] if len(found) == 1 else None
    return node if isinstance(node, exp.DataType) else None


def _depth(text: str) -> int:
    """How deep brackets stand in each other at most, and how many of `[]` follow each other."""
    deepest = depth = 0
    for letter in text:
        if letter in "<([":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ">)]":
            depth -= 1
    return max(deepest, text.count("["))


def _affine(text: str) -> Type:
    upper = text.upper()
    return next(type_ for words, type_ in AFFINITIES if any(word in upper for word in words))


def _kind(node: exp.DataType) -> str:
    kind = node.this
    return str(getattr(kind, "value", kind)) if not isinstance(kind, exp.Expression) else ""


def _written(node: exp.Expression) -> str:
    try:
        return node.sql()
    except _PARSING:
        return type(node).__name__


class _Reader:
    """Reads the nodes of one platform."""

    def __init__(self, known: Platform) -> None:
        self._platform = known

    def type(self, node: exp.DataType, depth: int) -> Type:
        if depth > MAX_DEPTH:
            return Unknown("nested too deeply")
        found = self._plain(node, depth)
        if found is None:
            return Unknown(told(_written(node)))
        return Union((NULL, found)) if node.args.get("nullable") is True else found

    def _plain(self, node: exp.DataType, depth: int) -> Type | None:
        kind = _kind(node)
        maker = self._platform.types.get(kind)
        if maker is not None:
            args = _arguments(node)
            return None if args is None else maker(args)
        if isinstance(node.this, exp.Interval) or kind == "INTERVAL":
            written = _written(node).upper()
            # Months have no length in seconds: the two kinds of interval are not one.
            return None if "YEAR" in written or "MONTH" in written else Duration()
        if kind in _LISTS:
            return _enum(node, numbered=self._platform.parser == "clickhouse")
        return self._holder(kind, node, depth)

    def _holder(self, kind: str, node: exp.DataType, depth: int) -> Type | None:
        inner = [one for one in node.expressions if isinstance(one, exp.DataType)]
        match kind:
            case "ARRAY" | "LIST":
                items = self.type(inner[0], depth + 1) if inner else self._platform.untyped
                return Array(items, _counted(node) if self._platform.parser == "duckdb" else ())
            case "LOWCARDINALITY" if len(inner) == 1:
                return self.type(inner[0], depth + 1)
            case "SIMPLEAGGREGATEFUNCTION" if len(inner) == 1:
                return self.type(inner[0], depth + 1)
            case "MAP":
                return self._map(inner, depth)
            case "STRUCT" | "OBJECT" if node.expressions:
                return self._record(node, depth)
            case "OBJECT" if self._platform.parser == "snowflake":
                return Map(self._platform.untyped)
            case "NESTED" if node.expressions:
                record = self._record(node, depth)
                return None if record is None else Array(record)
            case "UNION" if node.expressions:
                kinds = [one.args.get("kind") for one in node.expressions]
                return Union(tuple(self.type(one, depth + 1) for one in kinds if isinstance(one, exp.DataType)))
        return None

    def _map(self, inner: list[exp.DataType], depth: int) -> Type | None:
        if not inner:
            return Map(self._platform.untyped)
        if len(inner) != 2:
            return None
        # Keys are text in the model: of another type, or a bounded one, is a constraint on them.
        keys = self.type(inner[0], depth + 1)
        asked = () if keys == String() else (Constraint("keys", told(_written(inner[0]))),)
        return Map(self.type(inner[1], depth + 1), asked)

    def _record(self, node: exp.DataType, depth: int) -> Type | None:
        fields: list[Field] = []
        for number, one in enumerate(node.expressions, start=1):
            kind = one.args.get("kind") if isinstance(one, exp.ColumnDef) else one
            if not isinstance(kind, exp.DataType):
                return None
            type_ = self.type(kind, depth + 1)
            if self._platform.nullable and not _is_not_null(one) and not isinstance(type_, Union):
                type_ = Union((NULL, type_))
            fields.append(Field(one.name if isinstance(one, exp.ColumnDef) else str(number), type_))
        return Record(tuple(fields))


def _counted(node: exp.DataType) -> tuple[Constraint, ...]:
    """The number of items that an array always has: `INT[3]`."""
    counts = [_number(one) for one in node.args.get("values") or [] if isinstance(one, exp.Expression)]
    return (Constraint("maxItems", counts[0]), Constraint("minItems", counts[0])) if len(counts) == 1 else ()


def _is_not_null(node: exp.Expression) -> bool:
    stated = node.args.get("constraints") or []
    kinds = [one.args.get("kind") for one in stated]
    return any(isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null") for kind in kinds)


def _enum(node: exp.DataType, *, numbered: bool) -> Type | None:
    symbols: list[str] = []
    numbers: list[int] = []
    for one in node.expressions:
        text, number = (one.this, one.expression) if isinstance(one, exp.EQ) else (one, None)
        if not isinstance(text, exp.Literal) or not text.is_string:
            return None
        symbols.append(text.name)
        given = _number(number) if number is not None else (numbers[-1] + 1 if numbers else 1)
        if not isinstance(given, int):
            return None
        numbers.append(given)
    return Enum(tuple(symbols), numbers=tuple(numbers) if numbered else ()) if symbols else None


def _arguments(node: exp.DataType) -> Args | None:
    """What stands in a type's brackets; None where that is no number, word or text."""
    args: list[int | str] = []
    for one in node.expressions:
        inner = one.this if isinstance(one, exp.DataTypeParam) else one
        if not isinstance(inner, exp.Expression):
            return None
        args.append(_number(inner))
    return tuple(args)


def _number(node: exp.Expression) -> int | str:
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return -inner if isinstance(inner, int) else ""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    return "*" if isinstance(node, exp.Star) else _argument(node.name)
