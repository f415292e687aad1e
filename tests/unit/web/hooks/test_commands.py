"""Comments: what is a command, what is only said, and what is our own."""

from __future__ import annotations

import pytest

from watcher.handlers.ticketing.wishes import Wish
from watcher.model.ticket import Verb
from watcher.web.hooks.commands import commented

BASE = Wish(None, "em-checkout", remote_id="1")


def _read(comment: object) -> Wish:
    found = commented(BASE, comment)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("comment", "verb", "reason"),
    [
        ("/ack", Verb.ACKNOWLEDGE, ""),
        ("  /ACK  on it\n", Verb.ACKNOWLEDGE, "on it"),
        ("!acknowledge", Verb.ACKNOWLEDGE, ""),
        ("/start", Verb.START, ""),
        ("/resolve column is back", Verb.RESOLVE, "column is back"),
        ("/dispute nobody reads it\nsince May", Verb.DISPUTE, "nobody reads it\nsince May"),
        ("/dispute", Verb.DISPUTE, ""),
        ("/reopen still broken", Verb.REOPEN, "still broken"),
        ("/waive 3d please", Verb.WAIVE, "3d please"),
        ("/uphold it was never one", Verb.UPHOLD, "it was never one"),
        ("!reject", Verb.REJECT, ""),
        ("/revoke", Verb.REVOKE, ""),
    ],
)
def test_a_comment_that_begins_with_a_command_asks_for_it(comment: str, verb: Verb, reason: str) -> None:
    """The rest of the comment is the reason; the whole comment is kept beside it."""
    wish = _read(comment)

    assert (wish.verb, wish.text, wish.command) == (verb, reason, comment.strip())
    assert (wish.by, wish.remote_id) == ("em-checkout", "1")


@pytest.mark.parametrize(
    "comment",
    [
        "we /ack this",
        "/acknowledged is a label",
        "/ack/path/to/file",
        "/resolve.conf is fine",
        "> /ack",
        "`/ack`",
        "/waived by finance",
        "/close",
        "/assign @me",
        "thanks!",
    ],
)
def test_any_other_comment_is_noted(comment: str) -> None:
    """Words that only mention a command, and commands of somebody else, are words."""
    wish = _read(comment)

    assert (wish.verb, wish.text, wish.command) == (Verb.COMMENT, comment, "")


@pytest.mark.parametrize(
    ("comment", "until", "reason"),
    [
        ("/snooze 3d release freeze", "3d", "release freeze"),
        ("/snooze 12H tonight", "12H", "tonight"),
        ("/snooze 2w holidays", "2w", "holidays"),
        ("/snooze 2026-08-20 freeze", "2026-08-20", "freeze"),
        ("/snooze 9999w far too long", "9999w", "far too long"),
    ],
)
def test_a_snooze_names_its_end(comment: str, until: str, reason: str) -> None:
    """An end as it was written: whether it is one, and may be that far, is decided where it is carried out."""
    wish = _read(comment)

    assert (wish.verb, wish.details, wish.text) == (Verb.SNOOZE, {"until": until}, reason)


@pytest.mark.parametrize("comment", ["/snooze", "/snooze please", "/snooze until Thursday"])
def test_a_snooze_without_an_end_says_none(comment: str) -> None:
    """Without an end the wish has none, and is refused with what to write."""
    assert _read(comment).details == {}


@pytest.mark.parametrize("comment", ["", "  \n", None, 7.5, ["/ack"], "\x00\x1b"])
def test_a_comment_without_words_wishes_nothing(comment: object) -> None:
    """Nothing said is nothing to do."""
    assert commented(BASE, comment) is None


@pytest.mark.parametrize("length", [0, 60_000])
def test_our_own_note_is_no_comment(length: int) -> None:
    """Each note that the watcher writes holds its delivery's id; so it is known wherever it is copied to."""
    assert commented(BASE, "x" * length + " <!-- msg_0123456789abcdef0123456789ab -->") is None


def test_a_comment_is_bounded_and_harmless() -> None:
    """What steers a terminal or turns the reading direction is left out; so is what is far too long."""
    wish = _read("a\x1b[31mb\u202ec\ud800" + "d" * 100_000)

    assert wish.text.startswith("a[31mbcd")
    assert len(wish.text) < 10_000
