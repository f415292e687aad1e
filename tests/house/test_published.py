"""The guard of our own events: it lets what is compatible through, and stops what would break a receiver."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.house.published import ROOT, main


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of `schemas/` to break."""
    return Path(shutil.copytree(ROOT / "schemas", tmp_path / "schemas"))


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in schema["fields"] if one["name"] == name)


def drop_domain(schema: dict[str, Any]) -> None:
    schema["fields"].remove(field(schema, "domain"))


def retype_at(schema: dict[str, Any]) -> None:
    field(schema, "at")["type"] = "long"


def add_without_default(schema: dict[str, Any]) -> None:
    schema["fields"].append({"name": "extra", "type": "string"})


def test_the_schemas_obey() -> None:
    """What `schemas/` holds now breaks no receiver of what is published."""
    assert main([]) == 0


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (drop_domain, "domain"),
        (retype_at, "at"),
        (add_without_default, "READER_FIELD_MISSING_DEFAULT_VALUE"),
    ],
    ids=["a field is gone", "a type is another", "a new field without a default"],
)
def test_a_breaking_edit_fails(
    schemas: Path, capsys: pytest.CaptureFixture[str], break_it: Callable[[dict[str, Any]], None], told: str
) -> None:
    """An Avro schema that some receiver cannot read, or that lacks what one relies on, ends with 1 and says what."""
    edit(schemas / "breaking-change.v1.avsc", break_it)

    code = main([str(schemas)])

    assert code == 1
    assert told in capsys.readouterr().out


def test_an_added_nullable_field_passes(schemas: Path) -> None:
    """What v1 allows is let through: a new field with a default."""

    def add(schema: dict[str, Any]) -> None:
        schema["fields"].append({"name": "extra", "type": ["null", "string"], "default": None})

    edit(schemas / "breaking-change.v1.avsc", add)

    assert main([str(schemas)]) == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda schema: schema["properties"].pop("domain"), "/properties/domain: is gone"),
        (lambda schema: schema["required"].remove("id"), "/required: was"),
        (lambda schema: schema["properties"]["severity"]["enum"].append("fatal"), "/properties/severity/enum: was"),
    ],
    ids=["a member is gone", "a member may be missing", "a value is new"],
)
def test_a_breaking_edit_of_the_json_schema_fails(
    schemas: Path, capsys: pytest.CaptureFixture[str], change: Callable[[dict[str, Any]], Any], told: str
) -> None:
    """The JSON Schema, which no contract is about, may only get new members; the run says how it was judged."""
    edit(schemas / "breaking-change.v1.json", change)

    code = main([str(schemas)])

    out = capsys.readouterr().out
    assert code == 1
    assert told in out
    assert "JSON is compared by hand" in out


def test_a_schema_that_is_gone_fails(schemas: Path) -> None:
    """What was published cannot be taken away."""
    (schemas / "breaking-change.v1.json").unlink()

    assert main([str(schemas)]) == 1
