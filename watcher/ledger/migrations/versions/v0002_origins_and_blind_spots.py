"""Where changes come from, and what can only have been missed.

Phase: pre (old workers know nothing of these tables, and need not).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "origins",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("query", sa.Text()),
        sa.Column("because", sa.Text()),
        sa.Column("missed_since", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("dataset", "source", "partition", "offset", name="pk_origins"),
    )
    op.create_table(
        "blind_spots",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_blind_spots"),
    )
    still_open = sa.text("ended_at is null")
    op.create_index(
        "uq_blind_spots_open",
        "blind_spots",
        ["source", "key"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
