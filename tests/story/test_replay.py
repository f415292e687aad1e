"""Replay: what was recorded is judged again under other contracts; the ledger that stands is not touched by it."""

import datetime as dt
import hashlib
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.parts.command_line import Ended, call
from tests.story.world import ORDER, World, record, reliance, without
from watcher.handlers.hindsight.replay import months_back
from watcher.handlers.judging.policy import Policy
from watcher.handlers.telling.messages import moment
from watcher.handlers.ticketing.act import Order, act
from watcher.model.errors import UsageError
from watcher.model.ticket import TicketId, Verb

CHECKOUT = """
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{channel: office}]
ladder:
  - {after: 1h, to: "office:#checkout"}
  - {after: 1d, to: "office:em-checkout"}
deadlines: {normal: {acknowledge: 1h, fix: 1d}}
calendar: {timezone: UTC, hours: "00:00-24:00", days: mon-sun}
"""
HOUR = dt.timedelta(hours=1)


class House:
    """A ledger with forty days of history that broke nobody, and a folder of today's contracts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=40)
        (folder / "contracts").mkdir()
        self.contracts(CHECKOUT, reliance("finance", "amount"))
        settings = {
            "kafka": {"bootstrap_servers": "127.0.0.1:9"},
            "feeds": [{"name": "registry", "namespace": "kafka://prod"}],
            "ledger": f"sqlite:///{folder / 'ledger.db'}",
            "contracts": [str(folder / "contracts")],
            "fallback": "office",
            "channels": {
                "office": {
                    "type": "webhook",
                    "url": "http://127.0.0.1:9/hook",
                    "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
                }
            },
        }
        (folder / "watcher.yaml").write_text(json.dumps(settings))

    def contracts(self, *texts: str) -> None:
        (self.folder / "contracts" / "all.yaml").write_text("\n---\n".join(texts))

    def history(self) -> None:
        """The amount goes, comes back thirty hours later, and goes again, while no contract asks for it."""
        world = World(self.folder)
        with closing(world.ledger):
            world.now = self.begun
            world.orders(ORDER)
            world.live()
            for hours, fields in ((24, without(ORDER, "amount")), (30, ORDER), (24 * 30, without(ORDER, "amount"))):
                world.now += hours * HOUR
                world.orders(fields)
            assert world.show("tickets") == []
            assert len(world.show("changes")) == 3

    def replay(self, *words: object) -> Ended:
        return call("replay", *words, "--config", self.folder / "watcher.yaml")

    def prints(self) -> dict[str, str]:
        """Every file of the folder, as its bytes stand."""
        return {
            one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in self.folder.rglob("*") if one.is_file()
        }


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.history()
    return made


def test_history_is_judged_again_under_a_contract_that_came_later(house: House) -> None:
    """The first break was open for thirty hours, the second is a ticket of its own that still is."""
    found = house.replay("--last", "60d", "--json").json()

    first, second = found["tickets"]
    assert [(one["domain"], one["dataset"], one["consumers"]) for one in (first, second)] == [
        ("checkout", "kafka://prod/orders", ["finance"])
    ] * 2
    begun, again = house.begun + 24 * HOUR, house.begun + (54 + 24 * 30) * HOUR
    [episode] = first["episodes"]
    assert (episode["opened_at"], episode["open_h"]) == (moment(begun), 30)
    assert (first["state"], second["state"]) == ("resolved", "open")
    assert second["episodes"] == [{"opened_at": moment(again), "resolved_at": None, "open_h": None}]
    assert found["steps"] == 3
    assert found["domains"] == [{"domain": "checkout", "tickets": 2, "datasets": 1, "consumers": 1, "still_open": 1}]


def test_the_ladder_that_nobody_would_have_stopped_is_listed(house: House) -> None:
    """One hour after the break and one day after it; who was mended before the next step is not told."""
    found = house.replay("--last", "60d", "--json").json()

    begun = house.begun + 24 * HOUR
    assert found["tickets"][0]["ladder"] == [
        {"at": moment(begun + HOUR), "to": "office:#checkout"},
        {"at": moment(begun + 24 * HOUR), "to": "office:em-checkout"},
    ]


def test_nothing_that_stands_is_touched(house: House) -> None:
    """Not a byte of the ledger, and no file more."""
    before = house.prints()

    assert house.replay("--last", "60d").code == 0

    assert house.prints() == before


def test_only_the_span_is_judged(house: House) -> None:
    """A break before it makes no ticket; what stood at its beginning is the measure."""
    found = house.replay("--last", "20d", "--json").json()

    assert (found["steps"], len(found["tickets"])) == (1, 1)
    assert house.replay("--last", "1d", "--json").json()["tickets"] == []


def test_without_a_contract_there_is_no_ticket(house: House) -> None:
    """It is the contracts of today that count."""
    house.contracts(CHECKOUT)

    ended = house.replay("--last", "60d")

    assert (ended.code, ended.out) == (0, "3 steps of history were judged; 0 tickets\n")


def test_a_contract_is_tried_before_it_is_in_force(house: House, tmp_path: Path) -> None:
    """A folder that somebody proposes stands in the place of the settings' own, which stay as they are."""
    house.contracts(CHECKOUT)
    proposed = tmp_path / "proposed"
    proposed.mkdir()
    (proposed / "all.yaml").write_text("\n---\n".join((CHECKOUT, reliance("logistics", "amount"))))

    found = house.replay("--last", "60d", "--contracts", proposed, "--json").json()

    assert [one["consumers"] for one in found["tickets"]] == [["logistics"]] * 2
    assert house.replay("--last", "60d", "--json").json()["tickets"] == []


