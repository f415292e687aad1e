"""The walk through a parsed SELECT: each name is looked up where it stands, in its own query or one around it.

Longer than 300 lines: the scopes, the sources and the columns of a query call each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sqlglot import exp

from watcher.formats.sql.catalogue import MAX_COLUMNS, Catalogue, Column, DdlError, Name
from watcher.formats.sql.computed import UNTOLD, Computed, common
from watcher.formats.sql.implied import implied_name

MAX_QUERIES = 10_000
"""Queries in one SELECT, each as often as it is read."""

Node: TypeAlias = exp.Expression | exp.Query
Edit: TypeAlias = tuple[int, int, str]
"""A piece of the text, from here to there, and what is to stand in its place."""

_INPUT_FIRST = frozenset({"postgres", "redshift", "oracle", "sqlserver"})
"""Where GROUP BY takes a name for a table's column before it takes it for one of the result."""

_UNTOLD_NAMES = frozenset(
    {
        "rownum",
        "rowid",
        "level",
        "sysdate",
        "systimestamp",
        "user",
        "current_user",
        "session_user",
        "ctid",
        "xmin",
        "xmax",
        "oid",
        "tableoid",
        "_rowid_",
        "_partitiontime",
        "_partitiondate",
        "_table_suffix",
        "_file_name",
        "_metadata",
        "rowversion",
        "localtimestamp",
        "localtime",
        "current_role",
        "current_schema",
        "current_catalog",
        "metadata$action",
        "metadata$isupdate",
        "metadata$row_id",
    }
)
"""What platforms have beside a table's columns, written like one."""

_MODIFIERS = ("except_", "except", "replace", "rename")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a table (`column` None) or one of its columns is named. `bare`: the result's column is called by it."""

    start: int
    end: int
    table: Name
    column: str | None = None
    bare: bool = False


@dataclass(slots=True)
class Source:
    """One of the things that a FROM lists; `columns` None where they are not known. `table` is None of a subquery."""

    columns: list[Column] | None
    alias: str = ""
    table: Name | None = None
    hidden: bool = False
    _index: dict[str, list[Column]] | None = None

    def named(self, key: str) -> list[Column]:
        """The columns of a name, in any case."""
        if self._index is None:
            self._index = {}
            for one in self.columns or ():
                self._index.setdefault(one.name.casefold(), []).append(one)
        return self._index.get(key, [])

    def loosened(self) -> None:
        """An outer join: any of its columns may be null now."""
        if self.columns is not None:
            self.columns = [replace(one, nullable=True, default=None) for one in self.columns]
            self._index = None


@dataclass(slots=True)
class Scope:
    """What names mean in one query: its sources, the results so far, and the query around it."""

    outer: Scope | None
    ctes: Mapping[str, list[Column] | None]
    sources: dict[str, Source] = field(default_factory=dict)
    results: dict[str, Column] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)


