"""The watcher: hears every schema change, judges it against contracts, and tells the team that made it."""

__version__ = "0.1.0"