def test_a_contract_that_never_held_is_no_peace(house: House) -> None:
    """It makes no ticket, whatever happens: the page says so, and of which clause."""
    house.contracts(CHECKOUT, reliance("logistics", "weight"))

    ended = house.replay("--last", "60d")

    assert "weight was never there" in ended.out
    assert "[greedy]" in ended.out
    [fault] = house.replay("--last", "60d", "--json").json()["contracts"]
    assert (fault["consumer"], fault["path"], fault["fault"]) == ("logistics", "weight", "greedy")


@pytest.mark.parametrize(
    ("tickets", "said", "to"),
    [
        (
            "[{channel: office, to: '#checkout'}]",
            "told office (to #checkout)",
            [{"channel": "office", "to": "#checkout"}],
        ),
        ("[]", "told office", [{"channel": "office"}]),
    ],
)
def test_it_is_told_where_the_domain_would_have_heard_of_it(
    house: House, tickets: str, said: str, to: list[dict[str, str]]
) -> None:
    """Its own channels, else the fallback."""
    house.contracts(CHECKOUT.replace("[{channel: office}]", tickets), reliance("finance", "amount"))

    assert said in house.replay("--last", "60d").out.splitlines()[2]
    assert [one["to"] for one in house.replay("--last", "60d", "--json").json()["tickets"]] == [to] * 2


def test_the_page_says_who_would_have_heard_of_it(house: House) -> None:
    """Ticket by ticket, and a table by domain."""
    out = house.replay("--last", "60d").out

    assert "checkout: kafka://prod/orders (normal)" in out
    assert "hits finance" in out
    assert "the ladder would have told office:em-checkout on" in out
    assert "3 steps of history were judged; 2 tickets" in out


