"""The order of a letter's parts where it is text by the line: every dialect of lines walks them the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from watcher.delivery.letters.letter import Block, Letter, Line, Link


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one dialect writes a title, a section's heading, a line, a block, and the links behind all of them.

    `spaced` puts an empty line before each block; a `title` of None stands elsewhere.
    """

    heading: Callable[[str], str]
    line: Callable[[Line], str]
    block: Callable[[Block], Iterable[str]]
    links: Callable[[Sequence[Link]], Iterable[str]]
    title: Callable[[str], str] | None = None
    spaced: bool = False


def laid_out(letter: Letter, dialect: Dialect) -> Iterator[str]:
    """The letter's lines: title, lead, facts, sections, links, footer; what it does not have leaves no gap."""
    if dialect.title is not None:
        yield dialect.title(letter.title)
        yield ""
    if letter.lead:
        yield dialect.line(letter.lead)
    if letter.facts.pairs:
        yield ""
        yield from dialect.block(letter.facts)
    for section in letter.sections:
        yield ""
        yield dialect.heading(section.heading)
        for block in section.blocks:
            if dialect.spaced:
                yield ""
            yield from dialect.block(block)
    links = [Link(action.text, action.url) for action in letter.actions if action.url]
    if links:
        yield ""
        yield from dialect.links(links)
    if letter.footer:
        yield ""
        yield dialect.line(letter.footer)
