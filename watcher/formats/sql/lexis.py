"""How a dialect's text falls into words: its quotes, comments and the case of its names.

Our own, since a script of inserts is walked at the speed of one regular expression, and since names must be known as
quoted or not, and each word by its place in the text, which a parser of SQL does not keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from watcher.formats.sql.dialects import ALIASES

Case = Literal["lower", "upper", "kept"]
Kind = Literal["word", "name", "text", "number", "mark", "open"]

MAX_TOKENS = 400_000
"""Words of one statement; a table of ten thousand columns has a quarter of it."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, at its place. `name` is a quoted identifier, `open` a quote that never ends."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """What a keyword is compared with; nothing quoted is one."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Lexis:
    """One dialect's way of writing. `schema` is where unqualified names live unless the script says otherwise.

    `lowered`: the names of tables are held in small letters, quoted or not.
    """

    name: str
    case: Case = "kept"
    exact: bool = False
    names: str = '"'
    backslash: bool = False
    hashes: bool = False
    dollars: bool = False
    versioned: bool = False
    nested: bool = False
    schema: str = ""
    lowered: bool = False
    pattern: re.Pattern[str] = field(init=False, compare=False, repr=False)
    skipped: re.Pattern[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        gap = r"--[^\n]*|/\*(?!M?!)(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
        if self.versioned:
            # What a client runs on some versions only is run; the rest of the comment's marks mean nothing. The
            # server wants a space after `--`; whoever leaves it away in a script means a comment all the same.
            gap = r"--(?![\d(@])[^\n]*|/\*(?!M?!)(?:[^*]|\*(?!/))*+(?:\*/|\Z)|/\*M?!\d*|\*/"
        if self.hashes:
            gap += r"|\#[^\n]*"
        texts = [_quoted("'", escaped=self.backslash)]
        names: list[str] = []
        if not self.backslash and self.dollars:
            texts.insert(0, _prefixed())
        for mark in '"`':
            (names if mark in self.names else texts).append(_quoted(mark, escaped=self.backslash and mark == '"'))
        if "[" in self.names:
            names.append(r"\[(?:[^\]]|\]\])*+(?:\]|\Z)")
        if self.dollars:
            texts.append(r"\$\$(?:(?!\$\$)[\s\S])*+(?:\$\$|\Z)")
            texts.append(r"\$(?P<tag>[^\W\d]\w*)\$(?:(?!\$(?P=tag)\$)[\s\S])*+(?:\$(?P=tag)\$|\Z)")
        text = "|".join(texts)
        name = "|".join(names)
        word = r"[#@]{0,2}[^\W\d][\w$#@]*" if not self.hashes else r"@{0,2}[^\W\d][\w$]*"
        if self.versioned:
            word = r"@{0,2}(?:\d+[^\W\d]|[^\W\d])[\w$]*"
        number = r"(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
        if self.versioned:
            number = r"(?:\d+(?:\.\d*)?[eE][+-]?\d+(?!\w)|0[xX][0-9a-fA-F]+(?!\w)|\d+\.\d*|\.\d+|\d+(?!\w))"
        object.__setattr__(
            self,
            "pattern",
            re.compile(
                rf"(?P<gap>\s+|{gap})|(?P<text>{text})|(?P<name>{name})|(?P<number>{number})|(?P<word>{word})"
                r"|(?P<mark>::|->>?|\|\||[<>!]=|=>|:=|[\s\S])"
            ),
        )
        object.__setattr__(self, "skipped", re.compile(rf"(?P<gap>{gap})|(?P<quoted>{text}|{name})|(?P<end>;)"))

    def tokens(self, text: str) -> list[Token]:
        """The words of a statement; LexisError where there are too many."""
        found: list[Token] = []
        for match in self.pattern.finditer(text):
            kind = match.lastgroup
            if kind == "tag":
                kind = "text"
            if kind == "gap":
                continue
            start, end = match.span()
            found.append(_token(kind or "mark", match.group(), start, end))
            if len(found) > MAX_TOKENS:
                raise LexisError(f"the statement has more than {MAX_TOKENS} words")
        return found

    def folded(self, token: Token) -> str:
        """A name as the platform's catalogue holds it."""
        if token.kind != "word" or self.case == "kept":
            return token.text
        return token.text.lower() if self.case == "lower" else token.text.upper()

    def quoted(self, name: str) -> str:
        """A name as it is written where it must be taken letter by letter."""
        mark = self.names[0]
        return f"{mark}{name.replace(mark, mark * 2)}{mark}"

    def table(self, name: tuple[str, ...]) -> tuple[str, ...]:
        """A table's name as the platform's catalogue holds it, however it was quoted."""
        return tuple(part.lower() for part in name) if self.lowered else name

    def key(self, name: str) -> str:
        """What two names that are the same have in common."""
        return name if self.exact else name.casefold()


