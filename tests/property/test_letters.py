"""Letters of any content: every dialect takes them, within its limits; what a stranger wrote is shown, never read."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.delivery.letters import adf, blocks, card, html, markdown, plain, wiki
from watcher.delivery.letters.letter import Action, Facts, Items, Letter, Link, Listing, Paragraph, Section, Words
from watcher.delivery.letters.visible import visible

NASTY = st.sampled_from(
    [
        "`", "``", "```", "|", "*", "_", "~", "#", "@here", "@team/x", "<!channel>", "<@U1>", "<script>", "</p>",
        "&amp;", "&", "<", ">", "[x](http://evil.example)", "<http://evil.example|x>", "{noformat}", "{{", "!x!",
        "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ud800", "-- ", "/close", ":boom:", "1.",
        "- ", "h1. ", "\\", "$x$", "--", "(x)", "價格", "-->", "<!-- x -->", "]]>", "'", '"', "x" * 900,
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(NASTY, st.text(max_size=8)), max_size=6).map("".join)
URLS = st.one_of(st.just("https://x.example/a?b=c&d=(e)|f"), TEXTS.map(lambda text: f"https://x.example/{text}"))
RUNS = st.one_of(
    st.builds(Words, TEXTS, st.sampled_from(["plain", "strong", "code"])),
    st.builds(Link, TEXTS, URLS),
)
LINES = st.lists(RUNS, max_size=4).map(tuple)
FACTS = st.builds(Facts, st.lists(st.tuples(TEXTS, LINES), max_size=14).map(tuple))
BLOCKS = st.one_of(
    st.builds(Paragraph, LINES),
    st.builds(Items, st.lists(LINES, max_size=5).map(tuple), st.booleans()),
    st.builds(Listing, TEXTS, st.sampled_from(["", "json", "sql", "```"])),
    FACTS,
)
SECTIONS = st.builds(Section, TEXTS, st.lists(BLOCKS, max_size=4).map(tuple), st.booleans())
LETTERS = st.builds(
    Letter,
    title=TEXTS,
    lead=LINES,
    facts=FACTS,
    sections=st.lists(SECTIONS, max_size=6).map(tuple),
    actions=st.lists(
        st.builds(Action, TEXTS, st.one_of(st.none(), URLS), st.sampled_from([None, "acknowledge"])), max_size=4
    ).map(tuple),
    footer=LINES,
    severity=st.sampled_from(["low", "normal", "high", "critical", "?"]),
    marker=st.sampled_from(["", "watcher-t-3f2a9c01b7"]),
)
MANY = st.builds(
    lambda one, times: Letter(one.title, one.lead * times, one.facts, one.sections * times, one.actions, one.footer),
    LETTERS,
    st.integers(3, 12),
)
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
QUICK = settings(max_examples=25, deadline=None)


def _texts(letter: Letter) -> list[str]:
    """What a stranger wrote, in the order in which it is read."""

    def runs(one: tuple[Words | Link, ...]) -> list[str]:
        return [run.text for run in one]

    found = [letter.title, *runs(letter.lead)]
    for label, said in letter.facts.pairs:
        found += [label, *runs(said)]
    for section in letter.sections:
        found.append(section.heading)
        for block in section.blocks:
            match block:
                case Paragraph(one):
                    found += runs(one)
                case Items(lines):
                    found += [text for one in lines for text in runs(one)]
                case Facts(pairs):
                    found += [text for label, said in pairs for text in (label, *runs(said))]
                case Listing(text):
                    found.append(text)
    return found


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


class _Reader(HTMLParser):
    """What a page shows, and of which tags it consists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.shown: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.inside = self.inside or tag == "body"
        for name, value in attrs:
            assert name in {"style", "href", "charset", "lang"} or tag == "meta"
            assert name != "href" or str(value).startswith("https://")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.shown.append(data)


