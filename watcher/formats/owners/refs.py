"""References: the many spellings of one team's name, and what they have in common."""

from __future__ import annotations

import re

_SHORT = re.compile(r"[^:/@]+\Z")


def same(owner: str) -> str:
    """The team's short name, folded: `group:default/Checkout`, `@acme/checkout` and a plain `checkout` are one.

    An address of mail stays whole: the same word before the `@` may be another company's.
    """
    text = owner.strip().casefold()
    if "@" in text[1:]:
        return text
    found = _SHORT.search(text)
    return found[0].strip() or text if found else text
