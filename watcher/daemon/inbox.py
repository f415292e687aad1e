"""Inbox: what comes from trackers, chats and links in mail is carried out in the ledger's thread, and answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.delivery.http import HttpDoor
from watcher.handlers.ticketing.inbound import follow, receive
from watcher.handlers.ticketing.wishes import Link, Outcome, Wishes
from watcher.model.ticket import Ticket, TicketId
from watcher.settings import Settings, secret
from watcher.settings.secrets import revealed
from watcher.web.announcements import Desk
from watcher.web.answers import Answers, Inviter
from watcher.web.forms import Behind
from watcher.web.hooks.app import Inbox
from watcher.web.hooks.wish import HookRequest, HookSource
from watcher.web.links import Links, Signer

_REPLY_S = 5.0


def inbox(parts: Parts, in_ledger: LedgerThread) -> Inbox:
    """What answers the services' messages."""

    async def take(channel: str, wishes: Wishes, source: HookSource, request: HookRequest) -> Sequence[Outcome]:
        return await in_ledger.steadily(
            lambda tx: receive(tx, parts.judgement, channel, wishes, own=source.own, now=request.received_at)
        )

    async def reply(url: str, document: Mapping[str, Any]) -> None:
        await _said(parts.door, url, document)

    return Inbox(sources(parts.settings), take, parts.clock, reply=reply)


def forms(parts: Parts, in_ledger: LedgerThread, desk: Desk) -> Mapping[str, Behind]:
    """The pages behind links in mail, by the name of their tokens; none where there is no key to sign them with."""
    signing = parts.settings.follow_up.signing
    if signing is None:
        return {}

    async def look(ticket: TicketId) -> Ticket | None:
        return await in_ledger(lambda tx: tx.ticket(ticket))

    async def carry_out(link: Link, reason: str, details: Mapping[str, Any]) -> Outcome:
        now = parts.clock.now()
        return await in_ledger(lambda tx: follow(tx, parts.judgement, link, reason=reason, details=details, now=now))

    keys = [secret(signing.key)]
    return {
        "token": Links(Signer(keys), look, carry_out, parts.clock),
        "answer": Answers(Inviter(keys), desk, parts.clock),
    }


def sources(settings: Settings) -> Mapping[str, HookSource]:
    """What must be known of each channel to read its messages."""
    found = {}
    for name, channel in settings.channels.items():
        hearing = channel.hearing
        secrets = () if hearing is None else tuple(revealed(one) for one in hearing.secrets)
        own = frozenset() if hearing is None else frozenset(hearing.own)
        found[name] = HookSource(channel.type, secrets, own, getattr(channel, "states", {}))
    return found


async def _said(door: HttpDoor, url: str, document: Mapping[str, Any]) -> None:
    """A word to the person who pressed a button; raises Transient where it does not arrive."""
    async with asyncio.timeout(2 * _REPLY_S):
        await door.request(
            "POST",
            url,
            headers={"content-type": "application/json"},
            content=json.dumps(document).encode(),
            total=_REPLY_S,
        )
