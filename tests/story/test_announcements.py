"""Stories of planned changes: asked about, agreed to or not, and what becomes of the change when it comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.followup.hygiene import Fault
from watcher.followup.scorecard import Scorecard
from watcher.handlers.hindsight import audit
from watcher.handlers.judging.policy import Policy
from watcher.handlers.planning.announce import Announcing
from watcher.handlers.planning.gate import applied
from watcher.handlers.planning.go import generate, public_keys, signer, verify
from watcher.handlers.planning.plan import Proposal
from watcher.handlers.planning.preview import preview
from watcher.handlers.rounds.hygiene import findings
from watcher.handlers.scoring.scores import scores
from watcher.handlers.ticketing.act import Order, act
from watcher.model.address import address_of
from watcher.model.announcement import Announcement, Answer, Silence, Terms, Word
from watcher.model.contract import SubscriptionName
from watcher.model.errors import UsageError
from watcher.model.schema import Format, SchemaText
from watcher.model.ticket import Verb

T = TypeVar("T")

FINANCE = reliance("finance", "amount", "order_id", notice="14d", notify=["finance-hook"])
SEARCH = reliance("search", "note", notify=["search-hook"])
PLANNED = without(ORDER, "amount")
DAY = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


class Shop(World):
    """A world in which the producer of the orders plans."""

    terms = Terms()

    def planning(self, work: Callable[[Announcing], T]) -> T:
        with self.ledger.begin() as tx:
            return work(Announcing(tx, self.judgement, self.terms, self.now))

    def propose(self, fields: dict[str, Any] | None = None, *, on: dt.datetime = DAY, **more: Any) -> Announcement:
        text = None if "paths" in more else SchemaText(Format.AVRO, record(fields or PLANNED))
        proposal = Proposal("kafka://prod/orders", on, "orders-lead", "amounts move to cents", text, **more)
        return self.planning(lambda announcing: announcing.propose(proposal))

    def say(self, one: Announcement, word: Word, name: str = "finance", **more: Any) -> Announcement:
        said = Answer(one.id, SubscriptionName(name), word, f"{name}-lead", self.now, **more)
        return self.planning(lambda announcing: announcing.answer(said))

    def at(self, moment: dt.datetime) -> None:
        """Let days go by, and the clock look at whatever is due in each of them."""
        while self.now < moment:
            self.now = min(moment, self.now + dt.timedelta(days=1))
            self.planning(lambda announcing: announcing.look())

    def stands(self, one: Announcement) -> Announcement:
        return self.planning(lambda announcing: announcing.found(one.id))

    def told(self, what: str) -> list[tuple[str, dict[str, Any]]]:
        return [(channel, body) for channel, type_, body in self.bodies() if type_ == f"announcement.{what}"]

    def card(self) -> Scorecard:
        with self.ledger.begin() as tx:
            span = (self.now - dt.timedelta(days=60), self.now + dt.timedelta(days=1))
            found = scores(tx, self.judgement.catalogue(), *span)
        [card] = [one for one in found.domains if one.domain == "checkout"]
        return card

    def severity(self) -> list[tuple[str, str]]:
        with self.ledger.begin() as tx:
            return [(one.state.value, one.severity.value) for one in tx.list_tickets()]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, CHECKOUT, FINANCE, SEARCH)
    made.orders(ORDER)
    made.live()
    return made


def test_an_agreed_change_in_its_window_makes_no_ticket(shop: Shop) -> None:
    """Who would break is asked, agrees, and nobody is blamed; the change is on record as announced."""
    one = shop.propose()

    assert [str(each.subscription) for each in one.asked] == ["finance"]
    [(channel, asked)] = shop.told("asked")
    assert channel == "finance-hook"
    assert asked["asked"]["clauses"]
    assert one.state == "proposed"

    one = shop.say(one, Word.ACCEPT)
    assert one.state == "agreed"
    assert {channel for channel, _ in shop.told("decided")} == {"checkout-hook", "finance-hook"}

    shop.at(DAY + dt.timedelta(hours=5))
    shop.orders(PLANNED)

    assert shop.show("tickets") == []
    [change] = shop.show("changes")
    [verdict] = [each for each in change["verdicts"] if each["subscription"] == "finance"]
    assert (verdict["outcome"], verdict["excused"]) == ("broken", [one.id])
    assert shop.stands(one).state == "done"


def test_the_same_change_unannounced_weighs_more_for_who_asks_for_notice(shop: Shop) -> None:
    """Finance asks for two weeks; search, which asks for none, is broken as it always was."""
    shop.orders(PLANNED)
    assert shop.severity() == [("open", "high")]

    shop.orders(without(PLANNED, "note"))
    assert [one["subscription"] for one in shop.show("violations")] == ["finance", "search"]


def test_a_change_without_notice_that_nobody_asked_for_keeps_its_weight(shop: Shop) -> None:
    """A contract without `notice` was never promised any."""
    shop.orders(without(ORDER, "note"))

    assert shop.severity() == [("open", "normal")]


def test_a_change_before_its_window_makes_a_heavier_ticket(shop: Shop) -> None:
    """Finance agreed to the first of December, and it is November."""
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.at(DAY - dt.timedelta(days=8))
    shop.orders(PLANNED)

    assert shop.severity() == [("open", "high")]
    [violation] = shop.show("violations")
    ticket = shop.ticket(shop.show("tickets")[0]["id"])
    assert "early" in str(ticket)
    assert violation["subscription"] == "finance"
    assert shop.stands(one).state == "agreed"


def test_taken_back_and_made_again_in_the_window_it_is_as_announced(shop: Shop) -> None:
    """The early ticket closes by proof, and the same change on its day raises none."""
    shop.say(shop.propose(), Word.ACCEPT)
    shop.orders(PLANNED)
    shop.orders(ORDER)
    assert [state for state, _ in shop.severity()] == ["resolved"]

    shop.at(DAY)
    shop.orders(PLANNED)
    assert [state for state, _ in shop.severity()] == ["resolved"]


def test_an_objection_stands_until_it_is_taken_back(shop: Shop) -> None:
    """With it there is no token, and the change weighs more; the last word counts."""
    one = shop.say(shop.propose(), Word.OBJECT, reason="the audit runs until spring")
    assert one.state == "objected"
    assert shop.told("answered")[0][1]["answer"]["reason"] == "the audit runs until spring"

    assert shop.say(one, Word.ACCEPT).state == "agreed"
    assert shop.say(one, Word.OBJECT, reason="no, after all").state == "objected"

    shop.at(DAY)
    shop.orders(PLANNED)
    assert shop.severity() == [("open", "high")]


def test_silence_is_reminded_twice_and_then_counts_as_a_yes(shop: Shop) -> None:
    """Finance asks for fourteen days of notice, and so has fourteen to answer."""
    one = shop.propose()
    shop.at(shop.now + dt.timedelta(days=15))

    assert [body["reminder"] for _, body in shop.told("asked")] == [0, 1, 2]
    assert shop.stands(one).state == "agreed"


def test_a_clock_that_stood_still_reminds_once(shop: Shop) -> None:
    """Whoever was down for a fortnight sends no burst."""
    shop.propose()
    shop.now += dt.timedelta(days=13)
    shop.planning(lambda announcing: announcing.look())
    shop.planning(lambda announcing: announcing.look())

    assert [body["reminder"] for _, body in shop.told("asked")] == [0, 2]


def test_where_silence_objects_nothing_goes_through_unseen(shop: Shop) -> None:
    """A setting, for those who want it strict."""
    shop.terms = Terms(counts_as=Silence.OBJECTS)
    one = shop.propose()
    shop.at(shop.now + dt.timedelta(days=15))

    assert shop.stands(one).state == "objected"


def test_who_cannot_be_reached_is_never_taken_for_silent(shop: Shop) -> None:
    """Without a channel there was no question; given one, it is asked then."""
    mute = reliance("finance", "amount", notice="14d")
    shop.contract(CHECKOUT, mute)
    one = shop.propose()
    shop.at(shop.now + dt.timedelta(days=3))
    assert shop.told("asked") == []

    shop.contract(CHECKOUT, FINANCE)
    shop.at(shop.now + dt.timedelta(days=2))
    assert len(shop.told("asked")) == 1
    shop.at(shop.now + dt.timedelta(days=12))
    assert shop.stands(one).state == "proposed"
    shop.at(shop.now + dt.timedelta(days=1))
    assert shop.stands(one).state == "agreed"


def test_a_newcomer_is_asked_and_does_not_undo_what_was_agreed(shop: Shop) -> None:
    """Its own break is its own ticket, of ordinary weight."""
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.contract(CHECKOUT, FINANCE, reliance("ml", "amount", notice="30d", notify=["ml-hook"]))
    shop.at(DAY)

    assert [channel for channel, _ in shop.told("asked")] == ["finance-hook", "ml-hook", "ml-hook", "ml-hook"]
    assert shop.stands(one).state == "agreed"
    shop.orders(PLANNED)
    assert [each["subscription"] for each in shop.show("violations")] == ["ml"]
    assert shop.severity() == [("open", "normal")]


def test_a_contract_that_is_gone_holds_nothing_up(shop: Shop) -> None:
    """Whoever no longer relies on it need not answer."""
    one = shop.propose()
    shop.contract(CHECKOUT, SEARCH)
    shop.at(shop.now + dt.timedelta(days=1))

    assert (shop.stands(one).state, shop.stands(one).asked) == ("agreed", ())


def test_a_change_may_come_in_parts(shop: Shop) -> None:
    """Each part is as announced; it is done when the announced schema stands."""
    whole = without(ORDER, "amount", "note")
    one = shop.propose(whole)
    shop.say(one, Word.ACCEPT)
    shop.say(one, Word.ACCEPT, "search")
    shop.at(DAY)

    shop.orders(without(ORDER, "note"))
    assert shop.stands(one).state == "agreed"
    shop.orders(whole)
    assert shop.stands(one).state == "done"
    assert shop.show("tickets") == []


def test_the_announced_schema_is_itself_whatever_stood_before(shop: Shop) -> None:
    """A field that came meanwhile and goes again with it does not make it another change."""
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.at(DAY)
    shop.orders({**ORDER, "currency": ["null", "string"]})
    shop.orders(PLANNED)

    assert shop.show("tickets") == []
    assert shop.stands(one).state == "done"


def test_a_window_that_goes_by_lapses_and_the_change_then_is_no_longer_covered(shop: Shop) -> None:
    """What comes late is a break again."""
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.at(DAY + dt.timedelta(days=9))

    assert shop.stands(one).state == "lapsed"
    shop.orders(PLANNED)
    assert [state for state, _ in shop.severity()] == ["open"]
    with pytest.raises(UsageError, match="nothing to answer"):
        shop.say(one, Word.ACCEPT)


def test_a_deprecated_field_may_go_after_its_sunset(shop: Shop) -> None:
    """Nobody said a word; all were told in time."""
    one = shop.propose(paths=("amount",))
    shop.at(DAY + dt.timedelta(days=100))
    shop.orders(PLANNED)

    assert shop.show("tickets") == []
    assert shop.stands(one).state == "done"


def test_before_its_sunset_the_removal_is_a_broken_promise(shop: Shop) -> None:
    """The ticket says until when it was promised to stay."""
    shop.propose(paths=("amount",))
    shop.at(DAY - dt.timedelta(days=2))
    shop.orders(PLANNED)

    assert shop.severity() == [("open", "high")]
    assert "early removal" in str(shop.ticket(shop.show("tickets")[0]["id"]))


def test_a_withdrawn_change_is_unannounced(shop: Shop) -> None:
    """Everyone hears that it is off; if it comes all the same, nobody was told."""
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.planning(lambda announcing: announcing.withdraw(one.id, "orders-lead", "later"))
    shop.at(DAY)
    shop.orders(PLANNED)

    assert shop.severity() == [("open", "high")]


def test_a_change_that_breaks_nobody_is_agreed_at_once(shop: Shop) -> None:
    """There is nobody to ask."""
    one = shop.propose({**ORDER, "currency": ["null", "string"]})

    assert (one.state, one.asked) == ("agreed", ())


def test_the_token_lets_the_check_of_this_schema_through(shop: Shop) -> None:
    """From the agreement to the pipeline: what was agreed passes, in its window, and nothing else does."""
    private, public = generate()
    one = shop.say(shop.propose(), Word.ACCEPT)
    token = shop.planning(lambda announcing: announcing.go(one.id, signer(private)))["token"]
    text = SchemaText(Format.AVRO, record(PLANNED))
    go = verify(token, public_keys(public), DAY)

    with shop.ledger.begin() as tx:
        found = preview(tx, shop.judgement, "kafka://prod/orders", text, shop.now)
    assert found["breaking"] is True
    go.require(found["dataset"], address_of(text))
    assert applied(found, go)["breaking"] is False


@pytest.mark.parametrize(
    ("proposal", "told"),
    [
        ({"dataset": "kafka://prod/nowhere"}, "not known"),
        ({"schema": SchemaText(Format.AVRO, record(ORDER))}, "nothing would change"),
        ({"on": DAY - dt.timedelta(days=100)}, "is over"),
        ({"on": DAY + dt.timedelta(days=1000)}, "days ahead"),
        ({"on": dt.datetime(9999, 12, 31, tzinfo=dt.UTC)}, "days ahead"),
        ({"schema": None, "paths": ("amount",), "on": dt.datetime(9999, 12, 31, tzinfo=dt.UTC)}, "days ahead"),
        ({"window": dt.timedelta(days=400)}, "window"),
        ({"window": dt.timedelta(0)}, "window"),
        ({"by": " "}, "who announces it"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 10_000}, "characters"),
        ({"schema": None, "paths": ("amuont",)}, "no field amuont"),
        ({"schema": None, "paths": ("amount",) * 2000}, "paths"),
    ],
)
def test_what_is_no_plan_is_refused_with_what_to_do(shop: Shop, proposal: dict[str, Any], told: str) -> None:
    """Nothing is recorded, and nobody is asked."""
    plan: dict[str, Any] = {
        "dataset": "kafka://prod/orders",
        "on": DAY,
        "by": "orders-lead",
        "reason": "cents",
        "schema": SchemaText(Format.AVRO, record(PLANNED)),
        **proposal,
    }
    with pytest.raises(UsageError, match=told):
        shop.planning(lambda announcing: announcing.propose(Proposal(**plan)))
    assert shop.bodies() == []


def test_the_same_plan_is_announced_once(shop: Shop) -> None:
    """A second time names the first."""
    one = shop.propose()

    with pytest.raises(UsageError, match=one.id):
        shop.propose()


@pytest.mark.parametrize(
    ("word", "name", "more", "told"),
    [
        (Word.ACCEPT, "search", {}, "is not asked"),
        (Word.OBJECT, "finance", {}, "needs a reason"),
        (Word.NEED_UNTIL, "finance", {}, "names a day"),
        (Word.NEED_UNTIL, "finance", {"until": dt.date(9999, 12, 31)}, "`object` with the reason"),
        (Word.ACCEPT, "finance", {"until": DAY.date()}, "names a day"),
    ],
)
def test_an_answer_that_is_none_is_refused(shop: Shop, word: Word, name: str, more: dict[str, Any], told: str) -> None:
    """A stranger's word, an objection without a reason, a wish without a day."""
    one = shop.propose()

    with pytest.raises(UsageError, match=told):
        shop.say(one, word, name, **more)
    with pytest.raises(UsageError, match="announce list"):
        shop.planning(lambda announcing: announcing.found("A-nothing"))


