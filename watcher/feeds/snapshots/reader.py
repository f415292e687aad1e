"""A look: one connection, one read-only transaction, schema by schema; closed again before anyone waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BindParameter, Connection, Engine, bindparam, text

from watcher.feeds.snapshots.address import Address, address, engine
from watcher.feeds.snapshots.foreign import translated
from watcher.feeds.snapshots.platform import ONLY, Place
from watcher.feeds.warehouse.facts import Image, Name
from watcher.feeds.warehouse.snapshot import Snapshot
from watcher.model.errors import ConfigurationError

MAX_TABLES = 200_000
"""Tables of one look; a larger catalogue is read in parts, by `schemas`."""

_ROWS = 2_000
"""Rows that are held of what streams in."""


def open_snapshots(url: str, *, database: str | None, schemas: Sequence[str], timeout: float = 60) -> Snapshots:
    """Looks at the database of a URL. Nothing is connected yet; ConfigurationError where the URL or driver is off.

    `database` is where names that say less live, and what is read where the URL names none. `schemas` are those to be
    read; none: all but the platform's own. `timeout` bounds each statement, in seconds.
    """
    place = address(url, database)
    return Snapshots(place, engine(place, timeout), database, tuple(dict.fromkeys(schemas)), timeout)


class Snapshots:
    """Reads tables as the database lists them. Synchronous, for a thread of its own; each look connects anew.

    Raises Transient when the database is away, ConfigurationError when someone must mend something.
    """

    def __init__(
        self, place: Address, made: Engine, database: str | None, schemas: tuple[str, ...], timeout: float
    ) -> None:
        self._address = place
        self._platform = place.platform
        self._engine = made
        self._database = database
        self._schemas = schemas
        self._timeout = timeout

    def read_all(self) -> Snapshot:
        """Every table of the schemas to be read."""
        with self._session() as session:
            began = self._platform.now(session)
            database = self._platform.database(session, self._address.url, self._database)
            cursor = self._platform.cursor(session)
            places = self._places(session, database)
            images = tuple(self._bounded(session, places))
            scope = tuple(self._prefix(one) for one in places)
            if self._platform.whole and not self._schemas:
                scope = ((database,),)
        return Snapshot(began, images, scope=scope, cursor=cursor)

    def read_tables(self, names: Sequence[Name]) -> Snapshot:
        """Single tables; `asked` are those that could be looked for here, by their full names."""
        with self._session() as session:
            began = self._platform.now(session)
            database = self._platform.database(session, self._address.url, self._database)
            cursor = self._platform.cursor(session)
            asked = self._asked(names, database)
            images = tuple(self._bounded(session, _grouped(asked, database)))
        return Snapshot(began, images, asked=asked, cursor=cursor)

    def close(self) -> None:
        """Hold nothing any more."""
        self._engine.dispose()

    def _places(self, session: _Session, database: str) -> list[Place]:
        listed = self._platform.schemas(session, database)
        chosen = self._schemas or self._platform.meant()
        if not chosen:
            return [Place(database, one) for one in listed]
        places = []
        for wanted in chosen:
            found = _found(wanted, listed)
            if found is None and not self._platform.whole:
                raise ConfigurationError(
                    f"{self._address.shown}: there is no schema {wanted} that this user sees; "
                    f"remove it from `schemas`, or grant {self._platform.grant}"
                )
            places.append(Place(database, found or wanted))
        return places

    def _prefix(self, place: Place) -> Name:
        return self._platform.prefix(place)

    def _asked(self, names: Sequence[Name], database: str) -> tuple[Name, ...]:
        """The names in full; those of another database, or without a schema, cannot be looked for."""
        full = []
        for name in names:
            if len(name) == self._platform.depth - 1 and database:
                full.append((database, *name))
            elif len(name) == self._platform.depth and (not database or name[0] == database):
                full.append(name)
        return tuple(dict.fromkeys(full))

    def _bounded(self, session: _Session, places: Sequence[Place]) -> Iterator[Image]:
        count = 0
        seen: set[str] = set()
        for place in places:
            if place.schema not in seen:
                seen.add(place.schema)
                self._platform.require(session, place.schema)
            for image in self._platform.images(session, place):
                count += 1
                if count > MAX_TABLES:
                    raise ConfigurationError(
                        f"{self._address.shown} has more than {MAX_TABLES} tables; name `schemas`, and split the feed"
                    )
                yield image

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        place = self._address
        with translated(place.shown, self._platform, place.secret), self._engine.connect() as connection:
            session = _Session(connection.execution_options(**self._platform.options()))
            self._platform.begin(session, self._timeout)
            yield session


class _Session:
    """A connection's queries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, **values: object) -> Iterator[Sequence[Any]]:
        """The rows of a query, as they come."""
        lists: list[BindParameter[Any]] = [
            bindparam(name, expanding=True) for name, value in values.items() if isinstance(value, tuple)
        ]
        statement = text(sql).bindparams(*lists)
        options = {"stream_results": True, "max_row_buffer": _ROWS, "yield_per": _ROWS}
        with self._connection.execute(statement, values, execution_options=options) as result:
            yield from result

    def first(self, sql: str, **values: object) -> Any:
        """The first value of a statement's first row; None where it has none."""
        with self._connection.execute(text(sql), values) as result:
            row = result.first() if result.returns_rows else None
        return None if row is None else row[0]


def _found(wanted: str, listed: Sequence[str]) -> str | None:
    """The schema that a setting means: by its very name, else by one that only its case tells apart."""
    if wanted in listed:
        return wanted
    fits = [one for one in listed if one.casefold() == wanted.casefold()]
    return fits[0] if len(fits) == 1 else None


def _grouped(names: Sequence[Name], database: str) -> list[Place]:
    """The names by schema, in questions of a bounded size."""
    tables: dict[str, list[str]] = {}
    for name in names:
        tables.setdefault(name[-2], []).append(name[-1])
    return [
        Place(database, schema, tuple(wanted[start : start + ONLY]))
        for schema, wanted in tables.items()
        for start in range(0, len(wanted), ONLY)
    ]
