"""Clauses and witnesses as the ledger keeps them: what is read back is what was judged."""

import json

import pytest

from tests.unit.witness.test_search import KIT, LOST, SHOWN
from watcher.formats.contracts.type_text import type_from
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
from watcher.model.path import ROOT, FieldPath
from watcher.model.schema import Format, SchemaText
from watcher.model.types import Array, Constraint, Decimal, Default, Timestamp
from watcher.witness.case import Case, Side, Witness
from watcher.witness.recorded import MAX_RECORD, TOO_LARGE, clause_document, read_clause, read_side, told
from watcher.witness.search import witness
from watcher.witness.verify import disproof

PATH = FieldPath("lines[].`a.b`")
CLAUSES: list[Expectation] = [
    Exists(ROOT),
    Exists(PATH),
    Required(PATH),
    HasType(PATH, Decimal(12, 2), "decimal(12,2)", exact=True),
    HasType(PATH, Array(Timestamp("ms", zoned=None)), "array<timestamp(ms)>"),
    Values(PATH, ("a", "b"), at_least=True),
    ClosedShape(PATH),
    ClosedShape(ROOT, ("a", "b")),
    Unique(("a", "b")),
    PrimaryKey(("a",), PATH),
    AtMost(PATH, "scale", 2),
    Meets(PATH, Constraint("minimum", 0)),
    Defaulted(PATH),
    Defaulted(PATH, Default(None)),
    At(PATH, 3),
    Classified(PATH, ("PII",)),
    Guarded(Level.FULL),
    ReadsWith(SchemaText(Format.AVRO, '"r"', (("r", "{}"),)), "r.avsc"),
    ReadsVersion(3),
]


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda one: one.kind)
def test_a_clause_comes_back(clause: Expectation) -> None:
    """A clause of any kind is the same once it has been JSON."""
    assert read_clause(json.loads(json.dumps(clause_document(clause))), "kafka://prod/orders") == clause


def test_every_kind_is_kept() -> None:
    """No kind of clause is left out of the list above."""
    assert {type(one) for one in CLAUSES} == set(Expectation.__args__)


@pytest.mark.parametrize("document", [{}, {"kind": "later", "path": ""}, {"kind": "type", "path": "a"}])
def test_a_clause_of_another_version(document: dict[str, str]) -> None:
    """A document that is no clause is told as a usage error."""
    with pytest.raises(UsageError, match="another version"):
        read_clause(document, "kafka://prod/orders")


@pytest.mark.parametrize("name", [*SHOWN, *LOST])
def test_what_was_told_can_be_run_again(name: str) -> None:
    """The records that a ticket tells are read once more from their own bytes, and each proof holds."""
    before, after, clause = (SHOWN.get(name) or LOST[name])[:3]
    case = Case(before, after, clause, "")
    found = witness(case, KIT)

    kept = json.loads(json.dumps(told(found)))

    again = Witness("", clause.path, kept["library"], read_side(kept["before"]), read_side(kept["after"]))
    assert again.after == found.after
    assert disproof(case, again, KIT, found) == ""


@pytest.mark.parametrize(
    ("side", "fault"),
    [
        (Side({"id": ""}, "01", "", fails=True), "it cannot be read"),
        (Side({"id": "x"}, "00", "", fails=True), "its bytes are another record"),
        (Side({"id": ""}, "zz", "", fails=True), "it cannot be read"),
        (Side({"id": ""}, "00", "", fails=False), "it fails"),
        (Side({"id": "x"}, None, "the new schema cannot write it any more", fails=True), "another one is found"),
    ],
)
def test_a_proof_that_is_none(side: Side, fault: str) -> None:
    """Bytes that cannot be read, that are another record, or that the consumer takes otherwise, are told."""
    before, after, clause = SHOWN["a field is gone"][:3]
    case = Case(before, after, clause, "")
    found = witness(case, KIT)

    assert fault in disproof(case, Witness("", clause.path, "", found.before, side), KIT, found)


def test_a_large_record_is_left_to_the_command() -> None:
    """A record that is too large for a ticket is not told in part."""
    large = Side({"a": "x" * MAX_RECORD}, "00", "", fails=False)

    document = told(Witness("", ROOT, "l 1", large, large))

    assert document == {"library": "l 1", "before": None, "after": None, "absent": TOO_LARGE}


def test_a_platform_s_word_means_what_it_means_there() -> None:
    """The type of a clause is kept as written, and read again as its dataset's platform has it."""
    clause = HasType(FieldPath("id"), type_from("NUMBER(38,0)", dialect="snowflake"), "NUMBER(38,0)")
    strange = HasType(FieldPath("id"), type_from("VARIANT", dialect="snowflake"), "VARIANT")

    for one in (clause, strange):
        document = json.loads(json.dumps(clause_document(one)))
        assert read_clause(document, "snowflake://acme/SALES.PUBLIC.ORDERS") == one
    with pytest.raises(UsageError, match="unknown type `variant`"):
        read_clause(clause_document(strange), "kafka://prod/orders")
