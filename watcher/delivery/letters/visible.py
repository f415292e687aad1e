"""Visible: foreign text made safe to show: what would hide, reorder or break lines is written out, nothing is lost."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDDEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u115f\u1160\u3164\uffa0")


def visible(text: str, *, lines: bool = False) -> str:
    """The text with hidden characters written as escapes; line breaks stay where `lines` says so."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(letter, lines=lines) for letter in text)


def _shown(letter: str, *, lines: bool) -> str:
    if letter == "\n" and lines:
        return letter
    if letter in "\n\r\t":
        return " "
    if letter in _BIDI or letter in _HIDDEN or unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"}:
        code = ord(letter)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return letter


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis: `limit` characters at most."""
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + "…"


def parted(text: str) -> tuple[str, str, str]:
    """A text's outer spaces before and after it: signs of markup stand close to what they set."""
    inner = text.strip()
    start = text.index(inner) if inner else len(text)
    return text[:start], inner, text[start + len(inner) :]


def linked(url: str) -> str:
    """A URL with everything percent-encoded that has no place in one."""
    return quote(url, safe=":/?#[]@!$&'*+,;=%~", errors="replace")
