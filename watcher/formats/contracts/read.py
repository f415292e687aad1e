"""Reads contract and domain documents: YAML text in, records of the model out, or every mistake with its place."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from watcher.formats.contracts.convert import Converter, LoadFile, ParseReader
from watcher.formats.contracts.document import DomainDocument, SubscriptionDocument
from watcher.formats.contracts.problems import DocumentError, Problem
from watcher.formats.contracts.wording import told
from watcher.formats.contracts.yaml_tree import Mapping, Mark, Node, Scalar, YamlError, child, parse, place, plain
from watcher.model.contract import Subscription
from watcher.model.domain import DomainRecord
from watcher.model.errors import ConfigurationError

API_VERSION = "watcher/v1"
_FORMS: dict[str, type[BaseModel]] = {"Subscription": SubscriptionDocument, "Domain": DomainDocument}


def no_files(name: str) -> str:
    """A `load_file` for documents that come without a folder."""
    raise ConfigurationError(f"the file `{name}` cannot be read from here: write the schema into the document")


def read(
    text: str | bytes, source: str, load_file: LoadFile = no_files, *, parse_reader: ParseReader | None = None
) -> tuple[Subscription | DomainRecord, ...]:
    """All documents of one file, in its order.

    `load_file` gives the text of a file that the document names, relative to it. Raises DocumentError (a
    ConfigurationError), which has all of the file's problems as `source:line:column: message`.
    """
    try:
        nodes = parse(text)
    except YamlError as error:
        raise DocumentError([Problem(source, error.mark.line, error.mark.column, error.message)]) from None
    if not nodes:
        # A file being written is empty for a moment: read as "no contracts" it would take all of them out of force.
        raise DocumentError([Problem(source, 1, 1, "there is no document in this file")])
    reader = _Reader(source, load_file, parse_reader)
    found = [reader.document(node) for node in nodes]
    if reader.problems:
        raise DocumentError(reader.problems)
    return tuple(one for one in found if one is not None)


class _Reader:
    def __init__(self, source: str, load_file: LoadFile, parse_reader: ParseReader | None) -> None:
        self._source = source
        self._load_file = load_file
        self._parse_reader = parse_reader
        self.problems: list[Problem] = []

    def document(self, node: Node) -> Subscription | DomainRecord | None:
        kind = self._kind(node)
        if kind is None:
            return None
        try:
            document = _FORMS[kind].model_validate(plain(node))
        except ValidationError as error:
            for details in error.errors(include_url=False):
                self._tell_form(kind, node, details)
            return None
        converter = Converter(node, self._source, self._load_file, self._parse_reader)
        if isinstance(document, SubscriptionDocument):
            record: Subscription | DomainRecord = converter.subscription(document)
        else:
            assert isinstance(document, DomainDocument)  # noqa: S101 - the only other form
            record = converter.domain(document)
        self.problems.extend(Problem(self._source, m.line, m.column, text) for m, text in converter.problems)
        return None if converter.problems else record

    def _kind(self, node: Node) -> str | None:
        """The document's kind as it says it, or as its keys show it."""
        if not isinstance(node, Mapping):
            self._tell(node.mark, "a document is a mapping with `kind: Subscription` or `kind: Domain`")
            return None
        named = child(node, "kind")
        if named is None:
            if node.entries.keys() & {"relies_on", "dataset", "consumer"}:
                return "Subscription"
            if "owns" in node.entries:
                return "Domain"
            self._tell(node.mark, "missing key `kind`: Subscription or Domain")
            return None
        text = named.text if isinstance(named, Scalar) else ""
        if text not in _FORMS:
            near = get_close_matches(text.capitalize(), _FORMS, 1)
            hint = f" (did you mean `{near[0]}`?)" if near else ""
            self._tell(named.mark, f"unknown kind `{text}`{hint}: it is Subscription or Domain")
            return None
        return text

    def _tell_form(self, kind: str, node: Node, details: Any) -> None:
        # Tags of a union, in brackets, are no part of the place; neither is the mark for a mapping's key.
        where = tuple(step for step in details["loc"] if not (isinstance(step, str) and step.startswith(("(", "["))))
        at_key = details["type"] == "extra_forbidden" or details["loc"][-1:] == ("[key]",)
        self._tell(place(node, where, key=at_key), told(kind, where, details))

    def _tell(self, mark: Mark, message: str) -> None:
        self.problems.append(Problem(self._source, mark.line, mark.column, message))


__all__ = ["API_VERSION", "Callable", "DocumentError", "Problem", "no_files", "read"]
