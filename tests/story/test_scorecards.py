"""Scorecards at the command line: the figures of a story that can be reckoned by hand, as text, JSON and CSV."""

import csv
import datetime as dt
import io
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.parts.command_line import Ended, call
from tests.story.world import ORDER, World, record, reliance, without
from watcher.handlers.judging.policy import Policy
from watcher.handlers.rounds.chores import DAY, WEEK, do_chores
from watcher.handlers.scoring.scorecards import figures, table
from watcher.handlers.scoring.scores import scores
from watcher.handlers.ticketing.act import Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.ledger import open_ledger
from watcher.model.ticket import TicketId, Verb

ALWAYS = 'calendar: {timezone: UTC, hours: "00:00-24:00", days: mon-sun}'
CONTRACTS = (
    f"""
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
tickets: [{{channel: office-hook}}]
ladder: [{{after: 1h, to: "office-hook:lead"}}]
deadlines: {{high: {{acknowledge: 1h, fix: 1d}}}}
budget: {{breaking_changes: 2, per: 90d}}
{ALWAYS}
""",
    f'kind: Domain\nname: billing\nowns: ["kafka://prod/payments"]\n{ALWAYS}\n',
    reliance("finance", "amount", criticality="high"),
    reliance("search", "amount", criticality="low"),
    reliance("audit", "amount", dataset="kafka://prod/payments"),
)
HOUR = dt.timedelta(hours=1)


