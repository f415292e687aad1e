"""Looks at a database's own catalogue: which tables and columns are there now, whatever its feed has told of them."""

from watcher.feeds.snapshots.reader import Snapshots, open_snapshots

__all__ = ["Snapshots", "open_snapshots"]
