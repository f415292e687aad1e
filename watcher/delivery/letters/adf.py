"""Letters as Atlassian documents, as Jira Cloud takes them: a tree, in which foreign text is never markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.letter import Block, Facts, Items, Letter, Line, Link, Listing, Paragraph, Words
from watcher.delivery.letters.visible import linked, visible

LIMIT = 30_000
"""Characters of the whole document's JSON: Jira takes 32,767 of text."""

Node = dict[str, Any]


def render(letter: Letter, *, limit: int = LIMIT) -> Node:
    """The document, of `limit` characters of JSON at most."""
    return fitted(letter, _document, lambda made: len(json.dumps(made, ensure_ascii=False)) <= limit)


def _document(letter: Letter) -> Node:
    content = list(_content(letter))
    return {"type": "doc", "version": 1, "content": content or [_paragraph((Words(letter.title or " "),))]}


def _content(letter: Letter) -> Iterator[Node]:
    if letter.lead:
        yield _paragraph(letter.lead)
    if letter.facts.pairs:
        yield from _block(letter.facts)
    for section in letter.sections:
        yield {"type": "heading", "attrs": {"level": 3}, "content": [_text(section.heading)]}
        for block in section.blocks:
            yield from _block(block)
    links: list[Words | Link] = []
    for action in letter.actions:
        if action.url:
            links += [Words(" · ")] if links else []
            links.append(Link(action.text, action.url))
    if links:
        yield _paragraph(tuple(links))
    if letter.footer:
        yield _paragraph(letter.footer)
    if letter.marker:
        yield _paragraph((Words(letter.marker, "code"),))


def _block(block: Block) -> Iterator[Node]:
    match block:
        case Paragraph(text):
            yield _paragraph(text)
        case Items(lines, numbered) if lines:
            kind = "orderedList" if numbered else "bulletList"
            yield {"type": kind, "content": [{"type": "listItem", "content": [_paragraph(one)]} for one in lines]}
        case Facts(pairs) if pairs:
            rows = [
                {
                    "type": "tableRow",
                    "content": [
                        {"type": "tableHeader", "content": [_paragraph((Words(label),))]},
                        {"type": "tableCell", "content": [_paragraph(said)]},
                    ],
                }
                for label, said in pairs
            ]
            yield {"type": "table", "content": rows}
        case Listing(text, language):
            attrs = {"attrs": {"language": language}} if language else {}
            shown = visible(text, lines=True)
            yield {"type": "codeBlock", **attrs, "content": [{"type": "text", "text": shown}] if shown else []}


def _paragraph(line: Line) -> Node:
    runs = [_run(one) for one in line if visible(one.text)]
    return {"type": "paragraph", "content": runs}


def _run(run: Words | Link) -> Node:
    if isinstance(run, Link):
        return {**_text(run.text), "marks": [{"type": "link", "attrs": {"href": linked(run.url)}}]}
    marks = {"strong": [{"type": "strong"}], "code": [{"type": "code"}]}.get(run.style)
    return {**_text(run.text), "marks": marks} if marks else _text(run.text)


def _text(text: str) -> Node:
    return {"type": "text", "text": visible(text) or " "}
