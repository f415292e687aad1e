"""Links: which record follows which, as the client fetched them, so that one that was dropped on the way is missed.

A framework between the client and us may drop a fetched record when a rebalance comes at the wrong moment, and hand
over the next one as if nothing had been. Offsets alone cannot show that: compaction leaves holes that are no loss. What
can is where the fetch stood before each record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.kafka.reader import Place


class Links:
    """Where the fetch of each partition stood before each record; written by the client's thread, asked by ours.

    Each step is one operation on a dictionary, which two threads may do at once.
    """

    __slots__ = ("_before", "_stands")

    def __init__(self) -> None:
        self._stands: dict[Place, int] = {}
        self._before: dict[Place, dict[int, int]] = {}

    def forget(self, places: Iterable[Place]) -> None:
        """The partitions were assigned anew: until the fetch is told where to stand, nothing follows anything."""
        for place in places:
            self._stands.pop(place, None)
            self._before[place] = {}

    def begin(self, place: Place, offset: int) -> None:
        """The fetch was told to stand here."""
        self._before[place] = {}
        self._stands[place] = offset

    def fetched(self, place: Place, offsets: Iterable[int]) -> None:
        """These records came, one after the other."""
        stands, before = self._stands.get(place), self._before.get(place)
        if stands is None or before is None:
            return
        for offset in offsets:
            before[offset] = stands
            stands = offset + 1
        self._stands[place] = stands

    def stands(self, place: Place) -> int | None:
        """Behind the last record that was fetched; None where that is not known."""
        return self._stands.get(place)

    def following(self, place: Place, start: int, offsets: Sequence[int]) -> tuple[list[int], int]:
        """Which of the records (by their index) follow `start` and each other without a miss, and where that leads.

        Those before `start` were handed over already. One behind a miss is not taken: it comes again, or never.
        """
        before = self._before.get(place, {})
        taken: list[int] = []
        for index, offset in enumerate(offsets):
            if offset >= start and before.get(offset) == start:
                taken.append(index)
                start = offset + 1
        return taken, start

    def handed_over(self, place: Place, offsets: Iterable[int]) -> None:
        """These records are in the ledger, and are not asked about again."""
        before = self._before.get(place, {})
        for offset in offsets:
            before.pop(offset, None)
