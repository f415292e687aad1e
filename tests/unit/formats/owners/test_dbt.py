"""dbt: the groups and owners of a manifest, and which file makes which table."""

from __future__ import annotations

import json
from typing import Any

from watcher.formats.owners import dbt
from watcher.model.claim import Claim, Team

NAMESPACE = "snowflake://acme"


def node(name: str, kind: str = "model", **more: Any) -> dict[str, Any]:
    plain = {"resource_type": kind, "database": "DW", "schema": "SHOP", "name": name, "config": {}}
    return {**plain, "original_file_path": f"models/{name}.sql", **more}


def manifest(*nodes: dict[str, Any], **more: Any) -> str:
    groups = {"group.p.finance": {"name": "finance", "owner": {"name": "Finance", "email": "finance@acme.example"}}}
    named = {f"{one['resource_type']}.p.{one['name']}": one for one in nodes}
    return json.dumps({"metadata": {}, "groups": groups, "nodes": named, **more})


def owners(*nodes: dict[str, Any]) -> dict[str, str]:
    return {
        one.pattern.rpartition(".")[2]: one.owner for one in dbt.read({"m.json": manifest(*nodes)}, NAMESPACE).claims
    }


def test_a_models_group_owns_its_table() -> None:
    """Under its alias; the group is a team with an address; through which group is told."""
    told = dbt.read({"m.json": manifest(node("orders", alias="ORDERS_V2", group="finance"))}, NAMESPACE)
    assert told.claims == (
        Claim("snowflake://acme/DW.SHOP.ORDERS_V2", "finance", "dbt", "m.json model.p.orders", "group finance"),
    )
    assert told.teams == (Team("finance", "Finance", "dbt", "m.json", "finance@acme.example"),)


def test_what_a_model_says_itself_goes_before_its_group() -> None:
    """As text, or with name or address."""
    assert owners(
        node("a", config={"meta": {"owner": "@data"}}, group="finance"),
        node("b", meta={"owner": {"name": "Data", "email": "d@acme.example"}}),
        node("c", meta={"owner": {"email": "d@acme.example"}}),
        node("d", config={"group": "finance"}),
        node("e"),
        node("f", meta={"owner": ["@first", "@second"]}),
    ) == {"a": "@data", "b": "Data", "c": "d@acme.example", "d": "finance", "e": "", "f": "@first"}


def test_an_owner_of_a_model_has_an_address() -> None:
    """Also where several are listed, as newer versions do: the first."""
    told = dbt.read(
        {"m.json": manifest(node("a", meta={"owner": {"name": "Data", "email": ["d@acme.example", "x"]}}))}, NAMESPACE
    )
    assert told.teams[-1] == Team("Data", "Data", "dbt", "m.json model.p.a", "d@acme.example")


def test_only_what_stands_as_a_table_counts() -> None:
    """Seeds, snapshots and sources too; no tests, nothing ephemeral or disabled."""
    sources = {"source.p.raw.x": node("x", "source", identifier="RAW_X")}
    told = dbt.read(
        {
            "m.json": manifest(
                node("s", "seed"),
                node("h", "snapshot"),
                node("t", "test"),
                node("e", config={"materialized": "ephemeral"}),
                node("off", config={"enabled": False}),
                sources=sources,
            )
        },
        NAMESPACE,
    )
    assert [one.pattern for one in told.claims] == [f"snowflake://acme/DW.SHOP.{name}" for name in ("s", "h", "RAW_X")]


def test_the_files_of_models_are_known() -> None:
    """A source's file only describes it; Windows' paths are paths."""
    sources = {"source.p.raw.x": node("x", "source")}
    text = manifest(node("a", original_file_path="models\\shop\\a.sql"), sources=sources)
    assert dbt.files(text, "m.json", NAMESPACE) == ({"models/shop/a.sql": "snowflake://acme/DW.SHOP.a"}, "")


def test_what_is_no_manifest_is_told() -> None:
    """With what to name in its place."""
    assert dbt.read({"m.json": "{}"}, NAMESPACE).problems == (
        "m.json: this is no manifest of dbt: name `target/manifest.json`",
    )
    assert (
        dbt.read({"m.json": "{"}, NAMESPACE).problems[0].startswith("m.json:1: this is no JSON: run `dbt parse` again")
    )
