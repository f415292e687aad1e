"""Invitations: what is told of a planned change, to those who are asked and to the producer, as rows of the outbox."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

import structlog

from watcher.followup.consent import Standing
from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.telling import messages
from watcher.handlers.telling.post import address
from watcher.handlers.telling.sizes import fitted
from watcher.model.announcement import Announcement, Answer, Asked, Deprecation
from watcher.model.contract import Subscription
from watcher.model.delivery import Delivery, DeliveryId, MessageType, place
from watcher.model.domain import TicketRoute
from watcher.ports import Transaction

log = structlog.get_logger(__name__)


class Invitations:
    """The deliveries that one act wishes; each id is derived from what it tells, so that a repeat adds nothing."""

    def __init__(self, tx: Transaction, judgement: Judgement, now: dt.datetime) -> None:
        self._tx = tx
        self._judgement = judgement
        self._now = now
        self._deliveries: dict[DeliveryId, Delivery] = {}
        self._sent = 0

    def can_ask(self, subscription: Subscription) -> bool:
        """Whether there is a way to ask this consumer; who has none is named in the log, with what mends it."""
        if self._to_consumer(subscription):
            return True
        log.warning(
            "announcement.unaddressed",
            subscription=subscription.name,
            consumer=str(subscription.consumer),
            mend="give the contract `notify: [channel]`, or its domain `tickets: [{channel: …}]`",
        )
        return False

    def ask(self, announcement: Announcement, one: Asked, *, reminder: int = 0) -> None:
        """Ask one consumer, or remind it."""
        subscription = self._judgement.catalogue().subscription(one.subscription)
        if subscription is None:
            return
        body = self._body(announcement)
        body["asked"] = {
            "subscription": str(one.subscription),
            "consumer": messages.consumer(subscription.consumer),
            "criticality": one.criticality.value,
            "clauses": list(one.clauses),
            "certain": one.certain,
            "answer_by": messages.moment(one.answer_by),
            "silence": announcement.silence.value,
            "notice_days": None if one.notice is None else one.notice.days,
        }
        body["reminder"] = reminder
        about = f"{one.subscription}\x1f{reminder}"
        self._add(self._to_consumer(subscription), MessageType.ANNOUNCEMENT_ASKED, announcement, about, body)

    def answered(self, announcement: Announcement, answer: Answer, standing: Standing) -> None:
        """Tell the producer what a consumer said, and what it comes to."""
        body = {**self._body(announcement), **_standing(standing), "answer": answer.document()}
        about = f"{answer.subscription}\x1f{messages.moment(answer.at)}"
        self._add(self._to_producer(announcement), MessageType.ANNOUNCEMENT_ANSWERED, announcement, about, body)

    def decided(self, announcement: Announcement, standing: Standing, by: str, reason: str = "") -> None:
        """Tell everyone concerned where the announcement stands now."""
        body = {**self._body(announcement), **_standing(standing), "by": by, "reason": reason}
        routes = list(self._to_producer(announcement))
        for one in announcement.asked:
            subscription = self._judgement.catalogue().subscription(one.subscription)
            routes += self._to_consumer(subscription) if subscription is not None else ()
        about = f"{announcement.state.value}\x1f{messages.moment(self._now)}"
        self._add(routes, MessageType.ANNOUNCEMENT_DECIDED, announcement, about, body)

    def send(self) -> int:
        """Wish what is not wished yet; how many there are in all."""
        self._tx.add_deliveries(list(self._deliveries.values()), self._now)
        self._sent += len(self._deliveries)
        self._deliveries.clear()
        return self._sent

    def _to_consumer(self, subscription: Subscription) -> Sequence[TicketRoute]:
        if subscription.notify:
            return [address(one) for one in subscription.notify]
        domain = self._judgement.catalogue().domain(subscription.consumer.domain)
        return self._spoken(domain.tickets) if domain is not None else ()

    def _to_producer(self, announcement: Announcement) -> Sequence[TicketRoute]:
        domain = self._judgement.catalogue().domain(announcement.domain)
        if domain is not None and domain.tickets:
            return self._spoken(domain.tickets)
        return () if self._judgement.fallback is None else (TicketRoute(self._judgement.fallback),)

    def _spoken(self, routes: Sequence[TicketRoute]) -> Sequence[TicketRoute]:
        """The routes on which one talks, and all that programs hear, before those that keep an item a ticket."""
        items = self._judgement.policy.trackers - self._judgement.policy.programs
        return [one for one in routes if one.channel not in items] or routes

    def _body(self, one: Announcement) -> messages.Body:
        url = self._judgement.policy.url
        planned = one.planned
        return {
            "announcement": {
                "id": one.id,
                "domain": str(one.domain),
                "dataset": str(one.dataset),
                "state": one.state.value,
                "kind": "deprecation" if isinstance(planned, Deprecation) else "change",
                "paths": [str(path) for path in planned.paths] if isinstance(planned, Deprecation) else [],
                "since": messages.moment(one.since),
                "until": None if one.until is None else messages.moment(one.until),
                "by": one.by,
                "reason": one.reason,
                "made_at": messages.moment(one.made_at),
            },
            "at": messages.moment(self._now),
            "changes": [messages.fact(fact) for fact in one.facts],
            "url": None if url is None else f"{url}/announcements/{one.id}",
            "omitted": {"values": 0, "changes": 0},
        }

    def _add(
        self, routes: Iterable[TicketRoute], what: MessageType, one: Announcement, about: str, body: messages.Body
    ) -> None:
        cut = fitted(body)
        for each in routes:
            route = dict(each.options)
            where = place(each.channel, route)
            identity = f"{where}\x1f{what.value}\x1f{one.id}\x1f{about}"
            delivery_id = DeliveryId("msg_" + hashlib.sha256(identity.encode()).hexdigest()[:28])
            line = str(one.dataset) if not route else f"{one.dataset}\x1f{where}"
            self._deliveries[delivery_id] = Delivery(delivery_id, each.channel, what, line, cut, self._now, route=route)


def _standing(standing: Standing) -> messages.Body:
    return {
        "standing": {
            "agreed": standing.agreed,
            "missing": [str(one) for one in standing.missing],
            "objected": [str(one) for one in standing.objected],
            "earliest": None if standing.earliest is None else standing.earliest.isoformat(),
            "sentences": list(standing.sentences[:100]),
        }
    }
