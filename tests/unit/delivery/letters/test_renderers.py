"""Renderers: a letter in each dialect, within its limits; what a stranger wrote is shown, and never read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from watcher.delivery.letters import adf, blocks, card, html, markdown, plain, wiki
from watcher.delivery.letters.letter import Action, Facts, Items, Letter, Link, Listing, Paragraph, Section, Words

HOSTILE = "`*_<!channel> <script>alert(1)</script> @here [x](javascript:1) |a| {code} #1 :boom: \u202egnp\x1b[31m"

LETTER = Letter(
    title="Breaking change in kafka://prod/orders",
    lead=(Words("The field "), Words("amount", "code"), Words(" is gone, and "), Words("finance", "strong")),
    facts=Facts((("Domain", (Words("checkout"),)), ("Fix by", (Words("2026-11-12 17:00 UTC"),)))),
    sections=(
        Section("What changed", (Items(((Words("amount", "code"),), (Words("was long"),))),), brief=True),
        Section("Proof", (Listing('{"order_id": "", "amount": 0}', "json"),)),
        Section("Next", (Paragraph((Link("the ticket", "https://watcher.example/tickets/T-1"),)),)),
    ),
    actions=(Action("Open", "https://watcher.example/tickets/T-1"), Action("Acknowledge", verb="acknowledge")),
    footer=(Words("Told by the watcher"),),
    severity="high",
    state="open",
    marker="watcher-t-1",
)


def hostile() -> Letter:
    """The same, with a stranger's words wherever words can stand."""
    words = (Words(HOSTILE), Words(HOSTILE, "code"), Words(HOSTILE, "strong"), Link(HOSTILE, "https://x.example/)|> "))
    return replace(
        LETTER,
        title=HOSTILE,
        lead=words,
        facts=Facts(((HOSTILE, words),)),
        sections=(Section(HOSTILE, (Paragraph(words), Items((words,)), Listing(HOSTILE + "\n``` {noformat} </pre>"))),),
        footer=words,
    )


def long() -> Letter:
    """A letter that fits nowhere."""
    many = tuple((Words(f"field_{number} " * 20, "code"),) for number in range(500))
    sections = tuple(Section(f"Part {number}", (Items(many), Listing("x" * 50_000))) for number in range(60))
    return replace(LETTER, sections=sections, title="t" * 5_000, lead=(Words("l" * 90_000),))


def texts(node: Any) -> str:
    """Every text of a tree, one after another."""
    match node:
        case dict():
            return " ".join(texts(value) for key, value in node.items() if key not in {"type", "href", "url"})
        case list():
            return " ".join(texts(one) for one in node)
        case _:
            return str(node)


def test_markdown_says_everything() -> None:
    """Lead, facts, parts, proof, links; no title, which stands above it, and no marker, which is the channel's."""
    text = markdown.render(LETTER)

    assert "The field `amount` is gone, and **finance**" in text
    assert "| **Fix by** | 2026-11-12 17:00 UTC |" in text
    assert '```json\n{"order_id": "", "amount": 0}\n```' in text
    assert "[the ticket](https://watcher.example/tickets/T-1)" in text
    assert "watcher-t-1" not in text


def test_markdown_calls_nobody_and_runs_nothing() -> None:
    """No mention, no HTML, no link, no emoji, no heading comes of a stranger's words."""
    text = markdown.line((Words(HOSTILE), Words(HOSTILE, "strong"), Link(HOSTILE, "https://x.example/)|> ")))

    assert not re.search(r"(?<![\\\w])@\w", text)
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)\]\(javascript", text)
    assert not re.search(r"(?<!\\):boom:", text)
    assert "\u202e" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("foreign", "sign"),
    [
        ("torvalds/linux#1", r"#\d"),
        ("#12", r"#\d"),
        ("!34", r"!\d"),
        ("%5", r"%\d"),
        ("www.evil.example", r"www\."),
        ("see WWW.evil.example", r"WWW\."),
        ("https://evil.example", r":/"),
    ],
)
def test_markdown_refers_to_nothing_and_links_nowhere(foreign: str, sign: str) -> None:
    """No item of this or another repository is named by a stranger's words, and no address becomes a link."""
    shown = markdown.escaped(foreign)

    assert not re.search(rf"(?<!\\){sign}", shown)
    assert shown.replace("\u2060", "").replace("\\", "") == foreign


@pytest.mark.parametrize("backticks", ["`", "``", "a`b``c", "`a`", " "])
def test_code_holds_any_backticks(backticks: str) -> None:
    """The fence is longer than any run within."""
    fenced = markdown.code(backticks)
    fence = re.match(r"`+", fenced)

    assert fence is not None
    assert fenced.endswith(fence[0])
    assert fence[0] not in fenced[len(fence[0]) : -len(fence[0])]


def test_html_is_escaped_and_fetches_nothing() -> None:
    """Parsed back, the only tags are ours, and the text is what was written."""
    tags: set[str] = set()
    seen: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            for name, value in attrs:
                assert name in {"style", "href", "charset", "lang"} or tag == "meta", (name, value)

        def handle_data(self, data: str) -> None:
            seen.append(data)

    Reader().feed(html.render(hostile()))

    assert tags <= {"html", "head", "meta", "title", "body", "h2", "h3", "p", "table", "tr", "td", "ul", "li"} | {
        "strong", "code", "pre", "a",
    }  # fmt: skip
    assert "<script>alert(1)</script>" in " ".join(seen)


