"""Avro: whether the reader's schema decodes what the writer's encoded, as Avro Java's SchemaCompatibility answers it.

Kinds, messages and locations are Java's. Its releases disagree on a location inside a union that only the writer has:
here it is the reader's own. Logical types count for nothing: only their carriers do. Where Java ends with an exception
(a reader's field that finds several of the writer's by its aliases), the answer is an incompatibility of our own kind,
`AMBIGUOUS_FIELD`: a registry refuses such a schema too. A field that is missing is `READER_FIELD_MISSING_DEFAULT_VALUE`
even if its type is an enum with a default of its own, where Java speaks of a type mismatch.
"""

from __future__ import annotations

from operator import is_not
from typing import TypeAlias

from watcher.compat.carriers import PROMOTIONS, carrier, kind_of, same_name
from watcher.model.alongside import alongside
from watcher.model.compatibility import Incompatibility
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema
from watcher.model.types import (
    Array,
    Binary,
    Boolean,
    Date,
    Decimal,
    Duration,
    Enum,
    Field,
    Fixed,
    Float,
    Integer,
    Map,
    Named,
    Null,
    Record,
    Ref,
    String,
    Time,
    Timestamp,
    Type,
    Union,
    Uuid,
)

NAME_MISMATCH = "NAME_MISMATCH"
FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
TYPE_MISMATCH = "TYPE_MISMATCH"
MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
AMBIGUOUS_FIELD = "AMBIGUOUS_FIELD"

MAX_DEPTH = 200
"""Types inside types, through names too. A level costs two frames of the stack, which has a thousand."""

MAX_PAIRS = 500_000
"""Pairs of types that are compared: only unions of hundreds of records on both sides come to more."""

_Found: TypeAlias = "list[Incompatibility | _Found]"
"""What a pair came to. A pair that is met again adds the very same list again, so no list outgrows the schemas."""

_NOTHING: _Found = []
_PLAIN = frozenset({Null, Boolean, Integer, Float, String, Binary, Date, Time, Timestamp})
"""Types with no name in them: equal ones mean the same in both schemas."""

_NAMED = (Record, Enum, Fixed)


def check(reader: Schema, writer: Schema) -> tuple[Incompatibility, ...]:
    """What keeps the reader from decoding what the writer encodes; empty is compatible.

    Locations are JSON pointers into the reader; what is wrong with a named type is told once, where it is met first.
    """
    checker = _Checker(reader, writer)
    try:
        return _flat(checker.pair(reader.root, writer.root, "", 0))
    except _AmbiguousError as ambiguous:
        return (Incompatibility(AMBIGUOUS_FIELD, checker.here or "/", str(ambiguous)),)


class _AmbiguousError(Exception):
    """A reader's field finds several of the writer's."""


