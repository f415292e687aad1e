"""Options that the language has and the compiler has not yet: left out before it sees them, lines staying in place.

None of them says anything about the data: they guide printing, code generation, and the use of other options.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.formats.protobuf.guard import TOKENS

_LISTED = frozenset(
    {"debug_redact", "declaration", "edition_defaults", "feature_support", "retention", "targets", "verification"}
)
_STATED = "deprecated_legacy_json_field_conflicts"
_MARKED = re.compile(rf"\b(?:{'|'.join(sorted(_LISTED))}|{_STATED})\b")
_OPEN, _CLOSE = frozenset("{[(<"), frozenset("}])>")


def without_newer(text: str) -> str:
    """The text without them; as it is where it has none."""
    if not _MARKED.search(text):
        return text
    tokens = [found.group() for found in TOKENS.finditer(text)]
    out: list[str] = []
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        if tokens[at] == "[":
            out.append(_list(tokens[at + 1 : end]))
        elif tokens[at] == "option" and _words(tokens[at + 1 : end])[:1] == [_STATED]:
            out.append(_lines(tokens[at : end + 1]))
        else:
            out.append(tokens[at])
            end = at
        at = end + 1
    return "".join(out)


def _end(tokens: Sequence[str], start: int) -> int:
    """Where what begins here ends: a list at its bracket, an option at its semicolon; else, or if never, at once."""
    if tokens[start] not in {"[", "option"}:
        return start
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at] in _OPEN) - (tokens[at] in _CLOSE)
        if depth < 0:
            break
        if depth == 0 and tokens[at] == ("]" if tokens[start] == "[" else ";"):
            return at
    return start


def _list(inside: Sequence[str]) -> str:
    """A list in its brackets without those entries, and without the brackets where none is left."""
    entries: list[list[str]] = [[]]
    depth = 0
    for token in inside:
        depth += (token in _OPEN) - (token in _CLOSE)
        if token == "," and depth == 0:  # noqa: S105 - a comma
            entries.append([])
        else:
            entries[-1].append(token)
    kept = [entry for entry in entries if _words(entry)[:1] not in [[one] for one in _LISTED]]
    if len(kept) == len(entries):
        return f"[{''.join(inside)}]"
    gone = _lines([token for entry in entries if entry not in kept for token in entry])
    return (f"[{','.join(''.join(entry) for entry in kept)}]" if kept else "") + gone


def _words(tokens: Sequence[str]) -> list[str]:
    """The tokens that mean something."""
    return [token for token in tokens if not token.isspace() and not token.startswith(("//", "/*"))]


def _lines(tokens: Sequence[str]) -> str:
    return "\n" * sum(token.count("\n") for token in tokens)
