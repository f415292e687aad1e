"""Simulate: a proposed ladder over tickets that are on record, at the command line; the ledger is not touched by it."""

import datetime as dt
import hashlib
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.parts.command_line import Ended, call
from tests.story.world import ORDER, World, record, reliance, without
from watcher.handlers.judging.policy import Policy
from watcher.handlers.telling.messages import moment
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.model.ticket import TicketId, Verb

ALWAYS = 'calendar: {timezone: UTC, hours: "00:00-24:00", days: mon-sun}\n'
CHECKOUT = 'kind: Domain\nname: checkout\nowns: ["kafka://prod/orders*"]\ntickets: [{channel: office}]\n' + ALWAYS
BILLING = 'kind: Domain\nname: billing\nowns: ["kafka://prod/payments"]\n' + ALWAYS
TODAY = 'ladder: [{after: 50h, to: "office:late"}]\n'
PROPOSED = 'ladder:\n  - {after: 2h, to: "office:team"}\n  - {after: 1d, to: "office:lead"}\n'
HOUR = dt.timedelta(hours=1)


class House:
    """Checkout was acknowledged after five hours and fixed after forty; billing stays silent since thirty days."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=30)
        contracts = (reliance("finance", "amount"), reliance("audit", "amount", dataset="kafka://prod/payments"))
        for name, ladder in (("contracts", TODAY), ("proposed", PROPOSED)):
            (folder / name).mkdir()
            (folder / name / "all.yaml").write_text("\n---\n".join((CHECKOUT + ladder, BILLING, *contracts)))
        settings = {
            "kafka": {"bootstrap_servers": "127.0.0.1:9"},
            "feeds": [{"name": "registry", "namespace": "kafka://prod"}],
            "ledger": f"sqlite:///{folder / 'ledger.db'}",
            "contracts": [str(folder / "contracts")],
            "follow_up": {"ladder": [{"after": "10d", "to": "office:architects"}]},
            "channels": {
                "office": {"url": "http://127.0.0.1:9/", "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}
            },
        }
        (folder / "watcher.yaml").write_text(json.dumps(settings))
        world = World(folder, CHECKOUT + TODAY, BILLING, *contracts)
        world.judgement = replace(world.judgement, policy=Policy(channels=frozenset({"office"})))
        world._observer._judgement = world.judgement
        with closing(world.ledger):
            self._play(world)

    def _play(self, world: World) -> None:
        world.now = self.begun
        for subject in ("orders-value", "payments-value"):
            world.schema(subject, record(ORDER))
        world.live()
        for subject in ("orders-value", "payments-value"):
            world.schema(subject, record(without(ORDER, "amount")))
        world.now += 5 * HOUR
        [ticket] = [one["id"] for one in world.show("tickets") if one["domain"] == "checkout"]
        with world.ledger.begin() as tx:
            act(tx, world.judgement, Order(TicketId(ticket), Verb.ACKNOWLEDGE, "em", "cli"), world.now)
        world.now += 35 * HOUR
        world.schema("orders-value", record(ORDER))
        world.now += 11 * HOUR
        with world.ledger.begin() as tx:
            climb(tx, world.judgement, world.now)

    def simulate(self, *words: object) -> Ended:
        return call("simulate", *words, "--config", self.folder / "watcher.yaml")

    def prints(self) -> dict[str, str]:
        files = (one for one in self.folder.rglob("*") if one.is_file())
        return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


def test_a_proposed_ladder_says_whom_it_would_have_told(house: House) -> None:
    """The team after two hours; the lead not, for somebody had it in hand. Billing takes the settings' ladder."""
    found = house.simulate("--contracts", house.folder / "proposed", "--json").json()

    assert [(one["domain"], one["borrowed"], one["really_told"]) for one in found["tickets"]] == [
        ("checkout", False, 0),
        ("billing", True, 0),
    ]
    checkout, billing = ([(rung["rung"], rung["at"], rung["to"]) for rung in one["rungs"]] for one in found["tickets"])
    assert checkout == [(1, moment(house.begun + 2 * HOUR), "office:team")]
    assert billing == [(1, moment(house.begun + 240 * HOUR), "office:architects")]
    assert found["addresses"] == [{"to": "office:architects", "times": 1}, {"to": "office:team", "times": 1}]
    assert found["domains"] == [
        {"domain": "billing", "tickets": 1, "climbed": 1, "rungs": 1, "really_told": 0},
        {"domain": "checkout", "tickets": 1, "climbed": 1, "rungs": 1, "really_told": 0},
    ]


def test_without_a_proposal_it_is_the_ladder_in_force(house: House) -> None:
    """Fifty hours: checkout was done before."""
    found = house.simulate("--json").json()

    assert [len(one["rungs"]) for one in found["tickets"]] == [0, 1]


def test_only_the_span_is_told(house: House) -> None:
    """What lies before it counts as time that went by, and is not listed."""
    found = house.simulate("--last", "25d", "--contracts", house.folder / "proposed", "--json").json()

    assert [(one["domain"], len(one["rungs"])) for one in found["tickets"]] == [("billing", 1)]


def test_the_page_lists_each_rung(house: House) -> None:
    """And how often each address would have been written to."""
    out = house.simulate("--contracts", house.folder / "proposed").out

    assert "rung 1 on" in out
    assert "billing: kafka://prod/payments (normal, by the settings' ladder)" in out
    assert "2 tickets since" in out
    assert out.endswith("2 rungs would have been told\n")


def test_nothing_is_touched(house: House) -> None:
    """Not a byte of the ledger, and no file more."""
    before = house.prints()

    assert house.simulate("--contracts", house.folder / "proposed").code == 0

    assert house.prints() == before


def test_a_folder_that_is_not_there_is_refused(house: House) -> None:
    """It is no ladder of nobody."""
    ended = house.simulate("--contracts", house.folder / "nowhere")

    assert (ended.code, ended.out) == (2, "")
    assert "nowhere" in ended.err
