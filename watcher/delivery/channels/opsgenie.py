"""Opsgenie: a ticket as an alert; its alias is the ticket's marker, so that a repeat is none. Shut down in April 2027.

Its API takes a request and acts on it later: 202 says that it was heard. Notes repeat after a doubtful outcome, since
nothing tells whether one was written.
"""

from __future__ import annotations

from typing import Any

from watcher.delivery.api import Api, Credential, line, part, strange
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import plain
from watcher.delivery.letters.letter import Letter
from watcher.delivery.replies import answer
from watcher.delivery.tracker import Compose, Declined, Route
from watcher.model.delivery import Answer, Delivered, Delivery, MessageType, Postponed, Remote
from watcher.model.errors import Transient
from watcher.model.ticket import TicketState
from watcher.ports import Clock

PUBLIC = "https://api.opsgenie.com"
RATE = "60/min"

_KEYS = ("team", "tags")
_MESSAGE, _DESCRIPTION, _NOTE, _ALIAS = 130, 15_000, 25_000, 512
_PRIORITY = {"critical": "P1", "high": "P2", "normal": "P3", "low": "P5"}
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_SEEN = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.DISPUTED})
_ANEW = frozenset({MessageType.TICKET_OPENED, MessageType.TICKET_REOPENED})


def build(  # noqa: PLR0913 - what an installation differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    api_key: str,
    url: str = PUBLIC,
    name: str = "opsgenie",
    timeout: float = 15.0,
) -> Opsgenie:
    """The channel; `url` is `https://api.eu.opsgenie.com` in the EU."""
    mend = f"check the API key of the channel `{name}`: it is that of an API integration which may create alerts"
    key = Credential({"authorization": f"GenieKey {api_key}"}, [api_key])
    return Opsgenie(Api(door, clock, url, key, mend=mend, timeout=timeout), compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return strange(route, _KEYS)


class Opsgenie:
    """The alerts of one account."""

    def __init__(self, api: Api, compose: Compose, clock: Clock) -> None:
        self._api = api
        self._compose = compose
        self._clock = clock

    async def send(self, delivery: Delivery) -> Answer:
        """Bring the alert to where the ticket stands."""
        letter = self._compose(delivery)
        alias = letter.marker or f"watcher-{delivery.id}"
        try:
            await self._bring_up(letter, delivery, alias)
        except Transient as error:
            return Postponed(str(error))
        except Declined as error:
            return error.answer or answer(error.reply, delivery, self._clock.now())
        return Delivered(f"told {alias}", Remote(alias) if letter.marker else None)

    async def _bring_up(self, letter: Letter, delivery: Delivery, alias: str) -> None:
        state = TicketState(letter.state) if letter.state else TicketState.OPEN
        if state in _SETTLED:
            await self._act(alias, "close", plain.render(letter.news or letter, limit=_NOTE))
            return
        # An open alert of this alias is counted up, and a closed one is followed by a new one: never two open ones.
        await self._api.call("POST", "/v2/alerts", json=_alert(letter.standing or letter, delivery, alias))
        if delivery.type not in _ANEW and letter.marker:
            await self._act(alias, "notes", plain.render(letter.news or letter, limit=_NOTE))
        if state in _SEEN:
            await self._act(alias, "acknowledge", line(letter.title, _MESSAGE))

    async def _act(self, alias: str, verb: str, note: str) -> None:
        """Do something with the open alert of this alias; one that is closed already asks for nothing."""
        body = {"note": note, "source": "watcher", "user": "watcher"}
        path = f"/v2/alerts/{part(alias[:_ALIAS])}/{verb}"
        try:
            await self._api.call("POST", path, query={"identifierType": "alias"}, json=body, gone={404})
        except Declined as error:
            if not error.missing:
                raise


def _alert(letter: Letter, delivery: Delivery, alias: str) -> dict[str, Any]:
    route = delivery.route
    teams = [one.strip() for one in route.get("team", "").split(",") if one.strip()]
    tags = [one.strip() for one in route.get("tags", "").split(",") if one.strip()]
    return {
        "message": line(letter.title, _MESSAGE),
        "alias": alias[:_ALIAS],
        "description": plain.render(letter, limit=_DESCRIPTION),
        "tags": ["watcher", *tags][:20],
        "entity": line(delivery.key.partition("\x1f")[0], 512),
        "source": "watcher",
        "priority": _PRIORITY.get(letter.severity, "P3"),
        **({"responders": [{"type": "team", "name": one} for one in teams]} if teams else {}),
    }
