"""How tickets are followed up: severities, deadlines, the chain of records, waivers, mirrors, announcements.

Phase: post (an old worker would write moves that no link of the chain covers).
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEGINNING = "0" * 64


def upgrade() -> None:
    _tickets()
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("route", sa.Text()))
        table.add_column(sa.Column("ticket", sa.Text()))
    _chain()
    _follow_up()
    _outside()
    _announcements()


def _tickets() -> None:
    with op.batch_alter_table("tickets") as table:
        table.add_column(sa.Column("follows", sa.Text()))
    with op.batch_alter_table("ticket_moves") as table:
        table.add_column(sa.Column("verb", sa.Text(), nullable=False, server_default="update"))
        table.add_column(sa.Column("via", sa.Text(), nullable=False, server_default="watcher"))
        table.add_column(sa.Column("details", sa.Text()))
    for condition, verb in (
        ("before IS NULL", "open"),
        ("before = 'resolved' AND after = 'open'", "reopen"),
        ("before = 'waived' AND after = 'open'", "expire"),
        ("before <> after AND after = 'resolved'", "resolve"),
        ("before <> after AND after = 'acknowledged'", "acknowledge"),
        ("before <> after AND after = 'disputed'", "dispute"),
        ("before <> after AND after = 'waived'", "waive"),
    ):
        op.execute(f"UPDATE ticket_moves SET verb = '{verb}' WHERE {condition}")  # noqa: S608 - our own words
    with op.batch_alter_table("ticket_moves") as table:
        table.alter_column("verb", server_default=None)
        table.alter_column("via", server_default=None)
    op.drop_index("uq_ticket_standings_unsettled", "ticket_standings")
    with op.batch_alter_table("ticket_standings") as table:
        table.add_column(sa.Column("severity", sa.Text(), nullable=False, server_default="normal"))
        for name in ("episode_at", "acknowledged_at", "acknowledge_by", "fix_by", "look_at"):
            table.add_column(sa.Column(name, MOMENT))
    with op.batch_alter_table("ticket_standings") as table:
        table.alter_column("severity", server_default=None)
    op.execute(
        "UPDATE ticket_standings SET episode_at ="
        " (SELECT opened_at FROM tickets WHERE tickets.id = ticket_standings.ticket)"
    )
    # The clock looks at each ticket that is not settled once, and then knows when to look again.
    op.execute("UPDATE ticket_standings SET look_at = episode_at WHERE state IN ('open', 'acknowledged', 'disputed')")
    unsettled = sa.text("state in ('open', 'acknowledged', 'in_progress', 'disputed')")
    op.create_index(
        "uq_ticket_standings_unsettled",
        "ticket_standings",
        ["dataset", "domain"],
        unique=True,
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    _watched("ticket_standings")


def _watched(table: str) -> None:
    where = sa.text("look_at is not null")
    op.create_index(f"ix_{table}_watched", table, ["look_at"], sqlite_where=where, postgresql_where=where)


def _chain() -> None:
    op.create_table(
        "records",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_records"),
    )
    op.create_index("ix_records_about", "records", ["about", "number"])
    heads = op.create_table(
        "chain_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_chain_heads"),
    )
    op.bulk_insert(heads, [{"chain": "records", "number": 0, "hash": BEGINNING}])


def _follow_up() -> None:
    op.create_table(
        "waivers",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("ticket", sa.Text()),
        sa.Column("fingerprints", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text()),
        sa.Column("path", sa.Text()),
        sa.Column("consumer", sa.Text()),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_waivers"),
        sa.UniqueConstraint("id", name="uq_waivers_id"),
    )
    op.create_index("ix_waivers_ticket", "waivers", ["ticket"])
    still_open = sa.text("ended_at is null")
    op.create_index(
        "ix_waivers_open", "waivers", ["dataset"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "mirrors",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("remote", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("data", sa.Text()),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("ticket", "place", name="pk_mirrors"),
    )
    op.create_index("ix_mirrors_remote", "mirrors", ["channel", "remote"])


def _outside() -> None:
    op.create_table(
        "hooks",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "delivery", name="pk_hooks"),
    )
    op.create_index("ix_hooks_at", "hooks", ["at"])
    op.create_table(
        "chores",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
    )
    op.create_table(
        "stale_addresses",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_stale_addresses"),
    )


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("look_at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_announcements"),
        sa.UniqueConstraint("id", name="uq_announcements_id"),
    )
    op.create_index("ix_announcements_dataset", "announcements", ["dataset", "number"])
    _watched("announcements")
    op.create_table(
        "answers",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_answers"),
        sa.ForeignKeyConstraint(
            ["announcement"],
            ["announcements.id"],
            name="fk_answers_announcement",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_answers_announcement", "answers", ["announcement", "number"])
