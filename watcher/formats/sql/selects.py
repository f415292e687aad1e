"""The columns of a SELECT, through the tables that it reads: names, and types where they can be told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from watcher.formats.sql.catalogue import Catalogue, Column, DdlError, Table
from watcher.formats.sql.dialects import platform
from watcher.formats.sql.types import read_type_node
from watcher.model.types import Type, Unknown

MAX_SELECT = 200_000
"""Characters of a SELECT; what is longer is not read through."""

MAX_DEPTH = 60
"""Brackets in each other."""

_TAIL = re.compile(
    r"\s+WITH\s+(?:(?:NO\s+)?DATA|(?:(?:CASCADED|LOCAL)\s+)?CHECK\s+OPTION|NO\s+SCHEMA\s+BINDING|READ\s+ONLY)\s*\Z",
    re.IGNORECASE,
)
"""What a view or table says behind its SELECT."""

_VERSIONED = re.compile(r"/\*M?!\d*|\*/\s*\Z")

_FAULTS = (SqlglotError, ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)


def columns_of(select: str, catalogue: Catalogue) -> list[Column]:
    """The columns that a SELECT gives; DdlError where one of them cannot even be named."""
    if catalogue.lexis.versioned:
        select = _VERSIONED.sub(" ", select)
    select = _TAIL.sub("", select)
    depth = deepest = 0
    for letter in select:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    if len(select) > MAX_SELECT or deepest > MAX_DEPTH:
        raise DdlError("the SELECT is too large to be read through", kind="not-inferred")
    known = platform(catalogue.lexis.name)
    try:
        tree = parse_one(select, dialect=known.parser if known else None)
        if not isinstance(tree, exp.Query):
            raise DdlError("this is no SELECT", kind="not-inferred")
        return _Reader(catalogue).query(tree, {})
    except _FAULTS as error:
        if isinstance(error, DdlError):
            raise
        raise DdlError(f"the SELECT cannot be read: {str(error).splitlines()[0][:120]}", kind="not-inferred") from None


class _Reader:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def query(self, tree: exp.Query, ctes: dict[str, list[Column]]) -> list[Column]:
        ctes = dict(ctes)
        for one in tree.ctes:
            recursive = isinstance(one.this, exp.SetOperation)
            found = self.query(one.this.left if recursive else one.this, ctes)
            names = one.alias_column_names
            ctes[self._key(one.alias)] = (
                [_renamed(col, name) for col, name in zip(found, names, strict=False)] if names else found
            )
        if isinstance(tree, exp.Subquery):
            return self.query(tree.this, ctes)
        if isinstance(tree, exp.SetOperation):
            return self.query(tree.left, ctes)
        if not isinstance(tree, exp.Select):
            raise DdlError("the columns of this query cannot be told", kind="not-inferred")
        sources = self._sources(tree, ctes)
        columns: list[Column] = []
        for number, one in enumerate(tree.expressions, start=1):
            columns.extend(self._selected(one, sources, number))
        return columns

    def _sources(self, tree: exp.Select, ctes: dict[str, list[Column]]) -> dict[str, list[Column] | None]:
        found: dict[str, list[Column] | None] = {}
        first = tree.args.get("from_") or tree.args.get("from")
        for one in [*([first] if first else []), *(tree.args.get("joins") or [])]:
            part = one.this
            outer = isinstance(one, exp.Join) and str(one.args.get("side") or "").upper() in ("LEFT", "FULL")
            if isinstance(one, exp.Join) and str(one.args.get("side") or "").upper() in ("RIGHT", "FULL"):
                found = {key: _loose(columns) for key, columns in found.items()}
            columns = self._source(part, ctes)
            found[self._key(part.alias_or_name)] = _loose(columns) if outer else columns
        return found

    def _source(self, part: exp.Expression, ctes: dict[str, list[Column]]) -> list[Column] | None:
        if isinstance(part, exp.Subquery):
            return self.query(part.this, ctes)
        if not isinstance(part, exp.Table):
            return None
        if not part.args.get("db") and self._key(part.name) in ctes:
            return ctes[self._key(part.name)]
        name = tuple(self._folded(one) for one in part.parts if isinstance(one, exp.Identifier))
        table: Table | None = self._catalogue.find(name) if name else None
        return list(table.columns) if table is not None and not table.partial else None

    def _selected(self, one: exp.Expression, sources: dict[str, list[Column] | None], number: int) -> Iterable[Column]:
        if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star)):
            return self._starred(one, sources)
        inner = one.this if isinstance(one, exp.Alias) else one
        column = self._typed(inner, sources)
        named = (
            one.args.get("alias")
            if isinstance(one, exp.Alias)
            else inner.this
            if isinstance(inner, exp.Column)
            else None
        )
        name = (
            self._folded(named)
            if isinstance(named, exp.Identifier)
            else column.name
            if column.name and column.id
            else ""
        )
        if not name:
            name = one.output_name or f"column{number}"
        return [_renamed(column, name)]

    def _starred(self, one: exp.Expression, sources: dict[str, list[Column] | None]) -> list[Column]:
        star = one if isinstance(one, exp.Star) else one.this
        if star.args.get("replace") or star.args.get("rename"):
            raise DdlError("SELECT * with REPLACE or RENAME is not read through", kind="not-inferred")
        left_out = {self._key(named.name) for named in star.args.get("except_") or star.args.get("except") or []}
        wanted = [self._key(one.table)] if isinstance(one, exp.Column) else list(sources)
        columns: list[Column] = []
        for name in wanted:
            found = sources.get(name)
            if found is None:
                raise DdlError(f"SELECT * reads {name or 'a source'}, whose columns are not known", kind="not-known")
            columns.extend(_renamed(col, col.name) for col in found if self._key(col.name) not in left_out)
        return columns

    def _typed(self, node: exp.Expression, sources: dict[str, list[Column] | None]) -> Column:
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            return self._looked_up(node, sources)
        if isinstance(node, exp.Cast) and isinstance(node.to, exp.DataType):
            inner = self._typed(node.this, sources)
            dialect = self._catalogue.lexis.name
            known = platform(dialect)
            text = node.to.sql(dialect=known.parser if known else None).lower()
            nullable = inner.nullable or isinstance(node, exp.TryCast)
            return Column("", text, read_type_node(node.to, dialect), nullable=nullable)
        if isinstance(node, exp.Literal):
            return Column("", "text" if node.is_string else "number", _UNTOLD, nullable=False)
        nullable = not isinstance(node, exp.Count)
        return Column("", "", _UNTOLD, nullable=nullable)

    def _looked_up(self, node: exp.Column, sources: dict[str, list[Column] | None]) -> Column:
        wanted = [self._key(node.table)] if node.table else list(sources)
        key = self._key(self._folded(node.this))
        for name in wanted:
            found = sources.get(name)
            for one in found or ():
                if self._key(one.name) == key:
                    return one
        if wanted and all(sources.get(name) is not None for name in wanted):
            raise DdlError(f"the SELECT reads the column {node.name}, which is not there", kind="not-known")
        return Column("", "", _UNTOLD)

    def _folded(self, node: exp.Expression) -> str:
        lexis = self._catalogue.lexis
        if lexis.case == "kept" or node.args.get("quoted"):
            return node.name
        return node.name.lower() if lexis.case == "lower" else node.name.upper()

    def _key(self, name: str) -> str:
        return name.casefold()


_UNTOLD: Type = Unknown("computed")


def _renamed(column: Column, name: str) -> Column:
    """A column of a view: its own, with neither default nor identity."""
    return Column(name, column.text, column.type, nullable=column.nullable)


def _loose(columns: list[Column] | None) -> list[Column] | None:
    if columns is None:
        return None
    return [Column(one.name, one.text, one.type, nullable=True, id=one.id) for one in columns]
