"""Inbound: whose wish it is, what of it is an echo or a copy, and what becomes of a move that is not legal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.ticketing import inbound
from watcher.handlers.ticketing.act import MOST_CLAIMS, Acted, Order
from watcher.handlers.ticketing.inbound import LINK, REMEMBERED, follow, receive
from watcher.handlers.ticketing.wishes import Link, Outcome, Wish, Wishes
from watcher.model.dataset import DatasetName, Domain
from watcher.model.delivery import Remote
from watcher.model.errors import UsageError
from watcher.model.ticket import LIFE, Ticket, TicketId, TicketMove, TicketState, Verb, destination
from watcher.ports import MirrorRow, Transaction

NOW = dt.datetime(2026, 8, 3, 12, 0, tzinfo=dt.UTC)
ONE, OTHER = TicketId("T-0123456789"), TicketId("T-abcdefabcd")
NOBODY = cast("Judgement", None)
"""What the act itself needs, and nobody asks for here."""


class Ledger:
    """What the ledger promises of tickets, mirrors and hooks; and the act, by the state table alone."""

    def __init__(self, state: TicketState = TicketState.OPEN) -> None:
        self.tickets = {one: _ticket(one, state) for one in (ONE, OTHER)}
        self.kept: list[MirrorRow] = []
        self.taken: set[tuple[str, str]] = set()
        self.moves: list[TicketMove] = []
        self.orders: list[Order] = []
        self.persists = False
        self.mirror(ONE, "10042")

    def mirror(self, ticket: TicketId, remote: str | None, channel: str = "jira", **data: str) -> None:
        self.kept.append(MirrorRow(ticket, channel, {}, Remote(remote, None, data) if remote else None, NOW))

    def ticket(self, ticket: TicketId) -> Ticket | None:
        return self.tickets.get(ticket)

    def ticket_moves(self, ticket: TicketId) -> Sequence[TicketMove]:
        return [one for one in self.moves if one.ticket == ticket]

    def mirrors(self, ticket: TicketId) -> Sequence[MirrorRow]:
        return [one for one in self.kept if one.ticket == ticket]

    def mirrors_at(self, channel: str, remote: str) -> Sequence[MirrorRow]:
        here = [one for one in self.kept if one.channel == channel and one.remote and one.remote.id == remote]
        return here[::-1]

    def put_mirror(self, mirror: MirrorRow) -> None:
        self.kept.append(mirror)

    def take_hook(self, channel: str, delivery: str, at: dt.datetime) -> bool:
        fresh = (channel, delivery) not in self.taken
        self.taken.add((channel, delivery))
        return fresh

    def act(self, _tx: Any, _judgement: Judgement, order: Order, now: dt.datetime) -> Acted:
        self.orders.append(order)
        ticket = self.tickets[order.ticket]
        if LIFE[order.verb].reason and not order.reason:
            raise UsageError(f"`{order.verb}` needs a reason")
        after = destination(ticket.id, ticket.state, order.verb)
        if order.verb is Verb.RESOLVE and self.persists:
            return Acted(ticket, None, 1, rejected="the break persists")
        details = dict(order.details)
        self.moves.append(
            TicketMove(
                ticket.id, ticket.state, after, now, order.by, order.reason, None, order.verb, order.via, details
            )
        )
        self.tickets[ticket.id] = replace(ticket, state=after, changed_at=now)
        return Acted(self.tickets[ticket.id], self.moves[-1], 1)

    @property
    def state(self) -> TicketState:
        return self.tickets[ONE].state


def _ticket(id_: TicketId, state: TicketState) -> Ticket:
    return Ticket(id_, Domain("checkout"), DatasetName("kafka://prod/orders"), state, NOW, NOW)


def _received(
    ledger: Ledger,
    *wishes: Wish,
    ids: tuple[str, ...] = ("d1",),
    channel: str = "jira",
    own: Sequence[str] = (),
    now: dt.datetime = NOW,
) -> list[Outcome]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbound, "act", ledger.act)
        tx = cast("Transaction", ledger)
        return list(receive(tx, NOBODY, channel, Wishes(ids, wishes), own=own, now=now))


def _wish(verb: Verb | None = Verb.ACKNOWLEDGE, **more: Any) -> Wish:
    return Wish(verb, **{"by": "em-checkout", "remote_id": "10042", "text": "because", **more})


def test_a_wish_moves_the_ticket_of_its_item() -> None:
    """The move says who did it, in which channel, and why."""
    ledger = Ledger()
    (outcome,) = _received(ledger, _wish())

    assert (outcome.what, outcome.ticket, ledger.state) == ("moved", ONE, TicketState.ACKNOWLEDGED)
    assert outcome.said == "ticket T-0123456789 is acknowledged now, by em-checkout"
    assert (ledger.orders[0].by, ledger.orders[0].via, ledger.orders[0].reason) == ("em-checkout", "jira", "because")


def test_an_item_that_is_none_of_ours_is_passed_over() -> None:
    """A tracker tells of all its items: one of another channel, or of nobody, moves nothing and is not remembered."""
    ledger = Ledger()

    assert [one.what for one in _received(ledger, _wish(remote_id="999"))] == ["unknown"]
    assert [one.what for one in _received(ledger, _wish(), channel="github")] == ["unknown"]
    assert (ledger.orders, ledger.taken) == ([], set())


def test_the_same_number_in_another_repository_is_another_item() -> None:
    """Issues are counted in each repository: which one it is decides, however its name is written."""
    ledger = Ledger()
    ledger.mirror(ONE, "12", "github", repo="acme/Shop")
    ledger.mirror(OTHER, "12", "github", repo="acme/lake")
    shop, lake, third = (_wish(remote_id="12", where={"repo": f"Acme/{name}"}) for name in ("shop", "lake", "third"))

    assert _received(ledger, shop, channel="github", ids=("a",))[0].ticket == ONE
    assert _received(ledger, lake, channel="github", ids=("b",))[0].ticket == OTHER
    assert _received(ledger, third, channel="github", ids=("c",))[0].what == "unknown"


def test_a_button_names_its_ticket() -> None:
    """Where that was told; one that names a ticket that is gone, or was told elsewhere only, does nothing."""
    ledger = Ledger()
    ledger.mirror(OTHER, "C1/1.1", "slack")
    ledger.mirror(ONE, "C9/9.9", "other-slack")
    elsewhere = _wish(remote_id="", ticket=ONE)
    assert _received(ledger, elsewhere, channel="slack", ids=("d0",))[0].what == "unknown"

    assert _received(ledger, _wish(remote_id="", ticket=OTHER), channel="slack")[0].ticket == OTHER
    gone = _wish(remote_id="", ticket="T-0000000000")
    assert _received(ledger, gone, channel="slack", ids=("d2",))[0].what == "unknown"


@pytest.mark.parametrize(("pending", "what"), [(True, "moved"), (False, "unknown")])
def test_a_marker_counts_only_while_its_item_is_looked_for(pending: bool, what: str) -> None:
    """An item whose making is in doubt is known by its marker; a marker that somebody wrote elsewhere is not."""
    ledger = Ledger()
    ledger.mirror(OTHER, None if pending else "17")
    (outcome,) = _received(ledger, _wish(remote_id="99", text_of_item="urgent watcher-t-abcdefabcd"))

    assert outcome.what == what


def test_a_copy_is_not_taken_twice() -> None:
    """A message that comes again, under one of its ids or all, moves nothing."""
    ledger = Ledger()
    _received(ledger, _wish(Verb.COMMENT), ids=("header-1", "sha256:a"))

    for ids in (("header-1", "sha256:a"), ("header-2", "sha256:a"), ("header-1", "sha256:b"), ("x", "sha256:b")):
        assert [one.what for one in _received(ledger, _wish(Verb.COMMENT), ids=ids)] == ["replayed"]
    assert len(ledger.moves) == 1


def test_another_channels_id_is_another_message() -> None:
    """Ids are each service's own."""
    ledger = Ledger()
    ledger.mirror(ONE, "10042", "linear")
    _received(ledger, _wish(Verb.COMMENT))

    assert _received(ledger, _wish(Verb.COMMENT), channel="linear")[0].what == "moved"


