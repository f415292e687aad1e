"""Files that are written from the code, so that they cannot say something else: schemas, pages, examples' outputs.

`python -m tests.house.generated` writes them, `--check` says which are not what the code gives now.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.house import command_reference, examples, settings_reference
from watcher.delivery import published
from watcher.feeds.warehouse.sources import ddl_schema
from watcher.formats.contracts import jsonschema
from watcher.rules import page

ROOT = Path(__file__).parents[2]

SOURCES: dict[str, Callable[[], dict[str, str]]] = {
    "schemas": lambda: jsonschema.generate() | published.files() | ddl_schema.files(),
    "docs/rules": page.pages,
    ".": examples.pages,
    "docs": lambda: {"configuration.md": settings_reference.page(), "cli.md": command_reference.page()},
}
"""Folder → what gives its generated files, by name."""

WHOLLY_OURS = {"docs/rules": "*.md"}
"""Folders in which nothing else may lie: a page of what is no more is left over."""


def files() -> dict[str, str]:
    """Path, from the top of the project → text, of every generated file."""
    return {
        name if folder == "." else f"{folder}/{name}": text
        for folder, give in SOURCES.items()
        for name, text in give().items()
    }


def differences(root: Path = ROOT) -> list[str]:
    """What is not as the code gives it, one line a file."""
    wanted = files()
    told = []
    for name, text in sorted(wanted.items()):
        path = root / name
        if not path.exists():
            told.append(f"{name} is not there")
        elif path.read_text(encoding="utf-8") != text:
            told.append(f"{name} is not what the code gives now")
    return told + [f"{name} is left over" for name in _left_over(root, wanted)]


def write(root: Path = ROOT) -> list[str]:
    """Write what differs, remove what is left over; gives what was done, one line a file."""
    wanted = files()
    done = differences(root)
    for name, text in wanted.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for name in _left_over(root, wanted):
        (root / name).unlink()
    return done


def _left_over(root: Path, wanted: dict[str, str]) -> list[str]:
    there = {
        path.relative_to(root).as_posix()
        for folder, pattern in WHOLLY_OURS.items()
        for path in (root / folder).glob(pattern)
    }
    return sorted(there - wanted.keys())


def main(arguments: list[str]) -> int:
    """Write, or compare; the exit code."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tests.house.generated [--check]", file=sys.stderr)
        return 2
    # Help texts are folded to the terminal's width: the pages must not depend on whose terminal it was.
    os.environ["COLUMNS"] = str(command_reference.WIDTH)
    found = differences() if arguments else write()
    for line in found:
        print(line if arguments else f"{line}: written" if "left over" not in line else f"{line}: removed")
    if arguments and found:
        print("`make docs` writes them anew")
    return int(bool(arguments and found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