class _Checker:
    """One check. `pair` collects what is wrong; `reads` only asks whether anything is, for a union's branches.

    A pair of records that is being compared further up is taken for compatible, as Java does.
    """

    __slots__ = ("_flat", "_found", "_nameless", "_pairs", "_places", "_reader", "_reads", "_writer", "here")

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._flat = reader.flat and writer.flat
        self._reader = reader.named
        self._writer = writer.named
        self._found: dict[tuple[int, int], _Found] = {}
        self._reads: dict[tuple[int, int], bool] = {}
        self._places: dict[int, dict[str, int]] = {}
        self._nameless: set[int] = set()
        self._pairs = 0
        self.here = ""

    def pair(self, reader: Type, writer: Type, path: str, depth: int) -> _Found:
        """What keeps the one type from reading the other; `path` is where the reader's stands."""
        self._count(depth)
        self.here = path
        r, w = carrier(reader, self._reader), carrier(writer, self._writer)
        kind, other = kind_of(r), kind_of(w)
        if isinstance(w, Union) and not isinstance(r, Union):
            found = [self.pair(r, branch, path, depth + 1) for branch in w.branches]
            return [one for one in found if one]
        if isinstance(r, _NAMED) and isinstance(w, _NAMED) and kind == other:
            return self._named(r, w, path, depth)
        match r, w:
            case (Array(inner), Array(its)) | (Map(inner), Map(its)):
                return self.pair(inner, its, f"{path}/{'items' if kind == 'ARRAY' else 'values'}", depth + 1)
            case (Union(), Union(branches)):
                return [
                    _missing_branch(f"{path}/{number}", kind_of(carrier(branch, self._writer)))
                    for number, branch in enumerate(branches)
                    if not self.reads(r, branch, depth + 1)
                ]
            case (Union(), _):
                return _NOTHING if self.reads(r, w, depth) else [_missing_branch(path, other)]
        if kind == other or (kind, other) in PROMOTIONS:
            return _NOTHING
        told = f"reader type: {kind} not compatible with writer type: {other}"
        return [Incompatibility(TYPE_MISMATCH, path or "/", told)]

    def reads(self, reader: Type, writer: Type, depth: int) -> bool:
        """Whether the one type reads the other."""
        self._count(depth)
        r, w = carrier(reader, self._reader), carrier(writer, self._writer)
        if isinstance(w, Union):
            return all(self.reads(r, branch, depth + 1) for branch in w.branches)
        match r, w:
            case (Union(branches), _):
                return any(self.reads(branch, w, depth + 1) for branch in branches)
            case (Array(inner), Array(its)) | (Map(inner), Map(its)):
                return self.reads(inner, its, depth + 1)
            case (Record(), Record()):
                return same_name(r, w) and self._record_reads(r, w, depth)
        kind, other = kind_of(r), kind_of(w)
        if isinstance(r, _NAMED) and isinstance(w, _NAMED):
            return kind == other and same_name(r, w) and not _leaf(r, w, "")
        return kind == other or (kind, other) in PROMOTIONS

    def _named(self, reader: Named, writer: Named, path: str, depth: int) -> _Found:
        key = (id(reader), id(writer))
        if self._reads.get(key):
            return _NOTHING
        if key in self._found:
            return self._found[key]
        self._reads[key] = True
        found: _Found = []
        if not same_name(reader, writer):
            found.append(Incompatibility(NAME_MISMATCH, f"{path}/name", f"expected: {writer.name}"))
        if isinstance(reader, Record) and isinstance(writer, Record):
            self._fields(reader, writer, path, depth, found)
        else:
            found += _leaf(reader, writer, path)
        self._found[key] = found
        self._reads[key] = not found
        return found

    def _fields(self, reader: Record, writer: Record, path: str, depth: int, found: _Found) -> None:
        mine, theirs = reader.fields, writer.fields
        at = number = missing = 0
        while True:
            # While both hold the same objects a glance is enough: a field without names in it reads itself.
            if self._flat:
                run = alongside(mine, number, theirs, at, is_not)
                at, number = at + run, number + run
            if number == len(mine):
                return
            field = mine[number]
            here = f"{path}/fields/{number}"
            number += 1
            match: Field | None = None
            if at < len(theirs) and theirs[at].name == field.name and not field.aliases:
                match = theirs[at]
                at += 1
            elif at < len(theirs) or at + missing + 1 != number or field.aliases:
                match = self._match(field, writer, here)
                at = at if match is None else self._places[id(writer)][match.name] + 1
            if match is None:
                missing += 1
                if field.default is None:
                    found.append(Incompatibility(READER_FIELD_MISSING_DEFAULT_VALUE, here, field.name))
            elif match is not field or not self._is_nameless(field.type):
                inner = self.pair(field.type, match.type, f"{here}/type", depth + 1)
                if inner:
                    found.append(inner)

    def _record_reads(self, reader: Record, writer: Record, depth: int) -> bool:
        key = (id(reader), id(writer))
        known = self._reads.get(key)
        if known is None:
            known = self._reads[key] = True
            for field in reader.fields:
                match = self._match(field, writer, self.here)
                if match is None:
                    known = known and field.default is not None
                elif not self.reads(field.type, match.type, depth + 1):
                    known = False
            self._reads[key] = known
        return known

    def _match(self, field: Field, writer: Record, here: str) -> Field | None:
        """The writer's field that the reader's one reads, by name and aliases."""
        places = self._places.get(id(writer))
        if places is None:
            places = self._places[id(writer)] = {one.name: place for place, one in enumerate(writer.fields)}
        if not field.aliases:
            place = places.get(field.name)
            return None if place is None else writer.fields[place]
        matches = [places[name] for name in (field.name, *field.aliases) if name in places]
        if len(matches) > 1:
            self.here = here
            told = ", ".join(writer.fields[place].name for place in matches)
            raise _AmbiguousError(f"the reader's field {field.name} matches multiple fields of the writer: {told}")
        return writer.fields[matches[0]] if matches else None

    def _is_nameless(self, type_: Type) -> bool:
        if id(type_) in self._nameless:
            return True
        if type(type_) in _PLAIN:
            self._nameless.add(id(type_))
            return True
        match type_:
            case Union(branches):
                nameless = all(self._is_nameless(branch) for branch in branches)
            case Array(inner) | Map(inner):
                nameless = self._is_nameless(inner)
            case Decimal() | Duration() | Uuid():
                nameless = not isinstance(type_.base, Ref)
            case _:
                nameless = False
        if nameless:
            self._nameless.add(id(type_))
        return nameless

    def _count(self, depth: int) -> None:
        self._pairs += 1
        if depth > MAX_DEPTH or self._pairs > MAX_PAIRS:
            what = "nested too deeply" if depth > MAX_DEPTH else "entangled too much"
            raise SchemaError(f"the schemas are {what} for their compatibility to be judged", kind="too-complex")


def _leaf(reader: Named, writer: Named, path: str) -> _Found:
    match reader, writer:
        case (Fixed(mine), Fixed(its)) if mine != its:
            return [Incompatibility(FIXED_SIZE_MISMATCH, f"{path}/size", f"expected: {its}, found: {mine}")]
        case (Enum(), Enum()) if reader.default is None:
            missing = sorted(set(writer.symbols) - set(reader.symbols))
            if missing:
                return [Incompatibility(MISSING_ENUM_SYMBOLS, f"{path}/symbols", f"[{', '.join(missing)}]")]
    return _NOTHING


def _missing_branch(path: str, kind: str) -> Incompatibility:
    return Incompatibility(MISSING_UNION_BRANCH, path or "/", f"reader union lacking writer type: {kind}")


def _flat(found: _Found) -> tuple[Incompatibility, ...]:
    """Each list once, however often it was added, in the order of the reader's text."""
    flat: list[Incompatibility] = []
    seen: set[int] = set()
    stack: _Found = [found]
    while stack:
        one = stack.pop()
        if isinstance(one, Incompatibility):
            flat.append(one)
        elif id(one) not in seen:
            seen.add(id(one))
            stack.extend(reversed(one))
    return tuple(flat)
