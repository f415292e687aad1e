"""Pages: a ticket, or a planned change, as it stands at this moment; for whoever follows a letter's link to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from watcher.delivery.letters import compose_move as moves
from watcher.delivery.letters import compose_plan as plans
from watcher.delivery.letters import compose_ticket as tickets
from watcher.delivery.letters import html
from watcher.delivery.letters.around import framed
from watcher.delivery.letters.letter import Items, Section
from watcher.delivery.letters.wording import Body

LIMIT = 2_000_000
"""Characters: a page holds what no letter could."""

MOST = 3_000
"""Lines of one list, so that what is brief fits."""


def page(body: Body) -> str:
    """A ticket's page in HTML, with all that happened; it fetches nothing, and has no script."""
    letter = tickets.standing(body, most=MOST)
    # A page cannot press its own button, and leads to itself already.
    whole = replace(letter, sections=(*letter.sections, *_ended(body), *_past(body)), actions=())
    return html.render(framed(whole, body), limit=LIMIT)


def planned(found: Body) -> str:
    """The page of a planned change, as it is shown over HTTP."""
    return html.render(plans.shown(found), limit=LIMIT)


def _ended(body: Body) -> Iterator[Section]:
    """Why a settled ticket is settled."""
    lines = tuple(moves.proven(body["move"].get("proof"))) if body["ticket"]["state"] == "resolved" else ()
    if lines:
        yield Section("What closed it", (Items(lines),), brief=True)


def _past(body: Body) -> Iterator[Section]:
    history = moves.history_of(body)
    if history:
        yield Section("What happened", (Items(tuple(history)),), brief=True)
