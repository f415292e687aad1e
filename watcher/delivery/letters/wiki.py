"""Letters in the wiki markup of Jira Data Center; what foreign text would make of it is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.layout import Dialect, laid_out
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph
from watcher.delivery.letters.visible import linked, parted, shortened, visible

LIMIT = 30_000
"""Characters: Jira takes 32,767 in a text field, unless its administrator says otherwise."""

_SPECIAL = re.compile(
    r"[\\*{}\[\]|!^~&]"  # wherever they stand
    r"|(?<!\w)[_+-]|[_+-](?!\w)"  # emphasis begins and ends at a word's edge
    r"|\?(?=\?)|(?<=\?)\?|^\s*#|(?<=^bq)\.|(?<=^h[1-6])\."  # citations; lists; headings
    r"|:(?=/|[()DPp]|\w+:)|;(?=\))|\((?=[^\s()]{1,8}\))"  # links, and little faces
)

_ENDS = re.compile(r"\{noformat", re.IGNORECASE)
"""What would end a listing before its time."""


def render(letter: Letter, *, limit: int = LIMIT) -> str:
    """The letter in `limit` characters at most."""
    tail = f"\n\n{{{{{letter.marker}}}}}" if letter.marker else ""
    room = limit - len(tail)
    text = fitted(letter, lambda one: "\n".join(laid_out(one, _dialect())), lambda made: len(made) <= room)
    return shortened(text, room) + tail


def escaped(text: str) -> str:
    """Foreign text that shows as it is: its signs as entities, for a backslash would show inside of words."""
    return _SPECIAL.sub(lambda found: "".join(f"&#{ord(one)};" for one in found[0]), visible(text))


def line(one: Line) -> str:
    """One line of markup."""
    return "".join(_run(run) for run in one)


def _run(run: object) -> str:
    if isinstance(run, Link):
        url = linked(run.url).replace("]", "%5D")
        return f"[{escaped(run.text)}|{url}]"
    text, style = getattr(run, "text", ""), getattr(run, "style", "plain")
    if style == "code":
        return "{{" + escaped(text) + "}}"
    if style == "strong" and text.strip():
        before, inner, after = parted(text)
        return f"{escaped(before)}*{escaped(inner)}*{escaped(after)}"
    return escaped(text)


def _dialect() -> Dialect:
    return Dialect(
        heading=lambda text: f"h3. {escaped(text)}",
        line=line,
        block=_block,
        links=lambda links: (" | ".join(_run(one) for one in links),),
    )


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield line(text)
            yield ""
        case Items(lines, numbered):
            for item in lines:
                yield f"{'#' if numbered else '*'} {line(item)}"
        case Facts(pairs):
            for label, said in pairs:
                yield f"|*{escaped(label)}*|{line(said) or ' '}|"
        case Listing(text):
            yield "{noformat}"
            yield _ENDS.sub("{ noformat", visible(text, lines=True))
            yield "{noformat}"
