"""Following up: the daemon's clock looks at tickets and announcements when something is due, and does the chores."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.handlers.planning.announce import Announcing
from watcher.handlers.rounds.chores import do_chores
from watcher.handlers.scoring import scorecards
from watcher.handlers.scoring.scores import quarter, scores
from watcher.handlers.ticketing.escalate import climb
from watcher.model.errors import Transient
from watcher.ports import Transaction

log = structlog.get_logger(__name__)

POLL_S = 5.0
"""How often is looked anyway: another worker, or a person at the command line, may have moved something."""
SCORED_EVERY = dt.timedelta(hours=1)
"""How often the metrics of the quarter are reckoned."""


class FollowingUp:
    """The clock's task; `told` is called when something was wished."""

    def __init__(self, parts: Parts, in_ledger: LedgerThread, *, told: Callable[[], None]) -> None:
        self._parts = parts
        self._in_ledger = in_ledger
        self._told = told
        self._scored: dt.datetime | None = None

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            pause = POLL_S
            try:
                wished, due = await self._in_ledger(self._turn)
                if wished:
                    self._told()
                if due is not None:
                    pause = min(pause, max(0.05, (due - self._parts.clock.now()).total_seconds()))
            except Transient as error:
                log.warning("clock.ledger_away", reason=str(error))
            await asyncio.sleep(pause)

    def _turn(self, tx: Transaction) -> tuple[int, dt.datetime | None]:
        """Everything that is due at this moment; how much was wished, and when something is due next."""
        judgement, now = self._parts.judgement, self._parts.clock.now()
        wished = climb(tx, judgement, now)
        announcing = Announcing(tx, judgement, self._parts.settings.follow_up.announcements.terms, now)
        announcing.look()
        wished += announcing.send()
        wished += do_chores(tx, judgement, now)
        if self._scored is None or abs(now - self._scored) >= SCORED_EVERY:
            self._scored = now
            self._score(tx, now)
        moments = (tx.next_due_ticket(), tx.next_due_announcement())
        return wished, min((one for one in moments if one is not None), default=None)

    def _score(self, tx: Transaction, now: dt.datetime) -> None:
        since, until = quarter(None, now)
        found = scores(tx, self._parts.judgement.catalogue(), since, until, with_dark=False)
        self._parts.metrics.score(scorecards.figures(found), found.precision.value)
