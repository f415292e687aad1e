"""PostgreSQL by its own event triggers: the outbox that they write (`deploy/postgres`), read as it grows."""
