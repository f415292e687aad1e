"""Letters as Slack's blocks, within its limits; foreign text calls nobody and links nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watcher.delivery.letters.fit import fitted
from watcher.delivery.letters.letter import Action, Facts, Items, Letter, Line, Link, Listing, Paragraph
from watcher.delivery.letters.visible import linked, parted, shortened, visible

MOST_BLOCKS = 50
LONGEST_TEXT = 3_000
LONGEST_HEADER = 150
MOST_FIELDS = 10
LONGEST_FIELD = 2_000
LONGEST_BUTTON = 75
MOST_BUTTONS = 25

_COLOURS = {"critical": "🔴", "high": "🟠", "normal": "🟡", "low": "⚪", "over": "🟢"}
Node = dict[str, Any]


def render(letter: Letter, *, ticket: str = "") -> list[Node]:
    """The blocks, 50 at most; `ticket` is what buttons carry back."""
    blocks = fitted(letter, lambda one: list(_blocks(one, ticket)), _fits)
    return blocks[:MOST_BLOCKS]


def escaped(text: str) -> str:
    """Foreign text as Slack shows it: its three signs as entities, its markup switched off between signs."""
    inert = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\u2060{one}\u2060" if one in "*_~`" else one for one in inert).replace("@", "@\u2060")


def line(one: Line) -> str:
    """One line of mrkdwn."""
    return "".join(_run(run) for run in one)


def _run(run: object) -> str:
    if isinstance(run, Link):
        url = linked(run.url).replace("&", "&amp;")
        return f"<{url}|{escaped(run.text).replace('|', '¦')}>"
    text, style = getattr(run, "text", ""), getattr(run, "style", "plain")
    if style == "code" and text.strip():
        shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")
        return f"`{shown}`"
    if style == "strong" and text.strip():
        before, inner, after = parted(text)
        return f"{escaped(before)}*{escaped(inner)}*{escaped(after)}"
    return escaped(text)


def _blocks(letter: Letter, ticket: str) -> Iterator[Node]:
    mark = _COLOURS.get(letter.tone, "🟡")
    title = shortened(f"{mark} {visible(letter.title)}", LONGEST_HEADER)
    yield {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}}
    if letter.lead:
        yield _section(line(letter.lead))
    if letter.facts.pairs:
        yield from _block(letter.facts)
    for section in letter.sections:
        units = [f"*{escaped(section.heading)}*"]
        for block in section.blocks:
            if isinstance(block, Facts):
                yield from _packed(units)
                units = []
                yield from _block(block)
            else:
                units += _units(block)
        yield from _packed(units)
    buttons = [node for number, one in enumerate(letter.actions) if (node := _button(one, ticket, number))]
    if buttons:
        yield {"type": "actions", "elements": buttons[:MOST_BUTTONS]}
    if letter.footer:
        yield _context(line(letter.footer))
    if letter.marker:
        yield _context(escaped(letter.marker))


def _units(block: Paragraph | Items | Listing) -> list[str]:
    """What stays whole of a block: a paragraph, an item, a listing."""
    match block:
        case Paragraph(text):
            return [line(text)]
        case Items(lines, numbered):
            return [f"{f'{number}.' if numbered else '•'} {line(one)}" for number, one in enumerate(lines, 1)]
        case Listing(text):
            shown = visible(text, lines=True).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            return ["```\n" + shown.replace("```", "'''") + "\n```"]


def _packed(units: list[str]) -> Iterator[Node]:
    """As few sections as hold the units, none of them cut."""
    room: list[str] = []
    for one in units:
        if room and sum(len(each) + 1 for each in room) + len(one) > LONGEST_TEXT:
            yield _section("\n".join(room))
            room = []
        room.append(one)
    if room:
        yield _section("\n".join(room))


def _block(facts: Facts) -> Iterator[Node]:
    for start in range(0, len(facts.pairs), MOST_FIELDS):
        fields = [
            _mrkdwn(f"*{escaped(label)}*\n{line(said) or ' '}")
            for label, said in facts.pairs[start : start + MOST_FIELDS]
        ]
        yield {"type": "section", "fields": fields}


def _section(text: str) -> Node:
    return {"type": "section", "text": _mrkdwn(text or " ")}


def _context(text: str) -> Node:
    return {"type": "context", "elements": [_mrkdwn(text or " ")]}


def _mrkdwn(text: str) -> Node:
    """A text in which Slack makes no links and calls of what only looks like an address, a channel or a name."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _button(action: Action, ticket: str, number: int) -> Node | None:
    text = {"type": "plain_text", "text": shortened(visible(action.text), LONGEST_BUTTON) or "Open", "emoji": True}
    if action.verb is not None and ticket:
        return {"type": "button", "text": text, "action_id": f"ticket.{action.verb}", "value": ticket}
    if action.url:
        return {"type": "button", "text": text, "action_id": f"open.{number}", "url": linked(action.url)[:3_000]}
    return None


def _fits(blocks: list[Node]) -> bool:
    return len(blocks) <= MOST_BLOCKS and all(_within(one) for one in blocks)


def _within(block: Node) -> bool:
    match block["type"]:
        case "section" if "fields" in block:
            return all(len(one["text"]) <= LONGEST_FIELD for one in block["fields"])
        case "section":
            return len(block["text"]["text"]) <= LONGEST_TEXT
        case "context":
            return all(len(one["text"]) <= LONGEST_TEXT for one in block["elements"])
        case _:
            return True
