"""Owners from other systems: no text makes a parser fail; CODEOWNERS matches as a plain reading of its rules does."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watcher.formats.owners import backstage, codeowners, datahub, dbt, odcs, openmetadata
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


@given(TEXTS)
def test_no_text_makes_a_parser_fail(text: str) -> None:
    """It says what is wrong, with the file; what it claims is of right form."""
    for told in all_of(text):
        assert all(one.startswith("file") for one in told.problems)
        for one in told.claims:
            assert one.source in SOURCES
            assert one.pattern
            assert one.owner == one.owner.strip()
            assert one.where.startswith("file")


STEPS = st.sampled_from(["a", "b", "ab", "docs", "x.sql", "a.sql"])
PATHS = st.lists(STEPS, min_size=1, max_size=4).map("/".join)
PARTS = st.sampled_from(["a", "b", "docs", "*", "**", "a*", "*.sql", "?", "*a*b*", "x.sql"])
PATTERNS = st.tuples(
    st.sampled_from(["", "/"]), st.lists(PARTS, min_size=1, max_size=4).map("/".join), st.sampled_from(["", "/"])
)


def oracle(pattern: str, path: str) -> bool:
    """GitHub's rules as one expression: slow, and plain to read."""
    anchored, folder = "/" in pattern.rstrip("/"), pattern.endswith("/")
    parts = [part for part in pattern.split("/") if part]
    expression = "" if anchored else "(?:.*/)?"
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "**":
            expression += ".*" if last else "(?:.*/)?"
        else:
            expression += re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") + ("" if last else "/")
    direct = anchored and parts[-1] == "*"
    below = "/.+" if folder else "" if direct else "(?:/.+)?"
    return re.fullmatch(expression + below, path) is not None


@given(PATTERNS, PATHS)
def test_codeowners_match_as_their_rules_say(pattern: tuple[str, str, str], path: str) -> None:
    """Whatever the stars stand for."""
    written = "".join(pattern)
    if "**/" in written and written.endswith("**/"):
        return  # "all folders below": the two readings of it differ in the file itself, which no service says
    found = codeowners.read(f"{written} @a/b", "f").owners_of(path)
    assert (found is not None) == oracle(written, path), (written, path)


@given(st.lists(st.text(alphabet='ab."', min_size=1, max_size=5), min_size=1, max_size=4))
def test_qualified_names_come_apart_as_they_were_put_together(parts: list[str]) -> None:
    """Each part in quotes, quotes doubled."""
    doubled = [part.replace('"', '""') for part in parts]
    assert split_fqn(".".join(f'"{part}"' for part in doubled)) == parts


@given(st.text(max_size=30))
def test_the_short_name_of_a_short_name_is_itself(text: str) -> None:
    """So that it does not matter which of them is written."""
    assert same(same(text)) == same(text)