@pytest.mark.parametrize(
    ("orders", "tickets"),
    [
        ([(Verb.DISPUTE, "em-checkout"), (Verb.UPHOLD, "arbiter")], 0),
        ([(Verb.DISPUTE, "em-checkout"), (Verb.REJECT, "arbiter")], 1),
        ([(Verb.WAIVE, "head-of-finance")], 1),
    ],
)
def test_what_was_decided_for_good_holds_in_the_rehearsal(
    tmp_path: Path, orders: list[tuple[Verb, str]], tickets: int
) -> None:
    """An upheld dispute makes no ticket again; a rejected one does, and a waiver is for a ticket that there was."""
    house = House(tmp_path)
    world = World(tmp_path, CHECKOUT, reliance("finance", "amount"))
    world.judgement = replace(world.judgement, policy=Policy(arbiters=("arbiter",)))
    with closing(world.ledger):
        world.now = house.begun
        world.orders(ORDER)
        world.live()
        world.orders(without(ORDER, "amount"))
        ticket = TicketId(world.show("tickets")[0]["id"])
        details = {"until": (world.now + 300 * 24 * HOUR).isoformat()}
        for verb, by in orders:
            with world.ledger.begin() as tx:
                told = details if verb is Verb.WAIVE else {}
                act(tx, world.judgement, Order(ticket, verb, by, "cli", "never promised", told), world.now)

    assert len(house.replay("--last", "60d", "--json").json()["tickets"]) == tickets
    versions = Versions(house.folder / "history").add("v1.avsc", ORDER).add("v2.avsc", without(ORDER, "amount"))
    of_folder = house.replay(versions.folder, "--dataset", "kafka://prod/orders", "--json")
    assert (len(of_folder.json()["tickets"]), of_folder.err) == (tickets, "")


def test_a_newcomer_without_a_ledger_rehearses_too(tmp_path: Path) -> None:
    """It is said that nothing decided is known; a ledger that was named and is not there is a mistake."""
    house = House(tmp_path)
    versions = Versions(tmp_path / "history").add("v1.avsc", ORDER).add("v2.avsc", without(ORDER, "amount"))
    words = (versions.folder, "--dataset", "kafka://prod/orders", "--json")

    found = house.replay(*words)
    named = house.replay(*words, "--ledger", f"sqlite:///{tmp_path / 'absent.db'}")

    assert (found.code, len(found.json()["tickets"])) == (0, 1)
    assert "precedents and announcements are not known" in found.err
    assert (named.code, named.out) == (2, "")