@QUICK
@given(LETTERS)
def test_html_shows_every_word_and_has_only_our_tags(letter: Letter) -> None:
    """Parsed back, the page reads as the letter does: nothing is lost, nothing became markup."""
    reader = _Reader()
    reader.feed(html.render(letter, limit=10**9))
    reader.close()

    shown, rest = _squeezed("".join(reader.shown)), 0
    assert reader.tags <= {"html", "head", "meta", "title", "body", "h2", "h3", "p", "table", "tr", "td"} | {
        "ul", "ol", "li", "strong", "code", "pre", "a",
    }  # fmt: skip
    for text in _texts(letter):
        wanted = _squeezed(visible(text, lines=True))
        rest = shown.index(wanted, rest) + len(wanted)


@QUICK
@given(LETTERS)
def test_adf_is_valid_and_shows_every_word(letter: Letter) -> None:
    """Known nodes in their places, no empty text, and the texts in the order in which they are read."""
    made = adf.render(letter, limit=10**9)
    seen: list[str] = []
    _document_node(made, seen)

    shown, rest = _squeezed("".join(seen)), 0
    for text in _texts(letter)[1:]:
        wanted = _squeezed(visible(text, lines=True))
        rest = shown.index(wanted, rest) + len(wanted)


INSIDE = {
    "doc": {"paragraph", "heading", "bulletList", "orderedList", "table", "codeBlock"},
    "paragraph": {"text"},
    "heading": {"text"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph"},
    "table": {"tableRow"},
    "tableRow": {"tableHeader", "tableCell"},
    "tableHeader": {"paragraph"},
    "tableCell": {"paragraph"},
    "codeBlock": {"text"},
}


def _document_node(node: dict[str, Any], seen: list[str]) -> None:
    if node["type"] == "text":
        assert node["text"]
        assert not HIDDEN.search(node["text"])
        marks = node.get("marks", [])
        assert {one["type"] for one in marks} <= {"strong", "code", "link"}
        assert all(one["attrs"]["href"].startswith("https://") for one in marks if one["type"] == "link")
        seen.append(node["text"])
        return
    assert set(node) <= {"type", "version", "attrs", "content"}
    assert node["type"] not in {"bulletList", "orderedList", "table", "tableRow", "doc"} or node["content"]
    for one in node["content"]:
        assert one["type"] in INSIDE[node["type"]], (node["type"], one["type"])
        if node["type"] == "codeBlock":
            assert "marks" not in one
        _document_node(one, seen)


@QUICK
@given(st.one_of(LETTERS, MANY))
def test_blocks_are_what_slack_takes(letter: Letter) -> None:
    """Fifty blocks of known kinds, each within its limits; nobody is called, and every link is ours."""
    made = blocks.render(letter, ticket="T-3f2a9c01b7")

    assert 1 <= len(made) <= blocks.MOST_BLOCKS
    for one in made:
        _slack(one)


def _slack(block: dict[str, Any]) -> None:
    match block["type"]:
        case "header":
            assert block["text"]["type"] == "plain_text"
            assert 1 <= len(block["text"]["text"]) <= 150
        case "section":
            fields = block.get("fields", [])
            assert ("text" in block) is not bool(fields)
            assert len(fields) <= 10
            for one in fields:
                assert 1 <= len(one["text"]) <= 2_000
                _mrkdwn(one["text"])
            if "text" in block:
                assert 1 <= len(block["text"]["text"]) <= 3_000
                _mrkdwn(block["text"]["text"])
        case "context":
            assert 1 <= len(block["elements"]) <= 10
            for one in block["elements"]:
                _mrkdwn(one["text"])
        case "actions":
            assert 1 <= len(block["elements"]) <= 25
            ids = [one["action_id"] for one in block["elements"]]
            links = [one for one in ids if one.startswith("open.")]
            assert len(set(links)) == len(links)
            for one in block["elements"]:
                assert 1 <= len(one["text"]["text"]) <= 75
                assert len(one.get("value", "")) <= 2_000
        case other:
            raise AssertionError(other)


def _mrkdwn(text: str) -> None:
    assert not HIDDEN.search(text)
    for found in re.findall(r"<([^>]*)>?", text):
        assert found.startswith("https://x.example/"), found
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)


