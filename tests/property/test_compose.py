"""Composing under any body: a letter comes of it in every dialect, with its marker, and the state of a ticket."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.parts.letters import AT, LETTERS, moved
from tests.parts.news import NEWS
from watcher.delivery.letters import adf, blocks, card, html, markdown, plain, wiki
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.letter import Letter, marker
from watcher.model.delivery import ABOUT_TICKETS, Delivery, DeliveryId, MessageType
from watcher.model.ticket import TicketState, Verb

BODIES = [one().body for one in (*LETTERS.values(), *NEWS.values())] + [
    moved(Verb.ACKNOWLEDGE, TicketState.ACKNOWLEDGED).body
]
DIALECTS: tuple[Callable[[Letter], Any], ...] = (
    adf.render, blocks.render, card.render, html.render, markdown.render, plain.render, wiki.render,
)  # fmt: skip

odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["`", "2026-11-02T09:00:00.000Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "../x"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a body that can be damaged."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, one in inner for place in ((*here, key), *_places(one, (*here, key)))]


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """A body as the handlers make it, in which some places hold something else, or are gone."""
    body: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(0, 4))):
        places = _places(body)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        node: Any = body
        for step in way:
            node = node[step]
        if draw(st.booleans()):
            node[last] = draw(odd)
        else:
            del node[last]
    return body


DELIVERIES = [one() for one in (*LETTERS.values(), *NEWS.values())]


@pytest.mark.parametrize("one", DELIVERIES, ids=lambda one: one.type.value)
def test_what_the_handlers_wish_is_never_shown_raw(one: Delivery) -> None:
    """A body as it is made has a letter of its own in every dialect."""
    letter = compose(one)

    assert all(section.heading != "The message" for section in letter.sections)
    for render in DIALECTS:
        assert render(letter)


def _delivery(what: MessageType, body: dict[str, Any], ticket: str | None) -> Delivery:
    return Delivery(DeliveryId("msg_1"), "a-channel", what, "kafka://prod/orders", body, AT, ticket=ticket)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(MessageType),
    st.one_of(damaged(), st.dictionaries(st.text(max_size=8), odd, max_size=5)),
    st.sampled_from([None, "T-3f2a9c01b7"]),
)
@example(MessageType.TICKET_OPENED, {"ticket": {"state": "?"}, "severity": "?", "links": {"ticket": "x"}}, "T-1")
@example(MessageType.TICKET_MOVED, {"ticket": None, "move": [], "undelivered": 1, "omitted": [3]}, None)
def test_any_body_is_told(what: MessageType, body: dict[str, Any], ticket: str | None) -> None:
    """Whatever a body holds, every dialect shows a letter; what trackers rely on is sound in it."""
    letter = compose(_delivery(what, body, ticket))

    assert letter.title.strip()
    assert letter.lead
    assert letter.severity in {"low", "normal", "high", "critical"}
    assert letter.state is None or TicketState(letter.state)
    assert all(one.url is None or one.url.startswith("http") for one in letter.actions)
    if ticket is not None and what in ABOUT_TICKETS:
        assert letter.marker == marker(ticket)
    for render in DIALECTS:
        assert render(letter)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MessageType), damaged(), st.text(max_size=30), st.text(max_size=30))
def test_who_did_not_get_it_is_told_first(what: MessageType, body: dict[str, Any], address: str, reason: str) -> None:
    """News that come to the fallback begin with whom they were meant for."""
    missed = {"channel": "slack", "address": address, "reason": reason}
    letter = compose(_delivery(what, {**body, "undelivered": missed}, None))

    assert "".join(run.text for run in letter.lead).startswith("This did not reach ")
