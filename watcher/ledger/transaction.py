"""One transaction over the whole ledger: the parts of the port on one connection."""

from __future__ import annotations

from watcher.ledger.accountability import SqlAccountability
from watcher.ledger.announcements import SqlAnnouncements
from watcher.ledger.chronicle import SqlChronicle
from watcher.ledger.facts import SqlFacts
from watcher.ledger.intake import SqlIntake
from watcher.ledger.outbox import SqlOutbox
from watcher.ledger.views import SqlViews


class SqlTransaction(SqlIntake, SqlFacts, SqlOutbox, SqlAccountability, SqlAnnouncements, SqlChronicle, SqlViews):
    """`Transaction` on SQLite or PostgreSQL."""
