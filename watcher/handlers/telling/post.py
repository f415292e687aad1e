"""Post: who is to be told of what a ticket came to, as rows of the outbox in the same transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import structlog

from watcher.handlers.judging.beside import RegistryVerdict
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.judging.step import Step
from watcher.handlers.telling import messages, notices
from watcher.handlers.telling.holdings import all_told
from watcher.handlers.telling.manners import allowed
from watcher.handlers.telling.standing import standing
from watcher.model.contract import Subscription
from watcher.model.delivery import ABOUT_TICKETS, Delivery, DeliveryId, MessageType, place
from watcher.model.domain import DomainRecord, TicketRoute
from watcher.model.ticket import Ticket, TicketMove, Verb
from watcher.model.waiver import Waiver
from watcher.ports import Transaction, ViolationRow

log = structlog.get_logger(__name__)

NO_VERDICT: dict[str, Any] = RegistryVerdict(None).document()


class Post:
    """The deliveries that one act wishes; each id is derived from what it tells, so that a repeat adds nothing."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        self._deliveries: dict[DeliveryId, tuple[Delivery, dt.datetime]] = {}

    def breaking_change(self, ticket: Ticket, step: Step, violations: Sequence[messages.Body]) -> None:
        """The breaking-change event, to the events channel."""
        if self._judgement.events is None:
            return
        told = [{key: value for key, value in one.items() if key != "announcement"} for one in violations]
        body = messages.breaking_change(
            step.change, told, ticket=ticket.id, registry=step.change.registry or NO_VERDICT, asked=step.asked
        )
        route = TicketRoute(self._judgement.events)
        self._add([route], MessageType.BREAKING_CHANGE, str(ticket.dataset), _about(ticket, step.change.id), body)

    def ticket(  # noqa: PLR0913 - what a ticket's news consist of
        self,
        ticket: Ticket,
        move: TicketMove,
        what: MessageType,
        violations: Sequence[messages.Body],
        *,
        occasion: str,
        step: Step | None = None,
    ) -> None:
        """A ticket's news, to every channel of its domain; the item where the move was made is only brought up to date.

        What is `known` there is not told there again: the item's own text says how the ticket stands, and no more.
        """
        body = standing(self._tx, self._judgement, ticket, move, violations, step=step)
        about, key, routes = _about(ticket, occasion), str(ticket.dataset), list(self.routes(ticket))
        knowing = [route for route in routes if self._knows(route, ticket, move)]
        self._add([one for one in routes if one not in knowing], what, key, about, body, ticket=ticket)
        if move.verb is not Verb.COMMENT:
            self._add(knowing, what, key, about, {**body, "known": True}, ticket=ticket)

    def _knows(self, route: TicketRoute, ticket: Ticket, move: TicketMove) -> bool:
        """Whether a move was made in the very item that this route leads to; chats refresh what they show."""
        if route.channel != move.via or route.channel not in self._judgement.policy.trackers:
            return False
        return sum(one.channel == route.channel for one in self.routes(ticket)) == 1

    def reopen_at(
        self, channel: str, ticket: Ticket, move: TicketMove, violations: Sequence[messages.Body], occasion: str
    ) -> None:
        """Open a ticket's item again where it was closed, for its break persists."""
        body = standing(self._tx, self._judgement, ticket, move, violations)
        routes = [route for route in self.routes(ticket) if route.channel == channel]
        about = _about(ticket, occasion)
        self._add(routes, MessageType.TICKET_REOPENED, str(ticket.dataset), about, body, ticket=ticket)

    def escalated(
        self,
        routes: Sequence[TicketRoute],
        ticket: Ticket,
        move: TicketMove,
        violations: Sequence[messages.Body],
        occasion: str,
    ) -> None:
        """A step of the ladder: to whom it names, with the history; the ticket's own items get a note of it."""
        body = standing(self._tx, self._judgement, ticket, move, violations)
        about = _about(ticket, occasion)
        when = partial(self._when, ticket, MessageType.TICKET_ESCALATED)
        line = f"{ticket.dataset}\x1fladder"
        self._add(routes, MessageType.TICKET_ESCALATED, line, about, body, ticket=ticket, when=when)
        trackers = [one for one in self.routes(ticket) if one.channel in self._judgement.policy.trackers]
        self._add(trackers, MessageType.TICKET_ESCALATED, str(ticket.dataset), about, body, ticket=ticket)

    def routes(self, ticket: Ticket) -> Sequence[TicketRoute]:
        """Where a ticket's domain is told; the fallback where it names no channel."""
        found = routes_of(self._judgement.catalogue().domain(ticket.domain), self._judgement.fallback)
        if found:
            return found
        log.error(
            "ticket.unaddressed",
            ticket=ticket.id,
            domain=ticket.domain,
            mend="give the domain `tickets: [{channel: …}]`, or set `fallback` in the settings",
        )
        return ()

    def to_consumers(self, ticket: Ticket, step: Step, violations: Sequence[messages.Body]) -> None:
        """A notice to each consumer that a new violation touches."""
        affected = {str(one["subscription"]) for one in violations}
        subscriptions = {one.subscription.name: one.subscription for one in step.violations}
        for subscription in subscriptions.values():
            if subscription.name not in affected:
                continue
            body = notices.consumer_notice(
                subscription,
                step.change,
                violations,
                ticket.id,
                owner=self._judgement.catalogue().domain(ticket.domain),
                url=self._judgement.policy.url,
                fix_by=ticket.fix_by,
                format_=step.after.schema.format if step.after.schema else None,
            )
            self.to_consumer(subscription, ticket, MessageType.CONSUMER_NOTICE, step.change.id, body)

    def to_consumer(
        self, subscription: Subscription, ticket: Ticket, what: MessageType, occasion: str, body: messages.Body
    ) -> None:
        """A message to one consumer about a ticket, on each channel that its contract names."""
        routes = [address(one) for one in subscription.notify]
        # A line of its own: what the producer's people hear after their quiet hours holds no consumer up.
        line = f"{ticket.dataset}\x1f{subscription.name}"
        self._add(routes, what, line, _about(ticket, f"{occasion}\x1f{subscription.name}"), body)

    def relieved(
        self, ticket: Ticket, mended: Sequence[ViolationRow], occasion: str, decided: messages.Body | None = None
    ) -> None:
        """A word to each consumer whose break is over; `decided` says who found that it was none, and why."""
        for subscription, told in self._by_consumer(mended):
            body = notices.consumer_relieved(subscription, ticket, told, occasion, self._now, decided)
            self.to_consumer(subscription, ticket, MessageType.CONSUMER_RELIEVED, occasion, body)

    def waived(self, ticket: Ticket, waiver: Waiver, accepted: Sequence[ViolationRow]) -> None:
        """A word to each consumer whose break somebody has accepted for a time."""
        for subscription, told in self._by_consumer(accepted):
            body = notices.consumer_waived(
                subscription, ticket, told, waiver, self._now, url=self._judgement.policy.url
            )
            self.to_consumer(subscription, ticket, MessageType.CONSUMER_WAIVED, waiver.id, body)

    def _by_consumer(self, rows: Sequence[ViolationRow]) -> Iterator[tuple[Subscription, list[messages.Body]]]:
        """Each contract that is in force, with what of these rows touches it."""
        catalogue = self._judgement.catalogue()
        for name in dict.fromkeys(one.subscription for one in rows):
            subscription = catalogue.subscription(name)
            if subscription is not None:
                yield subscription, all_told(one for one in rows if one.subscription == name)

    def send(self) -> int:
        """Wish them all; how many."""
        for due, several in groupby(self._deliveries.values(), key=lambda pair: pair[1]):
            deliveries = [one for one, _ in several]
            if due <= self._now:
                # What waits for the end of quiet hours comes before news that break them: a line stays in order.
                self._tx.hasten({(one.channel, one.key) for one in deliveries if one.ticket is not None}, self._now)
            self._tx.add_deliveries(deliveries, due)
        return len(self._deliveries)

    def _when(self, ticket: Ticket, what: MessageType, route: TicketRoute) -> dt.datetime | None:
        return allowed(self._judgement, ticket, route, what, self._now)

    def _add(  # noqa: PLR0913 - what a delivery consists of
        self,
        routes: Iterable[TicketRoute],
        what: MessageType,
        key: str,
        occasion: str,
        body: dict[str, Any],
        *,
        ticket: Ticket | None = None,
        when: Callable[[TicketRoute], dt.datetime | None] | None = None,
    ) -> None:
        about = ticket.id if ticket is not None and what in ABOUT_TICKETS else None
        if when is None and ticket is not None:
            when = partial(self._when, ticket, what)
        for one in routes:
            due = self._now if when is None else when(one)
            if due is None:
                continue  # the domain's digest tells of it
            route = dict(one.options)
            where = place(one.channel, route)
            identity = f"{where}\x1f{what.value}\x1f{occasion}"
            delivery_id = DeliveryId("msg_" + hashlib.sha256(identity.encode()).hexdigest()[:28])
            line = key if not route else f"{key}\x1f{where}"
            told = Delivery(delivery_id, one.channel, what, line, body, self._now, route=route, ticket=about)
            self._deliveries[delivery_id] = (told, due)


def routes_of(domain: DomainRecord | None, fallback: str | None) -> Sequence[TicketRoute]:
    """Where a domain is told; the fallback where it names no channel, or is none that is known."""
    if domain is not None and domain.tickets:
        return domain.tickets
    return () if fallback is None else (TicketRoute(fallback),)


def address(written: str) -> TicketRoute:
    """A channel and an address in it, as documents write it: `slack:#checkout`; the channel alone has none."""
    channel, _, to = written.partition(":")
    return TicketRoute(channel, (("to", to),) if to else ())


def _about(ticket: Ticket, occasion: str) -> str:
    return "\x1f".join((ticket.id, str(ticket.reopened), occasion))
