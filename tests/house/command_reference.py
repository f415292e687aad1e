"""docs/cli.md: the help of every command as it prints it, on one page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parts.command_line import call
from watcher.cli.app import COMMANDS, load

WIDTH = 96

_HEAD = """# Commands

Written by `make docs` from what `--help` prints. Exit codes of every command: 0 fine, 1 something breaks, 2 the call
or a configuration is off, 3 could not be decided (never taken for fine). 70 is a fault of the watcher's own;
`watcher run` ends with it when it is in doubt, to be started again.
"""


def page() -> str:
    """The page in Markdown."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(WIDTH))
        patch.setenv("TERMINAL_WIDTH", str(WIDTH))
        for name in ("WATCHER_CONFIG", "WATCHER_DEBUG"):
            patch.delenv(name, raising=False)
        blocks = [_block("watcher", ["--help"])]
        for name, line in COMMANDS.items():
            blocks.append(f"## watcher {name}\n\n{line}\n")
            blocks.extend(
                _block(" ".join(("watcher", name, *sub)), [name, *sub, "--help"]) for sub in ([], *_below(name))
            )
    return "\n".join((_HEAD, *blocks))


def _block(title: str, arguments: list[str]) -> str:
    ended = call(*arguments)
    if ended.code:
        raise AssertionError(f"`{title} --help` ends with {ended.code}: {ended.err}")
    text = "\n".join(line.rstrip() for line in ended.out.strip().splitlines())
    return f"```text\n$ {title} --help\n{text}\n```\n"


def _below(name: str) -> list[list[str]]:
    commands: dict[str, Any] = getattr(load(name), "commands", {})
    return [[sub] for sub in commands]
