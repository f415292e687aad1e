"""The guard before the compiler: what would end the process, or keep it busy for minutes, is refused here.

The compiler descends its own stack at each bracket and keeps the full name of each element. A text of a few kilobytes
can therefore crash it, or fill the memory. One linear scan, with the compiler's own idea of strings and comments,
bounds both.
"""

from __future__ import annotations

import re
from typing import NoReturn

from watcher.model.errors import SchemaError

MAX_TEXT = 2_000_000
"""Characters of one file: a registry's record holds a million."""

MAX_TOTAL = 5_000_000
"""Characters of a schema with all that it refers to."""

MAX_NESTING = 32
"""Brackets inside brackets: the official compiler takes 32 messages inside each other."""

MAX_NAME = 255
"""Characters of one identifier."""

MAX_PARTS = 32
"""Dots of one name: each level is looked up by itself."""

MAX_NAMES = 64_000_000
"""Characters of all full names together, of all files."""

UNSCANNED = 32_000
"""Characters of a schema that is not scanned where its brackets are too few to nest deeply."""

TOKENS = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*+(?:"|$)|'(?:[^'\\\n]|\\[^\n])*+(?:'|$))
    |(?P<word>\w+)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.ASCII,
)
"""Everything is one of these; what never ends runs to the end, so that the scan is linear."""

_LONG = re.compile(r"\w{256}", re.ASCII)
_MARKS = frozenset("{}[]()<>;,.=:-+/")
_STRANGE = re.compile(r"[^\t-\r -~]|[\\@$%^&*!?~|`#]")
"""What the language has only in strings and comments: outside, the compiler tells of each by itself."""

_ENDS = frozenset("{};")
_PAIRS = {"}": "{", "]": "[", ")": "(", ">": "<"}


def guard(text: str, where: str, *, thorough: bool) -> int:
    """Refuse a text that the compiler must not see; `where` says which, for the message.

    Gives the characters of all its full names; 0 where it is small, and not `thorough`ly looked at.
    """
    if len(text) > MAX_TEXT:
        _refuse(where, f"it has {len(text)} characters, and {MAX_TEXT} are read at most", "too-large")
    if "\0" in text:
        _refuse(where, f"there is a NUL at character {text.index(chr(0)) + 1}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        told = f"it is no Unicode text at character {error.start + 1}: half of a surrogate pair"
        _refuse(where, told, "not-utf-8")
    brackets = text.count("{") + text.count("[") + text.count("(") + text.count("<")
    plain = len(text) <= UNSCANNED and brackets <= MAX_NESTING and text.count(".") <= MAX_PARTS
    if plain and not thorough and not _STRANGE.search(text) and not _LONG.search(text):
        return 0
    return _scan(text, where)


def _scan(text: str, where: str) -> int:
    """Count brackets, dots and the lengths of full names."""
    open_: list[tuple[str, int]] = []  # the bracket, and how long names are inside it
    prefix, parts, longest, names = 0, 0, 0, 0
    dotted = False
    for token in TOKENS.finditer(text):
        found = token.group()
        _check(token, where)
        match token.lastgroup:
            case "skip":
                continue
            case "word":
                parts = parts + 1 if dotted else 1
                longest += len(found)
                if parts > MAX_PARTS:
                    _refuse(where, f"a name has more than {MAX_PARTS} parts", "too-complex")
            case "mark" if found in "{[(<":
                open_.append((found, prefix))
                if len(open_) > MAX_NESTING:
                    _refuse(where, f"it is nested more than {MAX_NESTING} brackets deep", "too-deep")
                prefix += longest
            case "mark" if found in _PAIRS:
                if not open_ or open_[-1][0] != _PAIRS[found]:
                    _refuse(where, f"the `{found}` at character {token.start() + 1} closes nothing")
                prefix = open_.pop()[1]
            case "mark" if found == ";" and not open_:
                prefix = max(prefix, longest)  # a package's name stands before all others
        dotted = found == "."
        if found in _ENDS:
            names += prefix + longest
            longest = 0
            if names > MAX_NAMES:
                _refuse(where, "its names are too long, taken together", "too-complex")
    return names


def _check(token: re.Match[str], where: str) -> None:
    """Refuse a token that is none, and a comment that the compiler ends elsewhere: nothing must hide in it."""
    found, at = token.group(), token.start() + 1
    match token.lastgroup:
        case "skip" if found.startswith("/*") and ("/*" in found[2:] or not found.endswith("*/")):
            _refuse(where, f"the comment at character {at} does not end, or has another in it")
        case "word" if len(found) > MAX_NAME:
            _refuse(where, f"the word at character {at} has more than {MAX_NAME} characters", "too-large")
        case "mark" if found not in _MARKS:
            _refuse(where, f"the `{found}` at character {at} does not belong there")


def _refuse(where: str, told: str, kind: str = "invalid-schema") -> NoReturn:
    raise SchemaError(f"{where} cannot be read as protobuf: {told}", kind=kind)
