"""PagerDuty: a ticket as an alert, by Events v2; its `dedup_key` is the ticket's marker, so that a repeat is none.

An alert that is triggered again under its key takes the new details and makes no second one. What is about no ticket
goes as a change event, which wakes nobody.
"""

from __future__ import annotations

from typing import Any

from watcher.delivery.api import Api, Credential, line, strange
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import plain
from watcher.delivery.letters.letter import Letter
from watcher.delivery.replies import answer
from watcher.delivery.tracker import Compose, Declined, Route
from watcher.model.delivery import Answer, Delivered, Delivery, Postponed, Refused, Remote
from watcher.model.errors import Transient
from watcher.model.ticket import TicketState
from watcher.ports import Clock

PUBLIC = "https://events.pagerduty.com"
RATE = "100/min"
"""PagerDuty takes some 120 events a minute for one key."""

_NEVER = 400
"""An event that is not valid, by its content or its key: PagerDuty asks not to send it again."""

_KEYS = ("component", "group")
_SUMMARY, _TEXT, _SOURCE = 1024, 60_000, 255
_SEVERITY = {"critical": "critical", "high": "error", "normal": "warning", "low": "info"}
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_SEEN = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.DISPUTED})


def build(  # noqa: PLR0913 - what an installation differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    routing_key: str,
    url: str = PUBLIC,
    name: str = "pagerduty",
    timeout: float = 15.0,
) -> PagerDuty:
    """The channel; `routing_key` is the integration key of one of PagerDuty's services."""
    mend = f"check the routing key of the channel `{name}`: it is the integration key of a service, by Events API v2"
    api = Api(door, clock, url, Credential({}, [routing_key]), mend=mend, timeout=timeout)
    return PagerDuty(api, compose, clock, routing_key, mend)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return strange(route, _KEYS)


class PagerDuty:
    """One service's alerts. The key is part of each request's body, and shows in nothing that is told of it."""

    def __init__(self, api: Api, compose: Compose, clock: Clock, routing_key: str, mend: str) -> None:
        self._mend = mend
        self._api = api
        self._compose = compose
        self._clock = clock
        self._routing_key = routing_key

    async def send(self, delivery: Delivery) -> Answer:
        """Bring the alert to where the ticket stands; the same again changes nothing."""
        letter = self._compose(delivery)
        if delivery.body.get("known") is True:
            return Delivered("it was done there", Remote(letter.marker))
        try:
            if not letter.marker:
                await self._api.call("POST", "/v2/change/enqueue", json=self._change(letter, delivery))
                return Delivered("told as a change event")
            await self._bring_up(letter, delivery)
        except Transient as error:
            return Postponed(str(error))
        except Declined as error:
            if error.reply.status == _NEVER:
                words = error.reply.body.decode(errors="replace")
                return Refused(f"HTTP {_NEVER}: {words}; PagerDuty asks not to send such an event again: {self._mend}")
            return error.answer or answer(error.reply, delivery, self._clock.now())
        return Delivered(f"told {letter.marker}", Remote(letter.marker))

    async def _bring_up(self, letter: Letter, delivery: Delivery) -> None:
        state = TicketState(letter.state) if letter.state else TicketState.OPEN
        if state in _SETTLED:
            await self._event("resolve", letter, delivery)
            return
        # An alert that was resolved is opened again by its key, and one that stands takes what is new.
        await self._event("trigger", letter.standing or letter, delivery)
        if state in _SEEN:
            await self._event("acknowledge", letter, delivery)

    async def _event(self, action: str, letter: Letter, delivery: Delivery) -> None:
        event: dict[str, Any] = {
            "routing_key": self._routing_key,
            "event_action": action,
            "dedup_key": letter.marker,
        }
        if action == "trigger":
            event |= {
                "payload": {
                    "summary": line(letter.title, _SUMMARY),
                    "source": line(delivery.key.partition("\x1f")[0] or "watcher", _SOURCE),
                    "severity": _SEVERITY.get(letter.severity, "warning"),
                    "timestamp": delivery.created_at.isoformat(),
                    "class": "breaking-change",
                    **{key: value for key, value in delivery.route.items() if key in _KEYS},
                    "custom_details": {"text": plain.render(letter, limit=_TEXT, title=False)},
                },
                "client": "watcher",
                "links": _links(letter),
            }
        await self._api.call("POST", "/v2/enqueue", json=event)

    def _change(self, letter: Letter, delivery: Delivery) -> dict[str, Any]:
        return {
            "routing_key": self._routing_key,
            "payload": {
                "summary": line(letter.title, _SUMMARY),
                "source": line(delivery.key.partition("\x1f")[0] or "watcher", _SOURCE),
                "timestamp": delivery.created_at.isoformat(),
                "custom_details": {"text": plain.render(letter, limit=_TEXT, title=False), "delivery": delivery.id},
            },
            "links": _links(letter),
        }


def _links(letter: Letter) -> list[dict[str, str]]:
    return [{"href": one.url, "text": line(one.text, 255)} for one in letter.actions if one.url]
