"""Protobuf: texts of proto2, proto3 and edition 2023, compiled and read into the canonical model."""

from watcher.formats.protobuf.parse import parse, read_files

__all__ = ["parse", "read_files"]
