"""What a side had and the other has no more: files, packages, and what was declared in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from watcher.compat.protobuf.sides import Check, Found, Sides
from watcher.model.protobuf import File


class Declared(Protocol):
    """Anything with a name that stands in a file."""

    @property
    def full_name(self) -> str:
        """Its name in full."""


Declarations = Callable[[File], Iterable[Declared]]


def no_file(sides: Sides) -> Iterator[Found]:
    """A file stays."""
    for name in sides.was.files:
        if name not in sides.now.files:
            yield Found(name, "", "the file is gone")


def no_package(sides: Sides) -> Iterator[Found]:
    """A package stays: some file is of it."""
    for package, files in sides.was.packages.items():
        if package not in sides.now.packages:
            yield Found(min(file.name for file in files), package, f"the package `{package}` is gone")


def from_file(what: str, declared: Declarations) -> Check:
    """What a file declares it goes on to declare, where the file is still there."""

    def check(sides: Sides) -> Iterator[Found]:
        for name, was in sides.was.files.items():
            now = sides.now.files.get(name)
            if now is None:
                continue
            # A package that changed is a change of its own: the names inside it count.
            kept = {_inside(one, now) for one in declared(now)}
            for one in declared(was):
                if _inside(one, was) not in kept:
                    yield Found(name, one.full_name, f"the {what} `{_inside(one, was)}` is gone from the file")

    return check


def from_package(what: str, declared: Declarations) -> Check:
    """What a package's files declare they go on to declare, whichever of them, where the package is still there."""

    def check(sides: Sides) -> Iterator[Found]:
        for package, files in sides.was.packages.items():
            now = sides.now.packages.get(package)
            if now is None:
                continue
            kept = {one.full_name for file in now for one in declared(file)}
            for file in files:
                for one in declared(file):
                    if one.full_name not in kept:
                        yield Found(file.name, one.full_name, f"the {what} `{one.full_name}` is gone from its package")

    return check


def _inside(one: Declared, file: File) -> str:
    return one.full_name.removeprefix(f"{file.package}.") if file.package else one.full_name
