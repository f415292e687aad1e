"""Counterexamples: records that put a verdict of compatibility to the test, as the format's library resolves them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import chain
from typing import Any

from watcher.model.path import ROOT
from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Kit, Refused, Side
from watcher.witness.plain import bare, to_json, words


def counterexample(reader: SchemaText, writer: SchemaText, kit: Kit, records: Iterable[Any] = ()) -> Side | None:
    """A record that the writer writes, and the reader cannot read or reads as something else; None: none was found.

    `records` are further ones to try, beside the kit's own. Raises Refused where the library takes the writer for no
    schema.
    """
    for record in chain(records, kit.variants(writer, ROOT)):
        try:
            data = kit.write(writer, record)
            meant = kit.read(data, writer)
        except Refused:
            continue
        told = _fault(reader, writer, kit, data, meant)
        if told:
            encoded = None if writer.format is Format.JSON else data.hex()
            return Side(to_json(meant), encoded, told, fails=True)
    return None


def _fault(reader: SchemaText, writer: SchemaText, kit: Kit, data: bytes, meant: Any) -> str:
    try:
        got = kit.read(data, writer, reader)
    except Refused as refused:
        return f"the reader cannot read it: {refused}"
    return "" if same(meant, got) else f"the reader reads {words(got)}, and {words(meant)} was written"


def same(meant: Any, got: Any, *, empty: bool = False) -> bool:
    """Whether what a reader got is what was written, as far as it reads it: promoted, cut to the members that it knows.

    A text that is another one is an enum's default, which is what the reader's schema asks for. `empty` takes all that
    is empty or zero for the same: protobuf does not write it.
    """
    meant, got = bare(meant), bare(got)
    if empty and not meant and not got:
        return True
    if isinstance(meant, dict) and isinstance(got, dict):
        return all(same(meant[key], got[key], empty=empty) for key in meant.keys() & got.keys())
    if isinstance(meant, list) and isinstance(got, list):
        return len(meant) == len(got) and all(
            same(one, other, empty=empty) for one, other in zip(meant, got, strict=True)
        )
    if isinstance(meant, bool) or isinstance(got, bool):
        return meant is got
    if isinstance(meant, int | float) and isinstance(got, int | float):
        return meant == got or (isinstance(got, float) and _near(meant, got)) or (meant != meant and got != got)  # noqa: PLR0124 - no number
    if isinstance(meant, str | bytes) and isinstance(got, str | bytes):
        return type(meant) is type(got) or _bytes(meant) == _bytes(got)
    return type(meant) is type(got) and bool(meant == got)


def _near(meant: float, got: float) -> bool:
    """Whether a number is the other as a floating-point number holds it."""
    try:
        return float(meant) == got or struct.unpack("f", struct.pack("f", meant))[0] == got
    except (OverflowError, struct.error):
        return False


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
