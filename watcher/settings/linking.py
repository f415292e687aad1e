"""Linking: letters with signed links, for channels whose readers can press no button of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from watcher.delivery.letters.letter import Action, Letter
from watcher.delivery.tracker import Compose
from watcher.model.contract import SubscriptionName
from watcher.model.delivery import Delivery, MessageType
from watcher.model.ticket import TicketId, Verb
from watcher.ports import Clock
from watcher.settings import Settings, secret

if TYPE_CHECKING:
    from watcher.web.answers import Invitation

LINKED = frozenset({"mail", "teams"})
"""Types of channels whose messages carry signed links in place of buttons."""

ANSWERED = LINKED | {"slack"}
"""Types of channels in which a consumer that is asked finds a link to answer by."""


def composer(settings: Settings, clock: Clock) -> Callable[[str], Compose]:
    """How letters are made for a type of channel; without a key, or an address to lead to, there are no links."""
    follow_up = settings.follow_up
    if follow_up.signing is None or follow_up.url is None:
        return lambda _: compose
    # Only who signs links needs their room.
    from watcher.web.answers import Inviter  # noqa: PLC0415
    from watcher.web.links import VERBS, Signer  # noqa: PLC0415

    base, keys = follow_up.url, [secret(follow_up.signing.key)]
    signer, inviter = Signer(keys), Inviter(keys)

    def moving(delivery: Delivery) -> Letter:
        letter, who = answering(delivery), delivery.route.get("to", "")
        if delivery.ticket is None or not who:
            return letter
        actions = []
        for one in letter.actions:
            if one.verb in VERBS and one.url is None:
                ticket, verb = TicketId(delivery.ticket), Verb(one.verb)
                token = signer.sign(ticket, verb, who, now=clock.now(), occasion=delivery.id)
                actions.append(replace(one, url=signer.url(base, token)))
            else:
                actions.append(one)
        return replace(letter, actions=tuple(actions))

    def answering(delivery: Delivery) -> Letter:
        letter, asked = compose(delivery), invited(delivery)
        if asked is None:
            return letter
        return replace(letter, actions=(Action("Answer", url=inviter.url(base, asked)), *letter.actions))

    return lambda type_: moving if type_ in LINKED else answering if type_ in ANSWERED else compose


def compose(delivery: Delivery) -> Letter:
    """The letter of a delivery, without links."""
    from watcher.delivery.letters.compose import compose as made  # noqa: PLC0415 - only who tells people needs its words

    return made(delivery)


def invited(delivery: Delivery) -> Invitation | None:
    """Who is asked by a delivery, and until when they may answer; None where it asks nobody whose address is known."""
    from watcher.web.answers import Invitation  # noqa: PLC0415

    who = delivery.route.get("to", "")
    if delivery.type is not MessageType.ANNOUNCEMENT_ASKED or not who:
        return None
    try:
        one, you = delivery.body["announcement"], delivery.body["asked"]
        # A deprecation has no end: after its day, and the time to answer, its removal is fine.
        ends = [one["until"]] if one["until"] else [one["since"], you["answer_by"]]
        expires = max(dt.datetime.fromisoformat(each) for each in ends)
        return Invitation(str(one["id"]), SubscriptionName(str(you["subscription"])), who, expires)
    except (LookupError, TypeError, ValueError):
        return None  # another version's message: it says how to answer all the same
