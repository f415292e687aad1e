"""The two sides of a comparison, and who of the one is who of the other: nothing else loops over what both have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

from watcher.model.protobuf import File, Message, Method, ProtoEnum, ProtoField, Service

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """One breaking change: the file that it stands in, or stood in where that is gone, the element, the words."""

    file: str
    path: str
    message: str


class Side:
    """One set of files: those that are compared, and all that they lead to."""

    def __init__(self, files: Iterable[File], everything: Iterable[File]) -> None:
        self.files: Mapping[str, File] = {file.name: file for file in files}
        self._everything = tuple(everything)

    @cached_property
    def messages(self) -> Mapping[str, Message]:
        """By full name; a map's entries are among them."""
        return {one.full_name: one for file in self.files.values() for one in file.all_messages()}

    @cached_property
    def enums(self) -> Mapping[str, ProtoEnum]:
        """By full name."""
        return {one.full_name: one for file in self.files.values() for one in file.all_enums()}

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """By full name."""
        return {one.full_name: one for file in self.files.values() for one in file.services}

    @cached_property
    def extensions(self) -> Mapping[tuple[str, int], ProtoField]:
        """By what they extend and their number."""
        return {(one.parent, one.number): one for file in self.files.values() for one in file.all_extensions()}

    @cached_property
    def every_enum(self) -> Mapping[str, ProtoEnum]:
        """By full name, those of imported files too."""
        return {one.full_name: one for file in self._everything for one in file.all_enums()}

    @cached_property
    def packages(self) -> Mapping[str, tuple[File, ...]]:
        """The files of each package."""
        found: dict[str, list[File]] = {}
        for file in self.files.values():
            found.setdefault(file.package, []).append(file)
        return {package: tuple(files) for package, files in found.items()}


@dataclass(frozen=True, slots=True)
class Sides:
    """What was, and what is."""

    was: Side
    now: Side


Check: TypeAlias = Callable[[Sides], Iterator[Found]]
"""What is broken between two sides."""


def _both(was: Mapping[str, T], now: Mapping[str, T]) -> Iterator[tuple[T, T]]:
    for name, one in was.items():
        its = now.get(name)
        if its is not None:
            yield one, its


def files(sides: Sides) -> Iterator[tuple[File, File]]:
    """Files of the same name."""
    return _both(sides.was.files, sides.now.files)


def messages(sides: Sides) -> Iterator[tuple[Message, Message]]:
    """Messages of the same full name, in whatever files."""
    return _both(sides.was.messages, sides.now.messages)


def enums(sides: Sides) -> Iterator[tuple[ProtoEnum, ProtoEnum]]:
    """Enums of the same full name, in whatever files."""
    return _both(sides.was.enums, sides.now.enums)


def services(sides: Sides) -> Iterator[tuple[Service, Service]]:
    """Services of the same full name, in whatever files."""
    return _both(sides.was.services, sides.now.services)


def methods(sides: Sides) -> Iterator[tuple[tuple[Service, Method], tuple[Service, Method]]]:
    """Methods of the same name, in services of the same name."""
    for was, now in services(sides):
        its = {method.name: method for method in now.methods}
        for method in was.methods:
            if method.name in its:
                yield (was, method), (now, its[method.name])


def fields(sides: Sides, *, in_entries: bool = True) -> Iterator[tuple[ProtoField, ProtoField]]:
    """Fields of the same number in messages of the same name, and extensions of the same number of the same message.

    Without those of a map's entries, on both sides, where they are not asked for: nobody writes them.
    """
    for was, now in messages(sides):
        if was is now or was.fields == now.fields or (was.map_entry and now.map_entry and not in_entries):
            continue
        its = {field.number: field for field in now.fields}
        for field in was.fields:
            if field.number in its:
                yield field, its[field.number]
    for key, extension in sides.was.extensions.items():
        its_extension = sides.now.extensions.get(key)
        if its_extension is not None:
            yield extension, its_extension


def written_fields(sides: Sides) -> Iterator[tuple[ProtoField, ProtoField]]:
    """Fields and extensions that somebody wrote."""
    return fields(sides, in_entries=False)


def by_number(
    was: Sequence[ProtoField], now: Sequence[ProtoField]
) -> Iterator[tuple[ProtoField | None, ProtoField | None]]:
    """The fields of each number, but not where both sides hold the very same field of a scalar type.

    Both lists are in the order of their numbers, and are walked side by side.
    """
    at = place = 0
    while at < len(was) and place < len(now):
        old, new = was[at], now[place]
        if old.number == new.number:
            if old is not new or old.type_name is not None:
                yield old, new
            at, place = at + 1, place + 1
        elif old.number < new.number:
            yield old, None
            at += 1
        else:
            yield None, new
            place += 1
    for old in was[at:]:
        yield old, None
    for new in now[place:]:
        yield None, new


def each(pairs: Callable[[Sides], Iterable[tuple[T, T]]], check: Callable[[T, T], Iterable[Found]]) -> Check:
    """The check of each pair."""

    def over(sides: Sides) -> Iterator[Found]:
        for was, now in pairs(sides):
            yield from check(was, now)

    return over
