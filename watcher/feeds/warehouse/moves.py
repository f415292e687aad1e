"""One record's facts applied to the tables: which of them moved, and what of the record was not understood.

Longer than 300 lines: each kind of fact moves the same few lists, and they are kept in step in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from watcher.feeds.warehouse.facts import Blind, Fact, Gone, Image, Name, Ran, Reading, Renamed, Swapped, Touched
from watcher.feeds.warehouse.memory import WarehouseMemory, key_of
from watcher.formats.sql.catalogue import DdlError, Table
from watcher.formats.sql.dialects import platform
from watcher.formats.sql.effects import Effect, Unreadable
from watcher.formats.sql.interpret import run
from watcher.formats.sql.made import table_from
from watcher.formats.sql.views import followed

DOUBT_MS = 60_000
"""So long before a look may a statement have begun that the look did not see."""

_ANEW = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*+(?:CREATE\s+OR\s+(?:REPLACE|ALTER)|REPLACE)\s+(?:\w+\s+){0,4}?(?:TABLE|VIEW)\b",
    re.IGNORECASE | re.DOTALL,
)
"""A statement that makes a table anew, whatever it was before."""

_Doubt = TypeVar("_Doubt", Blind, Touched)


@dataclass(slots=True)
class Move:
    """One table that a record moved: how it stood before the record, and what is worth a sentence."""

    before: Table | None
    because: Name | None = None
    note: str | None = None
    missed_since: int | None = None
    by: str | None = None
    query: str | None = None


@dataclass(slots=True)
class Moves:
    """What came of a record: tables that moved, blind spots, tables that are to be read again.

    `namespace` is the feed's own; a fact may name another. `at` is the record's time: what a later look at the database
    has shown already is left as it is.
    """

    memory: WarehouseMemory
    namespace: str
    reading: Reading
    moved: dict[tuple[str, Name], Move] = field(default_factory=dict)
    blind: list[Blind] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    told_whole: dict[tuple[str, Name], None] = field(default_factory=dict)
    """Tables that the record showed as they are: what was blind about them is over."""
    history: set[tuple[str, Name]] = field(default_factory=set)
    """Tables that were not known before, and that a snapshot shows."""
    carried: list[tuple[tuple[str, Name, Name], ...]] = field(default_factory=list)
    """Renames, in their order, each with what it moved at once: namespace, name before, name after."""
    late: dict[tuple[str, Name], None] = field(default_factory=dict)
    """Tables of which a look at the database was there first: the feed did not miss it, it came later."""

    def apply(self, fact: Fact) -> None:
        """Let one fact move the tables."""
        where = getattr(fact, "namespace", None) or self.namespace
        try:
            match fact:
                case Image():
                    self.image(replace(fact, name=self._full(fact.name, where)), where)
                case Ran():
                    self._run(fact)
                case Gone():
                    self._gone(replace(fact, name=self._full(fact.name, where)), where)
                case Renamed(before, after):
                    self._renamed(Renamed(self._full(before, where), self._full(after, where)), where)
                case Swapped(one, other):
                    self._swapped(Swapped(self._full(one, where), self._full(other, where)), where)
                case Touched():
                    self.touched.append(replace(fact, name=self._full(fact.name, where), namespace=where))
                case Blind():
                    self.blind.append(replace(fact, namespace=where))
        except DdlError as error:
            name = getattr(fact, "name", None)
            name = self._full(name, where) if name else None
            self.blind.append(Blind(error.kind, str(error), name, where))

    def failed(self, fact: Fact, error: Exception) -> None:
        """We failed on a fact: nobody knows what of it has moved the tables."""
        where = getattr(fact, "namespace", None) or self.namespace
        reason = f"the watcher failed on this record ({type(error).__name__}: {error}): please report it"
        self.blind.append(Blind("internal-error", reason, None, where))

    def _full(self, name: Name, where: str) -> Name:
        """A name with the feed's own database and schema before it, where it says less."""
        place = self.memory.place(where)
        return self.memory.lexis(where).table((*place[: max(0, len(place) + 1 - len(name))], *name))

    # What sources show.

    def image(self, image: Image, where: str) -> None:
        """The table is as the image shows it."""
        known = self.memory.identified(image.id, where) or self.memory.table(image.name, where)
        if self.is_late(image.name, where):
            return
        if known is not None and known.id and image.id and known.id != image.id:
            known = None  # another table, which has the name of one that is gone
        lexis = self.memory.lexis(where)
        made = table_from(image, image.dialect or lexis.name, known, self.memory.catalogue(where).types)
        if known is None and image.baseline:
            self.history.add((where, made.name))
        if known is not None and known.name != made.name:
            self._put_away(known, made.name, where)
        self._held(made, known, where)
        if not image.partial:  # What the record could not say of the table before, it shows now.
            here = (where, made.name)
            self.told_whole[here] = None
            self.blind = [one for one in self.blind if (one.namespace, one.name) != here]
            self.touched = [one for one in self.touched if (one.namespace, one.name) != here]

    def _put_away(self, known: Table, name: Name, where: str) -> None:
        """The table has another name now."""
        self._note(known.name, where, known, note=f"renamed to {'.'.join(name)}")
        self._carry([(known.name, name)], where)
        self.memory.drop(known, where)

    def _held(self, made: Table, known: Table | None, where: str) -> None:
        """Hold a table, and let the views over it follow."""
        standing = self.memory.table(made.name, where)
        renamed = known is not None and known.name != made.name
        note = f"renamed from {'.'.join(known.name)}" if renamed and known is not None else None
        if standing is None or not _is_repeated(standing, made):
            self._note(made.name, where, standing, note=note)
        held = self.memory.put(made, where)
        self._follow([Effect(held.name, known, held)], where)

    def gone(self, table: Table, where: str, *, note: str | None = None) -> None:
        """The table is not there any more."""
        self._note(table.name, where, table, note=note)
        self.memory.gone(table, where)
        self._follow([Effect(table.name, table, None)], where)

    def _gone(self, fact: Gone, where: str) -> None:
        # A source's snapshot drops each table before it creates it anew: what is not created stays with the next look.
        if fact.baseline:
            return
        known = self.memory.identified(fact.id, where) or self.memory.table(fact.name, where)
        if known is not None and not self.is_late(known.name, where):
            self.gone(known, where)
            self.told_whole[where, known.name] = None

    def _renamed(self, fact: Renamed, where: str) -> None:
        known = self.memory.table(fact.before, where)
        if self.is_late(fact.before, where) or self.is_late(fact.after, where):
            return
        if known is None:
            reason = f"it was renamed from {'.'.join(fact.before)}, whose columns are not known here"
            self.touched.append(Touched(fact.after, reason, where))
            return
        self._put_away(known, fact.after, where)
        self._held(replace(known, name=fact.after), known, where)

    def _swapped(self, fact: Swapped, where: str) -> None:
        one, other = self.memory.table(fact.one, where), self.memory.table(fact.other, where)
        if self.is_late(fact.one, where) or self.is_late(fact.other, where):
            return
        if one is None or other is None:
            known, missing = (fact.one, fact.other) if one is not None else (fact.other, fact.one)
            reason = f"it was swapped with {'.'.join(missing)}, whose columns are not known here"
            self.touched += [Touched(known, reason, where), Touched(missing, f"swapped with {'.'.join(known)}", where)]
            return
        for name, table in ((fact.one, other), (fact.other, one)):
            self._note(name, where, self.memory.table(name, where), note=f"swapped with {'.'.join(table.name)}")
        self._carry([(one.name, other.name), (other.name, one.name)], where)
        self.memory.drop(one, where)
        self.memory.drop(other, where)
        put = [
            self.memory.put(replace(table, name=name), where) for name, table in ((one.name, other), (other.name, one))
        ]
        self._follow(
            [Effect(table.name, before, table) for table, before in zip(put, (one, other), strict=True)], where
        )

    # What ran.

    def _run(self, fact: Ran) -> None:
        where = fact.namespace or self.namespace
        lexis = self.memory.lexis(where)
        told = platform(fact.dialect) if fact.dialect else None
        if fact.dialect and told is not platform(lexis.name):
            reason = f"the statement is told to be {fact.dialect[:60]}, and this feed's namespace speaks {lexis.name}"
            self.blind.append(Blind("other-dialect", reason, None, where))
            return
        catalogue = self.memory.catalogue(where)
        home = self.memory.place(where)
        catalogue.place = _placed(home, fact.place, lexis.schema)
        try:
            for outcome in run(fact.sql, catalogue):
                if isinstance(outcome, Unreadable):
                    self._unread(outcome, where)
                else:
                    made = _ANEW.match(outcome.statement.text) is not None
                    self._ran(outcome.effects, where, made=made)
        finally:
            catalogue.place = home

    def _ran(self, effects: Iterable[Effect], where: str, *, made: bool = False) -> None:
        """What a statement did; one that `made` tables, in place of others maybe, shows them whole."""
        renames: list[tuple[Name, Name]] = []
        for effect in effects:
            if effect.because is None and self._undone(effect, where):
                continue
            renamed = effect.before is not None and effect.before.name != effect.name
            if renamed and effect.before is not None:
                # The old name may be taken by another table within the statement: then it has moved as well.
                note = None if self.memory.table(effect.before.name, where) else f"renamed to {'.'.join(effect.name)}"
                self._note(effect.before.name, where, effect.before, note=note)
                renames.append((effect.before.name, effect.name))
                self.memory.moved(where, effect.before.name)
            standing = None if renamed else effect.before
            known = effect.before.name if renamed and effect.before is not None else None
            note = f"renamed from {'.'.join(known)}" if known else effect.broken
            self._note(effect.name, where, standing, because=effect.because, note=note)
            self.memory.moved(where, effect.name)
            if effect.after is None or effect.before is None or (made and effect.because is None):
                self.told_whole[where, effect.name] = None

        self._carry(renames, where)

    def _undone(self, effect: Effect, where: str) -> bool:
        """Whether a look at the database was there first: then the table is as the look found it."""
        names = [effect.name, *([effect.before.name] if effect.before is not None else [])]
        if not any(self.is_late(name, where) for name in names):
            return False
        catalogue = self.memory.catalogue(where)
        if effect.after is not None:
            catalogue.drop(effect.after)
        if effect.before is not None:
            catalogue.put(effect.before)
        return True

    def _unread(self, outcome: Unreadable, where: str) -> None:
        name = tuple(outcome.table.split(".")) if outcome.table else None
        known = self.memory.catalogue(where).find(name) if name else None
        if known is not None:
            name = known.name
        elif name is not None:
            name = self.memory.catalogue(where).full(name)
        if name is not None and (self.is_late(name, where) or (where, name) in self.late):
            return
        line = " ".join(outcome.statement.text[:120].split())
        self.blind.append(Blind(outcome.kind, f"{outcome.reason}: {line}", name, where))

    # Both.

    def _carry(self, renames: Sequence[tuple[Name, Name]], where: str) -> None:
        """What is in doubt about a table stays so under its new name."""
        names = {before: after for before, after in renames if before != after}
        if names:
            self.carried.append(tuple((where, before, after) for before, after in names.items()))
            self.blind = [_carried(one, where, names) for one in self.blind]
            self.touched = [_carried(one, where, names) for one in self.touched]

    def _follow(self, effects: list[Effect], where: str) -> None:
        """Let views follow the tables that they read."""
        self._ran((one for one in followed(self.memory.catalogue(where), effects) if one.because is not None), where)

    def _note(
        self, name: Name, where: str, standing: Table | None, *, because: Name | None = None, note: str | None = None
    ) -> None:
        move = self.moved.get((where, name))
        if move is None:
            move = self.moved[where, name] = Move(standing)
        elif because is None and move.because is not None and standing is not None and standing.broken:
            return  # what broke it before is to blame still, whatever becomes of it after that
        move.because, move.note = because, note
        move.by, move.query = self.reading.by, self.reading.query

    def is_history(self, where: str, name: Name) -> bool:
        """Whether the table is history: a snapshot shows it, and it was not known before."""
        move = self.moved[where, name]
        return (where, name) in self.history and move.before is None and move.because is None

    def is_late(self, name: Name, where: str) -> bool:
        """Whether a look at the database, later than this record, has shown the table already.

        A statement's time may be that of its start: just before a look it is in doubt which of the two saw the other.
        Then the record counts, and what of it does not fit the table any more has been seen.
        """
        at = self.reading.at
        if at is None or self.reading.seen is False:
            return False
        looked = self.memory.looked
        covering = (looked.load(key_of(name[:size], where)) for size in range(len(name) + 1))
        shown = max((seen for seen in covering if seen is not None), default=None)
        if shown is None or (self.reading.seen is None and shown <= at):
            return False
        self.late[where, name] = None
        return self.reading.seen is True or shown > at + DOUBT_MS


def _carried(one: _Doubt, where: str, names: Mapping[Name, Name]) -> _Doubt:
    """A doubt of this record about a table that has another name now."""
    after = names.get(one.name or ()) if one.namespace == where else None
    return one if after is None else replace(one, name=after)


def _is_repeated(standing: Table, made: Table) -> bool:
    """Whether an image shows nothing but what stands, ids and all: what moved the table before is still what did."""
    return standing == made and [one.id for one in standing.columns] == [one.id for one in made.columns]


def _placed(home: Name, told: Name, schema: str) -> Name:
    """Where a statement ran: what a source does not tell is the feed's own, or the platform's default schema."""
    size = max(len(home), len(told))
    known = zip((*("",) * (size - len(home)), *home), (*("",) * (size - len(told)), *told), strict=True)
    parts = [its or own for own, its in known]
    if parts and not parts[-1]:
        parts[-1] = schema
    return tuple(one for one in parts if one)
