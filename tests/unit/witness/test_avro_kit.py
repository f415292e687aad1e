"""fastavro's refusals, as people read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from watcher.model.schema import Format, SchemaText
from watcher.witness.avro_kit import AvroKit
from watcher.witness.case import Refused

ENUM = {"type": "enum", "name": "E", "symbols": ["A"]}


@pytest.mark.parametrize(
    ("type_", "value", "said"),
    [
        ("long", "x", "R.a is <x> of type string expected long"),
        ("string", 3, "R.a is <3> of type integer expected string"),
        ("string", None, "R.a is null, expected string"),
        (ENUM, "Z", "R.a is <Z> of type string expected enum"),
    ],
)
def test_a_refusal_names_types_as_schemas_do(type_: Any, value: Any, said: str) -> None:
    """The library speaks of its own language's classes, and of schemas as it holds them: neither reaches people."""
    text = json.dumps({"type": "record", "name": "R", "fields": [{"name": "a", "type": type_}]})

    with pytest.raises(Refused) as refused:
        AvroKit().write(SchemaText(Format.AVRO, text), {"a": value})

    assert said in str(refused.value)
    assert "class" not in str(refused.value)
    assert "{'" not in str(refused.value)
