"""OpenMetadata: owners of tables and topics, theirs or those of what they stand in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from watcher.formats.owners import openmetadata
from watcher.formats.owners.openmetadata import split_fqn
from watcher.model.claim import Claim, Claims, Team

NAMES = {"sf": "snowflake://acme", "kafka_prod": "kafka://prod", "my.pg": "postgres://db"}


def table(name: str = "sf.DW.SHOP.ORDERS", **more: Any) -> dict[str, Any]:
    return {"fullyQualifiedName": name, "columns": [], **more}


def team(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "team", "name": name, **more}


def read(*entities: Any) -> Claims:
    return openmetadata.read({"x.json": json.dumps({"data": list(entities), "paging": {}})}, NAMES)


def owners(*entities: Any) -> list[tuple[str, str]]:
    return [(one.owner, one.inherited_from) for one in read(*entities).claims]


def test_a_team_owns_before_a_person() -> None:
    """In the list of today, and in the single owner of older versions."""
    assert read(table(owners=[{"type": "user", "name": "lead"}, team("shop")])).claims == (
        Claim("snowflake://acme/DW.SHOP.ORDERS", "shop", "openmetadata", "x.json#1"),
    )
    assert owners(table(owner=team("shop"))) == [("shop", "")]


def test_an_inherited_owner_says_from_where() -> None:
    """As the API marks it."""
    schema = {"fullyQualifiedName": "sf.DW.SHOP", "type": "databaseSchema"}
    assert owners(table(owners=[team("shop", inherited=True)], databaseSchema=schema)) == [("shop", "sf.DW.SHOP")]


def test_what_is_larger_hands_its_owner_down() -> None:
    """Schema, database and service of the same export, the nearest first; then the domain."""
    schema = {"fullyQualifiedName": "sf.DW.SHOP", "owners": [team("shop")]}
    service = {"fullyQualifiedName": "sf", "owners": [team("platform")]}
    assert owners(table(), service) == [("platform", "sf")]
    assert owners(table(), service, schema) == [("shop", "sf.DW.SHOP")]
    assert owners(table(domains=[{"name": "sales"}])) == [("sales", "domain sales")]
    assert owners(table(domain={"name": "sales"})) == [("sales", "domain sales")]
    assert owners(table()) == [("", "")]


def test_topics_are_datasets_and_their_dots_are_their_own() -> None:
    """In quotes within the qualified name."""
    topic = {"fullyQualifiedName": 'kafka_prod."shop.orders"', "partitions": 3, "owners": [team("shop")]}
    assert [one.pattern for one in read(topic).claims] == ["kafka://prod/shop.orders"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b.c", ["a", "b", "c"]),
        ('a."b.c".d', ["a", "b.c", "d"]),
        ('"a.b"', ["a.b"]),
        ('a."say ""hi""".c', ["a", 'say "hi"', "c"]),
        ('a."open', ["a", "open"]),
        ("", [""]),
    ],
)
def test_qualified_names_are_split_at_dots_outside_quotes(name: str, parts: list[str]) -> None:
    """Two quotes are one within them."""
    assert split_fqn(name) == parts


def test_a_service_that_nothing_names_is_told_once() -> None:
    """With what to write where."""
    assert read(table("x.a.b.c"), table("x.a.b.d")).remarks == (
        "x.json#1: the service `x` is in no `names`: write which namespace its datasets have",
    )


def test_what_was_deleted_is_no_dataset_and_no_owner() -> None:
    """The catalogue keeps both, marked."""
    assert owners(table(owners=[team("shop")], deleted=True)) == []
    assert owners(table(owners=[team("old", deleted=True), team("shop")])) == [("shop", "")]


def test_a_name_of_very_many_parts_is_read_at_once() -> None:
    """A table is four deep; what is larger is asked for so many levels as there are."""
    assert owners(table("sf" + ".a" * 200_000)) == [("", "")]


def test_teams_have_addresses_and_parents() -> None:
    """Of the export of teams."""
    entity = {
        "name": "shop",
        "displayName": "Shop",
        "teamType": "Group",
        "email": "s@acme.example",
        "parents": [{"name": "sales"}],
    }
    assert read(entity).teams == (Team("shop", "Shop", "openmetadata", "x.json#1", "s@acme.example", "sales"),)


def test_what_does_not_say_what_it_is_is_passed_over_and_counted() -> None:
    """A table's name without its type and without columns: one remark for all, with the first place."""
    mute = [{"fullyQualifiedName": f"sf.DW.SHOP.T{number}", "owners": [team("shop")]} for number in range(3)]
    schema = {"fullyQualifiedName": "sf.DW.SHOP"}

    found = read(*mute, schema, table())

    assert [one.pattern for one in found.claims] == ["snowflake://acme/DW.SHOP.ORDERS"]
    [remark] = found.remarks
    assert remark.startswith("x.json#1: it says neither what it is")
    assert "as 2 more are" in remark
