"""Owners from other systems: no text makes a parser fail; CODEOWNERS matches as a plain reading of its rules does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watcher.formats.owners import backstage, codeowners, datahub, dbt, odcs, openmetadata
from watcher.formats.owners.globs import glob, matches
from watcher.formats.owners.openmetadata import split_fqn
from watcher.formats.owners.refs import same
from watcher.model.claim import SOURCES, Claims

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "apiVersion", "aspect", "aspectName", "columns", "config", "container", "data", "databaseSchema", "domains",
    "entityUrn", "fullyQualifiedName", "groups", "items", "kind", "meta", "metadata", "name", "nodes", "owner",
    "owners", "ownership", "proposedSnapshot", "relations", "resource_type", "schema", "servers", "spec", "support",
    "team", "type", "urn", "value",
)  # fmt: skip
TREES = st.recursive(
    VALUES
    | st.sampled_from(
        ["model", "Resource", "DataContract", "kafka", "urn:li:dataset:(urn:li:dataPlatform:kafka,x,PROD)", "a.b.c"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)
TEXTS = st.text(max_size=200) | TREES.map(json.dumps) | st.lists(TREES.map(json.dumps), max_size=3).map("\n".join)


def all_of(text: str) -> list[Claims]:
    texts = {"file": text}
    return [
        backstage.read(texts, {"kafka": "k://{name}", "resource": "r://{title}"}),
        odcs.read(texts, {"kafka": "k://{name}"}),
        datahub.read(texts, {"kafka": "k://x"}),
        openmetadata.read(texts, {"a": "k://x"}),
        dbt.read(texts, "s://x"),
        codeowners.claims(codeowners.read(text, "file"), {"a/b.sql": "k://b"}),
        codeowners.claims(codeowners.read(text, "file", "gitlab"), {"a/b.sql": "k://b"}),
    ]


def check(text: str) -> None:
    for told in all_of(text):
        assert all(one.startswith("file") for one in (*told.problems, *told.remarks))
        for one in told.claims:
            assert one.source in SOURCES
            assert one.pattern
            assert one.owner == one.owner.strip()
            assert one.where.startswith("file")
        assert all(one.ref and isinstance(one.email, str) for one in told.teams)


@given(TEXTS)
def test_no_text_makes_a_parser_fail(text: str) -> None:
    """It says what is wrong, with the file; what it claims is of right form."""
    check(text)


KAFKA = "urn:li:dataset:(urn:li:dataPlatform:kafka,orders,PROD)"
OWNED = {"owners": [{"owner": "urn:li:corpGroup:shop", "type": "TECHNICAL_OWNER"}]}
FIXTURES: tuple[Any, ...] = (
    {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Resource",
        "metadata": {"name": "orders", "namespace": "shop", "annotations": {"watcher/dataset": "k://orders"}},
        "spec": {"type": "kafka", "owner": "shop", "system": "store", "subcomponentOf": "x"},
        "relations": [{"type": "ownedBy", "targetRef": "group:default/shop"}, {"type": "partOf", "targetRef": "x"}],
    },
    {
        "kind": "DataContract",
        "servers": [{"server": "prod", "type": "kafka", "host": "b:9092"}],
        "schema": [{"name": "orders", "physicalName": "shop.orders"}],
        "team": {"name": "shop", "members": [{"username": "lead", "role": "Owner", "dateOut": "2026-01-01"}]},
        "support": [{"channel": "help", "tool": "email", "url": "mailto:shop@acme.example"}],
    },
    [
        {"proposedSnapshot": {"DatasetSnapshot": {"urn": KAFKA, "aspects": [{"common.Ownership": OWNED}]}}},
        {"entityUrn": KAFKA, "aspectName": "domains", "aspect": {"json": {"domains": ["urn:li:domain:sales"]}}},
        {"entityUrn": KAFKA, "aspectName": "container", "aspect": {"value": '{"container": "urn:li:container:c"}'}},
        {"urn": KAFKA, "ownership": {"value": OWNED}, "status": {"value": {"removed": False}}},
        {"entityUrn": "urn:li:corpGroup:shop", "aspectName": "corpGroupInfo", "aspect": {"json": {"email": "s@x"}}},
    ],
    {"data": {"dataset": {"urn": KAFKA, "ownership": {"owners": [{"owner": {"urn": "urn:li:corpuser:x"}}]}}}},
    {
        "data": [
            {"fullyQualifiedName": 'a.b."c.d"', "columns": [], "owners": [{"type": "team", "name": "shop"}]},
            {"fullyQualifiedName": "a.b", "owner": {"name": "dw"}, "domains": [{"name": "sales"}]},
            {"name": "shop", "teamType": "Group", "email": "s@acme.example", "parents": [{"name": "sales"}]},
        ]
    },
    {
        "nodes": {
            "model.shop.orders": {
                "resource_type": "model",
                "database": "D",
                "schema": "S",
                "alias": "ORDERS",
                "original_file_path": "models/orders.sql",
                "group": "shop",
                "config": {"meta": {"owner": {"name": "lead", "email": ["l@acme.example"]}}, "materialized": "table"},
            }
        },
        "sources": {},
        "groups": {"group.shop": {"name": "shop", "owner": {"name": "Shop", "email": "s@acme.example"}}},
    },
)  # fmt: skip


def damaged(value: Any, random: Random) -> Any:
    """The value with some of it gone, and some of it something else."""
    if random.random() < 0.06:
        return random.choice([None, True, 0, "", "*", [], ["x"], {}, {"json": 5}, [[]], [{}], value])
    if isinstance(value, dict):
        return {key: damaged(one, random) for key, one in value.items() if random.random() > 0.04}
    return [damaged(one, random) for one in value] if isinstance(value, list) else value


@given(st.sampled_from(FIXTURES), st.randoms(use_true_random=False), st.integers(0, 2_000))
def test_no_damage_makes_a_parser_fail(fixture: Any, random: Random, end: int) -> None:
    """Neither of what a file holds, nor of its text."""
    text = json.dumps(damaged(fixture, random), indent=1)
    for one in (text, text[:end]):
        check(one)


def test_each_fixture_is_one_that_is_read() -> None:
    """So that damage has something to break."""
    for fixture in FIXTURES:
        assert any(told.claims and not told.problems for told in all_of(json.dumps(fixture))[:5])


STEPS = st.sampled_from(["a", "b", "ab", "docs", "x.sql", "a.sql"])
PATHS = st.lists(STEPS, min_size=1, max_size=4).map("/".join)
PARTS = st.sampled_from(["a", "b", "docs", "*", "**", "a*", "*.sql", "?", "*a*b*", "x.sql"])
PATTERNS = st.tuples(
    st.sampled_from(["", "/"]), st.lists(PARTS, min_size=1, max_size=4).map("/".join), st.sampled_from(["", "/"])
)


def in_one_step(part: str) -> str:
    return re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")


def github(pattern: str, path: str) -> bool:
    """GitHub's rules as one expression: slow, and plain to read."""
    anchored, folder = "/" in pattern.rstrip("/"), pattern.endswith("/")
    parts = [part for part in pattern.split("/") if part]
    expression = "" if anchored else "(?:.*/)?"
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "**":
            expression += "(?:.*/)?" if folder or not last else ".+"
        else:
            expression += in_one_step(part) + ("" if last and not folder else "/")
    direct = anchored and parts[-1] in {"*", "**"}
    below = ".+" if folder else "" if direct else "(?:/.+)?"
    return re.fullmatch(expression + below, path) is not None