class House:
    """Forty days ago checkout broke two consumers, and billing was blamed for what was never promised."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=40)
        (folder / "contracts").mkdir()
        (folder / "contracts" / "all.yaml").write_text("\n---\n".join(CONTRACTS))
        settings = {
            "kafka": {"bootstrap_servers": "127.0.0.1:9"},
            "feeds": [{"name": "registry", "namespace": "kafka://prod"}],
            "ledger": f"sqlite:///{folder / 'ledger.db'}",
            "contracts": [str(folder / "contracts")],
        }
        (folder / "watcher.yaml").write_text(json.dumps(settings))
        self.world = World(folder, *CONTRACTS)
        policy = Policy(
            arbiters=("arbiter",), channels=frozenset({"office-hook"}), leadership=("mail:cto@acme.example",)
        )
        self.world.judgement = replace(self.world.judgement, policy=policy)
        self.world._observer._judgement = self.world.judgement
        with closing(self.world.ledger):
            self._play()

    def _play(self) -> None:
        """Told after one hour, acknowledged after two (an hour late), fixed after thirty (six hours late)."""
        world = self.world
        world.now = self.begun
        for subject in ("orders-value", "orders-eu-value", "payments-value"):
            world.schema(subject, record(ORDER))
        world.live()
        self._chores()
        world.orders(without(ORDER, "amount"))
        world.schema("payments-value", record(without(ORDER, "amount")))
        world.now += HOUR
        with world.ledger.begin() as tx:
            climb(tx, world.judgement, world.now)
        world.now += HOUR
        self._do("checkout", Verb.ACKNOWLEDGE, "em-checkout")
        self._do("billing", Verb.DISPUTE, "em-billing")
        self._do("billing", Verb.UPHOLD, "arbiter")
        world.now += 28 * HOUR
        world.orders(ORDER)
        world.now = self.begun + WEEK + DAY
        self._chores()

    def _chores(self) -> None:
        with self.world.ledger.begin() as tx:
            do_chores(tx, self.world.judgement, self.world.now)

    def _do(self, domain: str, verb: Verb, by: str) -> None:
        [ticket] = [one["id"] for one in self.world.show("tickets") if one["domain"] == domain]
        with self.world.ledger.begin() as tx:
            act(tx, self.world.judgement, Order(TicketId(ticket), verb, by, "cli", "so it is"), self.world.now)

    def scorecard(self, *words: str, days: int = 45) -> Ended:
        """Of the span that has all of it, and ends now."""
        today = dt.datetime.now(dt.UTC).date()
        span = f"{today - dt.timedelta(days=days)}..{today}"
        return call("scorecard", "--span", span, *words, "--config", self.folder / "watcher.yaml")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


def test_the_figures_are_those_reckoned_by_hand(house: House) -> None:
    """One break, two consumers of weight four and one; both promises broken; one of two datasets is dark."""
    found = house.scorecard("--json").json()

    checkout = next(one for one in found["domains"] if one["domain"] == "checkout")
    del checkout["since"], checkout["until"]
    assert checkout == {
        "domain": "checkout",
        "breaking": {"all": 1, "unannounced": 1, "announced": 0},
        "consumers": {"hit": 2, "weighted": 5},
        "notice_h": None,
        "acknowledged": {"count": 1, "late": 1, "median_h": 2.0, "longest_h": 2.0},
        "fixed": {"count": 1, "late": 1, "median_h": 30.0, "longest_h": 30.0},
        "unfinished": 0,
        "escalated": 1,
        "reopened": 0,
        "waived": 0,
        "disputes": {"raised": 0, "upheld": 0, "rejected": 0},
        "false_alarms": 0,
        "dark": 1,
        "budget": {"allowed": 2, "spent": 1, "left": 1, "per_days": 90.0, "when_spent": "escalate", "over": False},
    }


def test_what_was_no_break_is_the_watchers_own_fault(house: House) -> None:
    """Billing has nothing against it but its own dispute; one of two settled tickets was wrong."""
    found = house.scorecard("--json").json()

    billing = next(one for one in found["domains"] if one["domain"] == "billing")
    assert billing["breaking"] == {"all": 0, "unannounced": 0, "announced": 0}
    assert (billing["consumers"]["hit"], billing["fixed"]["count"], billing["false_alarms"]) == (0, 0, 1)
    assert billing["disputes"] == {"raised": 1, "upheld": 1, "rejected": 0}
    assert found["precision"] == {"settled": 2, "false_alarms": 1, "value": 0.5}


def test_the_heaviest_domain_comes_first(house: House) -> None:
    """Those who have nothing to answer for come last, by name."""
    assert [one["domain"] for one in house.scorecard("--json").json()["domains"]] == ["checkout", "billing"]


def test_the_table_for_spreadsheets_has_the_same_figures(house: House) -> None:
    """A line a domain, under the names of its columns."""
    first, second = csv.DictReader(io.StringIO(house.scorecard("--csv").out))

    assert (first["domain"], first["unannounced"], first["weighted"], first["fix_median_h"]) == (
        "checkout", "1", "5", "30.0",
    )  # fmt: skip
    assert (first["acknowledged_late"], first["budget_left"], first["dark"]) == ("1", "1", "1")
    assert (first["budget_when_spent"], second["budget_when_spent"]) == ("escalate", "")
    assert (second["domain"], second["false_alarms"], second["budget_left"]) == ("billing", "1", "")


def test_the_metrics_have_the_tables_figures(house: House) -> None:
    """Under the names of its columns, with the same values."""
    with (
        closing(open_ledger(f"sqlite:///{house.folder / 'ledger.db'}", exclusive=False)) as ledger,
        ledger.begin() as tx,
    ):
        found = scores(tx, house.world.judgement.catalogue(), house.begun - DAY, house.begun + 39 * DAY)
    rows = {row["domain"]: row for row in csv.DictReader(io.StringIO(table(found)))}

    told = list(figures(found))
    for domain, figure, value in told:
        assert float(rows[domain][figure]) == value
    left_out = {"domain", "since", "until", "breaking", "dark", "budget_when_spent"}
    known = {(name, key) for name, row in rows.items() for key in row.keys() - left_out if row[key] != ""}
    assert {(domain, figure) for domain, figure, _ in told} == known


def test_the_page_is_read_at_a_glance(house: House) -> None:
    """One line a domain, and the watcher's own precision below."""
    out = house.scorecard().out

    [checkout] = [line for line in out.splitlines() if line.startswith("checkout")]
    head = out.splitlines()[1]
    assert all(word in head for word in ("announced", "notice", "acknowledged", "fixed", "reopened", "upheld", "dark"))
    assert "1 in 2 h, 1 late" in checkout
    assert "1 of 2 left" in checkout
    assert "the watcher's own precision: 50% (1 of 2 settled tickets were no break)" in out


