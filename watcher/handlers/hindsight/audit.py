"""Audit: the chain of records walked from its beginning, and the ledger's tables held against what it says."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from watcher.model.announcement import Announcement
from watcher.model.errors import UsageError
from watcher.model.record import BEGINNING, Record, canonical, linked, move_document, standing_document, unexplained
from watcher.model.waiver import Waiver
from watcher.ports import Transaction

MOST_FAULTS = 100

_MOVED = "ticket.moved"
_GRANTED = frozenset({"waiver.granted", "precedent.granted"})
_ENDED = "waiver.ended"
_MADE = "announcement.made"
_ANNOUNCED = "announcement.moved"
_ANSWERED = "announcement.answered"
_STANDS = "stands"
"""Under this key the link of a move says where its ticket stands by it."""
_BEFORE_STANDS, _AFTER_STANDS = f',"{_STANDS}":', ',"ticket":'
_SPELT = {
    "opened_at": "opening",
    "changed_at": "last change",
    "episode_at": "last opening",
    "acknowledged_at": "acknowledgement",
    "acknowledge_by": "deadline to acknowledge",
    "fix_by": "deadline to fix",
    "reopened": "count of reopenings",
    "follows": "earlier ticket",
}
"""What a ticket's page calls these."""
_HELD = frozenset({_MOVED, *_GRANTED, _ENDED, _MADE, _ANSWERED})
_SETTLING = ("state", "decided_at", "asked", "facts")
"""What changes of an announcement after it was made: its moves have links; the rest is worked out anew as it comes."""


class _Link(NamedTuple):
    number: int
    kind: str
    about: str


class _Stood(NamedTuple):
    """Where a ticket stands by a link, as canonical text; empty where the link is older than that."""

    number: int
    text: str


@dataclass(slots=True)
class Walked:
    """What a walk found: how many links, the head as `number:hash`, what is older than its record, faults.

    `older` are moves from before there was a chain, `unheld` tickets whose last move is from before links told where a
    ticket stands by it.
    """

    links: int = 0
    head: str = f"0:{BEGINNING}"
    older: int = 0
    unheld: int = 0
    faults: list[str] = field(default_factory=list)


class _Told:
    """What the chain says, a digest a link, for the tables to be held against."""

    def __init__(self) -> None:
        self._links: dict[bytes, list[_Link]] = {}
        self.standings: dict[str, str] = {}
        self.tickets: dict[str, _Stood] = {}
        """By ticket, where it stands by its last move."""
        self.since: dt.datetime | None = None
        """When the chain begins."""
        self.faults: list[str] = []
        """What the links say of each other."""

    def add(self, link: Record) -> None:
        text = link.document
        if link.kind == _ANNOUNCED:
            self.standings[link.about] = json.loads(text)["after"]
        elif link.kind == _MADE:
            text = _lasting(json.loads(text))
        elif link.kind == _MOVED:
            text = self._moved(link)
        if link.kind in _HELD:
            at = _Link(link.number, link.kind, link.about)
            self._links.setdefault(_digest(link.kind, link.about, text), []).append(at)

    def _moved(self, link: Record) -> str:
        """Note where the ticket stands by this link; gives the link's text without that."""
        document, text = json.loads(link.document), link.document
        stands, before = document.get(_STANDS), self.tickets.get(link.about)
        if stands is None:
            self.tickets[link.about] = _Stood(link.number, "")
            return text
        # Cut out, which is faster than writing both parts anew: keys are sorted, and quotes in strings are escaped.
        begin = text.rindex(_BEFORE_STANDS)
        end = text.index(_AFTER_STANDS, begin)
        self.tickets[link.about] = _Stood(link.number, text[begin + len(_BEFORE_STANDS) : end])
        if before is not None and before.text and len(self.faults) < MOST_FAULTS:
            stood = json.loads(before.text)
            for name in unexplained(stood, document, stands):
                is_so = document["before"] if name == "state" else stands.get(name)
                self.faults.append(
                    f"ticket {link.about}: its {_spelt(name)} was {_shown(stood[name])} by link {before.number}, and "
                    f"{_shown(is_so)} when link {link.number} was written: no move changed it"
                )
        return text[:begin] + text[end:]

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
        intact = linked(link.number, link.at, link.kind, link.about, link.document, link.previous).hash == link.hash
        if not intact:
            walked.faults.append(f"link {link.number} ({link.kind} {link.about}) was changed")
        if known is not None and link.number == known[0] and link.hash != known[1]:
            walked.faults.append(f"link {link.number} is not the one that was noted")
        previous = link.hash
        walked.links += 1
        if len(walked.faults) >= MOST_FAULTS:
            walked.head = f"{number}:{previous}"
            return walked
        if told.since is None:
            told.since = link.at
        if intact:  # what was changed tells nothing, and may not even be JSON
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
    yield from told.faults
    yield from _moves(tx, told, walked)
    yield from _standings(tx, told, walked)
    for waiver in tx.all_waivers():
        yield from _waiver(waiver, told)
    for announcement, found_by in tx.all_announcements():
        yield from _announcement(announcement, told)
        if not found_by:
            yield f"announcement {announcement.id} is found by what it does not say: its columns were changed"
    for answer, found_by in tx.all_answers():
        if not found_by:
            yield f"an answer to announcement {answer.announcement} is found by what it does not say"
        if not told.took(_ANSWERED, answer.announcement, canonical(answer.document())):
            yield f"an answer to announcement {answer.announcement} has no link, or was changed"
    for link in told.left():
        yield f"what link {link.number} ({link.kind} {link.about}) says is gone from the tables, or was changed there"


