"""Audit: the chain of records walked from its beginning, and the ledger's tables held against what it says."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from watcher.model.errors import UsageError
from watcher.model.record import BEGINNING, canonical, linked, move_document
from watcher.ports import Transaction

MOST_FAULTS = 100


@dataclass(slots=True)
class Walked:
    """What a walk found: how many links, the head as `number:hash`, moves from before there was a chain, faults."""

    links: int = 0
    head: str = f"0:{BEGINNING}"
    older: int = 0
    faults: list[str] = field(default_factory=list)


def verify(tx: Transaction, known_head: str | None = None) -> Walked:
    """Walk the chain. Raises UsageError where `known_head` is not written as `number:hash`."""
    known = _head(known_head)
    walked = Walked()
    previous, number = BEGINNING, 0
    moves: Counter[str] = Counter()
    standings: dict[str, str] = {}
    for link in tx.records():
        number += 1
        if link.number != number:
            walked.faults.append(f"link {number} is missing: the next one is {link.number}")
            number = link.number
        if link.previous != previous:
            walked.faults.append(f"link {link.number} does not follow the one before it")
        if linked(link.number, link.at, link.kind, link.about, link.document, link.previous).hash != link.hash:
            walked.faults.append(f"link {link.number} ({link.kind} {link.about}) was changed")
        if known is not None and link.number == known[0] and link.hash != known[1]:
            walked.faults.append(f"link {link.number} is not the one that was noted")
        if link.kind == "ticket.moved":
            moves[link.document] += 1
            standings[link.about] = json.loads(link.document)["after"]
        previous = link.hash
        walked.links += 1
        if len(walked.faults) >= MOST_FAULTS:
            break
    walked.head = f"{number}:{previous}"
    if known is not None and known[0] > number:
        walked.faults.append(f"the chain ends at link {number}: link {known[0]}, which was noted, is gone")
    if tx.chain_head() != (number, previous):
        walked.faults.append("the chain's head is not its last link: links were cut off its end")
    _hold_tables(tx, moves, standings, walked)
    return walked


def _hold_tables(tx: Transaction, moves: Counter[str], standings: dict[str, str], walked: Walked) -> None:
    """Each move in the tables has its link, each link its move, and each ticket stands where the last one left it."""
    left = moves.copy()
    for ticket in tx.list_tickets(10_000_000):
        chained = False
        for move in tx.ticket_moves(ticket.id):
            text = canonical(move_document(move))
            if left[text] > 0:
                left[text] -= 1
                chained = True
            elif chained:
                walked.faults.append(
                    f"a move of ticket {ticket.id} at {move.at.isoformat()} has no link, or was changed"
                )
            else:
                walked.older += 1
        if ticket.id in standings and standings[ticket.id] != ticket.state:
            walked.faults.append(
                f"ticket {ticket.id} stands at {ticket.state}; its last move says {standings[ticket.id]}"
            )
    for text in left:
        if left[text] > 0:
            told = json.loads(text)
            walked.faults.append(f"the move `{told['verb']}` of ticket {told['ticket']} at {told['at']} is gone")


def _head(written: str | None) -> tuple[int, str] | None:
    if written is None:
        return None
    number, _, hash_ = written.partition(":")
    if not number.isdigit() or not hash_:
        raise UsageError(f"{written!r} is no head: `watcher audit head` prints it as number:hash")
    return int(number), hash_
