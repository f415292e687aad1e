"""Slack: by a bot, a message a ticket whose thread has its news; by an incoming webhook, messages alone.

A bot's message carries the ticket's marker and the delivery's id as metadata: after a lost answer the place is searched
before anything is posted again. Slack answers 200 also where it refuses; `ok` and `error` say what it means.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from watcher.delivery.api import Api, bearer, line, listed, member, strange
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import blocks, plain
from watcher.delivery.letters.letter import Letter
from watcher.delivery.posted import SecretAddress
from watcher.delivery.replies import Reply, answer
from watcher.delivery.tracker import Compose, Declined, Route
from watcher.model.delivery import Answer, Delivered, Delivery, MessageType, Postponed, Refused, Remote
from watcher.model.errors import Transient
from watcher.ports import Channel, Clock

PUBLIC = "https://slack.com/api"
RATE = "1"
"""Slack takes about a message a second for a channel."""

_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_PERSON = re.compile(r"[UW][A-Z0-9]{6,}")
_TEXT = 3_000
_PAGE, _PAGES = 200, 10
_EVENT = "watcher_ticket"
_GONE = frozenset({403, 404, 410})
_NOBODY = frozenset({"channel_not_found", "is_archived", "account_inactive", "user_not_found", "users_not_found"})
_TOKEN = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope", "no_permission"})
_MISSING = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
_OF_THE_MESSAGE = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments"}
)
_READS = frozenset({"conversations.history", "conversations.replies", "conversations.list"})
"""Methods that take no JSON: what is asked goes into the query."""
_KINDS = "public_channel,private_channel"


def build(  # noqa: PLR0913 - what an installation differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    token: str | None = None,
    webhook_url: str | None = None,
    url: str = PUBLIC,
    name: str = "slack",
    timeout: float = 15.0,
    buttons: bool = True,
) -> Channel:
    """The channel: a bot's, or an incoming webhook's where that is given instead of a token.

    `buttons` says whether what is pressed is heard: without, none are drawn.
    """
    if webhook_url is not None:
        mend = f"the incoming webhook of the channel `{name}` is gone: make one anew, and set `webhook_url`"
        return SlackWebhook(SecretAddress(door, clock, webhook_url, mend=mend, timeout=timeout), compose)
    mend = f"check the token of the channel `{name}`: a bot's, with chat:write, channels:read and channels:history"
    api = Api(door, clock, url, bearer(token or ""), mend=mend, timeout=timeout)
    return SlackBot(api, compose, clock, mend, name, buttons=buttons)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's entry for this channel."""
    missing = [] if route.get("to") else ["`to` is missing: write `#channel`, or the id of a channel or a person"]
    return [*missing, *strange(route, ("to",))]


class SlackWebhook:
    """One incoming webhook: it posts to the place that it was made for, and can change nothing."""

    def __init__(self, address: SecretAddress, compose: Compose) -> None:
        self._address = address
        self._compose = compose

    async def send(self, delivery: Delivery) -> Answer:
        """Post one message; after a lost answer it may stand twice, under the same marker."""
        letter = self._compose(delivery)
        message = {"text": _fallback(letter), "blocks": blocks.render(letter)}
        return await self._address.post(message, delivery, gone=_GONE)