@QUICK
@given(st.one_of(LETTERS, MANY))
def test_cards_are_what_teams_takes(letter: Letter) -> None:
    """An Adaptive Card 1.4 of elements that every client has, small enough for a message."""
    made = card.render(letter)

    assert len(json.dumps(made, ensure_ascii=False).encode(errors="replace")) <= card.LIMIT
    assert (made["type"], made["version"]) == ("AdaptiveCard", "1.4")
    assert len(made.get("actions", [])) <= 6
    for one in made["body"]:
        assert one["type"] in {"TextBlock", "FactSet"}
        if one["type"] == "TextBlock":
            assert one["text"]
            assert not HIDDEN.search(one["text"])
        else:
            assert all(set(fact) == {"title", "value"} for fact in one["facts"])


@QUICK
@given(st.one_of(LETTERS, MANY), st.integers(600, 70_000))
def test_texts_keep_their_limits(letter: Letter, limit: int) -> None:
    """Markdown, wiki markup and plain text fit; a marker stands whole at the end where the dialect has it."""
    assert len(markdown.render(letter, limit=limit)) <= limit
    assert len(plain.render(letter, limit=limit)) <= limit
    told = wiki.render(letter, limit=limit)
    assert len(told) <= limit
    assert not letter.marker or told.endswith(f"{{{{{letter.marker}}}}}")
    assert len(html.render(letter, limit=90_000)) <= 90_000
    assert len(json.dumps(adf.render(letter), ensure_ascii=False)) <= adf.LIMIT


@QUICK
@given(LETTERS)
def test_plain_text_shows_every_word(letter: Letter) -> None:
    """In the order in which it is read; nothing hides in it."""
    made = plain.render(letter, limit=10**9)

    shown, rest = _squeezed(made).casefold(), 0
    assert not HIDDEN.search(made)
    for text in _texts(letter):
        wanted = _squeezed(visible(text, lines=True)).casefold()
        rest = shown.index(wanted, rest) + len(wanted)


@QUICK
@given(LETTERS)
def test_markdown_is_inert(letter: Letter) -> None:
    """Outside of code nobody is called, no tag begins, no comment hides anything; and code is never left open."""
    made = markdown.render(letter, limit=10**9, title=True)
    bare = "\n".join(_uncoded(made))

    assert not HIDDEN.search(made)
    words = re.sub(r"(?<!\\)\]\([^)]*\)", "]", bare)
    assert not re.search(r"(?<![\w\\])@\w", words)
    assert "<" not in bare
    for found in re.findall(r"(?<!\\)\]\(([^)]*)\)", bare):
        assert found.startswith("https://x.example/")


def _uncoded(text: str) -> list[str]:
    """The lines outside of listings, without their code and what is escaped, as CommonMark reads them."""
    lines, fence = [], ""
    for one in text.split("\n"):
        if fence:
            fence = "" if one == fence else fence
        elif found := re.match(r"`{3,}(?=\w*$)", one):
            fence = found[0]
        else:
            lines.append(_bare(one))
    assert not fence, "a listing is left open"
    return lines


def _bare(text: str) -> str:
    kept, at = "", 0
    while at < len(text):
        if text[at] == "\\":
            kept, at = kept + " ", at + 2
        elif text[at] == "`":
            run = re.compile("`+").match(text, at)
            assert run is not None
            closing = re.compile(rf"(?<!`){run[0]}(?!`)").search(text, run.end())
            kept, at = (kept + " ", closing.end()) if closing else (kept + run[0], run.end())
        else:
            kept, at = kept + text[at], at + 1
    return kept
