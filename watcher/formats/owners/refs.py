"""References: the many spellings of one team's name, and what they have in common."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"[:/@]")


def same(owner: str) -> str:
    """The team's short name, folded: `group:default/Checkout`, `@acme/checkout` and a plain `checkout` are one.

    An address of mail stays whole: the same word before the `@` may be another company's.
    """
    text = owner.strip().casefold()
    return address(text) or (text if "@" in text[1:] else _last(text) or text)


def address(owner: str) -> str:
    """The address of mail that a reference is, or ends with (`urn:li:corpuser:lead@acme.example`); else none."""
    name, at, host = owner.strip().rpartition("@")
    local = _last(name)
    if not at or not local or not host or re.search(r"[\s:/]", local + host):
        return ""
    return f"{local}@{host}"


def _last(text: str) -> str:
    """What stands behind the last `:`, `/` or `@`."""
    return _BETWEEN.split(text)[-1].strip()
