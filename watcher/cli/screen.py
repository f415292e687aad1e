"""The screen: everything that people read goes through here, so that no text of a schema can command their terminal."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Controls, marks that turn or hide text, line ends that only some programs know, and halves of characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)

_WIDE = 10_000
"""Columns where nobody's terminal sets them: a file or a pipe gets each thing on one line."""


def safe(text: object) -> str:
    r"""Any text on one line, each character that is a command rather than a letter written out: `\x1b`, `\n`."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), str(text))


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its word: `1 fault`, `2 faults`, `0 faults`."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def safe_lines(text: object) -> str:
    """The same for a text that is meant to have several lines."""
    return "\n".join(safe(line) for line in str(text).split("\n"))


def console(*, stderr: bool = False) -> Console:
    """A console that takes text as text: no markup, no emoji names, no guessed highlights."""
    from rich.console import Console  # noqa: PLC0415 - machines that want JSON do not pay for it

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
        width=None if stream.isatty() else _WIDE,
    )


def print_table(heads: tuple[str, ...], rows: list[tuple[Any, ...]], *, styles: dict[int, str] | None = None) -> None:
    """Rows under heads, as wide as they need to be; nothing in them is taken for more than text."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(safe(cell), (styles or {}).get(at, "")) for at, cell in enumerate(row)))
    out = console()
    for line in out.render_lines(table, pad=False):
        out.print(_joined(line), end="\n")


def _joined(line: list[Any]) -> Any:
    from rich.text import Text  # noqa: PLC0415

    text = Text.assemble(*((segment.text, segment.style or "") for segment in line))
    text.rstrip()
    return text


def complain(message: object, *, also: str = "") -> None:
    """One clear line to standard error, with what to do; several mistakes are several lines, as editors read them."""
    text = safe_lines(message)
    if "\n" not in text:
        text = f"watcher: {text}"
    print(f"{text}\n{also}" if also else text, file=sys.stderr)
