"""Chores: what recurs whoever is at work: digests, nags, the weekly scorecard; each is done once, by one worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from watcher.handlers.judging.judgement import Judgement
from watcher.handlers.rounds import nags
from watcher.handlers.ticketing.inbound import REMEMBERED
from watcher.ports import Transaction

log = structlog.get_logger(__name__)

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
AT = dt.time(7, 0)
"""Chores of all domains are done at this hour, in UTC; a domain's own digest in its own zone."""


def _forget(tx: Transaction, _judgement: Judgement, now: dt.datetime) -> int:
    tx.forget_hooks(now - REMEMBERED)
    return 0


Do = Callable[[Transaction, Judgement, dt.datetime], int]


@dataclass(frozen=True, slots=True)
class Chore:
    """A task that recurs: daily, or weekly on Mondays."""

    name: str
    every: dt.timedelta
    do: Do


CHORES = (
    Chore("hooks", DAY, _forget),
    Chore("addresses", DAY, nags.stale_addresses),
    Chore("unowned", WEEK, nags.unowned),
    Chore("disputes", WEEK, nags.disputes),
    Chore("contracts", WEEK, nags.unsound_contracts),
    Chore("scorecard", WEEK, nags.scorecard),
)


def do_chores(tx: Transaction, judgement: Judgement, now: dt.datetime) -> int:
    """Do what is due and no other worker has done; how many deliveries were wished.

    What was missed while nobody was up is done once, not as often as it was missed. A new ledger begins quietly: the
    first turn of a chore is its next one.
    """
    wished = 0
    for chore in CHORES:
        if _mine(tx, chore.name, turn(chore.every, now), now):
            wished += chore.do(tx, judgement, now)
            log.info("chore.done", chore=chore.name)
    return wished + nags.digests(tx, judgement, now)


def turn(every: dt.timedelta, now: dt.datetime) -> dt.datetime:
    """The last moment at which a chore was due."""
    today = dt.datetime.combine(now.astimezone(dt.UTC).date(), AT, dt.UTC)
    day = today if today <= now else today - DAY
    return day if every < WEEK else day - DAY * day.weekday()


def _mine(tx: Transaction, name: str, due: dt.datetime, now: dt.datetime) -> bool:
    done = tx.chore_done(name)
    if done is None:
        tx.do_chore(name, now, before=None)
        return False
    return done < due and tx.do_chore(name, now, before=done)
