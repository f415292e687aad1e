"""Composing: every type of message becomes a letter that says first what happened, and what is asked of its reader."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.parts import letters, news
from tests.parts.letters import AT, OF_TABLE, OF_TOPIC, delivery, moved
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.letter import Items, Letter, Line, Listing, Paragraph
from watcher.delivery.letters.plain import render
from watcher.model.delivery import ABOUT_TICKETS, Delivery, DeliveryId, MessageType
from watcher.model.ticket import TicketState, Verb

UNDELIVERED = {"channel": "slack", "address": "#checkout-oncall", "reason": "channel_not_found"}


def text(line: Line) -> str:
    """A line's words alone."""
    return "".join(run.text for run in line)


def headings(letter: Letter) -> list[str]:
    """The parts, in their order."""
    return [one.heading for one in letter.sections]


def part(letter: Letter, heading: str) -> str:
    """All that one part says."""
    said = []
    for block in next(one for one in letter.sections if one.heading == heading).blocks:
        match block:
            case Paragraph(line):
                said.append(text(line))
            case Items(lines):
                said += [text(one) for one in lines]
            case Listing(shown):
                said.append(shown)
    return "\n".join(said)


def with_body(one: Delivery, **more: Any) -> Letter:
    """The letter of the same message, with something else in its body."""
    return compose(replace(one, body={**one.body, **more}))


def test_a_ticket_says_first_what_broke_for_whom_and_by_when() -> None:
    """The lead alone is enough to know whether to get up."""
    lead = text(compose(letters.of_topic()).lead)

    for said in ("checkout", "finance/revenue and risk/scoring", "kafka://prod/orders", "amount is gone"):
        assert said in lead
    assert "Acknowledge it by Mon 2 Nov 2026, 14:00 Europe/Berlin (13:00 UTC)" in lead


def test_a_ticket_is_told_in_the_order_in_which_it_is_asked_about() -> None:
    """What changed, who breaks, how to mend it and what happens else come before the proofs, and stay where room is."""
    letter = compose(letters.of_topic())

    assert headings(letter) == [
        "What changed",
        "Who breaks, and why",
        "How to fix it",
        "What happens if nothing is done",
        "Proof",
        "The registry's verdict",
        "Step by step",
    ]
    assert [one.brief for one in letter.sections] == [True] * 4 + [False] * 3
    assert part(letter, "What changed") == "amount, field removed: long → gone"
    assert "lets this change pass" in part(letter, "The registry's verdict")
    assert '{"order_id": "", "amount": 0}' in part(letter, "Proof")
    assert '{"name": "amount", "type": "long", "default": 0}' in part(letter, "Step by step")


def test_a_table_names_who_ran_which_statement_and_no_registry() -> None:
    """The feed knows the role and the statement; a database has no registry to be beside."""
    letter = compose(letters.of_table())
    facts = {label: text(said) for label, said in letter.facts.pairs}

    assert "done by etl_role" in text(letter.lead)
    assert (facts["Done by"], facts["Statement"]) == ("etl_role", "ALTER TABLE orders DROP COLUMN amount")
    assert "The registry's verdict" not in headings(letter)
    assert 'ADD COLUMN "amount" NUMERIC(12,2);' in part(letter, "Step by step")


def test_a_registry_that_also_finds_it_incompatible_is_quoted() -> None:
    """Its own words stand beside ours, with the version that it compared with."""
    found = [{"kind": "READER_FIELD_MISSING_DEFAULT_VALUE", "path": "/fields/1", "message": "amount"}]
    verdict = {**letters.REGISTRY, "compatible": False, "against": 6, "incompatibilities": found}

    said = part(with_body(letters.of_topic(), registry=verdict), "The registry's verdict")

    assert "incompatible against version 6" in said
    assert "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1: amount" in said


@pytest.mark.parametrize("what", sorted(ABOUT_TICKETS))
def test_every_message_of_a_ticket_has_its_marker_and_state(what: MessageType) -> None:
    """A tracker finds the item by the one, and moves it by the other."""
    one = letters.of_topic()
    letter = compose(replace(one, type=what))

    assert (letter.marker, letter.state) == ("watcher-t-3f2a9c01b7", "open")


def test_what_is_not_about_a_ticket_has_no_marker() -> None:
    """A consumer's notice is not the producer's ticket."""
    assert not compose(letters.notice()).marker