def test_every_word_is_in_the_chain(shop: Shop) -> None:
    """Made, answered, moved: each is a link, about this announcement."""
    one = shop.say(shop.propose(), Word.ACCEPT)

    with shop.ledger.begin() as tx:
        kinds = [link.kind for link in tx.records(one.id)]
    assert kinds == ["announcement.made", "announcement.answered", "announcement.moved"]


def test_who_would_be_asked_is_told_without_asking(shop: Shop) -> None:
    """The people, their clauses, the first day that all could accept; and nothing is kept."""
    text = SchemaText(Format.AVRO, record(PLANNED))
    question = Proposal("kafka://prod/orders", shop.now, "somebody", "asked", text)
    found = shop.planning(lambda announcing: announcing.shown(announcing.who(question)))

    assert [one["subscription"] for one in found["voices"]] == ["finance"]
    assert found["earliest"] == "2026-11-17"
    assert shop.bodies() == []
    assert shop.planning(lambda announcing: announcing._tx.list_announcements()) == []


def test_a_domain_that_has_spent_its_budget_passes_with_a_token_only(tmp_path: Path) -> None:
    """One break was its whole budget: the next one needs everybody's word, and then goes through."""
    spends = CHECKOUT + "budget: {breaking_changes: 1, per: 90d, when_spent: go-token}\n"
    shop = Shop(tmp_path, spends, FINANCE, SEARCH)
    shop.orders(ORDER)
    shop.live()
    text = SchemaText(Format.AVRO, record(without(ORDER, "note", "amount")))

    def checked() -> dict[str, Any]:
        with shop.ledger.begin() as tx:
            return preview(tx, shop.judgement, "kafka://prod/orders", text, shop.now)

    assert checked()["demands"] is None
    shop.orders(without(ORDER, "note"))
    shop.pass_time(hours=1)
    assert "has spent its budget, 1 breaking change in 90 days" in checked()["demands"]

    private, public = generate()
    one = shop.say(shop.propose(without(ORDER, "note", "amount")), Word.ACCEPT)
    token = shop.planning(lambda announcing: announcing.go(one.id, signer(private)))["token"]
    passed = applied(checked(), verify(token, public_keys(public), DAY))
    assert (passed["breaking"], passed["demands"]) == (False, None)


