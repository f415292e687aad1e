"""Verification: a proof that was told is run again, on the very bytes that were told."""

from __future__ import annotations

import json

from watcher.model.schema import Format, SchemaText
from watcher.witness.case import Case, Kit, Refused, Side, Witness
from watcher.witness.consumer import Use
from watcher.witness.plain import to_json
from watcher.witness.search import UNWRITABLE, outcome


def disproof(case: Case, proof: Witness, kit: Kit, again: Witness) -> str:
    """Why a proof no longer holds; empty where it does. `again` is what the search finds now."""
    for schema, side, found, name in (
        (case.before, proof.before, again.before, "before"),
        (case.after, proof.after, again.after, "after"),
    ):
        if side is None:
            continue
        if schema is None:
            return f"there is no schema {name} the change"
        fault = _ran(case, schema, side, found, kit) if _has_bytes(schema, side) else _found_again(side, found)
        if fault:
            return f"the record {name} the change: {fault}"
    return ""


def _has_bytes(schema: SchemaText, side: Side) -> bool:
    """Whether there is something to read: not of a record that could not be written; JSON is its own bytes."""
    return side.encoded is not None or (schema.format is Format.JSON and not side.outcome.startswith(UNWRITABLE))


def _ran(case: Case, schema: SchemaText, side: Side, found: Side | None, kit: Kit) -> str:
    try:
        data = json.dumps(side.record).encode() if side.encoded is None else bytes.fromhex(side.encoded)
        read = kit.read(data, schema)
    except (Refused, ValueError) as error:
        return f"it cannot be read: {error}"
    if to_json(read) != side.record:
        return "its bytes are another record"
    got = outcome(case, kit, data, schema, read)
    if (got.use is Use.FAILS) is side.fails:
        return ""
    # A record may fail by what it stands for, beside what it is: a moment in another unit, a number that was rounded.
    return _found_again(side, found) if side.fails else f"it fails: {got.words}"


def _found_again(side: Side, found: Side | None) -> str:
    if found is None:
        return "no record like it is found any more"
    same = (found.record, found.fails) == (side.record, side.fails)
    return "" if same else f"another one is found: {found.outcome}"
