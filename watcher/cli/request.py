"""Requests: what one line of a bulk call asks, read key by key, each mistake with its own words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from watcher.model.schema import Format

_JSON = frozenset({"JSONSCHEMA", "JSON_SCHEMA"})

References = tuple[tuple[str, str], ...]
E = TypeVar("E", bound=StrEnum)


class Refusal(Exception):  # noqa: N818 - an answer to a line, not a fault
    """The line cannot be answered as it stands; `kind` is a stable lower-kebab word for machines."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Request:
    """One line's document; keys that nobody asks for are left alone."""

    __slots__ = ("_document",)

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def has(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return self._document.get(key) is not None

    def format(self) -> Format:
        """The schemas' format; JSON is also called by its whole name."""
        given = self._document.get("format")
        if isinstance(given, str) and given.upper() in _JSON:
            return Format.JSON
        return self.word("format", Format)

    def word(self, key: str, words: type[E], default: E | None = None) -> E:
        """One of a closed list of words, in whatever case."""
        given = self._document.get(key)
        if given is None and default is not None:
            return default
        text = self.text(key)
        try:
            return words(text.upper())
        except ValueError:
            raise Refusal(f"unknown-{key}", f"`{key}` is {text[:60]!r}: known are {_listed(words)}") from None

    def text(self, key: str, default: str | None = None) -> str:
        """A text that must be there, unless there is a default."""
        given = self._document.get(key)
        if given is None and default is not None:
            return default
        if isinstance(given, str):
            return given
        raise self._missing(key) if given is None else Refusal("invalid-request", f"`{key}` must be a text")

    def texts(self, key: str) -> list[str]:
        """A list of texts that must be there; one text alone is a list of it."""
        given = self._document.get(key)
        if given is None:
            raise self._missing(key)
        listed = [given] if isinstance(given, str) else given
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise Refusal("invalid-request", f"`{key}` must be a list of texts")
        return listed

    def schema(self, key: str, format_: Format) -> str:
        """A schema's text; one that is given as a JSON value instead of its text is taken as well."""
        given = self._document.get(key)
        if given is None:
            raise self._missing(key)
        return _schema_text(given, key, format_)

    def versions(self, key: str, format_: Format) -> list[str]:
        """One schema, or a list of them, oldest first."""
        given = self._document.get(key)
        if isinstance(given, list):
            return [_schema_text(one, f"{key}[{at}]", format_) for at, one in enumerate(given)]
        return [self.schema(key, format_)]

    def files(self, key: str) -> str | dict[str, str]:
        """Files by name, or one text; of a list of them, the newest."""
        given = self._document.get(key)
        if isinstance(given, list) and given:
            given = given[-1]
        if given is None:
            raise self._missing(key)
        if isinstance(given, str):
            return given
        if isinstance(given, dict) and all(isinstance(text, str) for text in given.values()):
            return given
        raise Refusal("invalid-request", f"`{key}` must be a schema's text, or an object of file names and texts")

    def references(self, format_: Format) -> References:
        """What the schemas refer to: names and texts, in reading order."""
        given = self._document.get("references")
        if given is None:
            return ()
        if not isinstance(given, list):
            raise Refusal("invalid-request", "`references` must be a list of {name, schema}")
        return tuple(_reference(one, at, format_) for at, one in enumerate(given))

    def _missing(self, key: str) -> Refusal:
        state = "is null" if key in self._document else "is missing"
        return Refusal("invalid-request", f"`{key}` {state}")


def _reference(given: Any, at: int, format_: Format) -> tuple[str, str]:
    where = f"references[{at}]"
    if not isinstance(given, dict):
        raise Refusal("invalid-request", f"`{where}` must be an object with `name` and `schema`")
    name = given.get("name")
    if not isinstance(name, str):
        raise Refusal("invalid-request", f"`{where}.name` must be a text")
    return name, _schema_text(given.get("schema"), f"{where}.schema", format_)


def _schema_text(given: Any, where: str, format_: Format) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, dict) and format_ is Format.PROTOBUF:
        told = f"`{where}` must be one text: files by name are for the levels FILE, PACKAGE, WIRE_JSON and WIRE"
        raise Refusal("invalid-request", told)
    # A schema written as JSON where its text should be: what is meant is plain.
    if isinstance(given, dict | list) or (isinstance(given, bool) and format_ is Format.JSON):
        return json.dumps(given)
    raise Refusal("invalid-request", f"`{where}` must be a schema's text")


def _listed(words: Iterable[StrEnum]) -> str:
    return ", ".join(one.value for one in words)
