"""Editions: read by rewriting a text to the proto2 that says the same, with its features kept beside it.

The compiler knows proto2 and proto3 only. What an edition adds to the language is small: no labels but `repeated`,
reserved names without quotes, and features as options. Each is taken out token by token, lines staying where they are.
Edition 2023 is read; a later one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from google.protobuf.descriptor_pb2 import Edition as EditionNumber
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from watcher.formats.protobuf.guard import TOKENS
from watcher.model.errors import SchemaError

Features = Mapping[str, str]
"""What is set at one element: `field_presence` to `IMPLICIT`, `pb.cpp.string_type` to `CORD`."""

_STANDARD = {
    "field_presence": {"EXPLICIT", "IMPLICIT", "LEGACY_REQUIRED"},
    "enum_type": {"OPEN", "CLOSED"},
    "repeated_field_encoding": {"PACKED", "EXPANDED"},
    "utf8_validation": {"VERIFY", "NONE"},
    "message_encoding": {"LENGTH_PREFIXED", "DELIMITED"},
    "json_format": {"ALLOW", "LEGACY_BEST_EFFORT"},
}
_MARKED = re.compile(r"\bedition\b")
_BLOCKS = frozenset({"message", "enum", "oneof", "service", "extend"})
_PLAIN = frozenset({"package", "import", "syntax", "extensions", "rpc"})


@dataclass(slots=True)
class Edition:
    """A text as the compiler takes it; for a text of an edition also which one, and the features that it sets.

    `features` are by scoped name without the package: "" the file, `Order`, `Order.amount`, `Order.pay` (a oneof).
    """

    text: str
    edition: str | None = None
    features: dict[str, dict[str, str]] = field(default_factory=dict)

    def restore(self, file: FileDescriptorProto) -> None:
        """Say in the descriptor which edition it is of, and which features it sets: as a compiler of editions does."""
        if self.edition is None:
            return
        file.syntax = "editions"
        file.edition = EditionNumber.Value(f"EDITION_{self.edition}")
        self._put("", file)
        for enum in file.enum_type:
            self._put(enum.name, enum)
        for extension in file.extension:
            self._put(extension.name, extension)
        stack = [(message.name, message) for message in file.message_type]
        while stack:
            scope, message = stack.pop()
            self._put(scope, message)
            oneofs = [oneof.name for oneof in message.oneof_decl]
            for member in (*message.enum_type, *message.extension, *message.oneof_decl):
                self._put(_join(scope, member.name), member)
            for member in message.field:
                inside = _join(scope, oneofs[member.oneof_index]) if member.HasField("oneof_index") else scope
                self._put(_join(inside, member.name), member)
            stack += [(_join(scope, inner.name), inner) for inner in message.nested_type]

    def _put(self, name: str, element: Any) -> None:
        for feature, value in self.features.get(name, {}).items():
            if "." not in feature:
                features = element.options.features
                number = features.DESCRIPTOR.fields_by_name[feature].enum_type.values_by_name[value].number
                setattr(features, feature, number)


def rewrite(text: str, name: str) -> Edition:
    """The text as proto2, where it is of an edition; otherwise as it is. Raises SchemaError."""
    if not _MARKED.search(text):
        return Edition(text)
    rewriter = _Rewriter(text, name)
    if rewriter.here != "edition":
        return Edition(text)
    return rewriter.file()


class _Rewriter:
    """One pass over the tokens; `_out` is the text so far, `_at` the next token that matters."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._start = 0
        self._tokens = [(str(found.lastgroup), found.group()) for found in TOKENS.finditer(text)]
        self._at = -1
        self._out: list[str] = []
        self._features: dict[str, dict[str, str]] = {}
        self._step()

    @property
    def here(self) -> str:
        """The token that the pass stands at; empty at the end."""
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def file(self) -> Edition:
        """The whole text."""
        words = self._statement()
        if len(words) != 3 or words[1] != "=" or words[2][0] not in "\"'" or self.here != ";":
            self._refuse("its first statement names no edition")
        if words[2].strip("\"'") != "2023":
            told = " ".join(words)[:60]
            self._refuse(f"`{told}` cannot be read yet: of the editions only 2023", "unsupported-format")
        above = sum(one.count("\n") for _, one in self._tokens[: self._at])
        self._out.append("\n" * above + 'syntax = "proto2";')
        self._pass()
        self._body("", "file")
        if self.here:
            self._refuse(f"`{self.here}` closes nothing")
        return Edition("".join(self._out), "2023", self._features)

    def _body(self, scope: str, kind: str) -> None:
        while self.here and self.here != "}":
            word = self.here
            if word == ";":
                self._take()
            elif word == "option":
                self._option(scope)
            elif kind == "enum" and word not in {"option", "reserved"}:
                self._member(scope, labelled=True)
            elif word == "reserved":
                self._reserved()
            elif word in _BLOCKS:
                self._block(scope, word)
            elif word in _PLAIN or kind in {"service", "file"}:
                self._plain()
            elif word in {"optional", "required"}:
                self._refuse(f"`{word}` is no label of an edition: presence is a feature there")
            else:
                self._member(scope, labelled=kind == "oneof" or word in {"repeated", "map"})

    def _block(self, scope: str, word: str) -> None:
        self._take()
        words = []
        while self.here and self.here not in "{;}":
            words.append(self.here)
            self._take()
        if self.here != "{":
            self._refuse(f"`{word}` without a body")
        self._take()
        # An extension is named in the scope that it is written in, not in the message that it extends.
        inner = scope if word == "extend" else _join(scope, "".join(words))
        self._body(inner, "message" if word == "extend" else word)
        self._take()

    def _option(self, scope: str) -> None:
        words = self._statement()
        if len(words) > 1 and words[1] == "features":
            self._set(scope, words[1:])
            self._lines(self._start)
            self._pass()
            return
        self._emit(self._start)

    def _reserved(self) -> None:
        names = False
        while self.here and self.here not in ";}":
            self._take()
            word = self.here
            if re.fullmatch(r"[A-Za-z_]\w*", word) and (names or word not in {"to", "max"}):
                names = True
                self._tokens[self._at] = ("string", f'"{word}"')
        self._take()

    def _plain(self) -> None:
        """A statement as it stands, with its block where it has one."""
        depth = 0
        while self.here:
            depth += (self.here == "{") - (self.here == "}")
            if depth < 0:
                return
            closed = depth == 0 and self.here in {";", "}"}
            self._take()
            if closed:
                return

    def _member(self, scope: str, *, labelled: bool) -> None:
        """A field or an enum's value, with a label where proto2 wants one, and without its features."""
        if not labelled:
            self._out.append("optional ")
        name = ""
        while self.here and self.here not in "=;{}":
            name = self.here
            self._take()
        while self.here and self.here not in ";{}":
            if self.here == "[":
                self._bracketed(_join(scope, name))
            else:
                self._take()
        if self.here == "{":
            self._refuse(f"`{name}` has a body: an edition has no groups")
        if self.here == ";":
            self._take()

    def _bracketed(self, element: str) -> None:
        """The options of a member: those that set features are left out, and the brackets with the last of them."""
        self._pass()
        entries: list[list[str]] = [[]]
        last, depth = self._at, 0
        while self.here and (depth or self.here != "]"):
            depth += (self.here in "{[(<") - (self.here in "}])>")
            if self.here == "," and not depth:
                entries.append([])
            else:  # what stands apart stays apart, and what does not does not: `1.5` is three tokens
                entries[-1] += [" ", self.here] if self._at > last + 1 and entries[-1] else [self.here]
            last = self._at
            self._pass()
        self._pass()
        kept = ["".join(entry) for entry in entries if entry[:1] != ["features"]]
        for entry in entries:
            if entry[:1] == ["features"]:
                self._set(element, [word for word in entry if word != " "])
        self._out.append(f"[{', '.join(kept)}]" if kept else "")

    def _set(self, element: str, words: list[str]) -> None:
        """`features.x = Y`, `features.(pb.cpp).x = Y`, or `features = {x: Y}`."""
        path, equals, value = "".join(words).partition("=")
        if not equals:
            self._refuse(f"`{path[:60]}` sets no feature")
        pairs = {path.removeprefix("features").lstrip("."): value}
        if path == "features":
            pairs = dict(_inside(words))
        for raw, chosen in pairs.items():
            feature = raw.replace("(", "").replace(")", "")
            if "." not in feature and chosen not in _STANDARD.get(feature, ()):
                self._refuse(f"there is no feature `{feature[:60]}` with the value `{chosen[:60]}` in edition 2023")
            self._features.setdefault(element, {})[feature] = chosen

    def _statement(self) -> list[str]:
        """The words up to the next semicolon, which is then here; nothing is given out."""
        self._start = self._at
        words, depth = [], 0
        while self.here and (depth or self.here != ";"):
            depth += (self.here == "{") - (self.here == "}")
            words.append(self.here)
            self._step()
        return words

    def _emit(self, start: int) -> None:
        """Give out what was read since, and the token that is here."""
        self._out += [token for _, token in self._tokens[start : self._at]]
        self._take()

    def _take(self) -> None:
        """Give out the token and what stands up to the next one."""
        start = self._at
        self._step()
        self._out += [token for _, token in self._tokens[start : self._at]]

    def _pass(self) -> None:
        """Leave the token out, and keep the lines up to the next one."""
        start = self._at
        self._step()
        self._lines(start)

    def _lines(self, start: int) -> None:
        """Give out the ends of the lines that were read since."""
        self._out.append("\n" * sum(one.count("\n") for _, one in self._tokens[start : self._at]))

    def _step(self) -> None:
        self._at += 1
        while self._at < len(self._tokens) and self._tokens[self._at][0] == "skip":
            self._at += 1

    def _refuse(self, told: str, kind: str = "invalid-schema") -> NoReturn:
        raise SchemaError(f"`{self._name}`: {told}", kind=kind)


def _inside(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a message in braces sets: `{x: Y [pb.cpp] {z: W}}` sets `x` and `pb.cpp.z`."""
    prefix = ""
    for at, word in enumerate(words):
        if word == "[":
            close = words.index("]", at) if "]" in words[at:] else at
            prefix = "".join(words[at + 1 : close]) + "."
        elif word == "}":
            prefix = ""
        elif word == ":" and words[at + 1 : at + 2] not in ([], ["{"]) and words[at - 1] != "]":
            yield prefix + words[at - 1], words[at + 1]


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
