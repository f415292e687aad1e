"""Our own DDL event as a table: its members, what each is, and the words that describe it to whoever sends it.

The decoder checks an event by this table, and the published schemas are written from it: they cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Plain: TypeAlias = Literal["text", "boolean", "moment", "name", "names", "texts", "keys"]
"""`moment`: RFC 3339 with its offset, or milliseconds since the epoch. `name`: a list of parts, or one text with dots.
`keys`: lists of column names."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: null and missing are the same, unless it is needed."""

    name: str
    kind: Plain | Record
    doc: str
    needed: bool = False
    longest: int = 1_000
    """Characters of a text, items of a list."""


@dataclass(frozen=True, slots=True)
class Record:
    """An object; as a member's kind it stands for a list of them."""

    name: str
    doc: str
    members: tuple[Member, ...]


COLUMN = Record(
    "Column",
    "One column of a table, in its place.",
    (
        Member("name", "text", "Its name.", needed=True),
        Member("type", "text", "Its type in the platform's own words.", needed=True, longest=1_000_000),
        Member("nullable", "boolean", "Whether it may hold null; left out where the source does not say."),
        Member("default", "text", "Its default, as an expression; null for none.", longest=1_000_000),
        Member("id", "text", "The platform's own id of the column, which outlives a rename."),
        Member("comment", "text", "What the platform says of it to people.", longest=100_000),
        Member("tags", "texts", "Its classification tags; left out where the source does not say.", longest=1_000),
    ),
)

TABLE = Record(
    "Table",
    "A table or view as it stands now; or that it is gone, or renamed with the same columns.",
    (
        Member("name", "name", "Its name: the parts, the outermost first, or one text with dots.", needed=True),
        Member("columns", COLUMN, "All of its columns, in their order.", longest=20_000),
        Member("primary_key", "texts", "The columns of its primary key; left out where the source does not say."),
        Member("unique", "keys", "The other keys that no two rows share; left out where the source does not say."),
        Member("view", "boolean", "Whether it is a view."),
        Member("partial", "boolean", "Whether it may have columns that are not among these."),
        Member("id", "text", "The platform's own id of the table, which outlives a rename."),
        Member("renamed_from", "name", "The name that it had until now."),
        Member("gone", "boolean", "Whether it is not there any more."),
    ),
)

EVENT = Record(
    "DdlChange",
    "What changed in a database: statements that ran, or tables as they stand now.",
    (
        Member("feed", "text", "The feed that it is for, where it is sent over HTTP; a topic's record needs none."),
        Member("id", "text", "The sender's key of the event: what comes again under it changes nothing."),
        Member("at", "moment", "When it happened: RFC 3339 with its offset, or milliseconds since the epoch."),
        Member("dialect", "text", "The SQL dialect of statements and types, where it is not the feed's."),
        Member("database", "text", "Where names live that say no database (catalogue, project)."),
        Member("schema", "text", "Where names live that say no schema (dataset)."),
        Member("sql", "text", "One or more statements, in the order in which they ran.", longest=20_000_000),
        Member("tables", TABLE, "Tables as they stand now, instead of statements.", longest=10_000),
        Member("touched", "names", "Tables that changed, it is not told how: they are read again.", longest=10_000),
        Member("by", "text", "Who did it."),
        Member("query", "text", "The platform's id of the query that did it."),
        Member("commit", "text", "The commit that it was made by, where it comes of a pipeline."),
        Member("baseline", "boolean", "Whether it only says how things stand already, and is to judge nobody."),
    ),
)
