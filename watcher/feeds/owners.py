"""The files of other systems that say who owns what: read as they change, the last good text of each in force."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watcher.formats.contracts.problems import Problem
from watcher.model.claim import Claim, Claims, Team

Texts = Mapping[str, str]
"""The files of one source: where each lies, and its text."""
Signature = tuple[int, int, int]

MAX_BYTES = 64 * 1024 * 1024
MAX_FILES = 50_000
"""So many files of one source are looked at: a folder with more is not meant."""


@dataclass(frozen=True, slots=True)
class OwnerSource:
    """One source of the settings: its files, and how all of them together are read.

    `roots` are files, or folders in which every file that ends with one of `suffixes` is meant. `lenient` sources hold
    lines that their own system passes over as well: such a file is taken as it is, and its problems are told. What
    `beside` gives is looked at with the files: when it is another, all is read again.
    """

    key: str
    roots: tuple[Path, ...]
    suffixes: tuple[str, ...]
    read: Callable[[Texts], Claims]
    lenient: bool = False
    beside: Callable[[], object] = lambda: None


@dataclass(slots=True)
class _File:
    signature: Signature | None = None
    good: str | None = None
    whole: bool = False
    """Whether `good` could be read without a problem: only such a text is kept when the next one cannot."""
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _State:
    """What is known of one source: its files, and what all of them said."""

    files: dict[Path, _File] = field(default_factory=dict)
    absent: tuple[Problem, ...] = ()
    told: Claims = field(default_factory=Claims)
    beside: object = None
    begun: bool = False


class OwnerFiles:
    """All sources; `refresh` looks at the disk, and is the only thing that does. Not for several threads."""

    def __init__(self, sources: Sequence[OwnerSource] = ()) -> None:
        self._states = [(source, _State()) for source in sources]
        self.claims = Claims()
        self.problems: tuple[Problem, ...] = ()
        """What could not be read."""
        self.remarks: tuple[Problem, ...] = ()
        """What could, and means no dataset as the settings are."""

    def refresh(self) -> bool:
        """Read what changed; whether anything is different now."""
        before = (self.claims, self.problems, self.remarks)
        for source, state in self._states:
            _look(source, state)
        claims: list[Claim] = []
        teams: list[Team] = []
        problems: list[Problem] = []
        remarks: list[Problem] = []
        for _, state in self._states:
            claims += state.told.claims
            teams += state.told.teams
            problems += (*state.absent, *(one for file in state.files.values() for one in file.problems))
            remarks += (_problem(_whose(one, state), one, kept=False) for one in state.told.remarks)
        self.claims = Claims(tuple(claims), tuple(teams))
        self.problems, self.remarks = tuple(sorted(set(problems))), tuple(sorted(set(remarks)))
        return before != (self.claims, self.problems, self.remarks)


def _look(source: OwnerSource, state: _State) -> None:
    there = _files(source)
    absent = tuple(
        Problem(
            str(root),
            1,
            1,
            f"`owners.{source.key}`: is not there: correct the path, or let the export write it"
            f"{_KEPT if any(one.good is not None and _is_at(path, root) for path, one in state.files.items()) else ''}",
        )
        for root in source.roots
        if not root.exists()
    )
    if len(there) > MAX_FILES:
        many = (
            f"`owners.{source.key}`: more than {MAX_FILES} files: name the folders that are meant; the rest is not read"
        )
        absent += (Problem(str(source.roots[0]), 1, 1, many),)
        there = there[:MAX_FILES]
    known = set(there)
    gone = [path for path in state.files if path not in known and _below_what_is_there(path, source)]
    for path in gone:
        del state.files[path]
    changed = [path for path in there if _reread(source, path, state.files.setdefault(path, _File()))]
    state.absent = absent
    beside = source.beside()
    if changed or gone or not state.begun or beside != state.beside:
        state.begun, state.beside = True, beside
        state.told = source.read(
            {str(path): one.good for path, one in sorted(state.files.items()) if one.good is not None}
        )


def _below_what_is_there(path: Path, source: OwnerSource) -> bool:
    """A folder that is not there at all (an unmounted disk, say) takes nothing with it."""
    return any(root.exists() and _is_at(path, root) for root in source.roots)


def _is_at(path: Path, root: Path) -> bool:
    return path == root or path.is_relative_to(root)


def _reread(source: OwnerSource, path: Path, file: _File) -> bool:
    """Read one file anew where it changed; whether it did."""
    signature = _signature(path)
    if signature is not None and signature == file.signature:
        return False
    file.signature = signature
    text, problem = _text(path)
    if text is None:
        file.problems = (Problem(str(path), 1, 1, f"{problem}{_KEPT if file.good is not None else ''}"),)
        return False
    read = source.read({str(path): text})
    kept = bool(read.problems) and not source.lenient and file.whole
    file.problems = tuple(_problem(path, one, kept=kept) for one in read.problems)
    if kept:
        return False
    file.good, file.whole = text, not read.problems
    return True


_KEPT = "; what the file said before stays in force"


def _whose(remark: str, state: _State) -> Path:
    """The file that a remark begins with."""
    return next((path for path in state.files if remark.startswith(str(path))), Path(remark.partition(":")[0]))


def placed(where: str, message: str) -> Problem:
    """Words on a claim as a problem of the line where it stands."""
    path, _, line = where.rpartition(":")
    return Problem(path, int(line), 1, message) if path and line.isdecimal() else Problem(where, 1, 1, message)


def _problem(path: Path, message: str, *, kept: bool) -> Problem:
    """A parser's words as a problem of the file: `file:line:` before them leads to the line, `file#2:` to a part."""
    line, rest = 1, message
    if message.startswith(f"{path}:"):
        number, _, after = message[len(str(path)) + 1 :].partition(":")
        if number.isdigit():
            line, rest = int(number), after.strip()
        else:
            rest = message[len(str(path)) + 1 :].strip()
    elif message.startswith(f"{path}#"):
        rest = message[len(str(path)) :]
    return Problem(str(path), line, 1, f"{rest}{_KEPT if kept else ''}")


def _text(path: Path) -> tuple[str | None, str]:
    """The file's text, or why there is none."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return None, "is no plain file"
        if state.st_size > MAX_BYTES:
            return None, f"is larger than {MAX_BYTES // 1024 // 1024} MB"
        return path.read_bytes().decode("utf-8-sig"), ""
    except OSError as error:
        return None, f"cannot be read: {(error.strerror or str(error)).lower()}"
    except UnicodeDecodeError:
        return None, "is no UTF-8 text"


def _files(source: OwnerSource) -> list[Path]:
    found: dict[Path, None] = {}
    for root in source.roots:
        if root.is_file():
            found[root] = None
        else:
            found.update((path, None) for path in _below(root, source.suffixes))
        if len(found) > MAX_FILES:
            break
    return list(found)


def _below(root: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith(".") and name != "node_modules")
        for name in sorted(names):
            if name.endswith(suffixes):
                yield Path(folder, name)


def _signature(path: Path) -> Signature | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return (state.st_ino, state.st_mtime_ns, state.st_size)
