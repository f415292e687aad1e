"""What people are told, in each dialect, beside its golden file: read a difference as a reader would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.parts.golden import LETTERS as FOLDER
from tests.parts.golden import assert_golden
from tests.parts.letters import LETTERS, acknowledged
from tests.parts.news import NEWS
from watcher.delivery.letters import adf, blocks, card, html, markdown, plain, wiki
from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.letter import Letter


def _json(made: Any) -> str:
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


DIALECTS: dict[str, Callable[[Letter], str]] = {
    "md": lambda one: markdown.render(one, title=True) + "\n",
    "adf.json": lambda one: _json(adf.render(one)),
    "wiki": lambda one: wiki.render(one) + "\n",
    "blocks.json": lambda one: _json(blocks.render(one, ticket="T-3f2a9c01b7")),
    "card.json": lambda one: _json(card.render(one)),
    "html": html.render,
    "text": lambda one: plain.render(one) + "\n",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", LETTERS)
def test_letter(name: str, dialect: str) -> None:
    """A letter says in each dialect what happened, to whom, why, and what is to be done."""
    assert_golden(f"{name}.{dialect}", DIALECTS[dialect](compose(LETTERS[name]())), FOLDER)


@pytest.mark.parametrize("name", NEWS)
def test_news(name: str) -> None:
    """What is told beside tickets: planned changes, digests, scorecards, and lists of what to mend."""
    assert_golden(f"{name}.md", DIALECTS["md"](compose(NEWS[name]())), FOLDER)


@pytest.mark.parametrize("dialect", ["md", "blocks.json", "text"])
@pytest.mark.parametrize("part", ["standing", "news"])
def test_a_move(part: str, dialect: str) -> None:
    """After a move: what shows the ticket always, and what is written under it."""
    one = compose(acknowledged())
    letter = one.standing if part == "standing" else one.news
    assert letter is not None
    assert_golden(f"acknowledged-{part}.{dialect}", DIALECTS[dialect](letter), FOLDER)


def test_the_page_shows_what_is_told() -> None:
    """The example of `docs/tickets.md` is the letter itself."""
    page = Path(__file__).parents[2] / "docs" / "tickets.md"

    assert plain.render(compose(LETTERS["ticket-table"]())) in page.read_text(encoding="utf-8")