def test_one_domain_alone(house: House) -> None:
    """One that is not known is refused, with those that are."""
    assert [one["domain"] for one in house.scorecard("--json", "--domain", "billing").json()["domains"]] == ["billing"]

    ended = house.scorecard("--domain", "search")

    assert (ended.code, ended.out) == (2, "")
    assert "known are checkout, billing" in ended.err


def test_a_span_without_anything_has_only_what_stands(house: House) -> None:
    """The last week: no break, no precision to speak of; datasets are dark all the same."""
    found = house.scorecard("--json", days=7).json()

    checkout = next(one for one in found["domains"] if one["domain"] == "checkout")
    assert (checkout["breaking"]["all"], checkout["fixed"]["late"], checkout["dark"]) == (0, 0, 1)
    assert found["precision"]["value"] is None
    assert checkout["budget"]["spent"] == 1  # its own ninety days reach further back


@pytest.mark.parametrize("span", ["2026-Q5", "lately", "2026-13", "2026-10-01..x"])
def test_what_is_no_span_is_refused(house: House, span: str) -> None:
    """The message says how a span is written."""
    ended = call("scorecard", "--span", span, "--config", house.folder / "watcher.yaml")

    assert ended.code == 2
    assert "2026-Q4" in ended.err


@pytest.mark.parametrize(
    ("span", "said"),
    [("2199-Q1", "lies ahead"), ("2026-10-31..2026-10-01", "ends before it begins"), ("2026-01-01..9999-12-31", "Q4")],
)
def test_a_span_that_cannot_be_reckoned_is_refused(house: House, span: str, said: str) -> None:
    """Not answered with a page of noughts."""
    ended = call("scorecard", "--span", span, "--config", house.folder / "watcher.yaml")

    assert (ended.code, said in ended.err) == (2, True)


def test_another_ledger_is_named_as_everywhere(house: House, tmp_path: Path) -> None:
    """The settings' own is passed over; one that is not there is a mistake."""
    url = f"sqlite:///{house.folder / 'ledger.db'}"

    assert (
        house.scorecard("--json", "--ledger", url).json()["precision"] == house.scorecard("--json").json()["precision"]
    )
    absent = house.scorecard("--ledger", f"sqlite:///{tmp_path / 'absent.db'}")
    assert (absent.code, absent.out) == (2, "")


def test_csv_and_json_at_once_are_refused(house: House) -> None:
    """One or the other."""
    assert house.scorecard("--csv", "--json").code == 2


def test_leadership_reads_the_same_once_a_week(house: House) -> None:
    """The quarter so far and the week, with the head of the record, so that nobody can rewrite it unseen."""
    from watcher.ledger import open_ledger  # noqa: PLC0415 - the world has closed its own

    with closing(open_ledger(f"sqlite:///{house.folder / 'ledger.db'}")) as ledger, ledger.begin() as tx:
        [row] = [one for one in tx.list_deliveries(100) if one.delivery.type.value == "scorecard.made"]
        number, hash_ = tx.chain_head()
    body = row.delivery.body

    assert (row.delivery.channel, dict(row.delivery.route)) == ("mail", {"to": "cto@acme.example"})
    assert body["head"] == f"{number}:{hash_}"
    assert {one["domain"] for one in body["week"]["domains"]} == {"checkout", "billing"}
    assert body["week"]["precision"]["settled"] in {0, 1, 2}
