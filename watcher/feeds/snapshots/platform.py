"""What a platform's file says of its catalogue: how a session is made safe, which schemas and tables there are."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from sqlalchemy import URL

from watcher.feeds.warehouse.facts import Image, Name
from watcher.model.errors import ConfigurationError

ONLY = 500
"""How many tables one question names at most."""


class Session(Protocol):
    """One connection, as a platform's file asks it."""

    def rows(self, sql: str, **values: object) -> Iterator[Sequence[Any]]:
        """The rows of a query, as they come; `values` are bound, never written into the text."""
        ...

    def first(self, sql: str, **values: object) -> Any:
        """The first value of a statement's first row; None where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A schema to read. `tables` None: all of them."""

    database: str
    schema: str
    tables: tuple[str, ...] | None = None

    def values(self) -> dict[str, object]:
        """What a query over it binds."""
        return {"within": self.schema} | ({} if self.tables is None else {"named": self.tables})

    def only(self, clause: str) -> str:
        """The clause that asks for the named tables only; nothing where all are meant."""
        return "" if self.tables is None else clause


class Platform(ABC):
    """One family of catalogue queries. Nothing here writes."""

    called: ClassVar[str]
    """How messages name it."""

    driver: ClassVar[str]
    """SQLAlchemy's name of dialect and driver."""

    extra: ClassVar[str | None] = None
    """The extra of the package that brings the driver; None where it is there anyway."""

    form: ClassVar[str]
    """What its URL looks like."""

    grant: ClassVar[str]
    """The rights that a look needs, in the platform's words."""

    depth: ClassVar[int] = 3
    """Parts of a table's full name."""

    whole: ClassVar[bool] = False
    """Whether every schema is listed whatever the rights: one that is not listed is gone."""

    def url(self, url: URL, database: str | None) -> URL:
        """The URL to connect to; ConfigurationError where the database that is meant cannot be told."""
        del database
        return url

    def arguments(self, url: URL, timeout: float) -> Mapping[str, Any]:
        """What the driver is told when it connects."""
        del url, timeout
        return {}

    def options(self) -> Mapping[str, Any]:
        """How SQLAlchemy runs the look's transaction."""
        return {}

    def begin(self, session: Session, timeout: float) -> None:
        """Make the session safe: read-only and bounded, as far as the platform can."""
        del session, timeout

    @abstractmethod
    def database(self, session: Session, url: URL, wanted: str | None) -> str:
        """The name's first part, in the platform's own case; empty where names have no such part."""

    @abstractmethod
    def schemas(self, session: Session, database: str) -> list[str]:
        """The schemas that may hold tables of users, as far as this user sees them."""

    @abstractmethod
    def images(self, session: Session, place: Place) -> Iterator[Image]:
        """The tables and views of a place."""

    def meant(self) -> tuple[str, ...]:
        """The schemas that are read where the settings name none; none: all."""
        return ()

    def now(self, session: Session) -> int:
        """When the look begins, in milliseconds: by the database's own clock, as events are, where it can be asked."""
        del session
        return time.time_ns() // 1_000_000

    def cursor(self, session: Session) -> str | None:
        """Where the platform's own stream stands now, if it has one."""
        del session
        return None

    def require(self, session: Session, schema: str) -> None:
        """Raise ConfigurationError where this user does not see all that is in a schema."""
        del session, schema

    def one(self, named: str, wanted: str | None, what: str) -> str:
        """The one database that a look sees, by the URL or by the feed; ConfigurationError where they disagree."""
        if not (named or wanted):
            raise ConfigurationError(f"a look at {self.called} sees one {what}; name it: `{self.form}`, or `database`")
        if named and wanted and named.casefold() != wanted.casefold():
            raise ConfigurationError(
                f"the snapshot's URL names the {what} {named}, the feed {wanted}: a look sees one; make them the same"
            )
        return named or str(wanted)

    def prefix(self, place: Place) -> Name:
        """What stands before a table's name."""
        return (place.database, place.schema)


_PLAIN = re.compile(r"[A-Za-z0-9_][\w:. -]{0,254}\Z")


def quoted(name: str, mark: str) -> str:
    """A name as an identifier, where the platform takes no bound value: a catalogue or dataset of the settings."""
    if not _PLAIN.match(name):
        raise ConfigurationError(f"{name!r} is no name of a database, catalogue or dataset; correct the settings")
    return f"{mark}{name}{mark}"
