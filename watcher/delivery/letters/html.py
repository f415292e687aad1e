"""Letters as HTML: for mail, and for trackers that take it; nothing in it is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph
from watcher.delivery.letters.visible import linked, visible

LIMIT = 90_000
"""Characters: some mail programs hide what is beyond 102 kB."""

_COLOURS = {"critical": "#b00020", "high": "#c75000", "normal": "#8a6d00", "low": "#555555", "over": "#1a7f37"}
_BODY = "font-family:sans-serif;font-size:14px;line-height:1.45;color:#1a1a1a;max-width:46em;overflow-wrap:anywhere"
_CODE = "font-family:monospace;background:#f2f2f2;padding:0 3px"
_LABEL = "padding:2px 12px 2px 0;color:#555555;white-space:nowrap"
_PRE = "font-family:monospace;background:#f2f2f2;padding:8px;white-space:pre-wrap;overflow-wrap:anywhere"


def render(letter: Letter, *, limit: int = LIMIT, whole: bool = True) -> str:
    """The letter in `limit` characters at most; `whole` is a page of its own, else what goes into another's."""
    return fitted(letter, lambda one: _page(one, whole=whole), lambda made: len(made) <= limit)


def escaped(text: str) -> str:
    """Foreign text that shows as it is."""
    return escape(visible(text), quote=True)


def line(one: Line) -> str:
    """One line."""
    return "".join(_run(run) for run in one)


def _run(run: object) -> str:
    if isinstance(run, Link):
        return f'<a href="{escaped(linked(run.url))}">{escaped(run.text)}</a>'
    text, style = getattr(run, "text", ""), getattr(run, "style", "plain")
    if style == "code":
        return f'<code style="{_CODE}">{escaped(text)}</code>'
    if style == "strong":
        return f"<strong>{escaped(text)}</strong>"
    return escaped(text)


def _page(letter: Letter, *, whole: bool) -> str:
    inner = "\n".join(_lines(letter))
    if not whole:
        return inner
    # Whoever is called at night reads it on a telephone.
    wide = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<head><meta charset="utf-8">{wide}<title>{escaped(letter.title)}</title></head>'
    return f'<!doctype html>\n<html lang="en">{head}\n<body style="{_BODY}">\n{inner}\n</body></html>\n'


def _lines(letter: Letter) -> Iterator[str]:
    colour = _COLOURS.get(letter.tone, "#8a6d00")
    yield f'<h2 style="color:{colour};font-size:18px">{escaped(letter.title)}</h2>'
    if letter.lead:
        yield f"<p>{line(letter.lead)}</p>"
    if letter.facts.pairs:
        yield from _block(letter.facts)
    for section in letter.sections:
        yield f'<h3 style="font-size:15px">{escaped(section.heading)}</h3>'
        for block in section.blocks:
            yield from _block(block)
    links = [Link(action.text, action.url) for action in letter.actions if action.url]
    if links:
        yield f"<p>{' · '.join(_run(one) for one in links)}</p>"
    if letter.footer:
        yield f'<p style="color:#555555;font-size:12px">{line(letter.footer)}</p>'
    if letter.marker:
        yield f'<p style="color:#999999;font-size:11px">{escaped(letter.marker)}</p>'


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield f"<p>{line(text)}</p>"
        case Items(lines, numbered):
            tag = "ol" if numbered else "ul"
            yield f"<{tag}>{''.join(f'<li>{line(one)}</li>' for one in lines)}</{tag}>"
        case Facts(pairs):
            rows = "".join(
                f'<tr><td style="{_LABEL}">{escaped(label)}</td><td>{line(said)}</td></tr>' for label, said in pairs
            )
            yield f"<table>{rows}</table>"
        case Listing(text):
            yield f'<pre style="{_PRE}">{escape(visible(text, lines=True), quote=True)}</pre>'
