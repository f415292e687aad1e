"""Defaults: what an absent field is read as, from the compiler's notation of it."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping

from watcher.model.protobuf import DefaultValue

_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def declared(kind: str, text: str, numbers: Mapping[str, int]) -> DefaultValue:
    """A default that is written; `numbers` are those of the field's enum."""
    match kind:
        case "string":
            return text
        case "bytes":
            return _unescaped(text)
        case "bool":
            return text == "true"
        case "enum":
            return numbers.get(text, 0)
        case "double":
            return float(text)
        case "float":
            return _single(float(text))
    return int(text)


def zero(kind: str, numbers: Mapping[str, int]) -> DefaultValue | None:
    """What is read where nothing is written; of an enum, its first value. A message has none."""
    match kind:
        case "message" | "group":
            return None
        case "string":
            return ""
        case "bytes":
            return b""
        case "bool":
            return False
        case "enum":
            return next(iter(numbers.values()), 0)
        case "double" | "float":
            return 0.0
    return 0


def _single(value: float) -> float:
    """The value as four bytes hold it."""
    try:
        single: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return single


def _unescaped(text: str) -> bytes:
    """The bytes that a default stands for in the descriptor's notation."""

    def one(found: re.Match[str]) -> str:
        octal, hexadecimal, other = found.groups()
        if other is not None:
            return _ESCAPED.get(other, other)
        return chr(int(octal, 8) & 255 if octal else int(hexadecimal, 16))

    return _ESCAPE.sub(one, text).encode("latin-1", "replace")
