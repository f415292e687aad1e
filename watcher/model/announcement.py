"""Announcements: a planned change with a date, who was asked about it, and what each of them said."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from watcher.model.contract import Criticality, SubscriptionName
from watcher.model.dataset import DatasetName, Domain
from watcher.model.path import FieldPath
from watcher.model.schema import Fingerprint, Format, SchemaText


class AnnouncementState(enum.StrEnum):
    """Where a planned change stands."""

    PROPOSED = "proposed"
    """Somebody who would break has not answered yet, or needs until a day that lies behind the window."""
    AGREED = "agreed"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    """The change was seen, as announced."""
    LAPSED = "lapsed"
    """The window went by without it."""


OPEN_STATES = frozenset({AnnouncementState.PROPOSED, AnnouncementState.AGREED, AnnouncementState.OBJECTED})
"""States in which a consumer may still say something, and the clock has something to do."""


class Silence(enum.StrEnum):
    """What it means that a consumer said nothing until its time to answer was over."""

    ACCEPTS = "accepts"
    OBJECTS = "objects"


class Word(enum.StrEnum):
    """What a consumer can say to a planned change."""

    ACCEPT = "accept"
    NEED_UNTIL = "need-until"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts where the announcement itself does not say: the settings' word.

    `silence` is how long a consumer may take to answer whose contract asks for no notice, `window` how long after the
    named day the change may still come.
    """

    silence: dt.timedelta = dt.timedelta(days=14)
    counts_as: Silence = Silence.ACCEPTS
    window: dt.timedelta = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NewSchema:
    """The dataset gets this schema; `address` is the text's own, see `model/address.py`."""

    text: SchemaText
    address: Fingerprint


