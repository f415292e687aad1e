"""Recorded: clauses and witnesses as the JSON that a ledger keeps, and back, so that a proof can be run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from watcher.formats.contracts.type_text import type_from
from watcher.formats.sql.dialects import dialect_of
from watcher.model.compatibility import Level
from watcher.model.contract import (
    At,
    AtMost,
    Classified,
    ClosedShape,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Unique,
    Values,
)
from watcher.model.errors import UsageError
from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.model.types import Constraint, Default
from watcher.witness.case import Side, Witness

MAX_RECORD = 4_000
"""Characters of a record's JSON, and digits of its bytes, in a ticket: `watcher witness` shows larger ones."""

TOO_LARGE = "the record is too large to be told here: `watcher witness` shows it"


def told(witness: Witness) -> dict[str, Any]:
    """A witness as tickets and events tell it."""
    before, after = _side(witness.before), _side(witness.after)
    absent = witness.absent
    if any(found == {} for found in (before, after)):
        before = after = None
        absent = TOO_LARGE
    return {"library": witness.library, "before": before, "after": after, "absent": absent}


def read_side(document: Mapping[str, Any] | None) -> Side | None:
    """One side of a witness that was told."""
    if document is None:
        return None
    return Side(document["record"], document["encoded"], document["outcome"], document["fails"])


def clause_document(clause: Expectation) -> dict[str, Any]:
    """A clause with all that a consumer's reading of a record goes by."""
    return {"kind": clause.kind, "path": str(clause.path), **_details(clause)}


def read_clause(document: Mapping[str, Any], dataset: str) -> Expectation:
    """The clause of a document that `clause_document` made of one about this dataset; raises UsageError for any other.

    A type is kept as it was written: on a dataset of a platform it is the platform's word.
    """
    try:
        return _clause(str(document["kind"]), FieldPath(document["path"]), document, dataset)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"the clause was recorded by another version of the watcher: {error!r}") from None


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    if len(json.dumps(side.record)) > MAX_RECORD or len(side.encoded or "") > MAX_RECORD:
        return {}
    return {"record": side.record, "encoded": side.encoded, "outcome": side.outcome, "fails": side.fails}


def _details(clause: Expectation) -> dict[str, Any]:
    match clause:
        case HasType(text=text, exact=exact):
            return {"text": text, "exact": exact}
        case Values(values=values, at_least=at_least):
            return {"values": list(values), "at_least": at_least}
        case ClosedShape(known=known):
            return {"known": None if known is None else list(known)}
        case Unique(members=members) | PrimaryKey(members=members):
            return {"members": list(members)}
        case AtMost(facet=facet, most=most):
            return {"facet": facet, "most": most}
        case Meets(constraint=constraint):
            return {"name": constraint.name, "value": constraint.value}
        case Defaulted(expected=expected):
            return {"expected": None if expected is None else [expected.value]}
        case At(position=position):
            return {"position": position}
        case Classified(classes=classes):
            return {"classes": list(classes)}
        case Guarded(level=level):
            return {"level": level.value}
        case ReadsWith(reader=reader, source=source):
            pairs = [list(pair) for pair in reader.references]
            written = {"format": reader.format.value, "text": reader.text, "references": pairs}
            return {"reader": written, "source": source}
        case ReadsVersion(version=version):
            return {"version": version}
    return {}


def _clause(  # noqa: PLR0912 - one case a kind
    kind: str, path: FieldPath, one: Mapping[str, Any], dataset: str
) -> Expectation:
    match kind:
        case Exists.kind:
            return Exists(path)
        case Required.kind:
            return Required(path)
        case HasType.kind:
            return HasType(path, type_from(one["text"], dialect=dialect_of(dataset)), one["text"], one["exact"])
        case Values.kind:
            return Values(path, tuple(one["values"]), one["at_least"])
        case ClosedShape.kind:
            return ClosedShape(path, None if one["known"] is None else tuple(one["known"]))
        case Unique.kind:
            return Unique(tuple(one["members"]), path)
        case PrimaryKey.kind:
            return PrimaryKey(tuple(one["members"]), path)
        case AtMost.kind:
            return AtMost(path, one["facet"], one["most"])
        case Meets.kind:
            return Meets(path, Constraint(one["name"], one["value"]))
        case Defaulted.kind:
            return Defaulted(path, None if one["expected"] is None else Default(one["expected"][0]))
        case At.kind:
            return At(path, one["position"])
        case Classified.kind:
            return Classified(path, tuple(one["classes"]))
        case Guarded.kind:
            return Guarded(Level(one["level"]), path)
        case ReadsWith.kind:
            reader = one["reader"]
            pairs = tuple((name, text) for name, text in reader["references"])
            return ReadsWith(SchemaText(Format(reader["format"]), reader["text"], pairs), one["source"], path)
        case ReadsVersion.kind:
            return ReadsVersion(one["version"], path)
    raise ValueError(kind)
