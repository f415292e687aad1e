"""Properties that were read before: one object from document to document, and never one that means another thing."""

import json
from typing import Any

import pytest

from watcher.formats.jsonschema import kept, parse
from watcher.model.json_schema import Composite, JsonSchema, Node
from watcher.model.types import Field, Record, Unknown


def document(properties: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "object", "properties": properties, **more})


def nodes(text: str) -> dict[str, Node]:
    native = parse(text).native
    assert isinstance(native, JsonSchema)
    assert isinstance(native.root, Composite)
    return dict(native.root.properties)


def members(text: str) -> dict[str, Field]:
    root = parse(text).root
    assert isinstance(root, Record)
    return {field.name: field for field in root.fields}


PLAIN = {"type": "string", "maxLength": 5}


def test_a_property_is_one_object_in_every_version() -> None:
    """What did not change from one version to the next is the very same node, and the very same member."""
    listed = {"type": "array", "items": {"type": "string"}}
    before = document({"a": PLAIN, "b": listed})
    after = document({"a": PLAIN, "b": listed, "c": {"type": "boolean"}})

    assert all(nodes(before)[name] is nodes(after)[name] for name in "ab")
    assert all(members(before)[name] is members(after)[name] for name in "ab")
    assert parse(before).flat


@pytest.mark.parametrize(
    "other",
    [
        document({"a": {"type": "string", "maxLength": 5.0}}),
        document({"a": {"maxLength": 5, "type": "string", "description": "said"}}),
        document({"a": PLAIN}, **{"$schema": "http://json-schema.org/draft-04/schema#"}),
    ],
)
def test_what_is_written_otherwise_is_another_node(other: str) -> None:
    """A property of other words, of another number or of another draft is read by itself."""
    assert nodes(document({"a": PLAIN}))["a"] is not nodes(other)["a"]


def test_required_is_no_matter_of_the_property() -> None:
    """The same property makes two members: one that may be missing, and one that may not."""
    optional, required = members(document({"a": PLAIN}))["a"], members(document({"a": PLAIN}, required=["a"]))["a"]

    assert (optional.required, required.required) == (False, True)
    assert optional.type == required.type


def test_what_refers_to_something_is_read_each_time() -> None:
    """A property that refers to a definition means what the definition says in its own document, however deep."""
    inner = {"type": "array", "items": {"$ref": "#/definitions/d"}}
    first, second = (document({"a": inner}, definitions={"d": {"type": type_}}) for type_ in ("string", "boolean"))

    assert nodes(first)["a"] is not nodes(second)["a"]
    assert members(first)["a"] != members(second)["a"]


def test_what_is_cut_off_is_not_kept() -> None:
    """A property that stands too deeply to be read spoils it for nobody else."""
    word = {"type": "string", "title": "cut off"}
    text = document({"deep": word})
    tree: Any = json.loads(text)
    for _ in range(30):
        tree = {"type": "object", "properties": {"in": tree}}
    parse(json.dumps(tree))

    assert not isinstance(members(text)["deep"].type, Unknown)
    assert members(text)["deep"] is members(text)["deep"]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many, all are forgotten, and read again as before."""
    for table in ("_NODES", "_HELD", "_FIELDS"):
        monkeypatch.setattr(kept, table, {})
    monkeypatch.setattr(kept, "MAX_KEPT", 3)
    texts = [document({"a": {"type": "string", "maxLength": number}}) for number in range(7)]
    once = [members(text) for text in texts]

    assert [members(text) for text in texts] == once
    assert max(len(kept._NODES), len(kept._HELD), len(kept._FIELDS)) <= 3
