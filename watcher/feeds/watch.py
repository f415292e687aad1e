"""The watchdog's judgement, without a clock or a client: is the reading still moving, and how far has it come.

Both clients can hang without a word: a coordinator that never answers, a rebalance that never ends, a partition that is
fetched no more. What stands still for longer than the patience is a doubt, and a doubt ends the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watcher.feeds.intake import PATIENCE_S, Status
from watcher.kafka.reader import Place

WORK_PATIENCE_S = 120.0
"""One transaction may take longer than a client may stand still: a database under load is slow, not dead."""


@dataclass(slots=True)
class _Reach:
    position: int
    still_since: float
    end: int | None = None
    end_before: int | None = None

    def behind(self) -> int:
        return max(0, (self.end or 0) - self.position)


class Watch:
    """What is known of the reading; all times are seconds of one monotonic clock."""

    def __init__(self, now: float, *, patience: float = PATIENCE_S, work_patience: float = WORK_PATIENCE_S) -> None:
        self._patience = patience
        self._work_patience = work_patience
        self._unsettled_since: float | None = now
        self._joined = False
        self._reaches: dict[Place, _Reach] = {}
        self._working_since: float | None = None
        self._waiting = False
        self._looked_at: float | None = None

    def unsettled(self, now: float) -> None:
        """A rebalance has begun; what was ours is in question."""
        if self._unsettled_since is None:
            self._unsettled_since = now

    def lost(self, places: set[Place]) -> None:
        """These partitions are ours no longer."""
        for place in places:
            self._reaches.pop(place, None)

    def assigned(self, starts: Mapping[Place, int], now: float) -> None:
        """The rebalance is over: exactly these partitions are ours, and are read from these offsets on."""
        self._joined = True
        self._unsettled_since = None
        before = self._reaches
        self._reaches = {}
        for place, start in starts.items():
            known = before.get(place)
            ends = (known.end, known.end_before) if known else (None, None)
            self._reaches[place] = _Reach(start, now, *ends)

    def places(self) -> tuple[Place, ...]:
        """The partitions that are ours."""
        return tuple(sorted(self._reaches))

    def reached(self, place: Place, position: int, now: float) -> None:
        """Everything before this offset is in the ledger, or was never there."""
        reach = self._reaches.get(place)
        if reach is not None and position > reach.position:
            reach.position = position
            reach.still_since = now

    def position(self, place: Place) -> int | None:
        """How far a partition that is ours has been read; None where it is not ours."""
        reach = self._reaches.get(place)
        return reach.position if reach is not None else None

    def working(self, now: float) -> None:
        """A transaction is under way."""
        self._working_since = now

    def waiting(self) -> None:
        """The transaction under way waits for the ledger to come back, which may take any time."""
        self._waiting = True

    def rested(self, now: float) -> None:
        """No transaction is under way any more."""
        self._working_since = None
        self._waiting = False
        for reach in self._reaches.values():
            reach.still_since = now

    def ended(self, ends: Mapping[Place, int], now: float) -> None:
        """A look at the partitions' ends: the offsets that their next records will get."""
        self._looked_at = now
        for place, end in ends.items():
            reach = self._reaches.get(place)
            if reach is None:
                continue
            if not reach.behind():
                reach.still_since = now
            reach.end_before = reach.end if reach.end is not None else end
            reach.end = end

    def idle(self, now: float, seconds: float) -> list[Place]:
        """Partitions that are behind, and have not moved for so long while nothing was under way."""
        if self._working_since is not None:
            return []
        return [place for place, one in self._reaches.items() if one.behind() and now - one.still_since > seconds]

    def doubt(self, now: float) -> str | None:
        """Why the reading cannot be trusted to go on by itself, where it cannot."""
        if self._unsettled_since is not None and not self._waiting and now - self._unsettled_since > self._patience:
            what = "the group's rebalance has not ended" if self._joined else "the group has assigned nothing"
            return f"{what} for {self._patience:.0f} s"
        if self._working_since is not None:
            if not self._waiting and now - self._working_since > self._work_patience:
                return f"one transaction has not ended for {self._work_patience:.0f} s"
            return None
        stuck = self.idle(now, self._patience)
        if stuck:
            place = stuck[0]
            reach = self._reaches[place]
            return (
                f"{place.topic}/{place.partition} stands at {reach.position}, {reach.behind()} records before its end, "
                f"and has not moved for {self._patience:.0f} s"
            )
        return None

    def status(self, now: float) -> Status:
        """How the reading stands, for readiness."""
        fresh = self._looked_at is not None and now - self._looked_at <= self._patience
        settled = self._joined and self._unsettled_since is None
        level = all(one.end_before is not None and one.position >= one.end_before for one in self._reaches.values())
        behind = {place: one.behind() for place, one in self._reaches.items()}
        return Status(settled, self.places(), behind, settled and level and (fresh or not self._reaches))
