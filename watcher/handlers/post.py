"""Post: who is to be told of what a step came to, as rows of the outbox in the same transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import structlog

from watcher.handlers import messages
from watcher.handlers.beside import RegistryVerdict
from watcher.handlers.judgement import Judgement, Step
from watcher.model.delivery import Delivery, DeliveryId, MessageType
from watcher.model.domain import DomainRecord
from watcher.model.ticket import Ticket
from watcher.ports import Transaction

log = structlog.get_logger(__name__)

NO_VERDICT: dict[str, Any] = RegistryVerdict(None).document()


class Post:
    """The deliveries that one step wishes; each id is derived from what it tells, so that a repeat adds nothing."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        self._deliveries: dict[DeliveryId, Delivery] = {}

    def breaking_change(self, ticket: Ticket, step: Step, violations: Sequence[messages.Body]) -> None:
        """The breaking-change event, to the events channel."""
        if self._judgement.events is None:
            return
        body = messages.breaking_change(
            step.change, violations, ticket=ticket.id, registry=step.change.registry or NO_VERDICT, asked=step.asked
        )
        self._add([self._judgement.events], MessageType.BREAKING_CHANGE, ticket, step.change.id, body)

    def to_domain(
        self, ticket: Ticket, what: MessageType, owner: DomainRecord | None, occasion: str, body: dict[str, Any]
    ) -> None:
        """A ticket's news, to every channel of the domain; to the fallback where it names none."""
        channels = [route.channel for route in owner.tickets] if owner else []
        if not channels and self._judgement.fallback is not None:
            channels = [self._judgement.fallback]
        if not channels:
            log.error(
                "ticket.unaddressed",
                ticket=ticket.id,
                domain=ticket.domain,
                mend="give the domain `tickets: [{channel: …}]`, or set `fallback` in the settings",
            )
        self._add(channels, what, ticket, occasion, body)

    def to_consumers(self, ticket: Ticket, step: Step, violations: Sequence[messages.Body]) -> None:
        """A notice to each consumer that a new violation touches."""
        affected = {str(one["subscription"]) for one in violations}
        subscriptions = {one.subscription.name: one.subscription for one in step.violations}
        for subscription in subscriptions.values():
            if subscription.name not in affected:
                continue
            body = messages.consumer_notice(subscription, step.change, violations, ticket.id)
            occasion = f"{step.change.id}\x1f{subscription.name}"
            self._add(subscription.notify, MessageType.CONSUMER_NOTICE, ticket, occasion, body)

    def send(self) -> int:
        """Wish them all; how many."""
        self._tx.add_deliveries(list(self._deliveries.values()), self._now)
        return len(self._deliveries)

    def _add(
        self, channels: Iterable[str], what: MessageType, ticket: Ticket, occasion: str, body: dict[str, Any]
    ) -> None:
        for channel in channels:
            identity = "\x1f".join((channel, what.value, ticket.id, str(ticket.reopened), occasion))
            delivery_id = DeliveryId("msg_" + hashlib.sha256(identity.encode()).hexdigest()[:28])
            delivery = Delivery(delivery_id, channel, what, str(ticket.dataset), body, self._now)
            self._deliveries[delivery_id] = delivery
