"""The search: the smallest record that shows a violation, each side written and read by the format's library.

What one record cannot show is told as that: a witness that is made up would be worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from watcher.model.contract import (
    At,
    Classified,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Unique,
    Values,
)
from watcher.model.path import Step, steps
from watcher.model.schema import Format, SchemaText
from watcher.model.types import Time, Timestamp
from watcher.rules.catalogue import BY_ID
from watcher.rules.rule import Severity
from watcher.witness.case import Case, Kit, Refused, Side, Witness
from watcher.witness.consumer import SILENT, Got, Use, consume, grafted, look_up
from watcher.witness.counter import same
from watcher.witness.plain import bare, extent, nodes, to_json, words

THOROUGH = 500_000
"""Values in all records that are tried on one side, where somebody waits for the answer."""

QUICK = 20_000
"""The same while a change is being judged."""

UNWRITABLE = "the new schema cannot write it any more"

_IN_THE_DATA = frozenset({"tag-changed", "encoding-changed"})
"""Rules about how values stand in the data: every record is as good as before, to who has the new schema."""

_NEVER: dict[type[Expectation], str] = {
    Unique: "uniqueness is about several records: one cannot show it",
    PrimaryKey: "a key is about several records: one cannot show it",
    Classified: "tags stand in the schema, and in no record",
    Guarded: "the level stands in the registry, and in no record",
    Defaulted: "a default stands in the schema: a record shows it only to a reader that lacks the field",
}


@dataclass(frozen=True, slots=True)
class _Tried:
    """One record of a schema, written and read, and what the consumer made of it."""

    record: object
    data: bytes
    got: Got


def witness(case: Case, kit: Kit, *, effort: int = THOROUGH, until: float | None = None) -> Witness:
    """The proof of a violation, or the reason why there is none. Total.

    It is bounded by `effort`, and by a moment of `time.monotonic`: a library may take long for one record.
    """
    reason = _never(case)
    if reason or case.before is None or case.after is None:
        return _absent(case, kit, reason or "there is no schema on one side of the change")
    sides = _Records(case, case.before, kit, effort, until), _Records(case, case.after, kit, effort, until)
    try:
        found = _sought(case, *sides, kit)
    except Refused as refused:
        return _absent(case, kit, f"{kit.library} refuses: {refused}")
    if found.after is None and any(one.cut for one in sides):
        return replace(found, absent="it was not found in the time there was: `watcher witness` takes longer")
    return found


def _sought(case: Case, earlier: _Records, later: _Records, kit: Kit) -> Witness:
    before = earlier.first(Use.USES)
    if before is None:
        return _absent(case, kit, "no record of the schema before was found that the consumer could use")
    used = earlier.side(before)
    found = _misread(case, earlier, later) if case.rule in _IN_THE_DATA else None
    if found is not None:
        return _found(case, kit, *found)
    after = later.first(Use.FAILS)
    if after is not None and earlier.first(Use.FAILS) is not None:
        # What was possible and failed before too is no sign of the change, unless nothing can be used any more.
        news = next((one for one in later if one.got.use is Use.FAILS and not earlier.takes(one)), None)
        if news is None and later.first(Use.USES) is not None:
            told = "the schema before allowed a record like that too: one cannot show what changed"
            return _absent(case, kit, told, used)
        after = news or after
    if after is not None:
        return _found(case, kit, used, later.side(after))
    for seek in (_misread, _lost):
        found = seek(case, earlier, later)
        if found is not None:
            return _found(case, kit, *found)
    return _absent(case, kit, "each record of the new schema that was tried is one that the consumer can use", used)


class _Records:
    """Records of one schema that the library writes and reads, smallest first; each is made once."""

    def __init__(self, case: Case, schema: SchemaText, kit: Kit, effort: int, until: float | None) -> None:
        self.schema = schema
        self.kit = kit
        self.cut = False
        self._until = until
        self._case = case
        self._left = effort
        self._known: list[_Tried] = []
        self._source = self._make()

    def __iter__(self) -> Iterator[_Tried]:
        at = 0
        while True:
            if at == len(self._known):
                following = next(self._source, None)
                if following is None:
                    return
                self._known.append(following)
            yield self._known[at]
            at += 1

    def first(self, use: Use) -> _Tried | None:
        """The smallest with this use: of the fewest values, the shortest bytes; null only where nothing else is."""
        return self._first(use, empty=False) or self._first(use, empty=True)

    def _first(self, use: Use, *, empty: bool) -> _Tried | None:
        best: _Tried | None = None
        for one in self:
            if best is not None and nodes(one.record) > nodes(best.record):
                break
            if one.got.use is use and one.got.empty is empty and (best is None or _size(one) < _size(best)):
                best = one
        return best

    def side(self, one: _Tried) -> Side:
        """One of them, as a witness tells it."""
        encoded = None if self.schema.format is Format.JSON else one.data.hex()
        return Side(to_json(one.record), encoded, one.got.words, one.got.use is Use.FAILS)

    def takes(self, one: _Tried) -> bool:
        """Whether this schema allows a record of the other one."""
        try:
            self.kit.write(self.schema, one.record)
        except Refused:
            return False
        return True

    def _make(self) -> Iterator[_Tried]:
        for record in self.kit.variants(self.schema, self._case.expectation.path):
            self._left -= nodes(record)
            self.cut = self._left < 0 or (self._until is not None and monotonic() > self._until)
            if self.cut:
                return
            try:
                data = self.kit.write(self.schema, record)
                read = self.kit.read(data, self.schema)
            except Refused:
                continue
            yield _Tried(read, data, outcome(self._case, self.kit, data, self.schema, read))


def outcome(case: Case, kit: Kit, data: bytes, writer: SchemaText, read: object) -> Got:
    """What the case's consumer makes of a record, of which the library has read `read`."""
    clause = case.expectation
    if not isinstance(clause, ReadsWith | ReadsVersion):
        return consume(clause, read, writer.format)
    reader = clause.reader if isinstance(clause, ReadsWith) else case.reader
    if reader is None:
        return SILENT
    try:
        got = kit.read(data, writer, reader)
    except Refused as refused:
        return Got(Use.FAILS, f"the reader's schema cannot read it: {refused}")
    told = f"the reader's schema gives {words(got)}"
    if same(read, got, empty=writer.format is Format.PROTOBUF):
        return Got(Use.USES, told)
    return Got(Use.FAILS, f"{told} for {words(read)}")


