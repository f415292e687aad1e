"""Letters as Markdown, as GitHub, GitLab and Linear read it; what foreign text would make of it is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.layout import Dialect, laid_out
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph
from watcher.delivery.letters.visible import linked, parted, shortened, visible

LIMIT = 60_000
"""Characters: GitHub takes 65,536."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$&])")
_AT_START = re.compile(r"^(\s*)([#+=>-]|\d+(?=[.)]))")
_SMILEY = re.compile(r":(?=//|\w+:)")
_MENTION = re.compile(
    r"(?<![A-Za-z0-9])([@#/!%])(?=\w|$)|(?<=[A-Za-z0-9])(#)(?=\d)|(?<![A-Za-z0-9])(www)(?=\.)", re.IGNORECASE
)
"""People, items and orders, another repository's items among them; and what is made a link without being one."""
_ZERO = "\u2060"
"""Between a sign and the name after it, so that nobody is called and no command is given; it shows nothing."""


def render(letter: Letter, *, limit: int = LIMIT, title: bool = False) -> str:
    """The letter in `limit` characters at most; its marker is for the channel to put where it is found again."""
    text = fitted(letter, lambda one: "\n".join(laid_out(one, _dialect(title=title))), lambda made: len(made) <= limit)
    return shortened(text, limit)


def escaped(text: str) -> str:
    """Foreign text that shows as it is, and calls nobody."""
    inert = _SMILEY.sub(r"\\:", _SPECIAL.sub(r"\\\1", visible(text)))
    inert = _AT_START.sub(lambda found: f"{found[1]}{_inert(found[2])}", inert)
    return _MENTION.sub(lambda found: found[0] + _ZERO, inert)


def _inert(start: str) -> str:
    """What would begin a heading, a list or a quotation, as itself."""
    return f"{start}{_ZERO}" if start.isdigit() else f"\\{start}"


def line(one: Line) -> str:
    """One line of Markdown."""
    return _joined(_run(run) for run in one)


def _joined(runs: Iterable[str]) -> str:
    """Runs side by side; a mark between two of code, for their backticks would be counted as one fence."""
    made = ""
    for one in runs:
        made += f"{_ZERO}{one}" if made.endswith("`") and one.startswith("`") else one
    return made


def code(text: str) -> str:
    """Text between backticks, more of them than it holds itself."""
    shown = visible(text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _run(run: object) -> str:
    if isinstance(run, Link):
        return f"[{escaped(run.text)}]({linked(run.url)})"
    text, style = getattr(run, "text", ""), getattr(run, "style", "plain")
    if style == "code":
        return code(text)
    if style == "strong" and text.strip():
        before, inner, after = parted(text)
        return f"{escaped(before)}**{escaped(inner)}**{escaped(after)}"
    return escaped(text)


def _dialect(*, title: bool) -> Dialect:
    return Dialect(
        title=(lambda text: f"## {escaped(text)}") if title else None,
        heading=lambda text: f"### {escaped(text)}",
        line=line,
        block=_block,
        links=lambda links: (" · ".join(_run(one) for one in links),),
        spaced=True,
    )


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield line(text)
        case Items(lines, numbered):
            for number, item in enumerate(lines, start=1):
                yield f"{f'{number}.' if numbered else '-'} {line(item)}"
        case Facts(pairs):
            yield "| | |"
            yield "|---|---|"
            for label, said in pairs:
                yield f"| **{escaped(label)}** | {_cell(said)} |"
        case Listing(text, language):
            shown = visible(text, lines=True)
            longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
            fence = "`" * max(3, longest + 1)
            yield f"{fence}{language if language.isalnum() else ''}"
            yield shown
            yield fence


def _cell(said: Line) -> str:
    """A line in a table: a bar ends a cell even between backticks, unless it is escaped."""
    return _joined(
        code(run.text).replace("|", "\\|") if getattr(run, "style", "") == "code" else _run(run) for run in said
    )
