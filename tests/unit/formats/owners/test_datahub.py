"""DataHub: owners by type, of datasets, containers and domains, in each form in which they are exported."""

from __future__ import annotations

import json
from typing import Any

from watcher.formats.owners import datahub
from watcher.model.claim import Claim, Claims, Team

NAMES = {"snowflake": "snowflake://acme", "kafka.eu": "kafka://eu", "kafka": "kafka://prod"}
ORDERS = "urn:li:dataset:(urn:li:dataPlatform:snowflake,dw.shop.orders,PROD)"


def group(name: str) -> str:
    return f"urn:li:corpGroup:{name}"


def ownership(*owners: tuple[str, str]) -> dict[str, Any]:
    return {"owners": [{"owner": urn, "type": kind} for urn, kind in owners]}


def proposal(urn: str, aspect: str, content: dict[str, Any], *, as_text: bool = False) -> dict[str, Any]:
    told = {"value": json.dumps(content), "contentType": "application/json"} if as_text else {"json": content}
    return {"entityUrn": urn, "changeType": "UPSERT", "aspectName": aspect, "aspect": told}


def read(*rows: Any, environment: str = "PROD") -> Claims:
    return datahub.read({"x.json": json.dumps(list(rows))}, NAMES, environment)


def test_technical_owners_come_first_and_groups_before_people() -> None:
    """Of a file of change proposals, as JSON or as a text of it."""
    told = ownership(
        ("urn:li:corpuser:lead", "TECHNICAL_OWNER"),
        (group("shop"), "TECHNICAL_OWNER"),
        (group("biz"), "BUSINESS_OWNER"),
    )
    for as_text in (False, True):
        found = read(proposal(ORDERS, "ownership", told, as_text=as_text))
        assert found.claims == (Claim("snowflake://acme/dw.shop.orders", group("shop"), "datahub", "x.json#1"),)
    business = ownership((group("steward"), "DATA_STEWARD"), (group("biz"), "BUSINESS_OWNER"))
    assert read(proposal(ORDERS, "ownership", business)).claims[0].owner == group("biz")


def test_an_owner_type_of_its_own_is_read_by_its_urn() -> None:
    """As newer versions write it."""
    owners = [
        {"owner": group("a"), "type": "CUSTOM", "typeUrn": "urn:li:ownershipType:mine"},
        {"owner": group("b"), "type": "NONE", "typeUrn": "urn:li:ownershipType:__system__none"},
        {"owner": group("c"), "type": "CUSTOM", "typeUrn": "urn:li:ownershipType:__system__technical_owner"},
    ]
    assert read(proposal(ORDERS, "ownership", {"owners": owners})).claims[0].owner == group("c")


def test_snapshots_the_entity_api_and_graphql_say_the_same() -> None:
    """Each in its form."""
    told = ownership((group("shop"), "TECHNICAL_OWNER"))
    snapshot = {
        "proposedSnapshot": {
            "com.linkedin.pegasus2avro.metadata.snapshot.DatasetSnapshot": {
                "urn": ORDERS,
                "aspects": [{"com.linkedin.pegasus2avro.common.Ownership": told}],
            }
        }
    }
    entity = {"urn": ORDERS, "ownership": {"value": told, "systemMetadata": {}}, "schemaMetadata": {"value": {}}}
    node = {
        "urn": ORDERS,
        "type": "DATASET",
        "ownership": {"owners": [{"owner": {}}, {"owner": {"urn": group("shop")}, "type": "TECHNICAL_OWNER"}]},
    }
    answer = {"data": {"dataset": node}}
    search = {"data": {"searchAcrossEntities": {"searchResults": [{"entity": node}]}}}
    for row in (snapshot, entity, answer, search):
        found = datahub.read({"x.json": json.dumps(row)}, NAMES)
        assert [(one.pattern, one.owner) for one in found.claims] == [
            ("snowflake://acme/dw.shop.orders", group("shop"))
        ]


def test_containers_and_domains_hand_their_owner_down() -> None:
    """The nearest container that has one; then the domain's owner; last the domain itself."""
    schema, database, domain = "urn:li:container:s", "urn:li:container:d", "urn:li:domain:sales"
    rows = [
        proposal(ORDERS, "container", {"container": schema}),
        proposal(schema, "container", {"container": database}),
        proposal(database, "ownership", ownership((group("dw"), "DATAOWNER"))),
    ]
    assert read(*rows).claims == (
        Claim("snowflake://acme/dw.shop.orders", group("dw"), "datahub", "x.json#1", database),
    )
    within = proposal(ORDERS, "domains", {"domains": [domain]})
    assert [(one.owner, one.inherited_from) for one in read(within).claims] == [(domain, domain)]
    owned = proposal(domain, "ownership", ownership((group("sales"), "NONE")))
    assert [(one.owner, one.inherited_from) for one in read(within, owned).claims] == [(group("sales"), domain)]


def test_an_instance_of_a_platform_has_a_namespace_of_its_own() -> None:
    """What stands before the name; other environments are passed over; an unknown platform is told once."""
    urns = [f"urn:li:dataset:(urn:li:dataPlatform:{name})" for name in (
        "kafka,eu.orders,PROD", "kafka,us.orders,PROD", "kafka,x,DEV", "hive,a.b,PROD", "hive,c.d,PROD",
    )]  # fmt: skip
    found = read(*(proposal(urn, "ownership", ownership((group("a"), "NONE"))) for urn in urns))
    assert [one.pattern for one in found.claims] == ["kafka://eu/orders", "kafka://prod/us.orders"]
    assert found.remarks == ("x.json#4: the platform `hive` is in no `names`: write which namespace its datasets have",)


def test_whoever_only_reads_the_data_does_not_own_it() -> None:
    """Older versions list consumers among the owners."""
    told = ownership(("urn:li:corpGroup:bi", "CONSUMER"), (group("shop"), "PRODUCER"))
    assert read(proposal(ORDERS, "ownership", told)).claims[0].owner == group("shop")
    assert read(proposal(ORDERS, "ownership", ownership((group("bi"), "CONSUMER")))).claims[0].owner == ""


def test_a_dataset_that_was_removed_is_passed_over() -> None:
    """Its aspects stay in the catalogue."""
    owned = proposal(ORDERS, "ownership", ownership((group("a"), "NONE")))
    assert read(owned, proposal(ORDERS, "status", {"removed": True})).claims == ()
    assert len(read(owned, proposal(ORDERS, "status", {"removed": False})).claims) == 1


def test_an_aspect_of_another_form_than_it_should_have_says_nothing() -> None:
    """The rest of the export counts."""
    odd = [proposal(ORDERS, name, {name: True, "owners": 5}) for name in ("domains", "container", "ownership")]
    assert [one.owner for one in read(*odd).claims] == [""]


def test_groups_have_addresses() -> None:
    """Of their own aspect."""
    info = {"displayName": "Shop", "email": "shop@acme.example"}
    assert read(proposal(group("shop"), "corpGroupInfo", info)).teams == (
        Team(group("shop"), "Shop", "datahub", "x.json#1", "shop@acme.example"),
    )


def test_lines_of_json_are_read_and_a_bad_one_is_told() -> None:
    """The others count."""
    row = json.dumps(proposal(ORDERS, "ownership", ownership((group("a"), "NONE"))))
    found = datahub.read({"x.jsonl": f"{row}\nnot json\n"}, NAMES)
    assert [one.where for one in found.claims] == ["x.jsonl:1"]
    assert found.problems == ("x.jsonl:2: this line is no JSON object: export it again",)