class Versions:
    """A folder of schema versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def add(self, name: str, fields: dict[str, Any]) -> "Versions":
        (self.folder / name).write_text(record(fields))
        return self


def test_a_folder_of_versions_is_judged_in_the_order_of_its_names(house: House) -> None:
    """Dates in names are their time, noon and the settle window; the break lasts from the second to the third."""
    today = house.begun.date()
    days = [today + dt.timedelta(days=number) for number in (0, 10, 12)]
    versions = Versions(house.folder / "history")
    for day, fields in zip(days, (ORDER, without(ORDER, "amount"), ORDER), strict=True):
        versions.add(f"orders-{day}.avsc", fields)

    found = house.replay(versions.folder, "--dataset", "kafka://prod/orders", "--json").json()

    [one] = found["tickets"]
    assert one["episodes"] == [
        {
            "opened_at": f"{days[1]}T12:00:05.000Z",
            "resolved_at": f"{days[2]}T12:00:05.000Z",
            "open_h": 48,
        }
    ]
    assert (found["steps"], found["unreadable"]) == (3, 0)


def test_a_folder_and_its_contracts_need_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who tries the watcher asks with two folders; a named file that is not there is a mistake, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    versions = Versions(tmp_path / "history")
    for name, fields in (("1.avsc", ORDER), ("2.avsc", without(ORDER, "amount"))):
        versions.add(name, fields)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "finance.yaml").write_text(reliance("finance", "amount"))
    words = ("replay", "history", "--dataset", "kafka://prod/orders", "--contracts", "contracts")

    ended = call(*words, "--json")

    assert (ended.code, ended.err) == (0, "")
    [one] = ended.json()["tickets"]
    assert (one["domain"], one["consumers"], one["to"]) == ("unowned", ["finance"], [])
    assert call(*words, "--config", "nowhere.yaml").code == 2
    assert call("replay", "--contracts", "contracts").code == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["contracts", "history"]


def test_versions_are_ordered_as_people_count(house: House) -> None:
    """The tenth comes after the ninth: the field that only the tenth lacks is missing at the end."""
    versions = Versions(house.folder / "history")
    for number in (1, 2, 9):
        versions.add(f"v{number}.avsc", ORDER)
    versions.add("v10.avsc", without(ORDER, "amount"))

    found = house.replay(versions.folder, "--dataset", "kafka://prod/orders", "--json").json()

    assert [one["state"] for one in found["tickets"]] == ["open"]


def test_versions_that_were_all_written_at_once_are_taken_for_one_a_day(house: House) -> None:
    """As a checkout writes them: a break that was mended later is seen all the same."""
    versions = Versions(house.folder / "history")
    for number, fields in enumerate((ORDER, without(ORDER, "amount"), ORDER)):
        versions.add(f"v{number}.avsc", fields)

    found = house.replay(versions.folder, "--dataset", "kafka://prod/orders", "--json").json()

    assert [one["episodes"][0]["open_h"] for one in found["tickets"]] == [24]


def test_contracts_that_cannot_be_read_are_no_measure(house: House) -> None:
    """Half of the contracts would give half of the tickets: the place to mend is named, and nothing is told."""
    house.contracts(CHECKOUT, "kind: Subscription\nname: x")

    ended = house.replay("--last", "60d")

    assert (ended.code, ended.out) == (2, "")
    assert "all.yaml:" in ended.err


def test_a_version_that_cannot_be_read_is_counted(house: House) -> None:
    """What it breaks is told as unknown; the next that can be read is judged by the last that could."""
    versions = Versions(house.folder / "history").add("v1.avsc", ORDER).add("v3.avsc", ORDER)
    (versions.folder / "v2.avsc").write_text("{ this is no schema")

    ended = house.replay(versions.folder, "--dataset", "kafka://prod/orders", "--json")

    assert (ended.code, ended.err) == (0, "")
    assert [one["state"] for one in ended.json()["tickets"]] == ["resolved"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["history"], "--dataset kafka://prod/orders"),
        (["nowhere", "--dataset", "kafka://prod/orders"], "is no folder"),
        (["contracts", "--dataset", "kafka://prod/orders"], "has 0 schema versions"),
        (["history", "--topic-of", "registry"], "choose one history"),
        (["--topic-of", "billing"], "known are registry"),
        (["--last", "soon"], "write months, 6m, or days, 90d"),
    ],
)
def test_what_is_no_history_is_refused_with_a_way_out(house: House, words: list[str], said: str) -> None:
    """Exit code 2."""
    Versions(house.folder / "history").add("v1.avsc", ORDER).add("v2.avsc", ORDER)
    ended = house.replay(*(house.folder / one if one in {"history", "contracts", "nowhere"} else one for one in words))

    assert ended.code == 2
    assert said in ended.err


@pytest.mark.parametrize(("written", "days"), [("6m", 182.625), ("6", 182.625), ("90d", 90)])
def test_a_span_to_look_back(written: str, days: float) -> None:
    """Months of a twelfth of a year, or days."""
    now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert months_back(written, now) == now - dt.timedelta(days=days)


@pytest.mark.parametrize("written", ["", "m", "0d", "-3m", "3661m", "1.5m", "six", "²"])
def test_what_is_no_span_to_look_back(written: str) -> None:
    """The message says how one is written."""
    with pytest.raises(UsageError, match="6m"):
        months_back(written, dt.datetime(2026, 11, 23, tzinfo=dt.UTC))


def test_only_the_ledgers_own_history_has_a_last_part(house: House, tmp_path: Path) -> None:
    """A folder and a topic are judged whole: who asks for less is told so, and not answered with more."""
    (tmp_path / "versions").mkdir(exist_ok=True)
    for words in ((tmp_path / "versions", "--dataset", "k://a"), ("--topic-of", "registry")):
        ended = house.replay("--last", "60d", *words)
        assert ended.code == 2
        assert "--last is for the ledger's own history" in ended.err
