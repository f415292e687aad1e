"""Diff: what changed between two schemas, as facts; no word of judgement."""

from watcher.diff.walker import diff

__all__ = ["diff"]
