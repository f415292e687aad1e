"""What people read, word for word: reports, pages and lists of the command line, each beside its golden file."""

import datetime as dt
from typing import Any

import pytest

from tests.parts.command_line import call
from tests.parts.golden import assert_golden
from tests.unit.cli.conftest import shop
from tests.unit.cli.shop import DATASET, ORDER, Shop, order
from watcher.cli.ticket_page import page

__all__ = ["shop"]

NOW = dt.datetime(2026, 3, 30, tzinfo=dt.UTC)

PROPOSED = order(
    ORDER[0],
    {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["placed", "paid", "returned"]}},
    *ORDER[3:],
    {"name": "channel", "type": "string", "default": "web"},
)


@pytest.mark.parametrize("style", ["text", "json", "github", "junit"])
def test_check(shop: Shop, monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    """A report says who breaks, who does not, and why, in the words of its reader."""
    monkeypatch.chdir(shop.folder)
    shop.write("order.avsc", PROPOSED)
    words = ("check", "order.avsc", "--dataset", DATASET, "--against", "now.avsc", "--level", "BACKWARD")
    ended = call(*words, "--format", style)

    assert (ended.code, ended.err) == (1, "")
    assert_golden(f"check.{style}", ended.out)


def test_check_that_passes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report in which all holds is short, and says who was asked."""
    monkeypatch.chdir(shop.folder)
    ended = call("check", "now.avsc", "--dataset", DATASET, "--against", "now.avsc", "--level", "FULL")

    assert_golden("check-passes.text", ended.out)


def test_check_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a schema that stands, each contract is judged on the new one alone."""
    monkeypatch.chdir(shop.folder)
    shop.write("order.avsc", PROPOSED)
    ended = call("check", "order.avsc", "--dataset", DATASET)

    assert_golden("check-alone.text", ended.out)


def test_diff(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts stand one on a line, with what was and what is."""
    monkeypatch.chdir(shop.folder)
    shop.write("order.avsc", PROPOSED)

    assert_golden("diff.text", call("diff", "now.avsc", "order.avsc").out)


def test_compat(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's verdict stands first, its reasons below, each with its place."""
    monkeypatch.chdir(shop.folder)
    shop.write("order.avsc", PROPOSED)
    ended = call("compat", "order.avsc", "now.avsc", "--level", "FULL")

    assert ended.code == 1
    assert_golden("compat.text", ended.out)


def test_contracts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is in order is listed; one that is not is told mistake by mistake."""
    monkeypatch.chdir(shop.folder)
    good = call("contracts", "check", "contracts")
    shop.write(
        "contracts/bad.yaml", "kind: Subscription\nname: x\nconsumr: {domain: a}\ndataset: 7\nrelies_on: [a..b]\n"
    )
    bad = call("contracts", "check", "contracts")

    assert (good.code, bad.code) == (0, 2)
    assert_golden("contracts.text", good.out + bad.err)


def test_rule() -> None:
    """A rule's page says what it is for, and shows the smallest case."""
    assert_golden("rule.text", call("rules", "show", "field-removed").out)


def test_rule_that_is_not_there() -> None:
    """A rule that is not there is answered with the nearest one."""
    ended = call("rules", "show", "field-remved")

    assert (ended.code, ended.out) == (2, "")
    assert "did you mean `field-removed`?" in ended.err


def test_ticket() -> None:
    """A ticket's page says whose work it is, whom it breaks and why, and what happened to it."""
    assert_golden("ticket.text", "\n".join(page(a_ticket(), NOW)) + "\n")


def _done(verb: str, by: str, reason: str, **more: Any) -> dict[str, Any]:
    """A move that leaves the ticket where it is, made on the command line."""
    via = "watcher" if by == "watcher" else "cli"
    move = {"before": "acknowledged", "after": "acknowledged", "at": "2026-03-29T09:01:00+00:00", "verb": verb}
    return {**move, "by": by, "via": via, "details": None, "reason": reason, "proof": None, **more}


def a_ticket() -> dict[str, Any]:
    violation: dict[str, Any] = {
        "consumer": {"domain": "finance", "team": "revenue", "contact": "#finance-data"},
        "subscription": "revenue-close",
        "criticality": "high",
        "path": "amount",
        "wants": "`amount` is there",
        "outcome": "broken",
        "rule": "field-removed",
        "message": "`amount` is gone: it is not there",
        "before": "double",
        "after": None,
        "open": True,
    }
    unproven = {"library": "fastavro 1.0", "before": None, "after": None, "absent": "tags stand in no record\x1b[m"}
    proven = {
        "library": "fastavro 1.0",
        "before": {"record": {"amount": 0.5}, "encoded": "00", "outcome": "`amount` is 0.5", "fails": False},
        "after": {"record": {}, "encoded": "", "outcome": "`amount` is not there", "fails": True},
        "absent": "",
    }
    hostile: dict[str, Any] = {**violation, "witness": unproven, "message": "\x1b[31m[red]gone\n", "open": False}
    hostile["consumer"] = {"domain": "mark\u202eeting", "team": None, "contact": None}
    return {
        "id": "T-3f2a9c01b7",
        "domain": "checkout",
        "dataset": DATASET,
        "state": "open",
        "opened_at": "2026-03-29T01:30:00+00:00",
        "changed_at": "2026-03-30T01:30:00+00:00",
        "reopened": 1,
        "severity": "high",
        "acknowledge_by": "2026-03-30T05:30:00+00:00",
        "acknowledged_at": "2026-03-29T09:00:00+00:00",
        "fix_by": "2026-04-02T01:30:00+00:00",
        "snoozed_until": "2026-04-01T14:59:59+00:00",
        "follows": "T-0ld",
        "verbs": ["acknowledge", "start"],
        "mirrors": [
            {"channel": "jira-main", "id": "10001", "url": "https://jira.example/browse/CHK-1"},
            {"channel": "slack", "id": "C1/1700000000.1", "url": None},
        ],
        "waivers": [],
        "violations": [{**violation, "witness": proven}, hostile, {**violation, "outcome": "unknown"}],
        "moves": [
            {
                "before": None,
                "after": "open",
                "at": "2026-03-29T03:30:00+02:00",
                "verb": "open",
                "by": "watcher",
                "via": "watcher",
                "details": {"severity": "high"},
                "reason": "a change broke what consumers rely on",
                "proof": {"change": "c0ffee"},
            },
            {
                "before": "open",
                "after": "acknowledged",
                "at": "2026-03-29T09:00:00+00:00",
                "verb": "acknowledge",
                "by": "mail",
                "via": "link",
                "details": None,
                "reason": "seen\r\nX: y",
                "proof": None,
            },
            _done("start", "em-checkout", "start by em-checkout"),
            _done("snooze", "em-checkout", "she is back on Wednesday", details={"until": "2026-04-01T14:59:59+00:00"}),
            _done("escalate", "watcher", "nobody fixed it", details={"rung": 1, "to": "slack:#leads"}),
            _done(
                "comment",
                "em-checkout",
                "em-checkout tried to close it (done), but the break persists: `amount` is gone",
                details={"claimed": "fixed"},
                proof={"persists": ["f1"], "seen": ["`amount` is gone", "`status` is \x1b[31mgone"]},
            ),
        ],
    }
