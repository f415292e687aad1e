"""The watcher watches itself: the events that we publish obey our own rules, judged by the real command line.

`schemas/published/` holds each event schema as the last release carried it, `schemas/contracts/` what receivers rely
on. `python -m tests.house.published [FOLDER]` judges `FOLDER` (otherwise `schemas/`) against both; the exit code is 1
where a receiver breaks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from watcher.model.schema import Format

ROOT = Path(__file__).parents[2]
DATASET = "kafka://watcher/breaking-changes"
FORMATS = {".avsc": Format.AVRO, ".json": Format.JSON}

_WORDS = ("description", "title", "doc")
"""Keys that say something to people only."""


def main(arguments: list[str]) -> int:
    """Judge every published schema; the exit code."""
    folder = Path(arguments[0]) if arguments else ROOT / "schemas"
    published = sorted((folder / "published").iterdir())
    if not published:
        print(f"{folder / 'published'} is empty: nothing was judged", file=sys.stderr)
        return 2
    return max(_judged(folder, before) for before in published)


def _judged(folder: Path, before: Path) -> int:
    after = folder / before.name
    if not after.exists():
        print(f"{after.name}: published, and there no more: its receivers break")
        return 1
    if FORMATS[before.suffix] is Format.JSON:
        return _judged_by_hand(before, after)
    asked = ("check", str(after), "--dataset", DATASET, "--contracts", str(folder))
    codes = (
        # The clauses as they stand, so that one that never held is found; then the step from what is published.
        _watcher(*asked),
        _watcher(*asked, "--against", str(before), "--level", "FULL"),
        _watcher("compat", str(before), str(after), "--level", "FULL"),
    )
    return max(codes)


def _watcher(*arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "watcher", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    print(done.stdout.strip())
    if done.returncode:
        print(f"watcher {' '.join(arguments)} ends with {done.returncode}\n{done.stderr.strip()}")
    return done.returncode


def _judged_by_hand(before: Path, after: Path) -> int:
    lost = list(_lost(_read(before), _read(after), ""))
    kind = FORMATS[after.suffix]
    print(f"{after.name}: the contracts are about the Avro body; {kind} is compared by hand: only what is added passes")
    for line in lost:
        print(f"  {line}")
    return int(bool(lost))


def _lost(before: Any, after: Any, path: str) -> Iterator[str]:
    """What of a JSON Schema is not there any more, or is something else; members that are added are left out."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        required = path.endswith("/required")
        if before != after and not (required and set(before) <= set(after)):
            yield f"{path}: was {json.dumps(before)}, is {json.dumps(after)}"
        return
    grows = path.endswith(("/properties", "/$defs"))
    for key in before.keys() | after.keys():
        here = f"{path}/{key}"
        if key in _WORDS and not grows:
            continue
        if key not in after:
            yield f"{here}: is gone"
        elif key in before:
            yield from _lost(before[key], after[key], here)
        elif not grows:
            yield f"{here}: is new"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
