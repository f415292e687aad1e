"""Warehouses: can each feed's database be looked at, and does its outbox stand as the tail wants it."""

from __future__ import annotations

from watcher.bootstrap import build_warehouse
from watcher.cli.probe import Findings
from watcher.feeds.snapshots import open_snapshots
from watcher.settings import Settings, secret
from watcher.settings.feeds import PostgresFeedSettings, RegistryFeedSettings


def probe(settings: Settings, findings: Findings, timeout: float) -> None:
    """Ask each database that the settings name; reads no table."""
    for feed in settings.feeds:
        if isinstance(feed, RegistryFeedSettings):
            continue
        about = f"snapshots of {feed.name}"
        build_warehouse(feed)
        if feed.snapshot is None:
            kind = (
                "what it only touches, and what it misses, stays a blind spot: set `snapshot` to look at the database"
            )
            findings.look(about, kind)
            continue
        url = feed.snapshot.url or (feed.url if isinstance(feed, PostgresFeedSettings) else "")
        with findings.asking(about):
            snapshots = open_snapshots(
                secret(url), database=feed.database, schemas=feed.snapshot.schemas, timeout=timeout
            )
            try:
                snapshots.read_tables(())
            finally:
                snapshots.close()
            findings.ok(about, f"the database answers; all its tables are looked at every {feed.snapshot.every}")
