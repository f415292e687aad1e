"""Fit: a letter that is too long for a dialect loses whole parts, the least needed first, and says that it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph, Section, Words
from watcher.delivery.letters.visible import shortened

T = TypeVar("T")

_FEWER = (20, 8, 3)
_SHORTER = (600, 200, 80)
LEFT_OUT = "There is more than fits here"


def fitted(letter: Letter, render: Callable[[Letter], T], fits: Callable[[T], bool]) -> T:
    """What `render` makes of the letter, or of as much of it as fits; the smallest form is given in any case."""
    made = render(letter)
    if fits(made):
        return made
    droppable = sum(not section.brief for section in letter.sections)
    # How many parts must go is searched for by halves: a letter of a thousand parts is not rendered a thousand times.
    few, many, found = 1, droppable, None
    while few <= many:
        half = (few + many) // 2
        made = render(_without(letter, half))
        if fits(made):
            found, many = made, half - 1
        else:
            few = half + 1
    if found is not None:
        return found
    for smaller in _smaller(_without(letter, droppable)):
        made = render(smaller)
        if fits(made):
            return made
    return made


def _without(letter: Letter, count: int) -> Letter:
    """The letter without so many of the parts that are not brief, from the end."""
    kept = []
    for section in reversed(letter.sections):
        if count and not section.brief:
            count -= 1
        else:
            kept.append(section)
    return _noted(replace(letter, sections=tuple(reversed(kept))))


def _smaller(brief: Letter) -> Iterator[Letter]:
    """The brief letter with less and less: lists and texts shorten, then all goes but the title and the links."""
    for fewer, shorter in zip(_FEWER, _SHORTER, strict=True):
        sections = tuple(_cut(section, fewer, shorter) for section in brief.sections[: 2 * fewer])
        facts = Facts(tuple((label, _short(line, shorter)) for label, line in brief.facts.pairs[:fewer]))
        yield replace(brief, sections=sections, facts=facts, lead=_short(brief.lead, shorter))
    title = shortened(brief.title, 120)
    bare = replace(brief, title=title, sections=(), facts=Facts(()), lead=_short(brief.lead, 200))
    yield replace(bare, footer=_note(bare))
    yield replace(bare, lead=(), footer=(), actions=())


def _noted(letter: Letter) -> Letter:
    return replace(letter, footer=(*_note(letter), *((Words(" "), *letter.footer) if letter.footer else ())))


def _note(letter: Letter) -> Line:
    """That something was left out, and where it stands, as far as the letter leads anywhere."""
    if any(one.url for one in letter.actions):
        return (Words(f"{LEFT_OUT}; the page that it links to has it all."),)
    return (Words(f"{LEFT_OUT}; `watcher tickets show` has it all."),) if letter.marker else (Words(f"{LEFT_OUT}."),)


def _cut(section: Section, fewer: int, shorter: int) -> Section:
    blocks: list[Block] = []
    for block in section.blocks:
        match block:
            case Paragraph(line):
                blocks.append(Paragraph(_short(line, shorter)))
            case Items(lines, numbered):
                blocks.append(Items(tuple(_short(line, shorter) for line in lines[:fewer]), numbered))
            case Facts(pairs):
                blocks.append(Facts(tuple((label, _short(line, shorter)) for label, line in pairs[:fewer])))
            case Listing(text, language):
                blocks.append(Listing(shortened(text, shorter), language))
    return replace(section, blocks=tuple(blocks))


def _short(line: Line, limit: int) -> Line:
    """The line's beginning; runs keep their style, and none is cut in its markup."""
    kept: list[Words | Link] = []
    room = limit
    for run in line:
        if room <= 0:
            break
        text = shortened(run.text, room)
        kept.append(replace(run, text=text))
        room -= len(text)
    return tuple(kept)