def _size(one: _Tried) -> tuple[int, int, int]:
    return nodes(one.record), len(one.data), extent(one.record)


def _misread(case: Case, earlier: _Records, later: _Records) -> tuple[Side, Side] | None:
    """What who reads it as before takes for something else: a number in another unit, or under another number."""
    clause, before = case.expectation, earlier.first(Use.USES)
    coded = case.rule in _IN_THE_DATA
    timed = isinstance(clause, HasType) and isinstance(clause.expected, Time | Timestamp)
    if before is None or not (coded or timed):
        return None
    taken = steps(clause.path)
    for one in later:
        meant = bare(_at(one.record, taken))
        for reader, writer in ((earlier.schema, later.schema), (None, earlier.schema)):
            try:
                other = later.kit.read(one.data, writer, reader)
            except Refused:
                continue
            got = bare(_at(other, taken))
            if coded:
                if meant and meant != got and not one.got.empty:
                    lacks = "is not there" if got is None else f"is {words(got)}"
                    told = f"`{clause.path}` means {words(meant)}, and {lacks} to who reads it as before"
                    return earlier.side(before), replace(later.side(one), outcome=told, fails=True)
                continue
            alike = grafted(other, taken, None) == grafted(one.record, taken, None)
            if alike and None not in (meant, got) and meant != got:
                told = f"`{clause.path}` means {words(meant)}, and is {words(got)} to who reads it as before"
                return earlier.side(before), replace(later.side(one), outcome=told, fails=True)
    return None


def _lost(case: Case, earlier: _Records, later: _Records) -> tuple[Side, Side] | None:
    """A value that was written before: in a record that is else as the new schema has it, it is refused."""
    clause = case.expectation
    if not isinstance(clause, HasType | Values | Exists):
        return None
    taken = steps(clause.path)
    closed = replace(clause, at_least=False) if isinstance(clause, Values) else clause
    home = later.first(Use.USES) or next(iter(later), None)
    if home is None:
        return None
    for one in earlier:
        value = _at(one.record, taken)
        if value is None or consume(closed, one.record, earlier.schema.format).use is not Use.USES:
            continue
        record = _carried(home.record, one.record, taken)
        if record is None:
            continue
        try:
            data = later.kit.write(later.schema, record)
            read = later.kit.read(data, later.schema)
        except Refused as refused:
            told = f"{UNWRITABLE}: {refused}"
            return earlier.side(one), Side(to_json(record), None, told, fails=True)
        if bare(_at(read, taken)) != bare(value):
            told = f"`{clause.path}` was {words(value)}, and the new schema writes it as {words(_at(read, taken))}"
            return earlier.side(one), later.side(_Tried(read, data, Got(Use.FAILS, told)))
    return None


def _carried(home: object, record: object, taken: tuple[Step, ...]) -> object:
    """The record `home` with what the other has at the end of the steps, and as little more as can be; None: cannot."""
    value = _at(record, taken)
    for depth in range(len(taken), 0, -1):
        carried = grafted(home, taken[:depth], _at(record, taken[:depth]))
        if _at(carried, taken) == value:
            return carried
    return None


def _at(record: object, taken: tuple[Step, ...]) -> Any:
    """The first value that a path leads to, None where it leads to none."""
    return next((hit.value for hit in look_up(record, taken) if not hit.lost), None)


def _never(case: Case) -> str:
    """Why no record can show this at all; empty where one may."""
    if case.rule == "dataset-dropped":
        return "there are no records of a dataset that is gone"
    rule = BY_ID.get(case.rule)
    if rule is not None and rule.severity is Severity.UNDECIDED:
        return "what cannot be decided cannot be shown by a record"
    if isinstance(case.expectation, At) and case.after is not None and case.after.format is not Format.AVRO:
        return f"the members of a record have no order in {case.after.format.value}"
    if isinstance(case.expectation, ReadsVersion) and case.reader is None:
        return "the text of the version that the consumer reads with is not at hand"
    return next((why for kind, why in _NEVER.items() if isinstance(case.expectation, kind)), "")


def _found(case: Case, kit: Kit, before: Side, after: Side) -> Witness:
    return Witness(case.rule, case.expectation.path, kit.library, before, after)


def _absent(case: Case, kit: Kit, reason: str, before: Side | None = None) -> Witness:
    return Witness(case.rule, case.expectation.path, kit.library, before, None, reason)
