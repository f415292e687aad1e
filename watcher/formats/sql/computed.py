"""The types of what a SELECT computes, as each platform defines them; what is not certain is untold, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlglot import exp

from watcher.formats.sql.catalogue import Column
from watcher.formats.sql.dialects import platform
from watcher.formats.sql.results import LIKE, RESULTS
from watcher.formats.sql.sums import averaged, summed
from watcher.formats.sql.types import read_type, read_type_node
from watcher.model.types import NULL, Date, Float, Integer, String, Timestamp, Unknown

MAX_DEPTH = 200
"""Expressions in each other; what is deeper is untold."""

UNTOLD = Column("", "", Unknown("computed"))
Find: TypeAlias = Callable[[exp.Expression], Column]
"""The column that a reference names, or that a subquery gives."""

_MYSQL = ("mysql", "mariadb")
_SAME_AS_PG = ("postgres", "redshift")

_COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RowNumber, exp.Rank, exp.DenseRank)
_PICKS = (exp.Min, exp.Max, exp.AnyValue, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.Nullif)
_TEXTS = (exp.Upper, exp.Lower, exp.Trim, exp.Substring, exp.Replace, exp.Initcap, exp.Left, exp.Right)
_TRUNCATED = (exp.DateTrunc, exp.TimestampTrunc)
_PARTS = (exp.Extract, exp.Year, exp.Month, exp.Day, exp.Quarter)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
_AROUND = (exp.Paren, exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.Alias, exp.Distinct)


@dataclass(frozen=True, slots=True)
class Computed:
    """Reads the expressions of one platform; `find` answers for what is none."""

    dialect: str
    find: Find

    def column(self, node: exp.Expression, depth: int = 0) -> Column:
        """The nameless column that an expression gives."""
        while isinstance(node, (*_AROUND, exp.Window)) and isinstance(node.this, exp.Expression):
            node = node.this
        if depth > MAX_DEPTH:
            return UNTOLD
        if isinstance(node, exp.Column | exp.Query):
            return self.find(node)
        if isinstance(node, exp.Cast) and isinstance(node.to, exp.DataType):
            return self._cast(node, depth)
        if isinstance(node, exp.Null):
            return Column("", "", NULL)
        if isinstance(node, exp.Literal | exp.Boolean | exp.Neg):
            return self._literal(node, depth)
        return self._of_function(node, depth) or self._of_operator(node, depth) or UNTOLD

    def _cast(self, node: exp.Cast, depth: int) -> Column:
        inner = self.column(node.this, depth + 1)
        known = platform(self.dialect)
        text = node.to.sql(dialect=known.parser if known else None).lower()
        nullable = inner.nullable or isinstance(node, exp.TryCast)
        if self.dialect in _MYSQL:
            cast = read_type_node(node.to, self.dialect)
            if isinstance(cast, Integer):  # SIGNED and UNSIGNED are its only whole numbers, and wide.
                return self._told("bigint" if cast.signed else "bigint unsigned", nullable=nullable)
            if isinstance(cast, String):
                return replace(UNTOLD, nullable=nullable)
        return Column("", text, read_type_node(node.to, self.dialect), nullable=nullable)

    def _literal(self, node: exp.Expression, depth: int) -> Column:
        if isinstance(node, exp.Neg):
            found = self.column(node.this, depth + 1)
            return replace(found, name="") if self.dialect not in _MYSQL else replace(UNTOLD, nullable=found.nullable)
        if isinstance(node, exp.Boolean):
            return self._word("bool", nullable=False)
        if node.is_string:
            return self._word("text", nullable=False)
        whole = node.name.isascii() and node.name.isdigit() and len(node.name) < 19
        return self._word("int" if whole and int(node.name) < 2**31 else "big" if whole else "", nullable=False)

    def _of_function(self, node: exp.Expression, depth: int) -> Column | None:
        if isinstance(node, _COUNTS):
            return self._word("count", nullable=False)
        if isinstance(node, exp.CurrentDate):
            return self._word("date", nullable=False)
        if isinstance(node, exp.CurrentTimestamp):
            return self._word("now", nullable=False)
        if isinstance(node, exp.Coalesce):
            return self._merged([node.this, *node.expressions], depth, every=True)
        if isinstance(node, exp.Case | exp.If):
            return self._chosen(node, depth)
        if not isinstance(node, (*_PICKS, exp.Sum, exp.Avg, *_TEXTS, *_PARTS, exp.Length, *_TRUNCATED, exp.Date)):
            return None
        inner = node.expression if isinstance(node, exp.Extract) else node.this
        one = self.column(inner, depth + 1) if isinstance(inner, exp.Expression) else UNTOLD
        return self._of_one(node, one)

    def _of_one(self, node: exp.Expression, one: Column) -> Column:
        if isinstance(node, exp.Sum | exp.Avg):
            text = (summed if isinstance(node, exp.Sum) else averaged)(one.type, self.dialect)
            kept = self.dialect == "clickhouse" and not one.nullable
            return self._told(text, nullable=not kept)
        if isinstance(node, _PICKS):
            if isinstance(one.type, String) and self.dialect in _SAME_AS_PG:
                return self._word("text", nullable=True)  # There is no min of a varchar but that of text.
            return replace(one, nullable=True)
        if isinstance(node, _TRUNCATED):
            kept = isinstance(one.type, Timestamp) and self.dialect not in ("databricks", "redshift")
            return replace(one, name="") if kept else UNTOLD
        if isinstance(node, exp.Date):
            return self._word("date", nullable=one.nullable)
        if isinstance(node, _PARTS):
            dated = isinstance(one.type, Date | Timestamp)
            return self._word("part", nullable=one.nullable) if dated else UNTOLD
        if not isinstance(one.type, String):
            return UNTOLD
        if isinstance(node, exp.Length):
            return self._word("length", nullable=one.nullable)
        return self._word("text", nullable=one.nullable or isinstance(node, exp.Substring))

    def _of_operator(self, node: exp.Expression, depth: int) -> Column | None:
        if isinstance(node, exp.Is | exp.Exists):
            return self._word("bool", nullable=False)
        if isinstance(node, exp.Predicate | exp.And | exp.Or | exp.Not):
            operands = [one for one in node.iter_expressions() if not isinstance(one, exp.Query)]
            nullable = isinstance(node, exp.In) or any(self.column(one, depth + 1).nullable for one in operands)
            return self._word("bool", nullable=nullable)
        if isinstance(node, exp.DPipe | exp.Concat):
            joined: list[exp.Expression] = list(node.iter_expressions())
            found = [self.column(one, depth + 1) for one in joined]
            literal = [one.is_string if isinstance(one, exp.Literal) else False for one in joined]
            if not all(isinstance(one.type, String) or text for one, text in zip(found, literal, strict=True)):
                return UNTOLD
            loose = isinstance(node, exp.DPipe) or self.dialect not in _SAME_AS_PG
            return self._word("joined", nullable=loose and any(one.nullable for one in found))
        if isinstance(node, (*_ARITHMETIC, exp.Div)):
            return self._number(node, depth)
        return None

    def _number(self, node: exp.Expression, depth: int) -> Column:
        left, right = (self.column(one, depth + 1) for one in (node.this, node.expression))
        nullable = left.nullable or right.nullable
        kinds = (left.type, right.type)
        if any(isinstance(one, Float) and one.bits == 64 for one in kinds):
            both = all(isinstance(one, Float | Integer) for one in kinds)
            return self._word("double" if both else "", nullable=nullable)
        if not all(isinstance(one, Integer) and one.signed and one.bits in (32, 64) for one in kinds):
            return UNTOLD
        if isinstance(node, exp.Div) and "quotient" in self._words:
            return self._word("quotient", nullable=nullable)
        big = any(isinstance(one, Integer) and one.bits == 64 for one in kinds)
        return self._word("big" if big else "int", nullable=nullable)

    def _chosen(self, node: exp.Expression, depth: int) -> Column:
        branches = [one.args.get("true") for one in node.args.get("ifs") or []]
        branches += [node.args.get("true")] if isinstance(node, exp.If) else []
        other = node.args.get("default") or node.args.get("false")
        given = [one for one in (*branches, other) if isinstance(one, exp.Expression)]
        made = self._merged(given, depth, every=False)
        return made if other is not None else replace(made, nullable=True)

    def _merged(self, nodes: Sequence[exp.Expression], depth: int, *, every: bool) -> Column:
        """One of several, whichever: their common type, where they have one. `every`: null only if all of them are."""
        found = [self.column(one, depth + 1) for one in nodes]
        nullable = (all if every else any)(one.nullable for one in found)
        bare = [isinstance(one, exp.Literal) for one in nodes]
        told = [one for one, literal in zip(found, bare, strict=True) if not literal]
        if told and any(bare):
            # A number fits in a column of numbers, and a text in one without a bound.
            wide = isinstance(told[0].type, Integer) and told[0].type.bits >= 32
            fits = wide or told[0].type == String()
            texts = [one.is_string for one, literal in zip(nodes, bare, strict=True) if literal]
            same = all(text is isinstance(told[0].type, String) for text in texts)
            whole = all(text or one.name.isdigit() for text, one in zip(texts, _literals(nodes), strict=True))
            if not (fits and same and whole):
                return replace(UNTOLD, nullable=nullable)
        return replace(common(told or found), nullable=nullable)

    @property
    def _words(self) -> Mapping[str, str]:
        return RESULTS.get(LIKE.get(self.dialect, self.dialect), {})

    def _word(self, word: str, *, nullable: bool) -> Column:
        return self._told(self._words.get(word), nullable=nullable)

    def _told(self, text: str | None, *, nullable: bool) -> Column:
        if text is None:
            return replace(UNTOLD, nullable=nullable)
        return Column("", text, read_type(text, self.dialect), nullable=nullable)


def common(columns: Iterable[Column]) -> Column:
    """The type that all of them have, null aside; untold where they differ."""
    found: Column | None = None
    nullable = False
    for one in columns:
        nullable |= one.nullable
        if one.type == NULL:
            continue
        if found is not None and found.type != one.type:
            found = UNTOLD
            break
        found = found or one
    return replace(found or UNTOLD, name="", nullable=nullable)


def settled(column: Column) -> Column:
    """A column of a result: one that is only ever null has no type that could be told."""
    return replace(UNTOLD, name=column.name, nullable=True) if column.type == NULL else column


def _literals(nodes: Iterable[exp.Expression]) -> list[exp.Expression]:
    return [one for one in nodes if isinstance(one, exp.Literal)]
