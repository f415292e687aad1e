"""Schemas that others publish, without a verdict beside them: read, reflexive, and every verdict explained.

Each takes what it wrote itself, and its versions are judged in both directions, in the registry's own words.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from tests.conformance.suites import CASES, Table, document, lines, needs_cases
from watcher.compat.levels import check
from watcher.formats import avro, jsonschema, protobuf
from watcher.model.compatibility import Policy
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema

pytestmark = needs_cases


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def registry_kinds() -> frozenset[str]:
    return frozenset(document("confluent_jsonschema/compatible_change_types.json")["ALL_TYPES"])


def read(text: str, references: tuple[tuple[str, str], ...] = ()) -> Schema | None:
    try:
        return jsonschema.parse(text, references)
    except SchemaError as error:
        print(error)
        return None


def reflexive(text: str, references: tuple[tuple[str, str], ...] = ()) -> bool:
    """Whether a schema is read, and read twice takes what it wrote itself."""
    one, other = read(text, references), read(text, references)
    return one is not None and other is not None and not check(one, other)


def explained(old: Schema | None, new: Schema | None) -> bool:
    """Whether a pair has a verdict in both directions, each in the registry's words; the lenient one never stricter."""
    if old is None or new is None:
        return False
    for reader, writer in ((new, old), (old, new)):
        strict = check(reader, writer, Policy.STRICT)
        if not {one.kind for one in strict} <= registry_kinds():
            return False
        if not all(one.path.startswith("#/") and one.message for one in strict):
            return False
        if not strict and check(reader, writer, Policy.LENIENT):
            return False
    return True


def test_data_contracts(table: Table) -> None:
    """The standard's schemas are read, and each release is judged against the next."""
    schemas = {path.name: text_of(path) for path in sorted((CASES / "odcs/schema").iterdir())}
    pairs = {case["id"].rpartition("/")[2]: case for case in lines("odcs/schema_version_pairs.jsonl")}

    table.add("odcs/schema", "JSON", schemas, (name for name, text in schemas.items() if not reflexive(text)))
    table.add(
        "odcs/schema_version_pairs",
        "JSON",
        pairs,
        (name for name, case in pairs.items() if not explained(read(case["old"]), read(case["new"]))),
    )


def test_data_usage(table: Table) -> None:
    """The agreement's schema is read."""
    name = "datausageagreement.schema.json"

    table.add(
        "data_usage_agreement",
        "JSON",
        [name],
        [] if reflexive(text_of(CASES / "data_usage_agreement" / name)) else [name],
    )


def test_envelopes(table: Table) -> None:
    """The envelope's schema is read in all three formats, and takes what it wrote."""
    folder = CASES / "cloudevents/schemas"
    envelope, message = text_of(folder / "cloudevents.avsc"), text_of(folder / "cloudevents.proto")
    fine = {
        "cloudevents.json": reflexive(text_of(folder / "cloudevents.json")),
        "cloudevents.avsc": not check(avro.parse(envelope), avro.parse(envelope)),
        "cloudevents.proto": not check(protobuf.parse(message), protobuf.parse(message)),
    }

    assert fine.keys() == {path.name for path in folder.iterdir()}
    table.add("cloudevents/schemas", "all three", fine, (name for name, one in fine.items() if not one))


def versions(folder: Path) -> Iterator[list[Path]]:
    """The versions of each schema of the lineage standard, oldest first, the current one last."""
    by_name: dict[str, dict[tuple[int, ...], Path]] = {}
    for path in folder.glob("versions/**/*.json"):
        number = tuple(int(part) for part in path.parent.name.split("-"))
        by_name.setdefault(path.name, {})[number] = path
    for path in folder.glob("current/**/*.json"):
        by_name.setdefault(path.name, {})[(999,)] = path
    for numbered in by_name.values():
        yield [numbered[number] for number in sorted(numbered)]


def test_lineage(table: Table) -> None:
    """Every facet of the lineage standard, given what it refers to, is read; versions are judged side by side."""
    folder = CASES / "openlineage/spec"
    texts = {path: text_of(path) for path in sorted(folder.glob("**/*.json"))}
    given = {json.loads(text).get("$id", path.name): text for path, text in texts.items()}
    given |= {f"facets/{path.name}": text for path, text in texts.items() if "1-0-0" in path.parts}
    references = tuple(given.items())
    read_once = {path: read(text, references) for path, text in texts.items()}
    pairs = [pair for one in versions(folder) for pair in pairwise(one)]
    fine = {str(path.relative_to(folder)): reflexive(text, references) for path, text in texts.items()}
    fine |= {
        f"{old.relative_to(folder)} → {new.relative_to(folder)}": explained(read_once[old], read_once[new])
        for old, new in pairs
    }

    assert len(pairs) > 50
    table.add("openlineage/spec", "JSON", fine, (name for name, one in fine.items() if not one))