def test_what_one_agreed_to_and_another_did_not_is_one_breaking_change(tmp_path: Path) -> None:
    """It counts as what it is to those who had not agreed; both consumers were hit."""
    shop = Shop(tmp_path, CHECKOUT, FINANCE, reliance("ads", "amount", notify=["ads-hook"]))
    shop.orders(ORDER)
    shop.live()
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.say(one, Word.OBJECT, "ads", reason="the audit runs")
    shop.at(DAY + dt.timedelta(hours=5))
    shop.orders(PLANNED)

    card = shop.card()
    assert (card.breaking, card.unannounced, card.announced, card.consumers) == (1, 1, 0, 2)


def test_whom_an_announced_change_breaks_by_a_precedent_is_not_hit(tmp_path: Path) -> None:
    """An upheld dispute was no break: that the same change was announced to another does not make it one again."""
    shop = Shop(tmp_path, CHECKOUT, FINANCE)
    shop.judgement = replace(shop.judgement, policy=Policy(arbiters=("arbiter",)))
    shop._observer._judgement = shop.judgement
    shop.orders(ORDER)
    shop.live()
    shop.orders(without(ORDER, "amount"))
    with shop.ledger.begin() as tx:
        [ticket] = tx.list_tickets()
        act(tx, shop.judgement, Order(ticket.id, Verb.DISPUTE, "orders-lead", "test", "nobody reads it"), shop.now)
        act(tx, shop.judgement, Order(ticket.id, Verb.UPHOLD, "arbiter", "test", "so it is"), shop.now)
    shop.orders(ORDER)
    shop.contract(CHECKOUT, FINANCE, reliance("ads", "amount", notify=["ads-hook"]))
    shop.contracts_changed()
    one = shop.say(shop.propose(), Word.ACCEPT, "ads")
    shop.at(DAY + dt.timedelta(hours=5))
    shop.orders(PLANNED)

    assert shop.stands(one).state == "done"
    card = shop.card()
    assert (card.breaking, card.announced, card.consumers) == (1, 1, 1)