def test_buttons_are_the_verbs_that_are_legal_now() -> None:
    """An open ticket can be acknowledged, a resolved one only opened again."""
    assert {one.verb for one in compose(letters.of_topic()).actions} == {
        None, "acknowledge", "start", "resolve", "dispute",
    }  # fmt: skip
    assert {one.verb for one in compose(letters.resolution()).actions} == {None, "reopen"}


@pytest.mark.parametrize(
    ("verb", "after", "more", "said"),
    [
        (Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED, {}, "em-checkout (slack) acknowledged"),
        (Verb.START, TicketState.IN_PROGRESS, {}, "em-checkout (slack) works on"),
        (Verb.DISPUTE, TicketState.DISPUTED, {"reason": "it was never promised"}, "disputes"),
        (Verb.WAIVE, TicketState.WAIVED, {"details": {"until": "2026-12-01T00:00:00Z"}}, "until Tue 1 Dec 2026"),
        (Verb.SNOOZE, TicketState.OPEN, {"details": {"until": "2026-11-05T09:00:00Z"}}, "snoozed"),
        (Verb.COMMENT, TicketState.OPEN, {"reason": "half of it is back"}, "half of it is back"),
    ],
)
def test_a_move_is_led_by_who_and_why_and_is_short(
    verb: Verb, after: TicketState, more: dict[str, Any], said: str
) -> None:
    """News of a ticket that is known already tell the move, and repeat little."""
    letter = compose(moved(verb, after, **more))

    assert said in text(letter.lead)
    assert more.get("reason", "") in text(letter.lead)
    assert headings(letter) == ["What it is about"]
    assert len(render(letter)) < len(render(compose(letters.of_topic())))


def test_an_escalation_says_what_nobody_did_and_the_history() -> None:
    """Who is told now knows nothing of it yet."""
    letter = compose(letters.escalation())

    assert "nobody has acknowledged it since Mon 2 Nov 2026" in text(letter.lead)
    assert "slack:#checkout-leads" in part(letter, "What happened so far")
    assert part(letter, "The ladder").count("told") == 2


def test_a_resolution_gives_the_proof() -> None:
    """Version, schema and position by which anyone can check it."""
    said = part(compose(letters.resolution()), "The proof")

    for one in ("8", "3c21dd2f818224c1b101f2dd39e70c2f", "registry/0@44"):
        assert one in said


def test_a_consumer_is_told_what_to_do_and_whom_to_ask() -> None:
    """Its own clause only, in its own words."""
    letter = compose(letters.notice())

    assert "you need not report it" in text(letter.lead)
    assert "slack:#checkout-oncall" in part(letter, "What to do until it is fixed")
    assert "risk" not in render(letter)


def test_who_did_not_get_it_stands_first() -> None:
    """The fallback reads for whom it was meant, and why they do not know."""
    letter = with_body(letters.of_topic(), undelivered=UNDELIVERED)

    assert text(letter.lead).startswith("This did not reach #checkout-oncall by slack (channel_not_found)")
    assert "A change of checkout" in text(letter.lead)


def test_a_channel_as_a_whole_that_is_dead_is_named() -> None:
    """Where a route names no address, the channel is what is dead."""
    letter = with_body(letters.of_topic(), undelivered={**UNDELIVERED, "address": "*"})

    assert text(letter.lead).startswith("This did not reach slack (channel_not_found)")


def test_what_was_cut_is_said() -> None:
    """A part is not taken for the whole."""
    cut = {"values": 2, "violations": 1, "remedies": 0, "history": 5}
    letter = with_body(letters.of_topic(), omitted=cut)

    assert "2 values, 1 broken clause and 5 lines of its history" in text(letter.footer)
    assert "cut" not in text(compose(letters.of_topic()).footer)


def test_many_changes_are_counted_after_the_first() -> None:
    """A release of a thousand fields is one ticket, and one letter that can be read."""
    many = [
        {
            **OF_TOPIC[0],
            "path": f"f{number}",
            "change": {"kind": "field-removed", "path": f"f{number}", "before": {"type": "long"}, "after": None},
        }
        for number in range(1_000)
    ]
    letter = with_body(letters.of_topic(), violations=many)

    assert "and 999 more" in text(letter.lead)
    assert "and 970 more" in part(letter, "What changed")
    assert len(render(letter, limit=10**9)) < 20_000


