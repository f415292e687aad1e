"""Inbound: what is done to a ticket's item in a tracker, a chat or by a mail's link moves the ticket, once.

A wish comes from outside, and is only a wish: the state table decides what is legal, and a claim that something is
fixed is looked at. Our own acts come back as news, too: whatever asks for what is so already is passed over.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any

import structlog

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.telling import messages
from watcher.handlers.ticketing.act import MOST_CLAIMS, Order, act
from watcher.handlers.ticketing.wishes import NAMELESS, Link, Outcome, Wish, Wishes
from watcher.model.errors import UsageError
from watcher.model.ticket import LIFE, UNSETTLED, WATCHER, Ticket, TicketId, TicketState, Verb
from watcher.ports import MirrorRow, Transaction

log = structlog.get_logger(__name__)

REMEMBERED = dt.timedelta(days=45)
"""How long messages from outside must be remembered: longer than any of them, or any link, is valid."""
LINK = "link"
"""The name under which used links are remembered, and by which moves say that they came from one."""

_DAY = dt.timedelta(days=1)
_LONGEST_TEXT = 4_000
_MOST_MARKERS = 5
_MARKER = re.compile(r"\bwatcher-t-([0-9a-f]{10})\b")
_SEEN = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.DISPUTED})
_ALREADY: Mapping[Verb, frozenset[TicketState]] = {
    Verb.ACKNOWLEDGE: _SEEN,
    Verb.START: frozenset({TicketState.IN_PROGRESS, TicketState.DISPUTED}),
    Verb.DISPUTE: frozenset({TicketState.DISPUTED}),
    Verb.RESOLVE: frozenset({TicketState.RESOLVED, TicketState.WAIVED}),  # for both we close the item ourselves
    Verb.REOPEN: UNSETTLED,
}
"""States in which a wish asks for nothing that is not so: most often it is the echo of what we told the tracker."""
_ELSEWHERE: Mapping[Verb, str] = {
    Verb.WAIVE: "waive {} --until 3d --reason …",
    Verb.REVOKE: "revoke {} --reason …",
    Verb.UPHOLD: "uphold {} --reason …",
    Verb.REJECT: "reject {} --reason …",
}
"""What is not done from outside, and how it is done: a name in a tracker is too easily taken on."""
_WRITTEN: Mapping[Verb, str] = {
    Verb.RESOLVE: "/resolve what was done",
    Verb.DISPUTE: "/dispute why",
    Verb.SNOOZE: "/snooze 3d why",
    Verb.REOPEN: "/reopen why",
}
"""Commands that need more than their own word."""
_STANDS = frozenset({Verb.ACKNOWLEDGE, Verb.START, Verb.RESOLVE, Verb.REOPEN})
"""Verbs that say where an item stands: of two, the later word counts, in whatever order they arrive."""


def receive(  # noqa: PLR0913 - one message, where it came from and when, and who of them is us
    tx: Transaction, judgement: Judgement, channel: str, wishes: Wishes, *, own: Collection[str] = (), now: dt.datetime
) -> tuple[Outcome, ...]:
    """Carry out what a message from a channel wishes; an outcome a wish.

    `own` is who we are there; where nobody says it, we are who made the item.
    """
    return _Inbound(tx, judgement, channel, own, now).receive(wishes)


def follow(  # noqa: PLR0913 - what a link allows, and what its reader adds
    tx: Transaction, judgement: Judgement, link: Link, *, reason: str, details: Mapping[str, Any], now: dt.datetime
) -> Outcome:
    """Do what a signed link allows; raises UsageError where it was used before, or the move is not legal now.

    A move that is refused leaves the link as it was: the transaction ends with the error.
    """
    if not tx.take_hook(LINK, link.id, now):
        raise UsageError(f"this link was used already: see ticket {link.ticket} for where it stands")
    rule = LIFE.get(link.verb)
    given = _bounded(reason)
    # What must be explained is explained by a person; elsewhere, how it was done is all there is to say.
    text = given or ("" if rule is None or rule.reason else f"{_words(link.verb)} by a link in a message")
    acted = act(tx, judgement, Order(link.ticket, link.verb, link.by, LINK, text, details), now)
    if acted.rejected is not None:
        return Outcome(
            "stays", link.ticket, f"ticket {link.ticket} stays {_words(acted.ticket.state)}: {acted.rejected}"
        )
    return Outcome("moved", link.ticket, f"ticket {link.ticket} is {_words(acted.ticket.state)} now, by {link.by}")


class _Inbound:
    def __init__(
        self, tx: Transaction, judgement: Judgement, channel: str, own: Collection[str], now: dt.datetime
    ) -> None:
        self._tx = tx
        self._judgement = judgement
        self._channel = channel
        self._own = {one.casefold() for one in own}
        self._now = now

    def receive(self, wishes: Wishes) -> tuple[Outcome, ...]:
        tickets = [self._ticket(wish) for wish in wishes.wishes]
        if any(one is not None for one in tickets):  # all that is none of ours is not worth remembering
            # Each id is taken, whatever the others say: the next copy may carry only one of them.
            fresh = [self._tx.take_hook(self._channel, one, self._now) for one in wishes.delivery_ids]
            if not all(fresh):
                log.info("hook.replayed", channel=self._channel, delivery=wishes.delivery_ids[0])
                return tuple(Outcome("replayed", one, "this was taken already") for one in tickets)
        outcomes = []
        for wish, ticket in zip(wishes.wishes, tickets, strict=True):
            outcome = self._outcome(wish, ticket)
            self._tell(wish, outcome)
            outcomes.append(outcome)
        return tuple(outcomes)

    def _tell(self, wish: Wish, outcome: Outcome) -> None:
        verb = wish.verb.value if wish.verb else None
        told = {"channel": self._channel, "ticket": outcome.ticket, "verb": verb, "what": outcome.what}
        if outcome.what in {"moved", "stays"}:
            log.info("hook.taken", **told, by=wish.by)
        elif outcome.what == "illegal":
            log.warning("hook.illegal", **told, by=wish.by, reason=outcome.said)
        else:
            log.debug("hook.passed_over", **told, reason=outcome.said)

    def _outcome(self, wish: Wish, id_: TicketId | None) -> Outcome:
        ticket = None if id_ is None else self._tx.ticket(id_)  # as it stands now: the wish before may have moved it
        if ticket is None:
            return Outcome("unknown", None, "no ticket has this item")
        self._remember_alias(wish, ticket)
        if wish.verb is None:
            return Outcome("noted", ticket.id, "nothing is asked for")
        if any(one.casefold() in (self._own or {two.casefold() for two in wish.author}) for one in wish.who):
            return Outcome("echo", ticket.id, "the watcher did that itself")
        if ticket.state in _ALREADY.get(wish.verb, frozenset()):
            return Outcome("already", ticket.id, f"ticket {ticket.id} is {_words(ticket.state)} already")
        if wish.verb in _STANDS and self._heard_later(wish, ticket):
            return Outcome("outdated", ticket.id, "something later was heard before this")
        return self._moved(wish, ticket, wish.verb)

    def _moved(self, wish: Wish, ticket: Ticket, verb: Verb) -> Outcome:
        if verb in _ELSEWHERE:
            how = f"watcher tickets {_ELSEWHERE[verb].format(ticket.id)}"
            return self._illegal(wish, ticket, f"`{verb}` is not done from {self._channel}: use `{how}`, or the API")
        try:
            if verb is Verb.START and ticket.state is TicketState.RESOLVED:
                # An item that is worked on again was opened again, whether its tracker says so or not.
                act(self._tx, self._judgement, self._order(wish, ticket, Verb.REOPEN), self._now)
            acted = act(self._tx, self._judgement, self._order(wish, ticket, verb), self._now)
        except UsageError as refusal:
            return self._illegal(wish, ticket, str(refusal))
        if acted.rejected is not None:
            stands = _words(acted.ticket.state)
            return Outcome("stays", ticket.id, f"ticket {ticket.id} stays {stands}: {acted.rejected}")
        if acted.ticket.state is ticket.state:
            return Outcome("moved", ticket.id, f"ticket {ticket.id}: noted")
        return Outcome("moved", ticket.id, f"ticket {ticket.id} is {_words(acted.ticket.state)} now, by {wish.by}")

    def _illegal(self, wish: Wish, ticket: Ticket, said: str) -> Outcome:
        """A move that is not legal changes nothing; what a command said stays on record, with why it was not done.

        The watcher notes it itself, so that it is also told where it was written.
        """
        written = _WRITTEN.get(wish.verb) if wish.command and wish.verb else None
        if written and (not wish.text or (wish.verb is Verb.SNOOZE and "until" not in wish.details)):
            said += f"; as a comment it is written `{written}`"
        before = self._answered_today(ticket) if wish.command else MOST_CLAIMS
        if before < MOST_CLAIMS:
            last = "\nNo more of the kind is answered here today." if before == MOST_CLAIMS - 1 else ""
            text = f"{wish.by} wrote in {self._channel}: {wish.command}\nNot done: {said}{last}"
            noted = Order(ticket.id, Verb.COMMENT, WATCHER, WATCHER, _bounded(text), {"not_done_in": self._channel})
            act(self._tx, self._judgement, noted, self._now)
        return Outcome("illegal", ticket.id, said)

    def _answered_today(self, ticket: Ticket) -> int:
        """How often within a day it was answered there that a command is not done: automations do not read."""
        return sum(
            (one.details or {}).get("not_done_in") == self._channel and one.at > self._now - _DAY
            for one in self._tx.ticket_moves(ticket.id)
        )

    def _ticket(self, wish: Wish) -> TicketId | None:
        if wish.ticket:  # a button carries it; another workspace's secret moves no ticket that was never told there
            named = TicketId(wish.ticket)
            return named if any(one.channel == self._channel for one in self._tx.mirrors(named)) else None
        found = self._tx.mirrors_at(self._channel, wish.remote_id) if wish.remote_id else ()
        for one in found:
            kept = one.remote.data if one.remote else {}
            if all(kept.get(key, value).casefold() == value.casefold() for key, value in wish.where.items()):
                return one.ticket
        # A marker can be written into any item by anyone: it counts only while ours is looked for.
        for match in list(_MARKER.finditer(wish.text_of_item))[:_MOST_MARKERS]:
            ticket = TicketId(f"T-{match[1]}")
            if any(one.channel == self._channel and one.remote is None for one in self._tx.mirrors(ticket)):
                return ticket
        return None

    def _remember_alias(self, wish: Wish, ticket: Ticket) -> None:
        alias = wish.alias
        if alias is not None and not self._tx.mirrors_at(self._channel, alias.id):
            self._tx.put_mirror(MirrorRow(ticket.id, self._channel, {"alias": alias.id}, alias, self._now))

    def _heard_later(self, wish: Wish, ticket: Ticket) -> bool:
        if wish.at is None:
            return False
        moves = self._tx.ticket_moves(ticket.id)
        told = [(one.details or {}).get("said_at") for one in moves if one.via == self._channel]
        return any(isinstance(one, str) and one > messages.moment(wish.at) for one in told)

    def _order(self, wish: Wish, ticket: Ticket, verb: Verb) -> Order:
        details = dict(wish.details)
        if wish.at is not None and verb in _STANDS:
            details["said_at"] = messages.moment(wish.at)
        text = wish.text or ("" if wish.command else f"{_words(verb)} in {self._channel}")
        return Order(ticket.id, verb, _bounded(wish.by) or NAMELESS, self._channel, _bounded(text), details)


def _bounded(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _words(value: TicketState | Verb) -> str:
    return value.value.replace("_", " ")
