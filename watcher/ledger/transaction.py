"""One transaction over the whole ledger: the four parts of the port on one connection."""

from __future__ import annotations

from watcher.ledger.facts import SqlFacts
from watcher.ledger.intake import SqlIntake
from watcher.ledger.outbox import SqlOutbox
from watcher.ledger.views import SqlViews


class SqlTransaction(SqlIntake, SqlFacts, SqlOutbox, SqlViews):
    """`Transaction` on SQLite or PostgreSQL."""
