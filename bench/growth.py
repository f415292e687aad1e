"""Growth: what a change of one field costs in schemas of 20, 200 and 2,000 fields, beyond parsing them."""

from __future__ import annotations

import time
from itertools import count

from bench.texts import FORMATS, VERSIONS, pair
from watcher.compat.levels import judge
from watcher.diff import diff
from watcher.formats.read import read_schema
from watcher.model.compatibility import Level
from watcher.model.schema import Format, SchemaText

SIZES = (20, 200, 2000)
ROUNDS = 15


def run(*, quick: bool = False) -> None:
    """Print, for each format, what diff and the BACKWARD check cost by the number of fields, and how that grows."""
    rounds = 5 if quick else ROUNDS
    print(f"growth: one field's type widened, one field added; diff and BACKWARD check, best of {rounds}, per pair")
    print("  " + " " * 22 + "".join(f"{size:>7} fields" for size in SIZES) + "   100 times the fields cost")
    for format_ in FORMATS:
        measured = [_measure(format_, size, rounds) for size in SIZES]
        for place, name in enumerate(("parse both", "diff", "check")):
            figures = [one[place] for one in measured]
            line = "".join(f"{seconds * 1e6:11.0f} µs" for seconds in figures)
            print(f"  {format_.value:<9} {name:<12}{line} {figures[-1] / figures[0]:8.1f} times")


def _measure(format_: Format, size: int, rounds: int) -> tuple[float, float, float]:
    best = [float("inf")] * 3
    for number in range(rounds):
        # Each round has texts of its own: nothing that was read before is met again, save the pair's own old version.
        texts = pair(format_, size, next(_numbers) * VERSIONS)
        started = time.perf_counter()
        before, after = (read_schema(SchemaText(format_, text)) for text in texts)
        parsed = time.perf_counter()
        changes = diff(before, after)
        compared = time.perf_counter()
        found = judge(Level.BACKWARD, [before], after)
        checked = time.perf_counter()
        if not changes or (format_ is not Format.JSON and found):
            raise AssertionError(number, changes, found)
        for place, seconds in enumerate((parsed - started, compared - parsed, checked - compared)):
            best[place] = min(best[place], seconds)
    return best[0], best[1], best[2]


_numbers = count(1000)