class Reader:
    """Reads one SELECT; what it met on the way is in `uses`, `awaits`, `references`, `edits` and `starred`."""

    def __init__(self, catalogue: Catalogue, *, expanding: bool) -> None:
        self.uses: dict[Name, dict[str, None]] = {}
        self.awaits: dict[Name, None] = {}
        self.references: dict[int, Reference] = {}
        self.edits: list[Edit] = []
        self.starred = False
        self._ignored: set[int] = set()
        self._known: dict[int, list[Column]] = {}
        self._steps = self._made = 0
        self._catalogue = catalogue
        self._expanding = expanding

    def note(self, tree: Node) -> None:
        """Note the tables of a query that could not be read to its end."""
        for one in tree.find_all(exp.Table):
            name = self._name(one)
            if name:
                found = self._catalogue.find(name)
                if found is None:
                    self.awaits[self._catalogue.full(name)] = None
                else:
                    self.uses.setdefault(found.name, {})

    # -- queries

    def query(self, tree: Node, ctes: Mapping[str, list[Column] | None], outer: Scope | None) -> list[Column]:
        """The columns of a query; DdlError where one of them cannot even be named."""
        self._steps += 1
        if self._steps > MAX_QUERIES:
            raise DdlError("the SELECT has too many queries in it", kind="not-inferred")
        ctes = self._named_queries(tree, ctes, outer) if isinstance(tree, exp.Query) and tree.ctes else ctes
        if isinstance(tree, exp.Subquery):
            if isinstance(tree.this, exp.Table):
                scope = Scope(outer, ctes)
                self._source(tree.this, scope)
                return self._of_star(scope)
            if tree.args.get("pivots"):
                self.note(tree)
                raise DdlError("PIVOT is not read through", kind="not-inferred")
            return self.query(tree.this, ctes, outer)
        if isinstance(tree, exp.SetOperation):
            return self._combined(tree, ctes, outer)
        if not isinstance(tree, exp.Select):
            raise DdlError("the columns of this query cannot be told", kind="not-inferred")
        scope = Scope(outer, ctes)
        first = tree.args.get("from_") or tree.args.get("from")
        for one in [*([first] if first else []), *(tree.args.get("joins") or []), *(tree.args.get("laterals") or [])]:
            self._joined(one, scope)
        columns: list[Column] = []
        for number, one in enumerate(tree.expressions, start=1):
            found = self._selected(one, scope, number)
            columns.extend(found)
            self._made += len(found)
            if len(columns) > MAX_COLUMNS or self._made > 10 * MAX_COLUMNS:
                raise DdlError(f"the SELECT gives more than {MAX_COLUMNS} columns", kind="not-inferred")
            scope.results.update((self._key(each.name), each) for each in found)
        self._read_rest(tree, scope, ("expressions", "from_", "from", "joins", "laterals", "with_", "with"))
        return columns

    def _named_queries(
        self, tree: exp.Query, ctes: Mapping[str, list[Column] | None], outer: Scope | None
    ) -> dict[str, list[Column] | None]:
        known = dict(ctes)
        for one in tree.ctes:
            names = one.alias_column_names
            inner = one.this
            if not isinstance(inner, exp.Query):
                known[self._key(one.alias)] = [replace(UNTOLD, name=name) for name in names] if names else None
                continue
            if isinstance(inner, exp.SetOperation):
                # It may read itself: its first part says what there is.
                known[self._key(one.alias)] = _called(self.query(inner.left, known, outer), names)
            known[self._key(one.alias)] = _called(self.query(inner, known, outer), names)
        return known

    def _combined(
        self, tree: exp.SetOperation, ctes: Mapping[str, list[Column] | None], outer: Scope | None
    ) -> list[Column]:
        left = self.query(tree.left, ctes, outer)
        try:
            right = self.query(tree.right, ctes, outer)
        except DdlError as error:
            if error.kind != "not-inferred":
                raise
            return [replace(UNTOLD, name=one.name) for one in left]
        if tree.args.get("by_name"):
            raise DdlError("UNION BY NAME is not read through", kind="not-inferred")
        if len(left) != len(right):
            raise DdlError("the two sides of a UNION have not as many columns", kind="not-known")
        both = [replace(common(pair), name=pair[0].name) for pair in zip(left, right, strict=True)]
        return left if isinstance(tree, exp.Except) else both

    def _inner(self, tree: Node, scope: Scope) -> list[Column]:
        """The columns of a query inside of an expression; empty where they cannot be told."""
        if id(tree) not in self._known:
            try:
                self._known[id(tree)] = self.query(tree, scope.ctes, scope)
            except DdlError:
                self.note(tree)
                self._known[id(tree)] = []
        return self._known[id(tree)]

    # -- sources

    def _joined(self, one: exp.Expression, scope: Scope) -> None:
        side = str(one.args.get("side") or "").upper() if isinstance(one, exp.Join) else ""
        kind = str(one.args.get("kind") or "").upper() if isinstance(one, exp.Join) else ""
        if side in ("RIGHT", "FULL"):
            for source in scope.sources.values():
                source.loosened()
        before = list(scope.sources.values())
        source = self._source(one if isinstance(one, exp.Lateral) else one.this, scope)
        if side in ("LEFT", "FULL"):
            source.loosened()
        source.hidden = kind in ("SEMI", "ANTI")
        if not isinstance(one, exp.Join):
            return
        names = [self._folded(each) for each in one.args.get("using") or [] if isinstance(each, exp.Identifier)]
        if str(one.args.get("method") or "").upper() == "NATURAL":
            there = {self._key(each.name) for past in before for each in past.columns or ()}
            names = [each.name for each in source.columns or () if self._key(each.name) in there]
        for name in names:
            for each in (*before, source):
                self._column(each, name)
            if self._key(name) not in scope.merged:
                scope.merged.append(self._key(name))
        for key in ("on", "match_condition"):
            if isinstance(one.args.get(key), exp.Expression):
                self._read(one.args[key], scope)

    def _source(self, part: exp.Expression, scope: Scope) -> Source:
        names = [self._folded(one) for one in _alias_columns(part)]
        alias = self._alias(part)
        if isinstance(part, exp.Subquery):
            source = Source(self.query(part, scope.ctes, scope.outer), alias)
        elif isinstance(part, exp.Table):
            source = self._table(part, scope)
        elif isinstance(part, exp.Lateral) and isinstance(part.this, exp.Subquery):
            source = Source(self.query(part.this, scope.ctes, scope), alias)
        else:
            self._read(part, scope)
            source = Source([replace(UNTOLD, name=one) for one in names] if names else None, alias)
            # Of `unnest(a) as x` the name is that of the column as well as of the source.
            source.columns = None if isinstance(part, exp.Unnest | exp.Lateral) else source.columns
        if names and source.columns is not None and len(names) <= len(source.columns):
            given = [replace(one, name=name) for one, name in zip(source.columns, names, strict=False)]
            source = replace(source, columns=given + source.columns[len(names) :], table=None)
        scope.sources[self._key(alias) or f"#{len(scope.sources)}"] = source
        for one in part.args.get("joins") or []:
            self._joined(one, scope)
        return source

    def _table(self, part: exp.Table, scope: Scope) -> Source:
        alias = self._alias(part)
        name = self._name(part)
        if not name:
            self._read(part.this, scope)
            return Source(None, alias)
        if len(name) == 1 and self._key(name[0]) in scope.ctes:
            columns = scope.ctes[self._key(name[0])]
            return Source(list(columns) if columns is not None else None, alias)
        if len(name) == 2 and self._key(name[0]) in scope.sources:
            self._column(scope.sources[self._key(name[0])], name[1])  # BigQuery: `from t, t.items`.
            return Source(None, alias)
        table = self._catalogue.find(name)
        if table is None:
            self.awaits[self._catalogue.full(name)] = None
            return Source(None, alias)
        self.uses.setdefault(table.name, {})
        parts = [one for one in part.parts if isinstance(one, exp.Identifier) and one.meta]
        if parts:
            named = part.args.get("alias") is not None
            start, end = parts[0].meta["start"], parts[-1].meta["end"] + 1
            self.references[start] = Reference(start, end, table.name, bare=not named)
        opaque = table.partial or bool(part.args.get("pivots"))
        return Source(None if opaque else list(table.columns), alias, table.name)

    # -- columns

    def _selected(self, one: exp.Expression, scope: Scope, number: int) -> list[Column]:
        if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star)):
            return self._starred(one, scope)
        inner = one.this if isinstance(one, exp.Alias) else one
        bare = one is inner and isinstance(inner, exp.Column)
        self._read(inner, scope, bare=bare)
        self._require(inner, scope)
        column = Computed(self._catalogue.lexis.name, lambda node: self._answer(node, scope)).column(inner)
        given = one.args.get("alias") if isinstance(one, exp.Alias) else inner.this if bare else None
        name = self._folded(given) if isinstance(given, exp.Identifier) else column.name
        return [_plain(column, name or implied_name(one, self._catalogue.lexis.name, number))]

    def _answer(self, node: exp.Expression, scope: Scope) -> Column:
        """What an expression's leaf is: a column, or a subquery's one."""
        if not isinstance(node, exp.Column):
            found = self._inner(node, scope)
            return replace(found[0], name="", nullable=True) if len(found) == 1 else UNTOLD
        return self._find(node, scope) or UNTOLD

    def _require(self, node: exp.Expression, scope: Scope) -> None:
        """What is selected as it stands must be there; inside of expressions there may be names of other things."""
        while isinstance(node, exp.Paren | exp.Cast):
            node = node.this
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            self._find(node, scope, needed=True)

    def _starred(self, one: exp.Expression, scope: Scope) -> list[Column]:
        if id(one) in self._ignored:
            return []  # EXISTS (SELECT * …) looks at no column.
        star = one if isinstance(one, exp.Star) else one.this
        left_out = {self._key(each.name) for each in star.args.get("except_") or star.args.get("except") or []}
        columns = self._of_star(scope, self._key(one.table) if isinstance(one, exp.Column) else None)
        modified = any(star.args.get(key) for key in _MODIFIERS)
        if self._expanding and not modified and star.meta:
            self._expand(one, star, columns, scope)
        else:
            self.starred = True
        columns = [each for each in columns if self._key(each.name) not in left_out]
        for given in star.args.get("replace") or []:
            (made,) = self._selected(given, scope, 1)
            columns = [made if self._key(each.name) == self._key(made.name) else each for each in columns]
        names = {
            self._key(each.this.name): self._folded(each.args["alias"])
            for each in star.args.get("rename") or []
            if isinstance(each, exp.Alias) and isinstance(each.args.get("alias"), exp.Identifier)
        }
        return [_plain(each, names.get(self._key(each.name), each.name)) for each in columns]

    def _of_star(self, scope: Scope, wanted: str | None = None) -> list[Column]:
        """The columns of a star: what USING has made one stands first, and once."""
        if wanted is not None and wanted not in scope.sources:
            raise DdlError(f"SELECT * reads {wanted}, which is not there", kind="not-known")
        names = [wanted] if wanted is not None else [key for key, one in scope.sources.items() if not one.hidden]
        columns: list[Column] = []
        first: list[Column] = []
        for name in names:
            source = scope.sources[name]
            if source.columns is None:
                raise DdlError(f"SELECT * reads {name or 'a source'}, whose columns are not known", kind="not-known")
            for each in source.columns:
                merged = wanted is None and self._key(each.name) in scope.merged
                if not merged:
                    columns.append(each)
                elif all(self._key(each.name) != self._key(one.name) for one in first):
                    first.append(each)
        return first + columns

    def _expand(self, one: exp.Expression, star: exp.Expression, columns: list[Column], scope: Scope) -> None:
        """Write a star out; from here on the view reads these columns."""
        wanted = self._key(one.table) if isinstance(one, exp.Column) else None
        sources = [scope.sources[wanted]] if wanted is not None else list(scope.sources.values())
        written = []
        owners = {id(each): one for one in sources for each in one.columns or ()}
        for column in columns:
            owner = owners[id(column)]
            merged = wanted is None and self._key(column.name) in scope.merged
            self._column(owner, column.name)
            alias = (
                ""
                if merged or len(scope.sources) == 1 or not owner.alias
                else f"{self._catalogue.lexis.quoted(owner.alias)}."
            )
            written.append(f"{alias}{self._catalogue.lexis.quoted(column.name)}")
        start = star.meta["start"]
        if isinstance(one, exp.Column):
            start = min([start, *(part.meta["start"] for part in one.parts if part.meta)])
        self.edits.append((start, star.meta["end"] + 1, ", ".join(written)))

    def _read(self, node: exp.Expression, scope: Scope, *, bare: bool = False, skip: Iterable[str] = ()) -> None:
        """Note every column that an expression reads; those of `skip` are results, not columns of a table."""
        stack = [node]
        while stack:
            one = stack.pop()
            if isinstance(one, exp.Exists) and isinstance(one.this, exp.Select):
                self._ignored.update(id(each) for each in one.this.expressions)
            if isinstance(one, exp.Query):
                self._inner(one, scope)
            elif isinstance(one, exp.Column) and isinstance(one.this, exp.Identifier):
                if one.table or self._key(one.name) not in skip:
                    self._find(one, scope, bare=bare)
            else:
                stack.extend(one.iter_expressions())

    def _read_rest(self, tree: exp.Expression, scope: Scope, past: tuple[str, ...]) -> None:
        late = scope.results if self._catalogue.lexis.name not in _INPUT_FIRST else {}
        for key, value in tree.args.items():
            if key in past:
                continue
            skip = scope.results if key == "order" else late if key in ("group", "having", "qualify") else {}
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, exp.Expression):
                    self._read(one, scope, skip=skip)

    def _find(self, node: exp.Column, scope: Scope, *, needed: bool = False, bare: bool = False) -> Column | None:
        """The column that a reference names, in the nearest query that has it; its use is noted."""
        parts = [one for one in node.parts if isinstance(one, exp.Identifier)]
        names = [self._folded(one) for one in parts]
        at: Scope | None = scope
        certain = bool(scope.sources)
        while at is not None:
            for number in range(len(names) - 1, -1, -1):
                source = at.sources.get(self._key(names[number - 1])) if number else None
                if number and source is None:
                    continue
                for one in [source] if source is not None else at.sources.values():
                    found = self._column(one, names[number], parts[number], bare=bare and number == len(names) - 1)
                    if found is not None:
                        return found if number == len(names) - 1 else UNTOLD
                certain &= all(one.columns is not None for one in ([source] if source else at.sources.values()))
            if len(names) == 1 and self._key(names[0]) in at.results:
                return at.results[self._key(names[0])]
            if len(names) == 1 and self._key(names[0]) in at.sources:
                return None  # A whole row.
            at = at.outer
        if needed and certain and names[-1].casefold() not in _UNTOLD_NAMES:
            raise DdlError(f"the SELECT reads the column {node.name}, which is not there", kind="not-known")
        return None

    def _column(
        self, source: Source, name: str, node: exp.Identifier | None = None, *, bare: bool = False
    ) -> Column | None:
        key = self._key(name)
        near = source.named(key)
        found = next((one for one in near if one.name == name), near[0] if near else None)
        if found is not None and source.table is not None:
            self.uses.setdefault(source.table, {})[found.name] = None
            if node is not None and node.meta:
                start, end = node.meta["start"], node.meta["end"] + 1
                bare |= start in self.references and self.references[start].bare
                self.references[start] = Reference(start, end, source.table, found.name, bare)
        return found

    # -- names

    def _name(self, part: exp.Table) -> Name:
        if not isinstance(part.this, exp.Identifier):
            return ()
        return tuple(self._folded(one) for one in part.parts if isinstance(one, exp.Identifier))

    def _alias(self, part: exp.Expression) -> str:
        alias = part.args.get("alias")
        named = alias.this if isinstance(alias, exp.TableAlias) else alias
        if isinstance(named, exp.Identifier):
            return self._folded(named)
        return self._folded(part.this) if isinstance(part, exp.Table) and isinstance(part.this, exp.Identifier) else ""

    def _folded(self, node: exp.Expression) -> str:
        lexis = self._catalogue.lexis
        if lexis.case == "kept" or node.args.get("quoted"):
            return node.name
        return node.name.lower() if lexis.case == "lower" else node.name.upper()

    def _key(self, name: str) -> str:
        return name.casefold()


def _plain(column: Column, name: str) -> Column:
    """A column of a view: its own, with neither default nor identity."""
    return Column(name, column.text, column.type, column.nullable, means=column.means)


def _called(columns: list[Column], names: list[str]) -> list[Column]:
    return [replace(one, name=name) for one, name in zip(columns, names, strict=False)] if names else columns


def _alias_columns(part: exp.Expression) -> list[exp.Identifier]:
    alias = part.args.get("alias")
    return [one for one in alias.args.get("columns") or [] if isinstance(one, exp.Identifier)] if alias else []
