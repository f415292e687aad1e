"""JSON Schema: a schema's text, as a registry stores it, taken apart and read into the canonical model."""

from watcher.formats.jsonschema.parse import native, parse

__all__ = ["native", "parse"]
