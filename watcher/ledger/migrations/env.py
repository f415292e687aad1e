"""Alembic's entry, run by it for each command: works on the connection, and in the transaction, that it is given."""

from alembic import context

from watcher.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
