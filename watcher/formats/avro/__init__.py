"""Avro: a schema's text, as a registry stores it, read into the canonical model."""

from watcher.formats.avro.parse import parse

__all__ = ["parse"]
