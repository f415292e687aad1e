"""Letters as Adaptive Cards 1.4, as Microsoft Teams shows them; foreign text is shown, never read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph
from watcher.delivery.letters.visible import linked, parted, visible

LIMIT = 24_000
"""Bytes of the card: Teams refuses a message of more than some 28 KB, with its envelope."""
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_COLOURS = {"critical": "Attention", "high": "Attention", "normal": "Warning", "low": "Default", "over": "Good"}
_INDENT = re.compile(r"^ {4,}")
_SPECIAL = re.compile(r"([\\`*\[\]<~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#>+-])")
"""What Markdown reads wherever it stands, and what it reads at the edge of a word or at the beginning only."""
Node = dict[str, Any]


def render(letter: Letter, *, limit: int = LIMIT) -> Node:
    """The card, of `limit` bytes of JSON at most."""
    return fitted(letter, _card, lambda made: len(json.dumps(made, ensure_ascii=False).encode()) <= limit)


def escaped(text: str) -> str:
    """Foreign text that shows as it is in a block of text, which reads a little Markdown."""
    return _SPECIAL.sub(r"\\\1", visible(text))


def line(one: Line) -> str:
    """One line of a block of text."""
    return "".join(_run(run) for run in one)


def _run(run: object) -> str:
    if isinstance(run, Link):
        return f"[{escaped(run.text)}]({linked(run.url)})"
    text, style = getattr(run, "text", ""), getattr(run, "style", "plain")
    if style in {"strong", "code"} and text.strip():  # a card has no way to set a name of a schema apart
        before, inner, after = parted(text)
        return f"{escaped(before)}**{escaped(inner)}**{escaped(after)}" if style == "strong" else f"“{escaped(text)}”"
    return escaped(text)


def _card(letter: Letter) -> Node:
    actions = [
        {"type": "Action.OpenUrl", "title": visible(one.text), "url": linked(one.url)}
        for one in letter.actions
        if one.url
    ]
    return {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": visible(letter.title),
        "body": list(_body(letter)),
        **({"actions": actions[:6]} if actions else {}),
    }


def _body(letter: Letter) -> Iterator[Node]:
    colour = _COLOURS.get(letter.tone, "Warning")
    yield _text(escaped(letter.title), size="Medium", weight="Bolder", color=colour)
    if letter.lead:
        yield _text(line(letter.lead))
    if letter.facts.pairs:
        yield from _block(letter.facts)
    for section in letter.sections:
        yield _text(escaped(section.heading), weight="Bolder", spacing="Medium")
        for block in section.blocks:
            yield from _block(block)
    if letter.footer:
        yield _text(line(letter.footer), isSubtle=True, size="Small")
    if letter.marker:
        yield _text(escaped(letter.marker), isSubtle=True, size="Small")


def _block(block: Block) -> Iterator[Node]:
    match block:
        case Paragraph(text):
            yield _text(line(text))
        case Items(lines, numbered):
            for number, one in enumerate(lines, start=1):
                yield _text(f"{f'{number}.' if numbered else '•'} {line(one)}", spacing="Small")
        case Facts(pairs):
            yield {
                "type": "FactSet",
                "facts": [{"title": visible(label), "value": line(said)} for label, said in pairs],
            }
        case Listing(text, language):
            shown = _set(text, used=bool(language))
            yield {"type": "TextBlock", "text": shown or " ", "wrap": True, "fontType": "Monospace"}


def _set(text: str, *, used: bool) -> str:
    # Four spaces at the beginning are a block of code to Markdown, in which escapes are shown. What is to be used as it
    # is has fewer then; what is only read keeps its columns, by spaces that do not fold.
    lines = visible(text, lines=True).split("\n")
    whole = [_INDENT.sub("   ", each) if used else each.replace("  ", "\u00a0\u00a0") for each in lines]
    return "\n\n".join(map(escaped, whole))


def _text(text: str, **more: Any) -> Node:
    return {"type": "TextBlock", "text": text or " ", "wrap": True, **more}
