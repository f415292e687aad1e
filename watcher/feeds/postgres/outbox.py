"""The outbox's rows in the order of their ids, and which of them can be taken: nothing before them may still come.

An id is given out before its transaction commits, so a row may become visible after one with a larger id. A missing id
is a transaction in progress, or one that was rolled back. Whoever writes to the outbox holds its table's lock for
writers, which hinders nobody, from before the id is given out until after the commit is visible. So rows behind a gap
wait until those who held it when the gap had been seen hold it no more: what is then still missing never comes. A long
transaction that writes no DDL holds nothing up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_ROWS_A_RECORD = 500
"""A transaction with more changes comes as several records."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `at` in milliseconds since the epoch, by the server's clock."""

    id: int
    xid: int
    at: int
    by: str
    application: str | None
    query: str | None
    payload: Any


@dataclass(frozen=True, slots=True)
class _Gap:
    low: int
    high: int
    writers: frozenset[str] | None
    """Transactions that may fill it; None until they have been asked for."""


class Order:
    """Says of rows, as they are seen, which can be taken; remembers the gaps between them."""

    def __init__(self) -> None:
        self._gaps: list[_Gap] = []
        self.held_behind: int | None = None
        """The first id that rows wait behind."""

    @property
    def waits(self) -> bool:
        """Whether there are gaps: then the writers are to be asked for before the next rows are read."""
        return bool(self._gaps)

    def settled(self, rows: Sequence[Row], after: int, writing: frozenset[str] | None) -> list[Row]:
        """The rows behind `after` that can be taken now.

        `writing` are the transactions that held the outbox's lock at a moment before the rows were read, and after the
        last ones were; None where nobody asked.
        """
        gaps: list[_Gap] = []
        taken: list[Row] = []
        self.held_behind = None
        expected = after + 1
        for row in rows:
            if row.id > expected:
                gap = self._gap(expected, row.id - 1, writing)
                gaps.append(gap)
                if self.held_behind is None and not _is_empty(gap, writing):
                    self.held_behind = expected
            if self.held_behind is None:
                taken.append(row)
            expected = row.id + 1
        self._gaps = gaps if self.held_behind is not None else []
        return taken

    def _gap(self, low: int, high: int, writing: frozenset[str] | None) -> _Gap:
        known = next((one for one in self._gaps if one.low <= low and high <= one.high), None)
        if known is None:
            return _Gap(low, high, None)
        return _Gap(low, high, writing if known.writers is None else known.writers)


def _is_empty(gap: _Gap, writing: frozenset[str] | None) -> bool:
    return gap.writers is not None and writing is not None and gap.writers.isdisjoint(writing)


def transactions(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one transaction that follow each other, together: they are told by what they amount to."""
    found: list[list[Row]] = []
    for row in rows:
        if found and found[-1][0].xid == row.xid and len(found[-1]) < MAX_ROWS_A_RECORD:
            found[-1].append(row)
        else:
            found.append([row])
    return found