@pytest.mark.parametrize("who", ["Watcher-Bot", "watcher-bot"])
def test_our_own_acts_are_an_echo(who: str) -> None:
    """What the watcher's own user does in a tracker is what the watcher did."""
    ledger = Ledger()
    (outcome,) = _received(ledger, _wish(who=frozenset({who, "7"})), own=["watcher-bot"])

    assert (outcome.what, ledger.orders) == ("echo", [])


def test_who_made_the_item_is_us_where_nobody_says_who_is() -> None:
    """The watcher makes the items; a person whose own token it uses is heard where its user is named otherwise."""
    wish = _wish(who=frozenset({"em"}), author=frozenset({"EM", "7"}))

    assert _received(Ledger(), wish)[0].what == "echo"
    assert _received(Ledger(), replace(wish, who=frozenset({"dev"})))[0].what == "moved"
    assert _received(Ledger(), wish, own=["somebody-else"])[0].what == "moved"


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED),
        (Verb.ACKNOWLEDGE, TicketState.IN_PROGRESS),
        (Verb.ACKNOWLEDGE, TicketState.DISPUTED),
        (Verb.START, TicketState.IN_PROGRESS),
        (Verb.START, TicketState.DISPUTED),
        (Verb.RESOLVE, TicketState.RESOLVED),
        (Verb.RESOLVE, TicketState.WAIVED),
        (Verb.REOPEN, TicketState.OPEN),
        (Verb.REOPEN, TicketState.IN_PROGRESS),
        (Verb.DISPUTE, TicketState.DISPUTED),
    ],
)
def test_what_is_so_already_is_no_wish(verb: Verb, state: TicketState) -> None:
    """Most often it is the echo of what we told the tracker: nothing is recorded, and nobody is told."""
    ledger = Ledger(state)

    assert _received(ledger, _wish(verb))[0].what == "already"
    assert ledger.orders == []