def _moves(tx: Transaction, told: _Told, walked: Walked) -> Iterator[str]:
    """Each move has its link, but for those from before there was a chain."""
    ticket, chained = "", False
    for move in tx.all_moves():
        if move.ticket != ticket:
            ticket, chained = move.ticket, False
        if told.took(_MOVED, move.ticket, canonical(move_document(move))):
            chained = True
        elif chained or (told.since is not None and move.at > told.since):
            yield f"a move of ticket {move.ticket} at {move.at.isoformat()} has no link, or was changed"
        else:
            walked.older += 1


def _standings(tx: Transaction, told: _Told, walked: Walked) -> Iterator[str]:
    """Each ticket stands as the link of its last move says, and none has come or gone by itself."""
    for id_, ticket, moved in tx.all_standings():
        expected = told.tickets.pop(id_, None)
        if ticket is None:
            yield f"ticket {id_}: where it stands, and whose it is, do not fit together: one of its rows was changed"
        elif not moved:
            yield f"ticket {id_} has no move: it was put there by hand"
        elif expected is None or not expected.text:
            walked.unheld += 1
        elif expected.text != (text := canonical(standing_document(ticket))):
            yield from _differences(id_, expected, json.loads(text))
    for gone in told.tickets:
        yield f"ticket {gone} is gone from the tables; the chain has its moves"


def _differences(ticket: str, expected: _Stood, stands: Mapping[str, Any]) -> Iterator[str]:
    """What of a ticket is not as its last link says, each in words."""
    said = json.loads(expected.text)
    for name, value in stands.items():
        if said.get(name) != value:
            says = _shown(said.get(name))
            yield f"ticket {ticket}: its {_spelt(name)} is {_shown(value)}; link {expected.number} says {says}"


def _spelt(name: str) -> str:
    return _SPELT.get(name, name)


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def _waiver(waiver: Waiver, told: _Told) -> Iterator[str]:
    granted = canonical(asdict(replace(waiver, ended_at=None, ended_by=None)))
    if not told.took(f"{waiver.kind.value}.granted", waiver.id, granted):
        yield f"the {waiver.kind.value} {waiver.id} on {waiver.dataset} has no link, or was changed"
    if waiver.ended_at is None:
        return
    ended = {"id": waiver.id, "by": waiver.ended_by}
    since = canonical({**ended, "at": waiver.ended_at})
    if not told.took(_ENDED, waiver.id, since) and not told.took(_ENDED, waiver.id, canonical(ended)):  # older links
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
