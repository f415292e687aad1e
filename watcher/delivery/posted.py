"""Posted: a document sent to an address that is itself the credential; nothing of it shows in what is told."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from watcher.delivery.api import Credential
from watcher.delivery.complaints import said, wished
from watcher.delivery.http import HttpDoor, check_url, place
from watcher.delivery.replies import Reply, answer
from watcher.model.delivery import Answer, Delivered, Delivery, Postponed, Refused
from watcher.model.errors import Transient
from watcher.ports import Clock

_SAID = 300
_SECRET_LIKE = 12
"""Parts of an address of so many characters are hidden each by itself: a service may quote one alone."""


def secret_parts(url: str) -> list[str]:
    """What of a URL may be a credential: all of it behind the host, and each long part by itself, decoded too."""
    path = url.split("://", 1)[-1].partition("/")[2]
    parts = [part for part in re.split(r"[/?&=#]", path) if len(part) >= _SECRET_LIKE]
    whole = [url, path] if len(path) >= _SECRET_LIKE else [url]
    return [*whole, *parts, *(plain for one in parts if (plain := unquote(one)) != one)]


class SecretAddress:
    """One URL that a service gave out: whoever has it may post there."""

    def __init__(self, door: HttpDoor, clock: Clock, url: str, *, mend: str, timeout: float) -> None:
        check_url(url)
        self._door = door
        self._clock = clock
        self._url = url
        self._credential = Credential({}, secret_parts(url))
        self._mend = mend
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"SecretAddress({place(self._url)})"

    async def post(self, document: Any, delivery: Delivery, *, gone: frozenset[int]) -> Answer:
        """Send a document; `gone` are the statuses by which the service says that the address is no more."""
        content = json.dumps(document, ensure_ascii=False).encode(errors="backslashreplace")
        headers = {"content-type": "application/json; charset=utf-8"}
        try:
            reply = await self._door.request("POST", self._url, headers=headers, content=content, total=self._timeout)
        except Transient as error:
            return Postponed(self._credential.scrubbed(str(error)))
        return self._meant(reply, delivery, gone)

    def _meant(self, reply: Reply, delivery: Delivery, gone: frozenset[int]) -> Answer:
        if 200 <= reply.status < 300:
            return Delivered(f"HTTP {reply.status}")
        words = self._credential.scrubbed(said(reply.body))[:_SAID]
        text = f"HTTP {reply.status}{f': {words}' if words else ''}"
        now = self._clock.now()
        if reply.status in gone:
            return Refused(f"{text}; {self._mend}", stale=True)
        wait = wished(reply, now)
        if wait is not None:
            return Postponed(text, wait)
        shown = Reply(reply.status, reply.headers, words.encode(), complete=reply.complete)
        return answer(shown, delivery, now)
