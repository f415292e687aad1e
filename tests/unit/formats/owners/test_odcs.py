"""Data contracts: the team of an ODCS document, in its old form and its new one, and the datasets of its servers."""

from __future__ import annotations

from watcher.formats.owners import odcs
from watcher.model.claim import Claim, Claims, Team

TEMPLATES = {"kafka": "kafka://prod/{name}", "snowflake": "snowflake://{account}/{name}"}
HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
KAFKA = "servers: [{server: prod, type: kafka, host: 'b:9092'}]\nschema: [{name: orders, physicalName: shop.orders}]\n"


def read(text: str, today: str = "2026-11-23") -> Claims:
    return odcs.read({"c.odcs.yaml": HEAD + text}, TEMPLATES, today)


def test_the_team_by_its_name() -> None:
    """The form of 3.1; its support's address is the team's."""
    told = read(
        KAFKA + "team: {name: checkout}\nsupport: [{channel: x, tool: email, url: 'mailto:checkout@acme.example'}]\n"
    )
    assert told == Claims(
        (Claim("kafka://prod/shop.orders", "checkout", "odcs", "c.odcs.yaml:1"),),
        (Team("checkout", "checkout", "odcs", "c.odcs.yaml:1", "checkout@acme.example"),),
    )


def test_a_team_that_has_a_name_is_meant_before_its_members() -> None:
    """It stays when its owner leaves; the owner's address is where it is reached."""
    told = read(KAFKA + "team: {name: checkout, members: [{username: lead@acme.example, role: Owner}]}\n")
    assert [one.owner for one in told.claims] == ["checkout"]
    assert [one.email for one in told.teams] == ["lead@acme.example"]


def test_the_owner_among_the_members() -> None:
    """The form of 3.0, a list; whoever has left is none."""
    team = (
        "team:\n- {username: a@acme.example, role: developer}\n"
        "- {username: b@acme.example, role: Data Owner, dateOut: 2026-01-31}\n"
        "- {username: c@acme.example, role: Product Owner}\n"
    )
    told = read(KAFKA + team)
    assert [(one.owner, one.pattern) for one in told.claims] == [("c@acme.example", "kafka://prod/shop.orders")]
    assert told.teams[0].email == "c@acme.example"
    assert [one.owner for one in read(KAFKA + team, "2026-01-30").claims] == ["b@acme.example"]


def test_the_domain_where_there_is_no_team() -> None:
    """Else nobody is claimed."""
    assert [one.owner for one in read(KAFKA + "domain: sales\n").claims] == ["sales"]
    assert [one.owner for one in read(KAFKA).claims] == [""]
    support = "support: [{channel: help@acme.example, tool: email}]\n"
    assert [one.owner for one in read(KAFKA + support).claims] == ["help@acme.example"]


def test_tables_stand_below_their_database_and_schema() -> None:
    """A name that says so itself is taken as it is; the server's own keys may be used."""
    told = read(
        "servers: [{server: p, type: snowflake, account: acme, database: RAW, schema: SHOP}]\n"
        "schema: [{name: ORDERS}, {name: x, physicalName: DW.A.B}]\nteam: {name: t}\n"
    )
    assert [one.pattern for one in told.claims] == ["snowflake://acme/RAW.SHOP.ORDERS", "snowflake://acme/DW.A.B"]


def test_a_server_that_nothing_names_is_told_once() -> None:
    """With what to write where."""
    text = "servers: [{server: a, type: oracle}, {server: b, type: oracle}]\nschema: [{name: x}]\n"
    assert read(text).remarks == (
        "c.odcs.yaml:1: servers of type `oracle` are in no `datasets`: write how their datasets are named",
    )


def test_a_contract_of_an_old_version_is_told() -> None:
    """It holds nothing that could be read, and nobody should wonder why."""
    told = odcs.read({"c.yaml": "apiVersion: v2.2.2\nkind: DataContract\ndataset: [{table: x}]\n"}, TEMPLATES)
    assert told == Claims(remarks=("c.yaml:1: contracts of ODCS 2 name no servers: convert it to version 3",))


def test_other_documents_are_passed_over() -> None:
    """A folder may hold other YAML."""
    assert odcs.read({"a.yaml": "kind: Domain\nname: x\n"}, TEMPLATES) == Claims()
