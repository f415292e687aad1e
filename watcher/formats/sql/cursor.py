"""A place in a statement's words, and what every grammar here asks of it: keywords, names, brackets, expressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from watcher.formats.sql.catalogue import DdlError, Name
from watcher.formats.sql.lexis import Lexis, Token, value

_END = Token("mark", "", 0, 0)
_OPEN = {"(": ")", "[": "]", "{": "}"}
MAX_DEPTH = 200


@lru_cache(maxsize=4096)
def _choices(word: str) -> frozenset[str]:
    return frozenset((word, *word.split("|"))) - {""}


class Cursor:
    """Reads a statement from left to right; what does not fit is a DdlError that says where."""

    def __init__(self, text: str, lexis: Lexis) -> None:
        self.source = text
        self.lexis = lexis
        self._tokens = lexis.tokens(text)
        # Asked for dozens of times a word: keywords in capitals, marks as they are, nothing for what is quoted.
        self._told = [one.upper or (one.text if one.kind == "mark" else "") for one in self._tokens]
        self.at = 0
        for token in self._tokens:
            if token.kind == "open":
                raise DdlError(f"a quote is never closed: {token.text[:20]!r}")

    def past(self, words: int) -> Cursor:
        """The cursor itself, so many words on."""
        self.at += words
        return self

    def peek(self, ahead: int = 0) -> Token:
        """The word ahead; an empty mark at the end."""
        at = self.at + ahead
        return self._tokens[at] if at < len(self._tokens) else _END

    def next(self) -> Token:
        """The word ahead, and past it."""
        token = self.peek()
        self.at += 1
        return token

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self._tokens)

    def sees(self, *words: str) -> bool:
        """Whether these words come next, each a keyword or a mark; `a|b` is either."""
        told, at = self._told, self.at
        for word in words:
            if at >= len(told) or told[at] not in _choices(word):
                return False
            at += 1
        return True

    def take(self, *words: str) -> bool:
        """Whether these words came next; past them if so."""
        if not self.sees(*words):
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        """Past these words, which must come."""
        if not self.take(*words):
            raise self.lost(f"{' '.join(words)} is expected")

    def lost(self, why: str) -> DdlError:
        """What is said where the grammar does not go on."""
        token = self.peek()
        return DdlError(f"{why} at {token.text[:40]!r}" if token.text else f"{why} at the end")

    def name(self) -> str:
        """An identifier, as the platform's catalogue holds it."""
        token = self.next()
        if (
            token.kind == "number"
            and token.text.isdigit()
            and self.peek().kind == "word"
            and self.peek().start == token.end
        ):
            return token.text + self.lexis.folded(self.next())  # Hive takes names that begin with a digit.
        if token.kind not in ("word", "name") and not (token.kind == "text" and token.text[:1] in "'\""):
            self.at -= 1
            raise self.lost("a name is expected")
        return value(token) if token.kind == "text" else self.lexis.folded(token)

    def qualified(self) -> Name:
        """A name with what stands before its dots."""
        parts = self._parts()
        while self.sees(".") or (self.peek().kind == "number" and self.peek().text.startswith(".")):
            if self.peek().kind == "number":
                parts.append(self._joined())
                continue
            self.next()
            parts.extend([] if self.sees(".") else self._parts())
        return tuple(parts)

    def _joined(self) -> str:
        number = self.next().text[1:]
        token = self.peek()
        if token.kind == "word" and token.start == self._tokens[self.at - 1].end:
            return number + self.next().text
        return number

    def _parts(self) -> list[str]:
        token = self.peek()
        name = self.name()
        if self.lexis.name == "bigquery":
            while token.kind == "word" and self.sees("-") and self.peek().start == self.peek(-1).end:
                self.next()
                name += "-" + self.next().text
        if self.lexis.name == "bigquery" and token.kind == "name" and "." in name:
            return name.split(".")
        return [name]

    def names(self) -> Name:
        """Column names in brackets; lengths, directions and expressions beside them are passed over."""
        self.need("(")
        found: list[str] = []
        while not self.take(")"):
            if self.done:
                raise self.lost("a closing bracket is expected")
            found.append(self.name() if self.peek().kind in ("word", "name", "text") else self.expression(frozenset()))
            self.until(",", ")")
            self.take(",")
        return tuple(found)

    def group(self) -> str:
        """Past a bracket and all inside it; gives its text, brackets and all."""
        first = self.peek()
        self._walk_group()
        return self.source[first.start : self.peek(-1).end]

    def _walk_group(self) -> None:
        stack: list[str] = []
        while not self.done:
            text = self.peek().text if self.peek().kind == "mark" else ""
            if text in _OPEN:
                stack.append(_OPEN[text])
                if len(stack) > MAX_DEPTH:
                    raise DdlError("brackets stand too deep in each other")
            elif text in (")", "]", "}") and (not stack or stack.pop() != text):
                raise self.lost("a bracket does not fit")
            self.next()
            if not stack:
                return
        raise self.lost("a closing bracket is expected")

    def until(self, *marks: str) -> str:
        """Past everything up to one of these words outside of brackets; gives the text."""
        return self.while_(lambda token: (token.upper or token.text) not in marks)

    def while_(self, on: Callable[[Token], bool]) -> str:
        """Past every word, or whole bracket, for which this holds; a closing bracket ends it."""
        first = self.at
        while not self.done and on(self.peek()):
            token = self.peek()
            if token.kind == "mark" and token.text in (")", "]", "}"):
                break
            if token.kind == "mark" and token.text in _OPEN:
                self._walk_group()
            else:
                self.next()
        return self.source[self._tokens[first].start : self.peek(-1).end] if self.at > first else ""

    def expression(self, stops: frozenset[str]) -> str:
        """An expression's text: up to a comma, a closing bracket, or a keyword that begins something else."""
        first = self.at

        def on(token: Token) -> bool:
            if token.kind == "mark" and token.text == ",":
                return False
            before = self.peek(-1) if self.at > first else _END
            if before.text == "::" or before.upper in ("AT", "IS", "NOT") or self.at == first:
                return True
            zone = token.upper in ("WITH", "WITHOUT") and self.peek(1).upper in ("TIME", "LOCAL")
            return zone or token.upper not in stops

        return self.while_(on)

    def text(self) -> str:
        """A quoted text's own value."""
        token = self.next()
        if token.kind != "text":
            self.at -= 1
            raise self.lost("a quoted text is expected")
        parts = [value(token)]
        while self.peek().kind == "text":
            parts.append(value(self.next()))
        return "".join(parts)
