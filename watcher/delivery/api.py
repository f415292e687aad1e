"""A service's API: JSON in and out over the one HTTP door, with a credential that nothing ever shows.

What a service says when it refuses becomes `Declined` with its own words, cut and without the credential; what cannot
be read becomes `Transient`, since nobody knows then what was done. Its rate limits become a wish to wait.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, urlencode

from watcher.delivery.complaints import said, wished
from watcher.delivery.http import HttpDoor, check_url, place
from watcher.delivery.replies import LONGEST_WAIT, Reply, redacted
from watcher.delivery.tracker import Declined
from watcher.model.delivery import Answer, Postponed
from watcher.model.errors import ConfigurationError, Transient
from watcher.ports import Clock

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes of an answer that are read: a page of fifty items, with their texts, is far below."""

_SHORTEST_SECRET = 4
_SAID = 400

Wish = Callable[[Reply, dt.datetime], dt.timedelta | None]


class Credential:
    """A secret and the headers that carry it; shows itself to nobody."""

    __slots__ = ("_headers", "_hidden")

    def __init__(self, headers: Mapping[str, str], hidden: Collection[str]) -> None:
        """`headers` go with every request; `hidden` are the texts that may never be told, encoded forms too."""
        for name, value in headers.items():
            if not value.isascii() or any(ord(character) < 32 for character in value):
                raise ConfigurationError(f"the credential for {name} holds characters that no header can carry")
        self._headers = dict(headers)
        encoded = {quote(one, safe="") for one in hidden}
        self._hidden = sorted((one for one in {*hidden, *encoded} if len(one) >= _SHORTEST_SECRET), key=len)[::-1]

    def __repr__(self) -> str:
        return "Credential(***)"

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with a request."""
        return self._headers

    def scrubbed(self, text: str) -> str:
        """The text without the secret, and without what looks like one."""
        for one in self._hidden:
            text = text.replace(one, "***")
        return redacted(text)


def bearer(token: str) -> Credential:
    """`Authorization: Bearer`, as OAuth and most personal tokens go."""
    return Credential({"authorization": f"Bearer {token}"}, [token])


def basic(user: str, password: str) -> Credential:
    """`Authorization: Basic`; either part may be empty."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return Credential({"authorization": f"Basic {pair}"}, [password, pair])


def header(name: str, token: str) -> Credential:
    """A header of the service's own."""
    return Credential({name: token}, [token])


def part(text: str) -> str:
    """One segment of a path; a slash in it stays within the segment."""
    return quote(text, safe="")


class Api:
    """One service's API below `base`, for one credential.

    `mend` says what a person does where the credential is refused. `wish` reads how long the service wants to be left
    alone; it is asked about each reply that is no success.
    """

    def __init__(  # noqa: PLR0913 - what an API differs by
        self,
        door: HttpDoor,
        clock: Clock,
        base: str,
        credential: Credential,
        *,
        mend: str,
        headers: Mapping[str, str] | None = None,
        wish: Wish | None = None,
        timeout: float = 15.0,
    ) -> None:
        check_url(base)
        self._door = door
        self._clock = clock
        self._base = base.rstrip("/")
        self._credential = credential
        self._mend = mend
        self._headers = dict(headers or {})
        self._wish = wish or wished
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Api({place(self._base)})"

    @property
    def base(self) -> str:
        """The address below which all paths are."""
        return self._base

    async def call(  # noqa: PLR0913 - what an exchange consists of
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json: Any = None,
        gone: Collection[int] = (),
        content_type: str = "application/json",
    ) -> Any:
        """One exchange; gives the answer's JSON, None where its body is empty.

        Raises Transient where no readable answer came, Declined where it is no 2xx. `gone` are the statuses by which
        this call learns that the item is not there (`Declined.missing`).
        """
        asked = "" if not query else "?" + urlencode(query, quote_via=quote)
        headers = {"accept": "application/json", **self._headers, **self._credential.headers}
        content = None
        if json is not None:
            content = _dumped(json)
            headers["content-type"] = content_type
        try:
            reply = await self._door.request(
                method,
                self._base + path + asked,
                headers=headers,
                content=content,
                total=self._timeout,
                limit=LARGEST_ANSWER,
            )
        except Transient as error:
            error.args = tuple(self._credential.scrubbed(str(one)) for one in error.args)
            raise
        if not 200 <= reply.status < 300:
            raise self.declined(reply, missing=reply.status in gone)
        return self._read(reply)

    def declined(self, reply: Reply, *, missing: bool = False, answer: Answer | None = None) -> Declined:
        """The reply as a refusal that may be shown: the service's own words, without the credential."""
        words = self._credential.scrubbed(said(reply.body))[:_SAID]
        shown = Reply(reply.status, reply.headers, words.encode(), complete=reply.complete)
        text = f"HTTP {reply.status}{f': {words}' if words else ''}"
        wait = self._wish(reply, self._clock.now())
        if answer is None and wait is not None:
            answer = Postponed(text, min(max(wait, dt.timedelta(0)), LONGEST_WAIT))
        elif answer is None and not missing and reply.status in {401, 403}:
            answer = Postponed(f"{text}; {self._mend}")
        return Declined(shown, missing=missing, answer=answer)

    def _read(self, reply: Reply) -> Any:
        where = place(self._base)
        if not reply.complete:
            raise Transient(f"{where} broke its answer off: whether it did what was asked is not known")
        if not reply.body.strip():
            return None
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            if reply.status == 203:  # a page to sign in at, as some services answer a token that is spent
                asked = Postponed(f"HTTP 203 with a page instead of an answer: it asks to sign in; {self._mend}")
                raise self.declined(Reply(203, reply.headers), answer=asked) from error
            raise Transient(
                f"{where} answered HTTP {reply.status} with something that is no JSON: is a proxy or a login page "
                "between? Whether it did what was asked is not known"
            ) from error


def line(text: str, most: int) -> str:
    """The text as one line of so many characters at most, for titles."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def strange(route: Mapping[str, str], known: Collection[str]) -> list[str]:
    """What a domain's `tickets` entry says that the channel does not know, for its `check_route`."""
    found: list[str] = []
    for key in route:
        if key not in known:
            near = get_close_matches(key, known, 1)
            meant = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(f'`{one}`' for one in known)}"
            found.append(f"`{key}` means nothing to this channel: {meant}")
    return found


def unsent(answer: Answer) -> Declined:
    """What is known to go wrong before anything is sent: a route that lacks a key, say."""
    return Declined(Reply(0, {}), answer=answer)


def member(document: Any, *names: str | int) -> Any:
    """What stands at that place of an answer; raises Transient, which names the place, where nothing does."""
    node = document
    for name in names:
        try:
            node = node[name]
        except (KeyError, IndexError, TypeError) as error:
            raise Transient(f"the service's answer has no {'.'.join(map(str, names))}: it is not understood") from error
    return node


def listed(document: Any, *names: str | int, holes: bool = False) -> list[dict[str, Any]]:
    """The items that an answer lists at that place; raises Transient where no such list is: none is not the same.

    `holes` says that the service may leave a place in the list empty.
    """
    node = member(document, *names)
    if isinstance(node, list):
        items = [one for one in node if not (holes and one is None)]
        if all(isinstance(one, dict) for one in items):
            return items
    where = ".".join(map(str, names))
    raise Transient(f"the service's answer has no list{f' at {where}' if where else ''}: it is not understood")


def _dumped(document: Any) -> bytes:
    """JSON as UTF-8; half of a surrogate pair, which no service takes, is replaced."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