@dataclass(frozen=True, slots=True)
class Deprecation:
    """These paths go away, and all below them; no paths: the dataset does. The sunset is where the window begins."""

    paths: tuple[FieldPath, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether what stands at a path goes away with it."""
        return not self.paths or any(_beneath(path, one) for one in self.paths)


Planned: TypeAlias = NewSchema | Deprecation


@dataclass(frozen=True, slots=True)
class Asked:
    """One consumer who would break: on which clauses, since when it is asked, and until when it may answer.

    `notice` is what its contract asks for. `told` says that there was an address to ask at: the silence of somebody who
    was never asked means nothing. `reminded` is how often it was.
    """

    subscription: SubscriptionName
    consumer: str
    criticality: Criticality
    at: dt.datetime
    answer_by: dt.datetime
    clauses: tuple[str, ...] = ()
    contact: str | None = None
    notice: dt.timedelta | None = None
    certain: bool = True
    told: bool = True
    reminded: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one consumer said, a fact; of several of one subscription the last one counts.

    `until` is the day that it needs until, and only `need-until` has one.
    """

    announcement: str
    subscription: SubscriptionName
    word: Word
    by: str
    at: dt.datetime
    until: dt.date | None = None
    reason: str = ""
    via: str = "api"

    def document(self) -> dict[str, Any]:
        """As JSON: what the ledger keeps, and what people are shown."""
        return {
            "announcement": self.announcement,
            "subscription": str(self.subscription),
            "answer": self.word.value,
            "by": self.by,
            "at": _moment(self.at),
            "until": None if self.until is None else self.until.isoformat(),
            "reason": self.reason,
            "via": self.via,
        }


@dataclass(frozen=True, slots=True)
class Announcement:
    """A planned change of one dataset within a window, `[since, until)`; a deprecation has no end after its sunset.

    `facts` is what the change comes to, as the diff tells it; a deprecation has none. `named` is the dataset as the
    producer wrote it, where that is another name than ours.
    """

    id: str
    domain: Domain
    dataset: DatasetName
    planned: Planned
    since: dt.datetime
    until: dt.datetime | None
    by: str
    reason: str
    made_at: dt.datetime
    state: AnnouncementState = AnnouncementState.PROPOSED
    silence: Silence = Silence.ACCEPTS
    asked: tuple[Asked, ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()
    named: str = ""
    decided_at: dt.datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still can come to something."""
        return self.state in OPEN_STATES

    @property
    def names(self) -> frozenset[str]:
        """All names by which the dataset is meant."""
        return frozenset({str(self.dataset), self.named or str(self.dataset)})

    def moved(self, state: AnnouncementState, at: dt.datetime) -> Announcement:
        """The same, in another state."""
        return replace(self, state=state, decided_at=at)

    def document(self) -> dict[str, Any]:
        """As JSON: what the ledger keeps, and what people are shown; `announcement_of` reads it back."""
        return {
            "id": self.id,
            "domain": str(self.domain),
            "dataset": str(self.dataset),
            "planned": _planned(self.planned),
            "since": _moment(self.since),
            "until": None if self.until is None else _moment(self.until),
            "by": self.by,
            "reason": self.reason,
            "made_at": _moment(self.made_at),
            "state": self.state.value,
            "silence": self.silence.value,
            "asked": [_asked(one) for one in self.asked],
            "facts": [dict(one) for one in self.facts],
            "named": self.named,
            "decided_at": None if self.decided_at is None else _moment(self.decided_at),
        }


def announcement_of(document: Mapping[str, Any]) -> Announcement:
    """An announcement, from the document that it gave."""
    until, decided = document["until"], document["decided_at"]
    return Announcement(
        id=document["id"],
        domain=Domain(document["domain"]),
        dataset=DatasetName(document["dataset"]),
        planned=_planned_of(document["planned"]),
        since=dt.datetime.fromisoformat(document["since"]),
        until=None if until is None else dt.datetime.fromisoformat(until),
        by=document["by"],
        reason=document["reason"],
        made_at=dt.datetime.fromisoformat(document["made_at"]),
        state=AnnouncementState(document["state"]),
        silence=Silence(document["silence"]),
        asked=tuple(_asked_of(one) for one in document["asked"]),
        facts=tuple(document["facts"]),
        named=document["named"],
        decided_at=None if decided is None else dt.datetime.fromisoformat(decided),
    )


def answer_of(document: Mapping[str, Any]) -> Answer:
    """An answer, from the document that it gave."""
    until = document["until"]
    return Answer(
        announcement=document["announcement"],
        subscription=SubscriptionName(document["subscription"]),
        word=Word(document["answer"]),
        by=document["by"],
        at=dt.datetime.fromisoformat(document["at"]),
        until=None if until is None else dt.date.fromisoformat(until),
        reason=document["reason"],
        via=document["via"],
    )


def announcement_id(dataset: DatasetName, planned: Planned, since: dt.datetime, made_at: dt.datetime) -> str:
    """The id of an announcement: the same proposal, made at the same moment, is the same one."""
    what = str(planned.address) if isinstance(planned, NewSchema) else "\x1f".join(("deprecation", *planned.paths))
    identity = "\x1f".join((dataset, what, _moment(since), _moment(made_at)))
    return "A-" + hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _beneath(path: str, above: str) -> bool:
    return path == above or (path.startswith(above) and path[len(above)] in ".[{<")


def _planned(planned: Planned) -> dict[str, Any]:
    if isinstance(planned, Deprecation):
        return {"deprecation": [str(one) for one in planned.paths]}
    references = [{"name": name, "schema": text} for name, text in planned.text.references]
    return {
        "format": planned.text.format.value,
        "schema": planned.text.text,
        "references": references,
        "address": planned.address,
    }


def _planned_of(document: Mapping[str, Any]) -> Planned:
    if "deprecation" in document:
        return Deprecation(tuple(FieldPath(one) for one in document["deprecation"]))
    references = tuple((one["name"], one["schema"]) for one in document["references"])
    text = SchemaText(Format(document["format"]), document["schema"], references)
    return NewSchema(text, Fingerprint(document["address"]))


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "subscription": str(one.subscription),
        "consumer": one.consumer,
        "criticality": one.criticality.value,
        "at": _moment(one.at),
        "answer_by": _moment(one.answer_by),
        "clauses": list(one.clauses),
        "contact": one.contact,
        "notice_s": None if one.notice is None else one.notice.total_seconds(),
        "certain": one.certain,
        "told": one.told,
        "reminded": one.reminded,
    }


def _asked_of(document: Mapping[str, Any]) -> Asked:
    notice = document["notice_s"]
    return Asked(
        subscription=SubscriptionName(document["subscription"]),
        consumer=document["consumer"],
        criticality=Criticality(document["criticality"]),
        at=dt.datetime.fromisoformat(document["at"]),
        answer_by=dt.datetime.fromisoformat(document["answer_by"]),
        clauses=tuple(document["clauses"]),
        contact=document["contact"],
        notice=None if notice is None else dt.timedelta(seconds=notice),
        certain=document["certain"],
        told=document["told"],
        reminded=document["reminded"],
    )


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