@given(
    state=st.sampled_from(list(TicketState)),
    verbs=st.lists(st.sampled_from([Verb.ACKNOWLEDGE, Verb.START, Verb.RESOLVE, Verb.REOPEN]), min_size=1, max_size=6),
)
def test_mirrors_come_to_rest(state: TicketState, verbs: list[Verb]) -> None:
    """Whatever was wished, the echo of where the ticket then stands asks for nothing: two trackers cannot play on."""
    ledger = Ledger(state)
    for number, verb in enumerate(verbs):
        _received(ledger, _wish(verb), ids=(str(number),))
    rested = len(ledger.orders)
    echoes = {
        TicketState.OPEN: Verb.REOPEN,
        TicketState.ACKNOWLEDGED: Verb.ACKNOWLEDGE,
        TicketState.IN_PROGRESS: Verb.START,
        TicketState.DISPUTED: Verb.START,
        TicketState.WAIVED: Verb.RESOLVE,
        TicketState.RESOLVED: Verb.RESOLVE,
    }
    (outcome,) = _received(ledger, _wish(echoes[ledger.state]), ids=("echo",))

    assert outcome.what == "already"
    assert len(ledger.orders) == rested


def test_an_item_that_is_worked_on_again_was_opened_again() -> None:
    """From done to in progress is two moves of ours."""
    ledger = Ledger(TicketState.RESOLVED)
    (outcome,) = _received(ledger, _wish(Verb.START))

    assert (outcome.what, ledger.state) == ("moved", TicketState.IN_PROGRESS)
    assert [one.verb for one in ledger.moves] == [Verb.REOPEN, Verb.START]


def test_a_claim_that_is_not_so_is_told() -> None:
    """The ticket stays, whatever the tracker says; the outcome says why."""
    ledger = Ledger()
    ledger.persists = True
    (outcome,) = _received(ledger, _wish(Verb.RESOLVE))

    assert (outcome.what, ledger.state) == ("stays", TicketState.OPEN)
    assert outcome.said == "ticket T-0123456789 stays open: the break persists"


def test_a_move_that_is_not_legal_changes_nothing() -> None:
    """The outcome says what is; nothing is raised, for a tracker would send it again without end."""
    ledger = Ledger(TicketState.WAIVED)
    (outcome,) = _received(ledger, _wish(Verb.REOPEN))

    assert (outcome.what, ledger.state, ledger.moves) == ("illegal", TicketState.WAIVED, [])
    assert "cannot be moved by `reopen`" in outcome.said


def test_the_words_of_a_command_stay_on_record() -> None:
    """A dispute without a reason is none; what was written is kept, with why it was not done, and told everywhere."""
    ledger = Ledger()
    (outcome,) = _received(ledger, _wish(Verb.DISPUTE, text="", command="/dispute"))

    assert (outcome.what, ledger.state) == ("illegal", TicketState.OPEN)
    ((verb, via, reason),) = [(one.verb, one.via, one.reason) for one in ledger.moves]
    assert (verb, via) == (Verb.COMMENT, "watcher")
    wrote, done = reason.split("\n")
    assert wrote == "em-checkout wrote in jira: /dispute"
    assert done == "Not done: `dispute` needs a reason; as a comment it is written `/dispute why`"


@pytest.mark.parametrize("verb", [Verb.WAIVE, Verb.REVOKE, Verb.UPHOLD, Verb.REJECT])
@pytest.mark.parametrize("state", list(TicketState))
def test_what_is_not_done_from_outside_is_answered_with_where_it_is(verb: Verb, state: TicketState) -> None:
    """Wherever the ticket stands: a name in a tracker is too easily taken on for a decision."""
    ledger = Ledger(state)
    (outcome,) = _received(ledger, _wish(verb, text="3d please", command=f"/{verb} 3d please"))

    assert (outcome.what, ledger.state) == ("illegal", state)
    ((noted, reason),) = [(one.verb, one.reason) for one in ledger.moves]
    assert noted is Verb.COMMENT
    assert f"em-checkout wrote in jira: /{verb} 3d please\nNot done: `{verb}` is not done from jira" in reason
    assert f"`watcher tickets {verb} {ONE} " in reason