def test_changes_that_begin_alike_are_each_told() -> None:
    """Two long declarations that differ at their ends only are two changes."""
    two = [
        {
            **OF_TOPIC[0],
            "change": {"kind": "enum-changed", "path": "p" * 300, "before": "x" * 300 + end, "after": None},
        }
        for end in "ab"
    ]

    assert len(part(with_body(letters.of_topic(), violations=two), "What changed").splitlines()) == 2


def test_of_many_ways_to_mend_it_the_first_are_shown() -> None:
    """Twenty seconds are enough for five; step by step there are all."""
    ways = [{"title": f"Way {number}", "why": "it helps", "steps": ["do it"], "for": "producer"} for number in range(9)]
    letter = with_body(letters.of_topic(), remedies=ways)

    assert part(letter, "How to fix it").endswith("And 4 more ways.")
    assert "Way 8" in part(letter, "Step by step")


def test_a_wide_record_is_shown_whole() -> None:
    """The field that is missing may be its last."""
    wide = {**letters.WITNESS, "before": {**letters.WITNESS["before"], "record": {"f" * 500: 1, "last": 2}}}
    letter = with_body(letters.of_topic(), violations=[{**OF_TOPIC[0], "witness": wide}])

    assert '"last": 2' in part(letter, "Proof")


def test_a_scorecard_names_spent_budgets_and_disputes() -> None:
    """Leadership reads what happens next, and what waits for a decision of theirs."""
    letter = compose(news.scorecard())

    assert "The budget is spent for checkout (what breaks now is escalated)" in text(letter.lead)
    assert "it was never promised" in part(letter, "Disputes that wait for a decision")
    assert "precision 80%" in part(letter, "How far to trust this")


def test_a_text_without_end_is_cut() -> None:
    """What a stranger wrote into a reason or a name is told by its beginning, however long it is."""
    endless = {**OF_TOPIC[0], "message": "` " * 100_000, "wants": "x" * 200_000}
    move = {**letters.of_topic().body["move"], "reason": "y" * 200_000}
    letter = with_body(letters.of_topic(), violations=[endless], move=move)

    assert len(render(letter, limit=10**9)) < 20_000
    assert letter.title.endswith("(breaks 1 consumer)")
    assert len(letter.title) < 250


def test_a_moment_that_no_clock_knows_is_shown_as_it_is() -> None:
    """A time at the edge of the calendar costs nobody the rest of the letter."""
    ends = {"acknowledge_by": "0001-01-01T00:00:00+23:59", "fix_by": None, "timezone": "No/Where"}

    assert "0001-01-01T00:00:00+23:59" in text(with_body(letters.of_topic(), deadlines=ends).lead)


def test_a_cut_value_is_shown_as_it_is() -> None:
    """A declaration that was cut is the beginning of its own JSON, and no reason to say nothing."""
    cut = {
        **OF_TABLE[0],
        "change": {"kind": "field-removed", "path": "amount", "before": '{"type": "dec…', "after": None},
    }

    assert '{"type": "dec…' in part(with_body(letters.of_table(), violations=[cut]), "What changed")


@pytest.mark.parametrize("what", MessageType)
def test_a_body_of_another_version_is_shown_as_it_stands(what: MessageType) -> None:
    """Nobody is left without the news because a word in it is not known."""
    letter = compose(Delivery(DeliveryId("msg_1"), "mail", what, "orders", {"violations": 7, "colour": "red"}, AT))

    assert what.value in letter.title
    assert '"colour": "red"' in render(letter)


def test_a_state_that_there_is_not_is_none() -> None:
    """A tracker is moved to states of the table only."""
    broken = {**letters.of_topic().body["ticket"], "state": "melting"}

    assert with_body(letters.of_topic(), ticket=broken).state is None


def test_a_link_that_is_none_is_left_out() -> None:
    """A button leads to a page or nowhere."""
    letter = with_body(letters.of_topic(), links={"ticket": "javascript:alert(1)"})

    assert [one for one in letter.actions if one.url] == []


def test_the_published_event_can_be_read_too() -> None:
    """A channel for people that is given the event says what broke and whom."""
    body = {
        "id": "c1",
        "ticket": "T-1",
        "domain": "checkout",
        "dataset": "kafka://prod/orders",
        "severity": "high",
        "violations": OF_TOPIC,
        "registry": letters.REGISTRY,
        "versions_in_use": [],
    }
    letter = compose(delivery(MessageType.BREAKING_CHANGE, body))

    assert "breaks finance/revenue and risk/scoring" in text(letter.lead)
    assert headings(letter)[:2] == ["What changed", "Who breaks, and why"]
