"""Examples in the docs, played: what a page tells a reader to type is run, and what it shows is what came out.

On a page, what stands between `<!-- played` and `<!-- end -->` is run block by block, in one empty folder; a `text`
block after an `sh` block holds its output.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("README.md",)

_PLAYED = re.compile(r"(?<=<!-- played).*?(?=<!-- end -->)", re.DOTALL)
_BLOCKS = re.compile(r"^```sh\n(?P<script>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.MULTILINE | re.DOTALL)
_PATIENCE_S = 60


def pages() -> dict[str, str]:
    """Page → its text, with the outputs that its examples have now."""
    return {name: played((ROOT / name).read_text(encoding="utf-8")) for name in PAGES}


def played(page: str) -> str:
    """The page, its played parts run anew."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, ".venv", "bin", "watcher")
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m watcher "$@"\n')
        program.chmod(0o755)
        return _PLAYED.sub(lambda part: _BLOCKS.sub(lambda block: _block(block, folder), part[0]), page)


def _block(block: re.Match[str], folder: str) -> str:
    output = _run(block["script"], folder)
    if block["output"] is None:
        return block[0]
    return f"```sh\n{block['script']}```\n\n```text\n{output}```\n"


def _run(script: str, folder: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WATCHER_")}
    environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "96", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-uc", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
