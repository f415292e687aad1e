"""Undelivered: a dead channel or address surfaces, and its news go to the fallback; nothing just vanishes."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import structlog

from watcher.model.delivery import Delivery, DeliveryId, MessageType, Remote
from watcher.model.ticket import TicketId
from watcher.ports import MirrorRow, StaleAddressRow, Transaction

log = structlog.get_logger(__name__)


def keep_mirror(tx: Transaction, delivery: Delivery, remote: Remote | None, now: dt.datetime) -> None:
    """Remember a ticket's item at a receiver, as soon as anything is known of it."""
    if delivery.ticket is not None and remote is not None and remote != delivery.remote:
        tx.put_mirror(MirrorRow(TicketId(delivery.ticket), delivery.channel, delivery.route, remote, now))


def arrived(tx: Transaction, delivery: Delivery) -> None:
    """Somebody is at this address."""
    if delivery.type is MessageType.BREAKING_CHANGE:
        return  # the topic of events is nobody's address, and carries the most
    tx.clear_stale_address(delivery.channel, _address(delivery))


def surface(  # noqa: PLR0913 - what did not arrive, why, and where it goes instead
    tx: Transaction, delivery: Delivery, reason: str, fallback: str | None, now: dt.datetime, *, stale: bool
) -> None:
    """Record the dead address, and wish the same news to the fallback, with a word on who did not get them."""
    address = _address(delivery)
    tx.put_stale_address(StaleAddressRow(delivery.channel, address, reason, now))
    log.error("address.stale", channel=delivery.channel, address=address, reason=reason, gone=stale)
    if fallback is None or delivery.channel == fallback or delivery.type is MessageType.BREAKING_CHANGE:
        return
    identity = hashlib.sha256(f"{delivery.id}\x1ffallback".encode()).hexdigest()[:28]
    body = {**delivery.body, "undelivered": {"channel": delivery.channel, "address": address, "reason": reason}}
    instead = replace(
        delivery, id=DeliveryId(f"msg_{identity}"), channel=fallback, body=body, created_at=now, attempts=0, forgiven=0,
        route={}, remote=None, doubtful=False,
    )  # fmt: skip
    tx.add_deliveries([instead], now)


def _address(delivery: Delivery) -> str:
    """Who is meant within the channel: what the route says, or the channel as a whole."""
    route = delivery.route
    return route.get("to") or " ".join(f"{key}={route[key]}" for key in sorted(route)) or "*"
