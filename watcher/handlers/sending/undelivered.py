"""Undelivered: a dead channel or address surfaces, and its news go to the fallback; nothing just vanishes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import structlog

from watcher.model.delivery import Delivery, DeliveryId, MessageType, Remote, addressees
from watcher.model.ticket import TicketId
from watcher.ports import MirrorRow, StaleAddressRow, Transaction

log = structlog.get_logger(__name__)


def keep_mirror(tx: Transaction, delivery: Delivery, remote: Remote | None, now: dt.datetime) -> None:
    """Remember a ticket's item at a receiver, as soon as anything is known of it."""
    if delivery.ticket is not None and remote is not None and remote != delivery.remote:
        tx.put_mirror(MirrorRow(TicketId(delivery.ticket), delivery.channel, delivery.route, remote, now))


def arrived(tx: Transaction, delivery: Delivery, without: Sequence[tuple[str, str]] = ()) -> None:
    """Somebody is at this address; of several, all but those whom it is told `without`."""
    if delivery.type is MessageType.BREAKING_CHANGE:
        return  # the topic of events is nobody's address, and carries the most
    reached = set(addressees(delivery.route.get("to", ""))) - {one for one, _ in without}
    for one in sorted(reached | (set() if without else {_address(delivery)})):
        tx.clear_stale_address(delivery.channel, one)


def surface(  # noqa: PLR0913 - what did not arrive, whom it did not reach, why, and where it goes instead
    tx: Transaction,
    delivery: Delivery,
    reason: str,
    fallback: str | None,
    now: dt.datetime,
    *,
    stale: bool,
    whom: str | None = None,
) -> None:
    """Record the dead address, and wish the same news to the fallback, with a word on who did not get them.

    `whom` is the one of several addressees who is not there; without it, it is all of them.
    """
    address = _address(delivery) if whom is None else whom
    tx.put_stale_address(StaleAddressRow(delivery.channel, address, reason, now))
    log.error("address.stale", channel=delivery.channel, address=address, reason=reason, gone=stale)
    if fallback is None or delivery.channel == fallback or delivery.type is MessageType.BREAKING_CHANGE:
        return
    about = "" if whom is None else f"\x1f{whom}"
    identity = hashlib.sha256(f"{delivery.id}\x1ffallback{about}".encode()).hexdigest()[:28]
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
