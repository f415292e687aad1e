"""What may reach a terminal."""

import io
import sys

import pytest

from watcher.cli.screen import console, print_table, safe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order_id", "order_id"),
        ("größe → 価格 🎉", "größe → 価格 🎉"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x9b31m", "\\x9b31m"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("half \ud800", "half \\ud800"),
        (17, "17"),
    ],
)
def test_safe(text: object, expected: str) -> None:
    """Letters pass; characters that command a terminal, or that hide, are written out."""
    assert expected == safe(text)


def test_markup_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that looks like markup, a link or an emoji is printed as it is, unbroken, in a table as elsewhere."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    name = "[bold]x[/] [link=http://x]y[/link] :smile: \x1b[1m" + "long" * 100

    console().print(safe(name))
    print_table(("name",), [(name,)])

    expected = name.replace("\x1b", "\\x1b")
    assert [expected, "name", expected] == out.getvalue().splitlines()
