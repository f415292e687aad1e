"""A case and its witness: what is asked, what was found, and what a format's own library must be able to do for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from watcher.model.contract import Expectation
from watcher.model.path import FieldPath
from watcher.model.schema import SchemaText


@dataclass(frozen=True, slots=True)
class Case:
    """One violation as its witness is sought: the schema before and after (None: not there), and what broke."""

    before: SchemaText | None
    after: SchemaText | None
    expectation: Expectation
    rule: str
    reader: SchemaText | None = None
    """For a consumer that reads with a registered version: that version's text."""


@dataclass(frozen=True, slots=True)
class Side:
    """One record, and what the consumer makes of it.

    `record` is the record as a JSON document, `encoded` its bytes in hexadecimal digits (None where the document is
    itself what is written). `outcome` says in words what the consumer gets, `fails` whether that is not what it needs.
    """

    record: Any
    encoded: str | None
    outcome: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Witness:
    """A proof: a record that the schema before wrote and the consumer could use, and one of the schema after.

    Both were written and read by `library` (name and version), not by code of ours. `absent` says why a side is None.
    """

    rule: str
    path: FieldPath
    library: str
    before: Side | None
    after: Side | None
    absent: str = ""


class Refused(Exception):  # noqa: N818 - an answer of the library, told and not repaired
    """The format's library will not write or read this; the message is its own, in one line."""


class Kit(Protocol):
    """One format's own library, as witnesses need it. Total but for `Refused`."""

    @property
    def library(self) -> str:
        """Name and version: `fastavro 1.12.1`."""
        ...

    def variants(self, schema: SchemaText, path: FieldPath) -> Iterator[Any]:
        """Records that the schema allows, smallest first, in which what stands at the path takes each form that it may.

        Absent, null, each branch, each symbol, the edges of a type, with and without what is optional beside it; all
        else as small as can be. Bounded in number and size; a candidate may still turn out to be refused by `write`.
        """
        ...

    def write(self, schema: SchemaText, record: Any) -> bytes:
        """The record's bytes, checked against the schema by the library."""
        ...

    def read(self, data: bytes, writer: SchemaText, reader: SchemaText | None = None) -> Any:
        """What a reader gets of these bytes, as plain values; with the writer's own schema where none is given.

        Plain: dict, list, str, bytes, bool, int, float, None; and Decimal, date, time, datetime, UUID where the library
        itself gives them. A pair (name, value) tells which of a union's named branches was taken.
        """
        ...
