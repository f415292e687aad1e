"""The ledger: the relational memory, on SQLite or PostgreSQL; the only room that knows SQLAlchemy and Alembic."""

from watcher.ledger.connect import SqlLedger, open_ledger
from watcher.ledger.migrate import migrate, revision

__all__ = ["SqlLedger", "migrate", "open_ledger", "revision"]
