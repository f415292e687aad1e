"""Audit: the chain of records walked from its beginning, and the ledger's tables held against what it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from watcher.model.announcement import Announcement
from watcher.model.errors import UsageError
from watcher.model.record import BEGINNING, Record, canonical, linked, move_document
from watcher.model.waiver import Waiver
from watcher.ports import Transaction

MOST_FAULTS = 100

_MOVED = "ticket.moved"
_GRANTED = frozenset({"waiver.granted", "precedent.granted"})
_ENDED = "waiver.ended"
_MADE = "announcement.made"
_ANNOUNCED = "announcement.moved"
_ANSWERED = "announcement.answered"
_HELD = frozenset({_MOVED, *_GRANTED, _ENDED, _MADE, _ANSWERED})
_SETTLING = ("state", "decided_at", "asked", "facts")
"""What changes of an announcement after it was made: its moves have links; the rest is worked out anew as it comes."""


class _Link(NamedTuple):
    number: int
    kind: str
    about: str


@dataclass(slots=True)
class Walked:
    """What a walk found: how many links, the head as `number:hash`, moves from before there was a chain, faults."""

    links: int = 0
    head: str = f"0:{BEGINNING}"
    older: int = 0
    faults: list[str] = field(default_factory=list)


class _Told:
    """What the chain says, a digest a link, for the tables to be held against."""

    def __init__(self) -> None:
        self._links: dict[bytes, list[_Link]] = {}
        self.standings: dict[str, str] = {}

    def add(self, link: Record) -> None:
        if link.kind in {_MOVED, _ANNOUNCED}:
            self.standings[link.about] = json.loads(link.document)["after"]
        if link.kind in _HELD:
            text = _lasting(json.loads(link.document)) if link.kind == _MADE else link.document
            at = _Link(link.number, link.kind, link.about)
            self._links.setdefault(_digest(link.kind, link.about, text), []).append(at)

    def took(self, kind: str, about: str, text: str) -> bool:
        """Whether a link says so; each link stands for one row."""
        key = _digest(kind, about, text)
        found = self._links.get(key)
        if not found:
            return False
        found.pop()
        if not found:
            del self._links[key]
        return True

    def left(self) -> Iterator[_Link]:
        """The links that no row stands for, in their order."""
        yield from sorted(link for links in self._links.values() for link in links)


def verify(tx: Transaction, known_head: str | None = None) -> Walked:
    """Walk the chain, and hold the tables against it. Raises UsageError where `known_head` is not `number:hash`.

    What it needs grows by a digest a link. Rows and links are read one after the other.
    """
    known = _head(known_head)
    walked, told = Walked(), _Told()
    previous, number = BEGINNING, 0
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
        previous = link.hash
        walked.links += 1
        if len(walked.faults) >= MOST_FAULTS:
            walked.head = f"{number}:{previous}"
            return walked
        told.add(link)
    walked.head = f"{number}:{previous}"
    if known is not None and known[0] > number:
        walked.faults.append(f"the chain ends at link {number}: link {known[0]}, which was noted, is gone")
    if tx.chain_head() != (number, previous):
        walked.faults.append("the chain's head is not its last link: links were cut off its end")
    for fault in _held(tx, told, walked):
        walked.faults.append(fault)
        if len(walked.faults) >= MOST_FAULTS:
            break
    return walked


def _held(tx: Transaction, told: _Told, walked: Walked) -> Iterator[str]:
    """What the tables have and the chain has not, and the other way round."""
    yield from _moves(tx, told, walked)
    for waiver in tx.all_waivers():
        yield from _waiver(waiver, told)
    for announcement in tx.all_announcements():
        yield from _announcement(announcement, told)
    for answer in tx.all_answers():
        if not told.took(_ANSWERED, answer.announcement, canonical(answer.document())):
            yield f"an answer to announcement {answer.announcement} has no link, or was changed"
    for link in told.left():
        yield f"what link {link.number} ({link.kind} {link.about}) says is gone from the tables, or was changed there"


def _moves(tx: Transaction, told: _Told, walked: Walked) -> Iterator[str]:
    """Each move has its link, but for those from before there was a chain; each ticket stands as its last one says."""
    ticket, chained = "", False
    for move in tx.all_moves():
        if move.ticket != ticket:
            ticket, chained = move.ticket, False
        if told.took(_MOVED, move.ticket, canonical(move_document(move))):
            chained = True
        elif chained:
            yield f"a move of ticket {move.ticket} at {move.at.isoformat()} has no link, or was changed"
        else:
            walked.older += 1
    for id_, state in tx.all_standings():
        if told.standings.get(id_, state) != state:
            yield f"ticket {id_} stands at {state.value}; its last move says {told.standings[id_]}"


def _waiver(waiver: Waiver, told: _Told) -> Iterator[str]:
    granted = canonical(asdict(replace(waiver, ended_at=None, ended_by=None)))
    if not told.took(f"{waiver.kind.value}.granted", waiver.id, granted):
        yield f"the {waiver.kind.value} {waiver.id} on {waiver.dataset} has no link, or was changed"
    ended = canonical({"id": waiver.id, "by": waiver.ended_by})
    if waiver.ended_at is not None and not told.took(_ENDED, waiver.id, ended):
        yield f"the end of the {waiver.kind.value} {waiver.id} has no link, or was changed"


def _announcement(one: Announcement, told: _Told) -> Iterator[str]:
    if not told.took(_MADE, one.id, _lasting(one.document())):
        yield f"announcement {one.id} of {one.dataset} has no link, or was changed"
    if told.standings.get(one.id, one.state) != one.state:
        yield f"announcement {one.id} stands at {one.state.value}; its last link says {told.standings[one.id]}"


def _lasting(document: Mapping[str, Any]) -> str:
    return canonical({key: value for key, value in document.items() if key not in _SETTLING})


def _digest(kind: str, about: str, text: str) -> bytes:
    digest = hashlib.blake2b(digest_size=20)
    for part in (kind, about, text):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(raw)}:".encode() + raw)
    return digest.digest()


def _head(written: str | None) -> tuple[int, str] | None:
    if written is None:
        return None
    number, _, hash_ = written.partition(":")
    if not number.isdigit() or not hash_:
        raise UsageError(f"{written!r} is no head: `watcher audit head` prints it as number:hash")
    return int(number), hash_