class SlackBot:
    """A bot in the channels that it was invited to."""

    def __init__(  # noqa: PLR0913 - what the channel is made of
        self, api: Api, compose: Compose, clock: Clock, mend: str, name: str, *, buttons: bool
    ) -> None:
        self._buttons = buttons
        self._api = api
        self._compose = compose
        self._clock = clock
        self._mend = mend
        self._name = name
        self._ids: dict[str, str] = {}

    async def send(self, delivery: Delivery) -> Answer:
        """Post the ticket's message, or bring it up to date and write under it; other news are posted."""
        remote = delivery.remote
        to = delivery.route.get("to", "")
        if not to:
            return Refused('nobody is named: write `to: "#channel"` beside the channel\'s name', stale=True)
        letter = self._compose(delivery)
        try:
            if delivery.ticket is None:
                return await self._plainly(letter, delivery, to)
            if remote is None and (delivery.doubtful or delivery.attempts):
                remote = await self._found(to, {"marker": letter.marker})
                if remote is not None and delivery.type is MessageType.TICKET_OPENED:
                    return Delivered(f"it is there already: {remote.id}", remote)
            if remote is None:
                remote = await self._posted(letter, delivery, to)
                return Delivered(f"posted {remote.id}", remote)
            return await self._brought_up(letter, delivery, remote, to)
        except Transient as error:
            return Postponed(str(error), remote=remote)
        except Declined as error:
            told = error.answer or answer(error.reply, delivery, self._clock.now())
            return Postponed(told.reason, told.retry_after, remote) if isinstance(told, Postponed) else told

    async def _plainly(self, letter: Letter, delivery: Delivery, to: str) -> Answer:
        again = delivery.attempts or delivery.doubtful
        if again and await self._found(to, {"delivery": str(delivery.id)}) is not None:
            return Delivered("it is there already")
        posted = await self._posted(letter, delivery, to)
        return Delivered(f"posted {posted.id}")

    async def _brought_up(self, letter: Letter, delivery: Delivery, remote: Remote, to: str) -> Answer:
        """Let the first message show how the ticket stands, and write what is new into its thread."""
        channel = remote.data.get("channel", to)
        try:
            shown = self._body(letter.standing or letter, delivery)
            await self._call("chat.update", {"channel": channel, "ts": remote.id, **shown})
        except Declined as error:
            if not error.missing:
                raise
            made = await self._posted(letter, delivery, to)
            return Delivered(f"the message was deleted: posted {made.id}", made)
        again = delivery.attempts or delivery.doubtful
        if not (again and await self._noted(channel, remote.id, str(delivery.id))):
            short = self._body(letter.news or letter, delivery, buttons=False)
            note = {**short, "channel": channel, "thread_ts": remote.id}
            await self._call("chat.postMessage", note)
        return Delivered(f"told {remote.id}", remote)

    async def _posted(self, letter: Letter, delivery: Delivery, to: str) -> Remote:
        done = await self._call("chat.postMessage", {"channel": to, **self._body(letter, delivery)})
        channel = str(done.get("channel") or to)
        self._ids[to] = channel
        return Remote(str(member(done, "ts")), None, {"channel": channel})

    async def _found(self, to: str, wanted: Mapping[str, str]) -> Remote | None:
        """The oldest message of ours with this metadata, among the newest of the place."""
        channel = await self._channel(to)
        if channel is None:
            return None
        found, cursor = None, ""
        for _ in range(_PAGES):
            asked = {"channel": channel, "include_all_metadata": True, "limit": _PAGE, "cursor": cursor}
            page = await self._call("conversations.history", asked)
            for message in listed(page, "messages"):
                if wanted.items() <= _payload(message).items():
                    found = Remote(str(member(message, "ts")), None, {"channel": channel})
            cursor = _next(page)
            if found is not None or not cursor:
                break
        return found

    async def _noted(self, channel: str, thread: str, delivery: str) -> bool:
        cursor = ""
        for _ in range(_PAGES):  # the oldest come first
            asked = {"channel": channel, "ts": thread, "include_all_metadata": True, "limit": _PAGE, "cursor": cursor}
            page = await self._call("conversations.replies", asked)
            for message in listed(page, "messages"):
                if _payload(message).get("delivery") == delivery and str(message.get("ts")) != thread:
                    return True
            cursor = _next(page)
            if not cursor:
                break
        return False

    async def _channel(self, to: str) -> str | None:
        """A channel's id by its name, or by whom it is a talk with; its own id is taken as it is."""
        if _ID.fullmatch(to) or to in self._ids:
            return self._ids.get(to, to)
        if _PERSON.fullmatch(to):
            return await self._talk(to)
        cursor, kinds = "", _KINDS
        for _ in range(_PAGES):
            asked = {"exclude_archived": True, "limit": _PAGE, "cursor": cursor, "types": kinds}
            try:
                page = await self._call("conversations.list", asked)
            except Declined as error:
                if not kinds or error.reply.body != b"missing_scope":
                    raise
                kinds = ""  # private channels are not to be seen without groups:read
                continue
            for one in listed(page, "channels"):
                self._ids[f"#{one.get('name')}"] = str(one.get("id"))
            cursor = _next(page)
            if f"#{to.lstrip('#')}" in self._ids or not cursor:
                break
        return self._ids.get(f"#{to.lstrip('#')}")

    async def _talk(self, person: str) -> str | None:
        """The id of our talk with a person; none where the token may not ask for it."""
        try:
            done = await self._call("conversations.open", {"users": person})
        except Declined as error:
            if error.reply.body != b"missing_scope":
                raise
            return None
        self._ids[person] = str(member(done, "channel", "id"))
        return self._ids[person]

    def _body(self, letter: Letter, delivery: Delivery, *, buttons: bool = True) -> dict[str, Any]:
        payload = {"marker": letter.marker, "delivery": str(delivery.id)}
        return {
            "text": _fallback(letter),
            "blocks": blocks.render(letter, ticket=(delivery.ticket or "") if buttons and self._buttons else ""),
            "metadata": {"event_type": _EVENT, "event_payload": payload},
            "unfurl_links": False,
        }

    async def _call(self, method: str, document: Mapping[str, Any]) -> dict[str, Any]:
        told = {key: one for key, one in document.items() if one != ""}
        if method in _READS:
            query = {key: str(one).lower() if isinstance(one, bool) else one for key, one in told.items()}
            done = await self._api.call("GET", f"/{method}", query=query)
        else:
            done = await self._api.call("POST", f"/{method}", json=told)
        if isinstance(done, dict) and done.get("ok") is True:
            return done
        error = str(done.get("error", "")) if isinstance(done, dict) else ""
        raise self._refused(error or "an answer that is none of Slack's")

    def _refused(self, error: str) -> Declined:
        """What Slack's own word for a refusal means."""
        reply = Reply(200, {}, error.encode())
        if error in _OF_THE_MESSAGE:  # judged by the message, as a 400 would be
            return Declined(Reply(400, {}, f"Slack: {error}".encode()))
        if error == "ratelimited":
            return Declined(reply, answer=Postponed(f"Slack: {error}", dt.timedelta(seconds=30)))
        if error in _MISSING:
            return Declined(reply, missing=True, answer=Postponed(f"Slack: {error}"))
        if error in _NOBODY:
            return Declined(reply, answer=Refused(f"Slack knows no such place: {error}", stale=True))
        if error in _TOKEN:
            return Declined(reply, answer=Postponed(f"Slack: {error}; {self._mend}"))
        if error == "not_in_channel":
            mend = f"invite the bot of the channel `{self._name}` there"
            return Declined(reply, answer=Postponed(f"Slack: {error}; {mend}"))
        return Declined(reply, answer=Postponed(f"Slack: {error}"))


def _next(page: Mapping[str, Any]) -> str:
    """Where the next page begins; empty where this is the last."""
    told = page.get("response_metadata")
    return str(told.get("next_cursor") or "") if isinstance(told, dict) else ""


def _payload(message: Any) -> dict[str, str]:
    metadata = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != _EVENT:
        return {}
    payload = metadata.get("event_payload")
    return {str(key): str(one) for key, one in payload.items()} if isinstance(payload, dict) else {}


def _fallback(letter: Letter) -> str:
    """What notifications show."""
    return line(blocks.escaped(f"{letter.title}. {plain.line(letter.lead)}"), _TEXT)
