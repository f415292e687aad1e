"""The first tables.

Phase: pre (there are no old workers yet).
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("before_version", sa.BigInteger()),
        sa.Column("after_version", sa.BigInteger()),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("position_source", sa.Text(), nullable=False),
        sa.Column("position_partition", sa.Integer(), nullable=False),
        sa.Column("position_offset", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("registry", sa.Text()),
        sa.Column("in_use", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_changes"),
        sa.UniqueConstraint("id", name="uq_changes_id"),
    )
    op.create_index("ix_changes_dataset", "changes", ["dataset", "number"])
    op.create_table(
        "datasets",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("current", sa.Text()),
        sa.Column("current_version", sa.BigInteger()),
        sa.Column("judged", sa.Text()),
        sa.Column("judged_version", sa.BigInteger()),
        sa.Column("level", sa.Text()),
        sa.Column("blocked", sa.Text()),
        sa.Column("due_at", MOMENT),
        sa.Column("position_source", sa.Text(), nullable=False),
        sa.Column("position_partition", sa.Integer(), nullable=False),
        sa.Column("position_offset", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("judged_blocked", sa.Text()),
        sa.Column("last", sa.Text()),
        sa.Column("lineage", sa.Text()),
        sa.Column("policy", sa.Text()),
        sa.Column("group", sa.Text()),
        sa.Column("judged_level", sa.Text()),
        sa.PrimaryKeyConstraint("dataset", name="pk_datasets"),
    )
    op.create_index(
        "ix_datasets_waiting",
        "datasets",
        ["due_at"],
        sqlite_where=sa.text("due_at is not null"),
        postgresql_where=sa.text("due_at is not null"),
    )
    op.create_table(
        "deliveries",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("leased_by", sa.Text()),
        sa.Column("leased_until", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.Column("last_error", sa.Text()),
        sa.Column("forgiven", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_deliveries"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
    )
    op.create_index(
        "ix_deliveries_dead",
        "deliveries",
        ["number"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["channel", "key", "number"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "entries",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("whole_key", sa.Text()),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="pk_entries"),
    )
    op.create_table(
        "events",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason_kind", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("timestamp", MOMENT),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "partition", "offset", name="pk_events"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_events_unreadable",
        "events",
        ["at"],
        sqlite_where=sa.text("outcome = 'unreadable'"),
        postgresql_where=sa.text("outcome = 'unreadable'"),
    )
    op.create_table(
        "read_positions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("baseline_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "partition", name="pk_read_positions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "schemas",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("refs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_schemas"),
    )
    op.create_table(
        "versions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text()),
        sa.PrimaryKeyConstraint("source", "subject", "version", name="pk_versions"),
    )
    op.create_table(
        "tickets",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_tickets"),
        sa.UniqueConstraint("id", name="uq_tickets_id"),
    )
    op.create_table(
        "attempts",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["deliveries.id"], name="fk_attempts_delivery", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("delivery", "number", name="pk_attempts"),
    )
    op.create_table(
        "ticket_moves",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text()),
        sa.ForeignKeyConstraint(
            ["ticket"], ["tickets.id"], name="fk_ticket_moves_ticket", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name="pk_ticket_moves"),
    )
    op.create_index("ix_ticket_moves_ticket", "ticket_moves", ["ticket", "number"])
    op.create_table(
        "ticket_standings",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"], ["tickets.id"], name="fk_ticket_standings_ticket", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("ticket", name="pk_ticket_standings"),
    )
    op.create_index(
        "ix_ticket_standings_resolved",
        "ticket_standings",
        ["dataset", "domain", "changed_at"],
        sqlite_where=sa.text("state = 'resolved'"),
        postgresql_where=sa.text("state = 'resolved'"),
    )
    op.create_index(
        "uq_ticket_standings_unsettled",
        "ticket_standings",
        ["dataset", "domain"],
        unique=True,
        sqlite_where=sa.text("state in ('open', 'acknowledged', 'disputed')"),
        postgresql_where=sa.text("state in ('open', 'acknowledged', 'disputed')"),
    )
    op.create_table(
        "violations",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"], ["tickets.id"], name="fk_violations_ticket", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name="pk_violations"),
        sa.UniqueConstraint("id", name="uq_violations_id"),
    )
    op.create_index("ix_violations_ticket", "violations", ["ticket", "number"])
    op.create_table(
        "healings",
        sa.Column("violation", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["violation"], ["violations.id"], name="fk_healings_violation", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("violation", name="pk_healings"),
    )
