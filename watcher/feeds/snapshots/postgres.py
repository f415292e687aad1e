"""PostgreSQL, from `pg_catalog`: information_schema hides what the user may not read, and has no ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL

from watcher.feeds.snapshots.images import Keys, Listed, Shared, gathered
from watcher.feeds.snapshots.platform import Place, Platform, Session
from watcher.feeds.warehouse.facts import ColumnImage, Image
from watcher.feeds.warehouse.postgres_defaults import postgres_default

_SCHEMAS = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'schema_watcher') ORDER BY nspname
"""

# Tables of an extension come and go with it, and no event tells of them; the outbox of our own feed is nobody's table.
_TABLE = """
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
"""
_OURS = """
 WHERE n.nspname = :within AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
   AND n.nspname <> 'schema_watcher' {only}
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_class'::regclass
                      AND x.objid = c.oid AND x.objsubid = 0 AND x.deptype = 'e')
"""
_COLUMNS = f"""
SELECT c.oid::text, c.relname, c.relkind::text, a.attnum, a.attname, a.atttypid::bigint, t.nspname,
       pg_catalog.format_type(a.atttypid, a.atttypmod), a.attndims, a.attnotnull,
       CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, 0) END,
       a.attidentity::text, a.attgenerated::text, m.description
{_TABLE}
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN (pg_catalog.pg_type y JOIN pg_catalog.pg_namespace t ON t.oid = y.typnamespace) ON y.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_catalog.pg_description m ON m.classoid = 'pg_catalog.pg_class'::regclass
                                       AND m.objoid = c.oid AND m.objsubid = a.attnum
{_OURS}
 ORDER BY c.relname, c.oid, a.attnum
"""
_KEYS = f"""
SELECT c.relname, i.indisprimary,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, n)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
              WHERE k.n <= i.indnkeyatts ORDER BY k.n)
{_TABLE}
  JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
{_OURS}
   AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
"""  # noqa: S608 - put together from the constants above
_TYPES = """
SELECT t.oid::bigint, t.typtype::text, t.typelem::bigint, t.typbasetype::bigint, n.nspname,
       pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typndims,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
  FROM pg_catalog.pg_type t LEFT JOIN (pg_catalog.pg_type b JOIN pg_catalog.pg_namespace n ON n.oid = b.typnamespace)
       ON b.oid = t.typbasetype
 WHERE t.typtype IN ('d', 'e') OR (t.typelem <> 0 AND EXISTS (SELECT 1 FROM pg_catalog.pg_type i
       WHERE i.oid = t.typelem AND i.typarray = t.oid AND i.typtype IN ('d', 'e')))
"""


@dataclass(frozen=True, slots=True)
class _Made:
    """A type that users made, or an array of one: a domain's base, an enum's labels, an array's members."""

    item: int
    base: int
    schema: str | None
    text: str
    dimensions: int
    labels: tuple[str, ...]
    enum: bool


class Postgres(Platform):
    """PostgreSQL 13 and later."""

    called = "PostgreSQL"
    driver = "postgresql+psycopg"
    form = "postgresql://user:password@host/database"
    grant = "CONNECT on the database; its catalogue is open to every user"
    whole = True

    def url(self, url: URL, database: str | None) -> URL:
        """The database is part of the URL, or the one that is given."""
        return url.set(database=self.one(url.database or "", database, "database"))

    def arguments(self, url: URL, timeout: float) -> Mapping[str, Any]:
        """Bounds for a server that does not answer."""
        wanted = {"connect_timeout": max(1, min(10, int(timeout))), "application_name": "watcher"}
        return {key: value for key, value in wanted.items() if key not in url.query}

    def options(self) -> Mapping[str, Any]:
        """One state of the catalogue, and nothing written."""
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def begin(self, session: Session, timeout: float) -> None:
        """For this transaction only, so that it holds behind a pooler too."""
        milliseconds = str(max(1, int(timeout * 1000)))
        # An empty path, so that names of types come with their schema, which is then taken off.
        for name, value in (
            ("statement_timeout", milliseconds),
            ("lock_timeout", milliseconds),
            ("search_path", "pg_catalog"),
        ):
            session.first("SELECT pg_catalog.set_config(:name, :value, true)", name=name, value=value)

    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The one that we are in."""
        del url, wanted
        return str(session.first("SELECT pg_catalog.current_database()"))

    def schemas(self, session: Session, database: str) -> list[str]:
        """All but the server's own; the schemas of temporary tables are among those."""
        del database
        return [str(row[0]) for row in session.rows(_SCHEMAS)]

    def now(self, session: Session) -> int:
        """By the server's clock."""
        asked = "SELECT (extract(epoch FROM pg_catalog.transaction_timestamp()) * 1000)::bigint"
        return int(session.first(asked))

    def cursor(self, session: Session) -> str | None:
        """Which transactions this look sees."""
        return str(session.first("SELECT pg_catalog.pg_current_snapshot()::text"))

    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """Tables, partitioned ones and their parts, foreign ones, views and materialised views."""
        only = place.only("AND c.relname IN :named")
        types = {row[0]: _made(row) for row in session.rows(_TYPES)}
        keys = Keys()
        for table, primary, members in session.rows(_KEYS.format(only=only), **place.values()):
            keys.add(table, tuple(members), primary=primary)
        shared = Shared()
        rows = (_listed(row, types, shared) for row in session.rows(_COLUMNS.format(only=only), **place.values()))
        yield from gathered(rows, self.prefix(place), keys, shared)


def _made(row: Any) -> _Made:
    _, kind, item, base, schema, text, dimensions, labels = row
    return _Made(item, base, schema, text or "", dimensions, tuple(labels), kind == "e")


def _listed(row: Any, types: Mapping[int, _Made], shared: Shared) -> Listed:
    oid, table, kind, number, name, type_id, schema, text, dimensions, required, default, identity, generated, told = (
        row
    )
    view = kind in ("v", "m")
    if name is None:
        return Listed(table, None, view, oid)
    column = ColumnImage(
        shared.text(name),
        shared.text(type_text(type_id, schema, text, dimensions, types)),
        nullable=None if view else not required,
        default=None if identity or generated else postgres_default(default),
        id=f"{oid}.{number}",
        comment=told,
    )
    return Listed(table, column, view, oid)


def type_text(type_id: int, schema: str | None, text: str, dimensions: int, types: Mapping[int, _Made]) -> str:
    """A type with what stands behind a name that users gave: an enum's labels, a domain's base."""
    made = types.get(type_id)
    if made is None:
        plain = _without(schema, text)
        # The server notes how many dimensions a definition wrote, and shows one.
        return plain + "[]" * (dimensions - 1) if plain.endswith("[]") else plain
    if made.enum:
        return "enum(" + ", ".join("'" + one.replace("'", "''") + "'" for one in made.labels) + ")"
    if made.item:
        return type_text(made.item, None, "", 0, types) + "[]" * max(1, dimensions)
    return type_text(made.base, made.schema, made.text, made.dimensions, types)


def _without(schema: str | None, text: str) -> str:
    """The type's name without its schema, as definitions usually write it."""
    if not schema or schema == "pg_catalog":
        return text
    return text.removeprefix(f"{schema}.").removeprefix(f'"{schema}".')
