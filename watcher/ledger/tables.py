"""The ledger's tables: facts that are only added, and the few rows that are edited (each says so in its comment).

Longer than 300 lines: one list of all tables, so that what refers to what is read in one place.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from watcher.ledger.columns import Document, Moment, Name, Whole, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

PENDING = text("state = 'pending'")
DEAD = text("state = 'dead'")
UNSETTLED = text("state in ('open', 'acknowledged', 'in_progress', 'disputed')")
RESOLVED = text("state = 'resolved'")
UNREADABLE = text("outcome = 'unreadable'")
WAITING = text("due_at is not null")
OPEN = text("ended_at is null")
WATCHED = text("look_at is not null")
"""Conditions stand as literals here and in the queries: with a bound value neither database can use a partial index."""


def _number() -> Column[int]:
    """The order of arrival, for lists: many facts of one transaction share one moment."""
    return Column("number", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def _refers(column: str, to: str) -> Column[str]:
    """A reference that is checked when the transaction ends, so that the order within it is free."""
    return Column(column, Text, ForeignKey(to, deferrable=True, initially="DEFERRED"), nullable=False)


def _partial(name: str, *columns: str, where: object, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


read_positions = Table(  # edited: how far each partition has been read; the fence between workers
    "read_positions",
    metadata,
    Column("source", Words, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("baseline_until", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "partition"),
    sqlite_with_rowid=False,
)

entries = Table(  # edited: what each feed asked to be remembered
    "entries",
    metadata,
    Column("source", Words, nullable=False),
    Column("key", Name, nullable=False),
    Column("whole_key", Words),  # only where the key is too long for the index
    Column("value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("source", "key"),
)

events = Table(
    "events",
    metadata,
    Column("source", Words, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("kind", Words, nullable=False),
    Column("subject", Words),
    Column("outcome", Text, nullable=False),
    Column("reason_kind", Words),
    Column("reason", Words),
    Column("timestamp", Moment),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("source", "partition", "offset"),
    _partial("ix_events_unreadable", "at", where=UNREADABLE),
    sqlite_with_rowid=False,  # positions arrive in order: one tree, appended to
)

origins = Table(  # how a dataset came to move at a position, where the source tells it
    "origins",
    metadata,
    Column("dataset", Name, nullable=False),
    Column("source", Words, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("by", Words),
    Column("query", Words),
    Column("because", Words),
    Column("missed_since", Whole),
    Column("note", Words),
    PrimaryKeyConstraint("dataset", "source", "partition", "offset"),
)

blind_spots = Table(  # edited: when it ended, and by what
    "blind_spots",
    metadata,
    _number(),
    Column("source", Words, nullable=False),
    Column("key", Name, nullable=False),
    Column("dataset", Words),
    Column("kind", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("since", Moment, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Words),
    _partial("uq_blind_spots_open", "source", "key", where=OPEN, unique=True),
)

schemas = Table(
    "schemas",
    metadata,
    Column("fingerprint", Name, primary_key=True),
    Column("format", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("refs", Document, nullable=False),
)

versions = Table(  # edited: how each version of a subject stands; what a registry compares with, consumers read with
    "versions",
    metadata,
    Column("source", Words, nullable=False),
    Column("subject", Name, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("schema", Name, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("cause", Words),
    PrimaryKeyConstraint("source", "subject", "version"),
)

datasets = Table(  # edited: what stands now, and what stood when it was last judged
    "datasets",
    metadata,
    Column("dataset", Name, primary_key=True),
    Column("source", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("current", Name),
    Column("current_version", Whole),
    Column("judged", Name),
    Column("judged_version", Whole),
    Column("level", Words),
    Column("blocked", Words),
    Column("due_at", Moment),
    Column("position_source", Words, nullable=False),
    Column("position_partition", Integer, nullable=False),
    Column("position_offset", BigInteger, nullable=False),
    Column("moved_at", Moment, nullable=False),
    Column("judged_blocked", Words),
    Column("last", Name),
    Column("lineage", Words),
    Column("policy", Words),
    Column("group", Words),
    Column("judged_level", Words),
    _partial("ix_datasets_waiting", "due_at", where=WAITING),
)

changes = Table(
    "changes",
    metadata,
    _number(),
    Column("id", Text, nullable=False),
    Column("dataset", Name, nullable=False),
    Column("subject", Words, nullable=False),
    Column("domain", Words, nullable=False),
    Column("before", Name),
    Column("after", Name),
    Column("before_version", Whole),
    Column("after_version", Whole),
    Column("changes", Document, nullable=False),
    Column("verdicts", Document, nullable=False),
    Column("position_source", Words, nullable=False),
    Column("position_partition", Integer, nullable=False),
    Column("position_offset", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("registry", Document),
    Column("in_use", Document),
    UniqueConstraint("id"),
    Index("ix_changes_dataset", "dataset", "number"),
)

tickets = Table(
    "tickets",
    metadata,
    _number(),
    Column("id", Text, nullable=False),
    Column("domain", Name, nullable=False),
    Column("dataset", Name, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("follows", Text),
    UniqueConstraint("id"),
)

ticket_moves = Table(
    "ticket_moves",
    metadata,
    _number(),
    _refers("ticket", "tickets.id"),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("proof", Document),
    Column("verb", Text, nullable=False),
    Column("via", Words, nullable=False),
    Column("details", Document),
    Index("ix_ticket_moves_ticket", "ticket", "number"),
)

ticket_standings = Table(  # edited: the sum of a ticket's moves, kept beside them so that nobody has to add them up
    "ticket_standings",
    metadata,
    Column("ticket", Text, ForeignKey("tickets.id", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("domain", Name, nullable=False),
    Column("dataset", Name, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("severity", Text, nullable=False),
    Column("episode_at", Moment),
    Column("acknowledged_at", Moment),
    Column("acknowledge_by", Moment),
    Column("fix_by", Moment),
    Column("look_at", Moment),
    _partial("ix_ticket_standings_watched", "look_at", where=WATCHED),
    _partial("uq_ticket_standings_unsettled", "dataset", "domain", where=UNSETTLED, unique=True),
    _partial("ix_ticket_standings_resolved", "dataset", "domain", "changed_at", where=RESOLVED),
)

violations = Table(
    "violations",
    metadata,
    _number(),
    Column("id", Text, nullable=False),
    _refers("ticket", "tickets.id"),
    Column("change", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("dataset", Name, nullable=False),
    Column("consumer", Words, nullable=False),
    Column("subscription", Words, nullable=False),
    Column("rule", Text, nullable=False),
    Column("path", Words, nullable=False),
    Column("document", Document, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("id"),
    Index("ix_violations_ticket", "ticket", "number"),
)

healings = Table(
    "healings",
    metadata,
    Column("violation", Text, ForeignKey("violations.id", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("change", Text, nullable=False),
    Column("proof", Document, nullable=False),
    Column("at", Moment, nullable=False),
)

deliveries = Table(  # edited: state, due date, lease
    "deliveries",
    metadata,
    _number(),
    Column("id", Text, nullable=False),
    Column("channel", Name, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Name, nullable=False),
    Column("body", Document, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("leased_by", Words),
    Column("leased_until", Moment),
    Column("settled_at", Moment),
    Column("last_error", Words),
    Column("forgiven", Integer, nullable=False),
    Column("route", Document),
    Column("ticket", Text),
    UniqueConstraint("id"),
    _partial("ix_deliveries_pending", "channel", "key", "number", where=PENDING),
    _partial("ix_deliveries_dead", "number", where=DEAD),
)

attempts = Table(
    "attempts",
    metadata,
    _refers("delivery", "deliveries.id"),
    Column("number", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Words, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("delivery", "number"),
)

records = Table(  # the chain: each link's hash covers the one before it
    "records",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Name, nullable=False),
    Column("document", Words, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_records_about", "about", "number"),
)

chain_heads = Table(  # edited: the chain's last link; one row, the lock of whoever adds the next
    "chain_heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

waivers = Table(  # edited: when it ended, and by whom
    "waivers",
    metadata,
    _number(),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("dataset", Name, nullable=False),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Column("until", Moment),
    Column("ticket", Text),
    Column("fingerprints", Document, nullable=False),
    Column("rule", Text),
    Column("path", Words),
    Column("consumer", Words),
    Column("ended_at", Moment),
    Column("ended_by", Words),
    UniqueConstraint("id"),
    Index("ix_waivers_ticket", "ticket"),
    _partial("ix_waivers_open", "dataset", where=OPEN),
)

mirrors = Table(  # edited: a ticket's item at each receiver
    "mirrors",
    metadata,
    Column("ticket", Text, nullable=False),
    Column("place", Name, nullable=False),
    Column("channel", Name, nullable=False),
    Column("route", Document, nullable=False),
    Column("remote", Name),
    Column("url", Words),
    Column("data", Document),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("ticket", "place"),
    Index("ix_mirrors_remote", "channel", "remote"),
)

hooks = Table(  # what was taken from outside, so that it is not taken twice
    "hooks",
    metadata,
    Column("channel", Name, nullable=False),
    Column("delivery", Name, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("channel", "delivery"),
    Index("ix_hooks_at", "at"),
)

chores = Table(  # edited: when each recurring task was last done, and so by one worker only
    "chores",
    metadata,
    Column("name", Name, primary_key=True),
    Column("done_at", Moment, nullable=False),
)

stale_addresses = Table(  # edited: where nobody is any more
    "stale_addresses",
    metadata,
    Column("channel", Name, nullable=False),
    Column("address", Name, nullable=False),
    Column("reason", Words, nullable=False),
    Column("since", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("channel", "address"),
)

announcements = Table(  # edited: where it stands, and when the clock looks at it
    "announcements",
    metadata,
    _number(),
    Column("id", Text, nullable=False),
    Column("domain", Name, nullable=False),
    Column("dataset", Name, nullable=False),
    Column("document", Document, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("look_at", Moment),
    UniqueConstraint("id"),
    Index("ix_announcements_dataset", "dataset", "number"),
    _partial("ix_announcements_watched", "look_at", where=WATCHED),
)

answers = Table(  # what consumers said of announcements
    "answers",
    metadata,
    _number(),
    _refers("announcement", "announcements.id"),
    Column("subscription", Words, nullable=False),
    Column("document", Document, nullable=False),
    Column("by", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_answers_announcement", "announcement", "number"),
)
