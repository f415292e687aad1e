"""A ticket's page: the letter as it would be written now, with all that happened; for whoever follows its link."""

from __future__ import annotations

from dataclasses import replace

from watcher.delivery.letters import compose_move as moves
from watcher.delivery.letters import compose_ticket as tickets
from watcher.delivery.letters import html
from watcher.delivery.letters.letter import Items, Section
from watcher.delivery.letters.wording import Body

LIMIT = 2_000_000
"""Characters: a page holds what no letter could."""


def page(body: Body) -> str:
    """The page in HTML; it fetches nothing, and has no script."""
    letter = moves.resolved(body) if body["ticket"]["state"] == "resolved" else tickets.opened(body)
    history = moves.history_of(body)
    happened = (Section("What happened", (Items(tuple(history)),)),) if history else ()
    # A page cannot press its own button, and leads to itself already.
    return html.render(replace(letter, sections=(*letter.sections, *happened), actions=()), limit=LIMIT)
