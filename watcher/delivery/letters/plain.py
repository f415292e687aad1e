"""Letters as plain text: for mail's text part, for services that show no markup, for people who read logs."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.layout import Dialect, laid_out
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph
from watcher.delivery.letters.visible import shortened, visible

LIMIT = 60_000


def render(letter: Letter, *, limit: int = LIMIT, title: bool = True) -> str:
    """The letter in `limit` characters at most."""
    text = fitted(letter, lambda one: "\n".join(_lines(one, title=title)), lambda made: len(made) <= limit)
    return shortened(text, limit)


def line(one: Line) -> str:
    """One line; a link shows where it leads."""
    return "".join(_run(run) for run in one)


def _run(run: object) -> str:
    if isinstance(run, Link):
        text, url = visible(run.text), visible(run.url)
        return url if text == url else f"{text} ({url})"
    return visible(getattr(run, "text", ""))


def _lines(letter: Letter, *, title: bool) -> Iterator[str]:
    dialect = Dialect(
        title=visible if title else None,
        heading=lambda text: visible(text).upper(),
        line=line,
        block=_block,
        links=lambda links: (f"{visible(one.text)}: {visible(one.url)}" for one in links),
    )
    yield from laid_out(letter, dialect)
    if letter.marker:
        yield ""
        yield visible(letter.marker)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield line(text)
        case Items(lines, numbered):
            for number, item in enumerate(lines, start=1):
                yield f"{f'{number}.' if numbered else '-'} {line(item)}"
        case Facts(pairs):
            width = max((len(visible(label)) for label, _ in pairs), default=0)
            for label, said in pairs:
                yield f"{visible(label):<{width}}  {line(said)}"
        case Listing(text):
            for each in visible(text, lines=True).split("\n"):
                yield f"    {each}"
