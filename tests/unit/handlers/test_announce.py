"""Invitations: on which channels planned changes are spoken of, and that what is told arrives whole or cut."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from tests.parts.announcements import MADE, announcement, invited, removal, said
from watcher.followup.consent import standing
from watcher.formats.contracts.read import read
from watcher.formats.read import read_schema
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.shelf import Shelf
from watcher.handlers.planning.announce import document, summary
from watcher.handlers.planning.invitations import Invitations
from watcher.handlers.telling.sizes import LARGEST_BODY
from watcher.model.announcement import Deprecation, Word
from watcher.model.catalogue import Catalogue
from watcher.model.contract import Subscription
from watcher.model.delivery import Delivery
from watcher.model.domain import DomainRecord
from watcher.model.path import FieldPath
from watcher.ports import Transaction


class Outbox:
    """A ledger that only takes deliveries."""

    def __init__(self) -> None:
        self.deliveries: dict[str, Delivery] = {}

    def add_deliveries(self, deliveries: Sequence[Delivery], due_at: dt.datetime) -> None:
        assert due_at == MADE
        for one in deliveries:
            self.deliveries.setdefault(one.id, one)


CHECKOUT: dict[str, Any] = {"kind": "Domain", "name": "checkout", "owns": ["kafka://prod/orders"]}


def finance(**more: Any) -> dict[str, Any]:
    return {
        "kind": "Subscription",
        "name": "finance",
        "consumer": {"domain": "finance"},
        "dataset": "kafka://prod/orders",
        "relies_on": ["amount"],
        **more,
    }


def judgement(*documents: dict[str, Any], **more: Any) -> Judgement:
    found = [one for each in documents for one in read(json.dumps(each), "contract.yaml")]
    subscriptions = [one for one in found if isinstance(one, Subscription)]
    catalogue = Catalogue(subscriptions, [one for one in found if isinstance(one, DomainRecord)])
    return Judgement(lambda: catalogue, Shelf(read_schema), read_schema, lambda _a, _b: (), **more)


def invitations(known: Judgement) -> tuple[Invitations, Outbox]:
    outbox = Outbox()
    return Invitations(cast(Transaction, outbox), known, MADE), outbox


def channels(outbox: Outbox) -> list[tuple[str, dict[str, str]]]:
    return [(one.channel, dict(one.route)) for one in outbox.deliveries.values()]


def own(name: str, *routes: str) -> dict[str, Any]:
    """A domain that is told on these channels."""
    return {
        "kind": "Domain",
        "name": name,
        "owns": [f"kafka://prod/{name}"],
        "tickets": [{"channel": r} for r in routes],
    }


@pytest.mark.parametrize(
    ("documents", "asked"),
    [
        ([finance(notify=["slack:#finance"]), own("finance", "jira")], [("slack", {"to": "#finance"})]),
        ([finance(), own("finance", "jira", "chat")], [("chat", {})]),
        ([finance(), own("finance", "jira", "chat", "program")], [("chat", {}), ("program", {})]),
        ([finance(), own("finance", "jira")], [("jira", {})]),
    ],
)
def test_a_consumer_is_asked_where_its_contract_says_or_where_its_domain_is_told(
    documents: list[dict[str, Any]], asked: list[tuple[str, dict[str, str]]]
) -> None:
    """A tracker is asked last: an answer is wanted, not an item that waits. Programs of one's own hear everything."""
    policy = Policy(trackers=frozenset({"jira", "program"}), programs=frozenset({"program"}))
    told, outbox = invitations(judgement(CHECKOUT, *documents, policy=policy))

    told.ask(announcement(), invited())
    assert told.send() == len(asked)
    assert channels(outbox) == asked


def test_a_consumer_without_a_channel_is_named_in_the_log() -> None:
    """Its silence will mean nothing, and somebody has to mend that."""
    known = judgement(CHECKOUT, finance())
    told, _ = invitations(known)
    subscription = known.catalogue().subscription("finance")
    assert subscription is not None

    with capture_logs() as logged:
        assert not told.can_ask(subscription)
    [line] = logged
    assert (line["event"], line["subscription"]) == ("announcement.unaddressed", "finance")


def test_what_is_told_twice_is_wished_once() -> None:
    """A second try of the same act adds nothing; a reminder is another message."""
    told, outbox = invitations(judgement(CHECKOUT, finance(notify=["chat"])))

    told.ask(announcement(), invited())
    told.send()
    told.ask(announcement(), invited())
    told.ask(announcement(), invited(), reminder=1)
    told.send()

    assert len(outbox.deliveries) == 2


def test_the_producer_hears_of_answers_and_of_what_they_come_to() -> None:
    """On its domain's channels, or on the fallback where it has none."""
    one = announcement(invited())
    answer = said(Word.OBJECT, reason="the audit")
    for known, channel in (
        (judgement(CHECKOUT | {"tickets": [{"channel": "chat"}]}), "chat"),
        (judgement(CHECKOUT, fallback="office"), "office"),
    ):
        told, outbox = invitations(known)
        told.answered(one, answer, standing(one, [answer], MADE))
        told.send()
        [delivery] = outbox.deliveries.values()
        assert delivery.channel == channel
        assert delivery.body["answer"]["reason"] == "the audit"
        assert delivery.body["standing"]["sentences"] == ["finance objects, says finance-lead: the audit"]


def test_a_plan_of_many_changes_is_told_in_part() -> None:
    """What no receiver takes tells nobody; how much is missing is said."""
    facts = tuple(removal(f"{'long_' * 20}{number}") for number in range(5000))
    told, outbox = invitations(judgement(CHECKOUT, finance(notify=["chat"])))

    told.ask(announcement(facts=facts), invited())
    told.send()
    [delivery] = outbox.deliveries.values()
    assert len(json.dumps(delivery.body)) <= LARGEST_BODY
    assert delivery.body["omitted"]["changes"] > 0
    assert delivery.body["asked"]["subscription"] == "finance"


def test_an_announcement_is_shown_with_every_word_about_it() -> None:
    """What was planned, who was asked, what each said last, and what it comes to."""
    one = announcement(invited(notice=45), planned=Deprecation((FieldPath("amount"),)))
    shown = document(one, [said(Word.OBJECT, reason="no"), said(Word.ACCEPT)], MADE)

    assert shown["planned"] == {"deprecation": ["amount"]}
    assert [each["answer"] for each in shown["answers"]] == ["object", "accept"]
    assert [(each["subscription"], each["says"]) for each in shown["voices"]] == [("finance", "accepts")]
    assert (shown["agreed"], shown["earliest"], shown["short"]) == (True, "2026-12-01", [])


def test_in_a_list_an_announcement_is_short() -> None:
    """Neither the schema's text nor each fact is repeated in a list of hundreds."""
    brief = summary(announcement(invited(), facts=(removal("amount"),)), [], MADE)

    assert (brief["planned"], brief["changes"], brief["asked"], brief["missing"]) == ("a schema", 1, 1, 1)
    assert summary(announcement(planned=Deprecation()), [], MADE)["planned"] == "the dataset goes"
    assert summary(announcement(planned=Deprecation((FieldPath("a"),))), [], MADE)["planned"] == "a goes"
    assert "schema" not in brief