def gitlab(pattern: str, path: str) -> bool:
    """GitLab's: a glob over the whole path."""
    whole = pattern if pattern.startswith("/") else f"/**/{pattern}"
    parts = f"{whole}**/*".split("/")[1:] if whole.endswith("/") else whole.split("/")[1:]
    steps = ["(?:.*/)?" if part == "**" else in_one_step(part) + "/" for part in parts[:-1]]
    return re.fullmatch("".join(steps) + in_one_step(parts[-1]), path) is not None


@given(PATTERNS, PATHS)
def test_codeowners_match_as_their_rules_say(pattern: tuple[str, str, str], path: str) -> None:
    """Those of GitHub and those of GitLab, whatever the stars stand for."""
    written = "".join(pattern)
    for flavour, rules in RULES:
        found = codeowners.read(f"{written} @a/b", "f", flavour).owners_of(path)
        assert (found is not None) == rules(written, path), (flavour, written, path)


RULES: tuple[tuple[codeowners.Flavour, Callable[[str, str], bool]], ...] = (("github", github), ("gitlab", gitlab))


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", min_size=1, max_size=8))
def test_a_glob_takes_what_its_expression_takes(pattern: str, step: str) -> None:
    """Stars and single wildcards within one step."""
    assert matches((glob(pattern),), (step,)) == (re.fullmatch(in_one_step(pattern), step) is not None)


@given(st.lists(st.tuples(PATTERNS.map("".join), st.sampled_from(["", "@a/b", "@c"])), max_size=6), st.sets(PATHS))
def test_claims_are_what_each_file_by_itself_says(lines: list[tuple[str, str]], paths: set[str]) -> None:
    """Though only the lines are looked at that may fit; the last one that fits decides."""
    read = codeowners.read("\n".join(" ".join(line) for line in lines), "f")
    found = {one.pattern: one.where for one in codeowners.claims(read, {path: path for path in paths}).claims}
    numbers = {path: [n for n, (pattern, _) in enumerate(lines, 1) if github(pattern, path)] for path in paths}
    assert found == {path: f"f:{fitting[-1]}" for path, fitting in numbers.items() if fitting}


@given(st.lists(st.text(alphabet='ab."', min_size=1, max_size=5), min_size=1, max_size=4))
def test_qualified_names_come_apart_as_they_were_put_together(parts: list[str]) -> None:
    """Each part in quotes, quotes doubled."""
    doubled = [part.replace('"', '""') for part in parts]
    assert split_fqn(".".join(f'"{part}"' for part in doubled)) == parts


@given(st.text(max_size=30))
def test_the_short_name_of_a_short_name_is_itself(text: str) -> None:
    """So that it does not matter which of them is written."""
    assert same(same(text)) == same(text)