def test_an_automation_is_not_answered_without_end() -> None:
    """Five notes a day for a ticket in one channel, of which the last says so; the next day it is answered again."""
    ledger = Ledger()
    wish = _wish(Verb.DISPUTE, text="", command="/dispute")
    outcomes = [_received(ledger, wish, ids=(str(number),))[0] for number in range(9)]

    assert {one.what for one in outcomes} == {"illegal"}
    assert len(ledger.moves) == MOST_CLAIMS
    assert [one.reason.endswith("No more of the kind is answered here today.") for one in ledger.moves] == [
        *[False] * (MOST_CLAIMS - 1),
        True,
    ]
    _received(ledger, wish, ids=("tomorrow",), now=NOW + dt.timedelta(days=1))
    assert len(ledger.moves) == MOST_CLAIMS + 1


def test_the_later_word_counts() -> None:
    """Messages overtake each other: an older word that arrives after a newer one moves nothing."""
    ledger = Ledger()
    _received(ledger, _wish(Verb.START, at=NOW), ids=("new",))
    ledger.tickets[ONE] = replace(ledger.tickets[ONE], state=TicketState.OPEN)
    (late,) = _received(ledger, _wish(Verb.ACKNOWLEDGE, at=NOW - dt.timedelta(seconds=1)), ids=("old",))
    (comment,) = _received(ledger, _wish(Verb.COMMENT, at=NOW - dt.timedelta(seconds=1)), ids=("said",))
    (same,) = _received(ledger, _wish(Verb.ACKNOWLEDGE, at=NOW), ids=("same",))

    assert (late.what, comment.what, same.what) == ("outdated", "moved", "moved")


def test_another_id_of_the_item_is_learnt() -> None:
    """PagerDuty's notes name an incident by its own id alone: the messages before them say whose it is."""
    ledger = Ledger()
    alias = Remote("PGR0VU2", "https://acme.pagerduty.example/incidents/PGR0VU2")
    first = _received(ledger, _wish(None, alias=alias), ids=("1",))
    _received(ledger, _wish(None, alias=alias), ids=("2",))
    note = _received(ledger, _wish(Verb.COMMENT, remote_id="PGR0VU2"), ids=("3",))

    assert (first[0].what, note[0].what, note[0].ticket) == ("noted", "moved", ONE)
    assert len(ledger.kept) == 2


def test_what_is_said_is_bounded() -> None:
    """A reason is read by people, and kept for good."""
    ledger = Ledger()
    _received(ledger, _wish(Verb.COMMENT, text="x" * 50_000, by=" "))

    assert len(ledger.moves[0].reason) == 4_000
    assert ledger.moves[0].by == "somebody"


def _followed(ledger: Ledger, link: Link, reason: str = "", details: Mapping[str, Any] | None = None) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbound, "act", ledger.act)
        return follow(cast("Transaction", ledger), NOBODY, link, reason=reason, details=details or {}, now=NOW)


def _link(verb: Verb = Verb.ACKNOWLEDGE) -> Link:
    return Link(ONE, verb, "em-checkout@acme.example", NOW, "j1")


def test_a_link_works_once() -> None:
    """The second time it is refused, with where to look; it is on record under whom it was sent to."""
    ledger = Ledger()

    assert _followed(ledger, _link()).what == "moved"
    with pytest.raises(UsageError, match="used already"):
        _followed(ledger, _link())
    assert [(one.by, one.via) for one in ledger.moves] == [("em-checkout@acme.example", LINK)]


def test_what_must_be_explained_is_not_explained_by_a_link() -> None:
    """A resolution or a dispute by link needs its reader's own words."""
    with pytest.raises(UsageError, match="needs a reason"):
        _followed(Ledger(), _link(Verb.RESOLVE))

    ledger = Ledger()
    ledger.persists = True
    assert _followed(ledger, _link(Verb.RESOLVE), "put back").what == "stays"


def test_messages_are_remembered_for_longer_than_they_are_valid() -> None:
    """What is forgotten cannot be told from what never came: until then it must have become too old."""
    from watcher.web.hooks.wish import OLDEST  # noqa: PLC0415 - the two rooms meet here only
    from watcher.web.links import LONGEST  # noqa: PLC0415

    assert max(OLDEST, LONGEST) + dt.timedelta(days=1) < REMEMBERED
