"""What tests of webhooks share: secrets, bounds that fail quickly, a delivery, and one play with a receiver."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from watcher.delivery.addresses import Guard
from watcher.delivery.http import Bounds, HttpDoor
from watcher.delivery.receiver import Receiver
from watcher.delivery.webhook import WebhookChannel
from watcher.model.delivery import Answer, Delivery, DeliveryId, MessageType

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
LOCAL = Guard(["127.0.0.0/8", "localhost"])
QUICK = Bounds(connect=1, read=1, total=2, body_time=0.5)


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


def delivery(attempts: int = 0, body: dict[str, Any] | None = None) -> Delivery:
    data = body or {"at": "2026-08-01T12:00:00.000Z", "dataset": "kafka://prod/orders"}
    at = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    return Delivery(DeliveryId("msg_1"), "hook", MessageType.TICKET_OPENED, "kafka://prod/orders", data, at, attempts)


async def sent(
    receiver: Receiver, *, guard: Guard = LOCAL, bounds: Bounds = QUICK, url: str | None = None, attempts: int = 0
) -> Answer:
    async with HttpDoor(guard, bounds) as door:
        channel = WebhookChannel(door, SystemClock(), url or receiver.url, [SECRET], timeout=bounds.total)
        return await channel.send(delivery(attempts))


def played(play: Callable[[Receiver], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Receiver([SECRET]) as receiver:
            return await play(receiver)

    return asyncio.run(run())
