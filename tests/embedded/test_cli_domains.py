"""`watcher domains` on real files: who owns what, what decided it, and what nobody owns."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path

import pytest

from tests.parts.command_line import Ended, call
from watcher.ledger import open_ledger
from watcher.ports.accountability import StaleAddressRow

SETTINGS = """
kafka: {bootstrap_servers: "127.0.0.1:9092"}
feeds: [{name: registry, namespace: "kafka://prod"}]
ledger: sqlite:///ledger.db
owners:
  mail: mail
  backstage: [{paths: [catalog], datasets: {kafka-topic: "kafka://prod/{name}"}}]
  codeowners: [{path: CODEOWNERS, files: {"schemas/{name}.avsc": "kafka://prod/{name}"}}]
channels:
  mail: {type: mail, host: mail.acme.example, sender: watcher@acme.example}
"""
CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: payments}
spec: {type: kafka-topic, system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: "group:default/money"}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: money}
spec: {type: team, profile: {email: money@acme.example}, children: []}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Settings, one domain, a catalogue and a CODEOWNERS file."""
    (tmp_path / "watcher.yaml").write_text(SETTINGS)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "checkout.yaml").write_text("name: checkout\nowns: ['kafka://prod/orders*']\n")
    (tmp_path / "contracts" / "finance.yaml").write_text(
        "consumer: {domain: checkout}\ndataset: kafka://prod/stock\nrelies_on: [id]\n"
    )
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "all.yaml").write_text(CATALOG)
    (tmp_path / "CODEOWNERS").write_text("*.avsc @acme/platform\nschemas/payments.avsc @acme/cards\n")
    (tmp_path / "schemas").mkdir()
    for name in ("orders", "payments", "rates"):
        (tmp_path / "schemas" / f"{name}.avsc").write_text("{}")
    return tmp_path


def domains(house: Path, *words: str) -> Ended:
    return call("domains", *words, "--config", house / "watcher.yaml")


def test_who_says_what_decided_and_what_was_passed_over(house: Path) -> None:
    """A domain's own pattern; a catalogue, through its system; a file's owner."""
    ended = domains(house, "who", "kafka://prod/orders", "kafka://prod/payments", "kafka://prod/rates")

    assert ended.code == 0, ended.err
    assert ended.out.replace(str(house), "") == (
        "kafka://prod/orders: checkout\n"
        "  decided by `owns: kafka://prod/orders*` in /contracts/checkout.yaml\n"
        "  passed over: codeowners (/CODEOWNERS:1) names `@acme/platform`\n"
        "kafka://prod/payments: money\n"
        "  decided by backstage, /catalog/all.yaml:2: it names group:default/money, through system:default/shop\n"
        "  passed over: codeowners (/CODEOWNERS:2) names `@acme/cards`\n"
        "kafka://prod/rates: platform\n"
        "  decided by codeowners, /CODEOWNERS:1: it names @acme/platform\n"
    )


def test_teams_without_a_document_are_listed_with_where_they_are_told(house: Path) -> None:
    """By mail where they have an address; else on the fallback."""
    found = {one["name"]: one for one in domains(house, "list", "--json").json()}
    assert set(found) == {"cards", "checkout", "money", "platform"}
    checkout, money, platform = found["checkout"], found["money"], found["platform"]
    assert checkout["made_of"] is None
    assert (money["name"], money["tickets"]) == ("money", [{"channel": "mail", "to": "money@acme.example"}])
    assert (platform["made_of"], platform["tickets"]) == ("@acme/platform", [])


def test_what_nobody_owns_is_listed(house: Path) -> None:
    """What contracts rely on counts, also before it was ever heard of; the exit code says that there is something."""
    with closing(open_ledger(f"sqlite:///{house / 'ledger.db'}")):
        ended = domains(house, "unowned", "--json")
    assert ended.code == 1
    assert ended.json() == [{"dataset": "kafka://prod/stock", "contracts": 1, "moved_at": None, "others": []}]


def test_codeowners_without_the_files_beside_it_says_so(house: Path) -> None:
    """It names files: where none is there, it claims nothing, and that is no mistake of the file."""
    for one in (house / "schemas").iterdir():
        one.unlink()

    ended = domains(house, "list")

    assert ended.code == 0
    assert "is named as `schemas/{name}.avsc`, so it claims nothing" in ended.err


def test_who_is_not_owned_ends_with_one(house: Path) -> None:
    """For scripts."""
    ended = domains(house, "who", "kafka://prod/stock")
    assert ended.code == 1
    assert ended.out.startswith("kafka://prod/stock: nobody\n")
    assert "fits `kafka://prod/stock`: its tickets go to `fallback`; give it to a domain's `owns`" in ended.out
    assert "begins with its namespace" in domains(house, "who", "stock").out


def test_addresses_at_which_nobody_is_are_listed_with_who_names_them(house: Path) -> None:
    """Until something arrives there."""
    (house / "contracts" / "checkout.yaml").write_text(
        "name: checkout\nowns: ['kafka://prod/orders*']\ntickets: [{channel: mail, to: gone@acme.example}]\n"
    )
    at = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    with closing(open_ledger(f"sqlite:///{house / 'ledger.db'}")) as ledger:
        assert domains(house, "stale").code == 0
        with ledger.begin() as tx:
            tx.put_stale_address(StaleAddressRow("mail", "gone@acme.example", "550 no such user", at))
        ended = domains(house, "stale", "--json")
    assert ended.code == 1
    [found] = ended.json()
    assert found["named_by"] == [str(house / "contracts" / "checkout.yaml")]
    assert (found["reason"], found["since"]) == ("550 no such user", "2026-11-02T09:00:00.000Z")


def test_a_bad_catalogue_is_a_note_on_the_side(house: Path) -> None:
    """What can be read is in force."""
    (house / "catalog" / "broken.yaml").write_text("kind: [Component\n")
    ended = domains(house, "who", "kafka://prod/payments")
    assert ended.code == 0
    assert "broken.yaml" in ended.err
    assert ended.out.startswith("kafka://prod/payments: money\n")