def test_adf_is_a_document_of_known_nodes() -> None:
    """Texts are never empty, which Jira refuses; foreign text is only ever text."""
    known = {"doc", "paragraph", "heading", "bulletList", "orderedList", "listItem", "table", "tableRow"}
    known |= {"tableHeader", "tableCell", "codeBlock", "text"}

    def walk(node: dict[str, Any]) -> None:
        assert node["type"] in known
        if node["type"] == "text":
            assert node["text"]
            assert {mark["type"] for mark in node.get("marks", [])} <= {"strong", "code", "link"}
        for one in node.get("content", []):
            walk(one)

    walk(adf.render(hostile()))
    assert "<!channel>" in texts(adf.render(hostile()))


def test_blocks_call_nobody() -> None:
    """Slack's signs are entities; a channel is not called, and no link is made."""
    text = "\n".join(
        one
        for one in re.findall(r'"text": "((?:[^"\\]|\\.)*)"', json.dumps(blocks.render(hostile()), ensure_ascii=False))
    )

    assert "<!channel>" not in "".join(line for line in text.splitlines() if not line.startswith("🟠"))
    assert not re.search(r"@(?!\u2060)\w", re.sub(r"`[^`]*`", "", text.replace("🟠 ", ""))) or "@here" in text
    assert "&lt;!channel&gt;" in text


def test_blocks_are_taken_as_they_are_written() -> None:
    """Slack makes no link of a bare address, and no call of a bare name: each text of markup says so."""
    made = json.dumps(blocks.render(hostile()))

    assert made.count('"type": "mrkdwn"') == made.count('"verbatim": true') > 0


def test_buttons_carry_the_ticket_back() -> None:
    """What the hook reads: the verb in the id, the ticket in the value; without a ticket there is only the link."""
    [actions] = [one for one in blocks.render(LETTER, ticket="T-1") if one["type"] == "actions"]
    [plain_actions] = [one for one in blocks.render(LETTER) if one["type"] == "actions"]

    assert [(one["action_id"], one.get("value")) for one in actions["elements"]] == [
        ("open.0", None),
        ("ticket.acknowledge", "T-1"),
    ]
    assert [one["action_id"] for one in plain_actions["elements"]] == ["open.0"]


def test_every_dialect_keeps_its_limits() -> None:
    """However long a letter is; and it says that something was left out."""
    letter = long()
    made = blocks.render(letter)

    assert len(markdown.render(letter)) <= markdown.LIMIT
    assert len(wiki.render(letter)) <= wiki.LIMIT
    assert len(plain.render(letter, limit=1_000)) <= 1_000
    assert len(json.dumps(adf.render(letter), ensure_ascii=False)) <= adf.LIMIT
    assert len(json.dumps(card.render(letter), ensure_ascii=False).encode()) <= card.LIMIT
    assert len(html.render(letter)) <= html.LIMIT
    assert len(made) <= blocks.MOST_BLOCKS
    assert all(len(one["text"]["text"]) <= 3_000 for one in made if one["type"] == "section" and "text" in one)
    assert "more than fits here" in markdown.render(letter)


def test_what_is_brief_stays_longest() -> None:
    """Parts that are not brief go first, from the end."""
    letter = replace(LETTER, sections=(*LETTER.sections, Section("Long", (Listing("x" * 70_000),))))
    text = markdown.render(letter)

    assert "What changed" in text
    assert "Long" not in text


def test_wiki_shows_signs_as_they_are() -> None:
    """As entities: no macro, no mention, no emphasis."""
    text = wiki.render(hostile()).partition("{noformat}")[0]

    assert "{code}" not in text
    assert "[x](" not in text
    assert "&#123;code&#125;" in text


def test_plain_text_has_everything_in_reading_order() -> None:
    """Title, lead, facts, parts, links, and the marker at the end."""
    lines = plain.render(LETTER).splitlines()

    assert lines[0] == LETTER.title
    assert lines[2] == "The field amount is gone, and finance"
    assert "Domain  checkout" in lines
    assert "PROOF" in lines
    assert lines[-1] == "watcher-t-1"


def test_what_was_left_out_says_where_it_stands() -> None:
    """The page that the letter leads to; the command, where it leads nowhere; no ticket where it is about none."""
    long = replace(LETTER, sections=(Section("Long", (Listing("x" * 70_000),)),))
    unlinked = replace(long, actions=())
    assert "more than fits here; the page that it links to has it all." in markdown.render(long, limit=5_000)
    assert "`watcher tickets show` has it all." in plain.render(unlinked, limit=5_000)
    assert "more than fits here. " in plain.render(replace(unlinked, marker=""), limit=5_000)


def test_a_cards_listing_is_no_block_of_code() -> None:
    """Four spaces begin one, in which escapes show; columns stay, and what is to be used has plain spaces only."""
    proof, statement = Listing("before  {}\n        `a` is 0"), Listing("a\n      `b`", "sql")
    made = card.render(replace(LETTER, sections=(Section("Parts", (proof, statement)),)))
    read, used = (one["text"] for one in made["body"] if one.get("fontType") == "Monospace")
    assert read == "before\u00a0\u00a0{}\n\n" + "\u00a0" * 8 + "\\`a\\` is 0"
    assert used == "a\n\n   \\`b\\`"


def test_a_card_is_what_teams_takes() -> None:
    """Version 1.4, text blocks that wrap, actions that only open links."""
    made = card.render(LETTER)

    assert (made["type"], made["version"]) == ("AdaptiveCard", "1.4")
    assert made["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open", "url": "https://watcher.example/tickets/T-1"}
    ]
    assert all(one.get("wrap") for one in made["body"] if one["type"] == "TextBlock")
