"""Backstage: entities that stand for datasets, their owners, and whose owner they take where they name none."""

from __future__ import annotations

import json

from watcher.formats.owners import backstage
from watcher.model.claim import Claim, Claims, Team

TEMPLATES = {"kafka-topic": "kafka://prod/{name}", "Resource": "pg://prod/{namespace}.{title}"}


def entity(kind: str, name: str, spec: str = "", metadata: str = "") -> str:
    return f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}{metadata}}}\nspec: {{{spec}}}\n"


def read(*documents: str) -> Claims:
    return backstage.read({"catalog-info.yaml": "---\n".join(documents)}, TEMPLATES)


def test_a_resource_names_its_dataset_by_type_and_its_owner_in_full() -> None:
    """A plain owner is a group of the entity's own namespace, in any case."""
    told = read(entity("Resource", "orders", "type: Kafka-Topic, owner: Checkout", ", namespace: shop"))
    assert told == Claims((Claim("kafka://prod/orders", "group:shop/checkout", "backstage", "catalog-info.yaml:1"),))


def test_the_annotation_names_datasets_itself() -> None:
    """Several with commas, patterns too; it goes before any template."""
    annotations = ", annotations: {watcher/dataset: 'kafka://prod/a*, kafka://prod/b'}"
    told = read(entity("Component", "shop", "type: kafka-topic, owner: user:default/lead", annotations))
    assert [(one.pattern, one.owner) for one in told.claims] == [
        ("kafka://prod/a*", "user:default/lead"),
        ("kafka://prod/b", "user:default/lead"),
    ]


def test_the_kind_is_a_type_of_last_resort() -> None:
    """With the namespace and the title, which is the name where there is none."""
    told = read(
        entity("Resource", "t", "type: table, owner: a", ", title: Orders"), entity("Resource", "u", "owner: a")
    )
    assert [one.pattern for one in told.claims] == ["pg://prod/default.Orders", "pg://prod/default.u"]


def test_who_names_no_owner_takes_that_of_what_is_larger() -> None:
    """Its system, that one's domain, the domain above; also from another file; and through what is told."""
    told = backstage.read(
        {
            "a.yaml": entity("Resource", "orders", "type: kafka-topic, system: shop"),
            "b.yaml": entity("System", "shop", "domain: sales"),
            "c.yaml": entity("Domain", "sales", "subdomainOf: commerce")
            + "---\n"
            + entity("Domain", "commerce", "owner: commerce-leads"),
        },
        TEMPLATES,
    )
    assert told.claims == (
        Claim(
            "kafka://prod/orders", "group:default/commerce-leads", "backstage", "a.yaml:1", "domain:default/commerce"
        ),
    )


def test_a_ring_of_domains_ends_with_nobody() -> None:
    """The dataset is known, and owned by nobody."""
    told = read(
        entity("Resource", "orders", "type: kafka-topic, system: shop"),
        entity("System", "shop", "domain: a"),
        entity("Domain", "a", "subdomainOf: b"),
        entity("Domain", "b", "subdomainOf: a"),
    )
    assert [one.owner for one in told.claims] == [""]


def test_an_answer_of_the_api_is_read_and_its_relations_go_first() -> None:
    """What the catalogue relates is what it resolved."""
    items = [
        {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Resource",
            "metadata": {"name": "orders", "namespace": "default"},
            "spec": {"type": "kafka-topic", "owner": "old"},
            "relations": [{"type": "ownedBy", "targetRef": "group:default/new"}],
        }
    ]
    for answer in (items, {"items": items, "totalItems": 1}):
        told = backstage.read({"all.json": json.dumps(answer)}, TEMPLATES)
        assert [(one.owner, one.where) for one in told.claims] == [("group:default/new", "all.json#1")]


def test_groups_are_teams_with_address_and_parent() -> None:
    """So that a team without a domain can be told, and knows who is above it."""
    told = read(
        entity("Group", "cards", "type: team, parent: Payments, profile: {displayName: Cards, email: c@acme.example}")
    )
    assert told.teams == (
        Team(
            "group:default/cards",
            "Cards",
            "backstage",
            "catalog-info.yaml:1",
            "c@acme.example",
            "group:default/payments",
        ),
    )


def test_what_is_no_entity_is_passed_over_and_what_is_half_one_is_told() -> None:
    """A folder may hold other YAML; a mistake names file, line and what to write."""
    told = read("some: thing\n", "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {title: x}\n")
    assert told.claims == ()
    assert told.problems == ("catalog-info.yaml:3: an entity has `kind` and `metadata.name`: write both",)
    broken = backstage.read({"x.yaml": "kind: [\n"}, TEMPLATES)
    assert broken.problems[0].startswith("x.yaml:")


def test_a_template_that_is_none_is_told() -> None:
    """With what may stand in it."""
    told = backstage.read({"f": entity("Resource", "a", "owner: x")}, {"resource": "k://{nme}"})
    [problem] = told.problems
    assert problem.startswith("f:1: the settings' template `k://{nme}` (`owners.backstage`, `datasets`)")
    assert problem.endswith("known are {name}, {namespace} and {title}")
