"""Microsoft Teams: each news is a card, by a workflow that takes a webhook's request.

The workflow answers 202 before it has posted, keeps nothing that could be searched, and changes no card: after a lost
answer a card may stand twice, under the same marker. Its URL holds the right to post, and is never shown.
"""

from __future__ import annotations

from watcher.delivery.api import strange
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import card
from watcher.delivery.posted import SecretAddress
from watcher.delivery.tracker import Compose, Route
from watcher.model.delivery import Answer, Delivery
from watcher.ports import Clock

RATE = "1"
"""Teams takes some four messages a second for a channel, a workflow fewer."""

_GONE = frozenset({404, 410})
"""The flow was deleted or switched off, with the person who made it perhaps."""
_ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def build(  # noqa: PLR0913 - what an installation differs by
    door: HttpDoor, clock: Clock, compose: Compose, *, url: str, name: str = "teams", timeout: float = 15.0
) -> Teams:
    """The channel; `url` is the workflow's, with its `sig=`."""
    mend = f"the workflow behind the channel `{name}` is gone or switched off: make one anew, and set the channel's URL"
    return Teams(SecretAddress(door, clock, url, mend=mend, timeout=timeout), compose)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's entry for this channel: a workflow posts where it was made for."""
    return strange(route, ("to",))


class Teams:
    """One workflow, which posts to one place."""

    def __init__(self, address: SecretAddress, compose: Compose) -> None:
        self._address = address
        self._compose = compose

    async def send(self, delivery: Delivery) -> Answer:
        """Post one card."""
        made = card.render(self._compose(delivery))
        message = {
            "type": "message",
            "attachments": [{"contentType": _ADAPTIVE, "contentUrl": None, "content": made}],
        }
        return await self._address.post(message, delivery, gone=_GONE)
