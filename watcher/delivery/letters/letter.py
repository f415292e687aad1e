"""Letters: what a person is told, as a small tree; written once, and rendered in each channel's own dialect.

Texts are plain: no renderer's markup stands in them, and each renderer escapes what its own dialect would read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from watcher.model.ticket import TicketState


@dataclass(frozen=True, slots=True)
class Words:
    """A run of text; `style` is how it is set: `strong`, or `code` for names and values of schemas."""

    text: str
    style: Literal["plain", "strong", "code"] = "plain"


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere; the URL is http(s)."""

    text: str
    url: str


Line: TypeAlias = tuple[Words | Link, ...]
"""One line or paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered where the order matters."""

    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a label and what it says."""

    pairs: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A text that is set as it stands: a record, a statement, a schema."""

    text: str
    language: str = ""


Block: TypeAlias = Paragraph | Items | Facts | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading; `brief` parts stay where a dialect has little room, the others go first."""

    heading: str
    blocks: tuple[Block, ...]
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """What the reader can do at once: a link, and where the channel has buttons that come back, the verb of it."""

    text: str
    url: str | None = None
    verb: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is told: who opens it knows after `title` and `lead` what happened and what is asked of them.

    `severity` is low, normal, high or critical; `state` the ticket's, where the letter is about one. `marker` is the
    short stable text by which a ticket's mirror is found again, empty where there is none.

    News of a ticket have two more: `standing` is all of the ticket as it stands now, for what shows that always (an
    issue's text, a chat's first message), and `news` only what is new, for the comment or answer under it.
    """

    title: str
    lead: Line
    facts: Facts = field(default_factory=lambda: Facts(()))
    sections: tuple[Section, ...] = ()
    actions: tuple[Action, ...] = ()
    footer: Line = ()
    severity: str = "normal"
    state: str | None = None
    marker: str = ""
    standing: Letter | None = None
    news: Letter | None = None

    @property
    def tone(self) -> str:
        """Which colour it has: its severity's, or `over` once nothing is left to mend."""
        return "over" if self.state == TicketState.RESOLVED else self.severity


def marker(ticket: str) -> str:
    """The text by which a ticket's item is found: a label's letters only, the same for all of the ticket's life."""
    return f"watcher-{ticket.lower()}"
