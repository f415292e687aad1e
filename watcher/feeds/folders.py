"""The folders of contracts and domains: what is in force at this moment, and what in them is refused and why.

A changed file takes effect without a restart. A bad one is refused while its last good version stays in force; that
version is kept in memory only, so after a restart a file that is still bad is not in force at all, and is listed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from watcher.feeds.owners import OwnerFiles, placed
from watcher.formats.contracts.problems import DocumentError, Problem
from watcher.formats.contracts.read import read
from watcher.formats.contracts.reader import ParseReader
from watcher.formats.contracts.yaml_tree import MAX_BYTES
from watcher.formats.owners.match import matched
from watcher.model.catalogue import NO_ALIASES, Catalogue, conflicts, loose_ends
from watcher.model.contract import Subscription
from watcher.model.domain import DomainRecord
from watcher.model.errors import ConfigurationError
from watcher.model.ownership import Conflict, Imported

Records = tuple[Subscription | DomainRecord, ...]
Signature = tuple[int, int, int, int]

SUFFIXES = (".yaml", ".yml")


@dataclass(slots=True)
class _File:
    """One file: what of it is in force, what waits to be, and why it cannot be."""

    root: Path
    signatures: dict[Path, Signature | None]
    good: Records = ()
    fresh: Records | None = None
    problems: tuple[Problem, ...] = ()
    refused: tuple[Problem, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Owners:
    """What other systems say of owners, and the channel on which teams that are no domain are told."""

    files: OwnerFiles = field(default_factory=OwnerFiles)
    mail: str | None = None


class Folders:
    """The folders' state; `refresh` looks at the disk, and is the only thing that does. Not for several threads."""

    def __init__(
        self,
        paths: Iterable[str | Path],
        aliases: Mapping[str, str] = NO_ALIASES,
        parse: ParseReader | None = None,
        owners: Owners | None = None,
    ) -> None:
        self.paths = tuple(Path(path) for path in paths)
        self._owners = owners or Owners()
        self._aliases = dict(aliases)
        self._parse = parse
        self._files: dict[Path, _File] = {}
        self._absent: tuple[Problem, ...] = ()
        self.waits = False
        """Whether a patient look found something gone: look again after a moment."""
        self.catalogue = Catalogue((), (), self._aliases)
        self.imported: tuple[Imported, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        self.remarks: tuple[Problem, ...] = ()
        """What of other systems' files could not be read: nothing of our own documents is refused for it."""
        self.passed_over: tuple[Problem, ...] = ()
        """What of them could, and means no dataset, or no one team, as settings and documents are."""
        self.whole = True
        """Whether every document is in force in some version; else what is not there may well be asked for still."""

    def refresh(self, *, patient: bool = False) -> bool:
        """Look at every file, read those that changed; whether anything is different now.

        `patient` keeps what is gone in force until the next look (see `waits`).
        """
        others = self._owners.files.refresh()
        there = dict(self._scan())
        changed = [path for path, root in there.items() if self._is_stale(path) and self._reread(path, root)]
        # What was read from a folder that is not there at all (an unmounted disk, say) stays in force.
        gone = [path for path, file in self._files.items() if path not in there and file.root.exists()]
        self.waits = bool(gone) and patient
        if not patient:
            for path in gone:
                del self._files[path]
        absent = tuple(
            _problem(root, "is not there: what was read from it before, if anything, stays in force")
            for root in self.paths
            if not root.exists()
        )
        if not others and not changed and absent == self._absent and (patient or not gone):
            return False
        self._absent = absent
        return self._assemble()

    def _is_stale(self, path: Path) -> bool:
        file = self._files.get(path)
        return file is None or any(_signature(one) != known for one, known in file.signatures.items())

    def _scan(self) -> Iterator[tuple[Path, Path]]:
        """Each document's path, with the folder that it was found under."""
        for root in self.paths:
            if root.is_file():
                yield root, root
            else:
                for path in _documents(root):
                    yield path, root

    def _reread(self, path: Path, root: Path) -> bool:
        """Read one file anew; whether what it says has changed."""
        signatures: dict[Path, Signature | None] = {path: _signature(path)}
        current = self._files.setdefault(path, _File(root, signatures))
        before = (current.fresh, current.problems)
        try:
            current.fresh = read(_bytes(path), str(path), _loader(path, root, signatures), parse_reader=self._parse)
            current.problems = ()
        except DocumentError as error:
            current.fresh, current.problems = None, error.problems
        except (OSError, ConfigurationError) as error:
            reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
            current.fresh, current.problems = None, (_problem(path, f"cannot be read: {reason}"),)
        current.signatures = signatures
        if current.fresh == current.good:
            current.fresh = None
        return before != (current.fresh, current.problems)

    def _assemble(self) -> bool:
        """Put together what is in force; a file that claims what another has already stays as it was."""
        for file in self._files.values():
            file.refused = ()
        while found := conflicts(*self._records(), self._aliases):
            for conflict in found:
                self._refuse(conflict)
        told, owners = self._records()
        for file in self._files.values():
            if file.fresh is not None and not file.refused:
                file.good, file.fresh = file.fresh, None
        problems = [one for file in self._files.values() for one in (*file.problems, *file.refused)]
        before = self._state
        loose = [Problem(one.source, one.line, one.column, one.message) for one in loose_ends(owners)]
        self.problems = tuple(sorted((*problems, *self._absent, *loose)))
        self.remarks = self._owners.files.problems
        lost = (file for file in self._files.values() if not file.good and (file.problems or file.refused))
        self.whole = not self._absent and not any(lost)
        known = matched(self._owners.files.claims, owners, self._owners.mail)
        self.imported = known.imported
        self.passed_over = (*self._owners.files.remarks, *(placed(*one) for one in known.remarks))
        self.catalogue = Catalogue(told, (*owners, *known.domains), self._aliases, known.imported)
        return before != self._state

    @property
    def _state(self) -> tuple[object, ...]:
        return (self.catalogue.subscriptions, self.catalogue.domains, self.imported, self.told)

    @property
    def told(self) -> tuple[Problem, ...]:
        """All that somebody should look at: what is refused, what could not be read, what means nothing here."""
        return (*self.problems, *self.remarks, *self.passed_over)

    def _records(self) -> tuple[list[Subscription], list[DomainRecord]]:
        """What would be in force: established files first, so that a newcomer is at fault."""
        ordered = sorted(self._files.items(), key=lambda item: (_is_new(item[1]), item[0]))
        records = [one for _, file in ordered for one in (file.fresh if _is_new(file) and file.fresh else file.good)]
        return [r for r in records if isinstance(r, Subscription)], [r for r in records if isinstance(r, DomainRecord)]

    def _refuse(self, one: Conflict) -> None:
        file = self._files[Path(one.source)]
        if not _is_new(file):
            file.good = ()  # two that stood side by side cannot clash; were it so, neither may bring the rest down
        file.refused = (*file.refused, Problem(one.source, one.line, one.column, one.message))


def load(
    paths: Iterable[str | Path], aliases: Mapping[str, str] = NO_ALIASES, parse: ParseReader | None = None
) -> tuple[Catalogue, tuple[Problem, ...]]:
    """What is in force by the files as they are now, and what of them is refused."""
    folders = Folders(paths, aliases, parse)
    folders.refresh()
    return folders.catalogue, folders.problems


def _documents(root: Path) -> Iterator[Path]:
    """The documents below a folder, links followed, each folder once; what begins with a dot is left out.

    Kubernetes mounts a config map as links into a folder `..data` that is swapped as a whole: the links are read.
    """
    seen: set[str] = set()
    for folder, below, names in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield Path(folder, name)


def _signature(path: Path) -> Signature | None:
    """What shows that a file is not the one that was read; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return (state.st_ino, state.st_mtime_ns, state.st_ctime_ns, state.st_size)


def _bytes(path: Path) -> bytes:
    """A file's bytes; what is no plain file, or too large, is refused unread."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise ConfigurationError("it is no plain file")
    if state.st_size > MAX_BYTES:
        raise ConfigurationError(f"it is larger than {MAX_BYTES // 1024 // 1024} MB")
    return path.read_bytes()


def _loader(document: Path, root: Path, signatures: dict[Path, Signature | None]) -> Callable[[str], str]:
    """Reads the files that a document names: beside or below it, never from outside the folder of contracts."""
    folder = root if root.is_dir() else root.parent

    def load_file(name: str) -> str:
        path = document.parent / name
        signatures[path] = _signature(path)
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ConfigurationError(f"the file `{name}` lies outside the folder of contracts")
        try:
            return _bytes(path).decode("utf-8-sig")
        except ConfigurationError as error:
            raise ConfigurationError(f"the file `{name}` cannot be read: {error}") from None

    return load_file


def _is_new(file: _File) -> bool:
    return file.fresh is not None and not file.refused


def _problem(path: Path, message: str) -> Problem:
    return Problem(str(path), 1, 1, message)
