"""Wishes: what a message from outside asks for, and what came of it; the words between the hooks and `inbound`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from watcher.model.delivery import Remote
from watcher.model.ticket import TicketId, Verb

NAMELESS = "somebody"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody did to an item, or asked for.

    The ticket is that of `remote_id`, the service's id of the item as the channel keeps it (`where` it must agree with
    what else the channel keeps of the item); or `ticket`, where a button of our own names it; or the one whose marker
    stands in `text_of_item`, while it is not known which item was made.
    `by` is the person as a reader knows them, `who` all names and ids by which the service does, `author` those of who
    made the item: most often the watcher itself. `command` holds the whole comment that a command stood in. `alias` is
    another id of the same item, which later messages may carry alone; a wish without a verb only tells that.
    """

    verb: Verb | None
    by: str = NAMELESS
    text: str = ""
    at: dt.datetime | None = None
    remote_id: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    ticket: str = ""
    text_of_item: str = ""
    who: frozenset[str] = frozenset()
    author: frozenset[str] = frozenset()
    details: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    alias: Remote | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """One message's wishes; any of `delivery_ids` seen before says that the whole message was."""

    delivery_ids: tuple[str, ...]
    wishes: tuple[Wish, ...]
    reply_to: str | None = None
    """Where a word to the person can be sent, where the service gives such a place."""


What = Literal["moved", "stays", "illegal", "already", "replayed", "outdated", "echo", "unknown", "noted"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a wish; `said` is a sentence for whoever wished it.

    `stays`: what was claimed is not so. `illegal`: the state table has no such move. `already`: nothing was left to do.
    `replayed`: it was taken before. `outdated`: a later word was heard first. `echo`: we did it ourselves. `unknown`:
    the item is none of ours.
    """

    what: What
    ticket: TicketId | None
    said: str


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link allows: one verb on one ticket, by the one it was sent to, once."""

    ticket: TicketId
    verb: Verb
    by: str
    expires_at: dt.datetime
    id: str
