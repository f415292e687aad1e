"""Owners as CODEOWNERS has them: who owns the files that schemas, contracts and models are made of.

Facts: on GitHub the last line that matches decides, a line without owners takes ownership away, and patterns are those
of gitignore without `!` and `[ ]`. GitLab adds sections, each with a last line of its own and owners that its lines may
leave out, exclusions (`!`), and roles (`@@maintainers`); there a pattern is anchored only by a `/` before it, and means
a folder only with a `/` behind it. Matching minds case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from watcher.model.claim import Claim, Claims

SOURCE = "codeowners"
Flavour = Literal["github", "gitlab"]

MAX_LINES = 50_000
MAX_PATTERN = 1_000
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]{1,200})\](?:\[\d{1,9}\])?(?P<owners>(?:\s.*)?)\Z")
_OWNER = re.compile(r"@@?[\w./-]+|[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which files, and whose they are; `excludes` takes files out of its section.

    `below` means all in a folder, and no file of its name; `folders` whether a name may be a folder's at all.
    """

    number: int
    parts: tuple[str, ...]
    anchored: bool
    below: bool
    folders: bool
    owners: tuple[str, ...]
    section: str = ""
    excludes: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose a file is, and by which line; no owners: the line says that it is nobody's."""

    owners: tuple[str, ...]
    line: int
    section: str = ""


@dataclass(frozen=True, slots=True)
class Codeowners:
    """A file of owners, as its lines were read; `problems` are lines that are passed over, in words."""

    where: str
    lines: tuple[Line, ...]
    problems: tuple[str, ...] = ()

    def owners_of(self, path: str) -> Owned | None:
        """Whose the file at a path from the repository's root is; None: no line speaks of it.

        Of GitLab's sections the first in which somebody owns it speaks.
        """
        steps = tuple(step for step in path.split("/") if step)
        last: dict[str, Line] = {}
        excluded: set[str] = set()
        for line in self.lines:
            if _matches(line, steps):
                if line.excludes:
                    excluded.add(line.section)
                else:
                    last[line.section] = line
        found = [Owned(line.owners, line.number, name) for name, line in last.items() if name not in excluded]
        return next((one for one in found if one.owners), found[0] if found else None)


def read(text: str, where: str, flavour: Flavour = "github") -> Codeowners:
    """The lines of a file; one that is not valid is passed over, as the service does, and told."""
    lines: list[Line] = []
    problems: list[str] = []
    section, by_default = "", ()
    for number, written in enumerate(text.split("\n"), start=1):
        if number > MAX_LINES:
            problems.append(f"{where}:{number}: more than {MAX_LINES} lines: the rest is not read")
            break
        line = written.strip()
        if not line or line.startswith("#"):
            continue
        head = _SECTION.match(line) if flavour == "gitlab" else None
        if head is not None:
            section, by_default = head["name"].strip().casefold(), tuple(_OWNER.findall(head["owners"]))
            continue
        try:
            lines.append(_line(line, number, section, by_default, flavour))
        except ValueError as error:
            problems.append(f"{where}:{number}: {error}; the line is passed over")
    return Codeowners(where, tuple(lines), tuple(problems))


def claims(owners: Codeowners, files: Mapping[str, str]) -> Claims:
    """Who owns the datasets that files make: `files` is path to dataset. A file that no line speaks of claims nothing.

    Of several owners a team is taken before a person, a person before an address: a team stays when somebody leaves.
    """
    found = []
    for path, dataset in files.items():
        owned = owners.owners_of(path)
        if owned is not None:
            owner = min(owned.owners, key=_rank, default="")
            found.append(Claim(dataset, owner, SOURCE, f"{owners.where}:{owned.line}"))
    return Claims(tuple(found), (), owners.problems)


def _rank(owner: str) -> int:
    if owner.startswith("@"):
        return 0 if "/" in owner else 2 if owner.startswith("@@") else 1
    return 3


def _line(line: str, number: int, section: str, by_default: tuple[str, ...], flavour: Flavour) -> Line:
    """Raises ValueError where the service would pass the line over."""
    pattern, rest = _split(line)
    excludes = pattern.startswith("!")
    if flavour == "github":
        if excludes:
            raise ValueError("`!` takes nothing out on GitHub: write the pattern again without owners")
        if re.search(r"(?<!\\)\[", pattern):
            raise ValueError("`[ ]` is no range on GitHub: write a line for each")
        if pattern.startswith("\\#"):
            raise ValueError("a pattern cannot begin with `#`")
    owners = tuple(_owners(rest)) or (() if flavour == "github" else by_default)
    pattern = re.sub(r"\\(.)", r"\1", pattern.removeprefix("!"))
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters")
    below = pattern.endswith("/")
    parts = tuple(part for part in pattern.split("/") if part)
    if not parts:
        raise ValueError("`/` alone matches nothing: write `*` for every file")
    gitlab = flavour == "gitlab"
    anchored = pattern.startswith("/") if gitlab else "/" in pattern.rstrip("/")
    # On GitHub `docs/*` means the files in the folder, and none in folders within it.
    folders = not gitlab and not (anchored and parts[-1] == "*")
    return Line(number, parts, anchored, below, folders, owners, section, excludes)


def _split(line: str) -> tuple[str, str]:
    """The pattern, whose blanks stand behind a backslash, and what follows it."""
    found = re.match(r"(?:\\.|[^\\\s]|\\\Z)+", line)
    pattern = found[0] if found else line
    return pattern, line[len(pattern) :]


def _owners(rest: str) -> Iterator[str]:
    for word in rest.split():
        if word.startswith("#"):
            return
        if not _OWNER.fullmatch(word):
            raise ValueError(f"`{word}` is no owner: write `@user`, `@organisation/team` or an address")
        yield word


def _matches(line: Line, steps: tuple[str, ...]) -> bool:
    """Whether a file is meant: `*` within one step, `**` over any number of steps; a folder means all below it.

    A table over the steps of the two, so that no pattern costs more than their product.
    """
    parts = line.parts if line.anchored else ("**", *line.parts)
    fits = [True] + [False] * len(steps)
    for at, part in enumerate(parts, start=1):
        if part == "**":
            # At the end it means what is in the folder, before that also no step at all.
            first = next((number for number, one in enumerate(fits) if one), len(fits)) + (at == len(parts))
            fits = [number >= first for number in range(len(fits))]
        else:
            fits = [False, *(fits[number] and _step(part, steps[number]) for number in range(len(steps)))]
    in_folder = any(fits[:-1])
    return in_folder if line.below else fits[-1] or (in_folder and line.folders)


def _step(part: str, step: str) -> bool:
    """Whether one step of a path fits one part of a pattern, in which `*` is any text and `?` any character."""
    if "*" not in part and "?" not in part:
        return part == step
    fits = [True] + [False] * len(step)
    for character in part:
        if character == "*":
            first = next((number for number, one in enumerate(fits) if one), len(fits))
            fits = [number >= first for number in range(len(fits))]
        else:
            fits = [False, *(fits[n] and character in ("?", step[n]) for n in range(len(step)))]
    return fits[-1]
