"""Protobuf compatibility: a registry's, of two schemas, and the rules of breaking changes, over two sets of files."""

from watcher.compat.protobuf.breaking import RULES, Breach, Rule, breaking
from watcher.compat.protobuf.registry import COMPATIBLE, check, differences

__all__ = ["COMPATIBLE", "RULES", "Breach", "Rule", "breaking", "check", "differences"]