@pytest.mark.parametrize("stays", [True, False])
def test_what_a_consumer_gave_up_is_no_fault_of_its_contract_from_the_start(shop: Shop, stays: bool) -> None:
    """It is told to take the clause out, and by what it was given up; not that it never held."""
    one = shop.say(shop.propose(), Word.ACCEPT)
    shop.at(DAY + dt.timedelta(hours=5))
    shop.orders(PLANNED if stays else without(PLANNED, "note"))

    with shop.ledger.begin() as tx:
        found = findings(tx, shop.judgement, shop.now)
    mine = [each for subscription, each in found if subscription.name == "finance" and each.path == "amount"]
    assert [each.fault for each in mine] == [Fault.GIVEN_UP]
    assert f"({one.id}); take it out of the contract" in mine[0].message
    assert not [each for _, each in found if each.fault is Fault.UNSATISFIED]


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("update answers set document = replace(document, 'accept', 'object')", "an answer to announcement"),
        ("delete from answers", "is gone from the tables"),
        ("update announcements set document = replace(document, '2026-12', '2026-11')", "has no link, or was changed"),
        ("delete from answers; delete from announcements", "is gone from the tables"),
        (
            'update announcements set document = replace(document, \'"state":"agreed"\', \'"state":"done"\')',
            "its last link",
        ),
    ],
)
def test_what_was_announced_and_answered_is_held_by_the_chain(shop: Shop, tampering: str, found: str) -> None:
    """Whoever turns a word around, moves a day or takes a plan away is found out."""
    shop.say(shop.propose(), Word.ACCEPT)
    with shop.ledger.begin() as tx:
        assert not audit.verify(tx).faults
    with shop.ledger.begin() as tx:
        for statement in tampering.split("; "):
            assert tx._connection.execute(text(statement)).rowcount  # type: ignore[attr-defined]
        faults = audit.verify(tx).faults
    assert any(found in fault for fault in faults), faults