class LexisError(ValueError):
    """A statement that cannot be cut into words."""


def _quoted(mark: str, *, escaped: bool) -> str:
    inner = rf"[^{mark}\\]|\\[\s\S]|{mark}{mark}" if escaped else rf"[^{mark}]|{mark}{mark}"
    prefix = r"(?:\b[nNbBxXrR])?" if mark == "'" else ""
    return rf"{prefix}{mark}(?:{inner})*+(?:{mark}|\Z)"


def _prefixed() -> str:
    """PostgreSQL's texts with escapes, `E` before the quote."""
    return r"\b[eE]'(?:[^'\\]|\\[\s\S]|'')*+(?:'|\Z)"


def _token(kind: str, text: str, start: int, end: int) -> Token:
    if kind == "name":
        close = "]" if text[0] == "[" else text[0]
        if len(text) < 2 or text[-1] != close:
            return Token("open", text, start, end)
        return Token("name", text[1:-1].replace(close * 2, close), start, end)
    if kind == "text" and not _closed(text):
        return Token("open", text, start, end)
    if kind == "mark" and text in "'\"`":
        return Token("open", text, start, end)
    return Token(kind, text, start, end)  # type: ignore[arg-type]


def _closed(text: str) -> bool:
    body = text.lstrip("nNbBxXrReE")
    if body.startswith("$"):
        tag = body[: body.index("$", 1) + 1]
        return len(body) >= 2 * len(tag) and body.endswith(tag)
    return len(body) > 1 and body[-1] == body[0]


def value(token: Token) -> str:
    """What a text says, without its quotes."""
    text = token.text.lstrip("nNrReE") if token.text[:1] not in "'\"$" else token.text
    if text.startswith("$"):
        size = text.index("$", 1) + 1
        return text[size:-size]
    mark = text[:1]
    return text[1:-1].replace(mark * 2, mark).replace(f"\\{mark}", mark)


_TICKED = '"`'
LEXES: Mapping[str, Lexis] = {
    one.name: one
    for one in (
        Lexis("postgres", "lower", exact=True, dollars=True, schema="public"),
        Lexis("redshift", "lower", dollars=True, schema="public", lowered=True),
        Lexis("snowflake", "upper", exact=True, backslash=True, dollars=True, schema="PUBLIC"),
        Lexis("oracle", "upper", exact=True),
        Lexis("mysql", names="`", backslash=True, hashes=True, versioned=True),
        Lexis("mariadb", names="`", backslash=True, hashes=True, versioned=True),
        Lexis("bigquery", names="`", backslash=True, hashes=True),
        Lexis("databricks", names="`", backslash=True, lowered=True),
        Lexis("athena", "lower", names=_TICKED, lowered=True),
        Lexis("trino", "lower", names=_TICKED, lowered=True),
        Lexis("sqlite", names='"`[', schema="main"),
        Lexis("sqlserver", names='"[', schema="dbo"),
        Lexis("duckdb", dollars=True, schema="main"),
        Lexis("clickhouse", exact=True, names=_TICKED, backslash=True, hashes=False),
    )
}


def lexis(dialect: str) -> Lexis | None:
    """The way of writing of a dialect's name, in any case; None where we know none."""
    name = dialect.casefold()
    return LEXES.get(ALIASES.get(name, name))
