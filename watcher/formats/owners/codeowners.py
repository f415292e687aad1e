"""Owners as CODEOWNERS has them: who owns the files that schemas, contracts and models are made of.

Facts: on GitHub the last line that matches decides, a line without owners takes ownership away, and patterns are those
of gitignore without `!` and `[ ]`. On GitLab a pattern is a glob over the whole path, at any depth unless it begins
with `/`; sections each have a last line of their own, and owners that its lines may leave out; what `!` excludes stays
excluded from its section; roles are written `@@maintainers`. Matching minds case.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from watcher.formats.owners.globs import ANY_STEPS, Part, glob, literal, matches, texts_of, weight_of
from watcher.model.claim import Claim, Claims

SOURCE = "codeowners"
Flavour = Literal["github", "gitlab"]

MAX_LINES = 50_000
MAX_PATTERN = 1_000
MAX_EFFORT = 200_000_000
"""Steps of comparing lines with files, some seconds of them; real repositories stay far below."""
_PLAIN = 50
"""What a comparison costs at least, in such steps."""
_SECTION = re.compile(r"(?P<optional>\^?)\[(?P<name>[^\]]{1,200})\](?:\[\d{1,9}\])?(?P<owners>(?:\s.*)?)\Z")
_OWNER = {
    "github": re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+"),
    "gitlab": re.compile(r"@@?[\w./-]+|[^@\s]+@[^@\s]+"),
}
_EVERY_FILE: tuple[Part, ...] = (ANY_STEPS, glob("*"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which files, and whose they are; `excludes` takes files out of its section."""

    number: int
    parts: tuple[Part, ...]
    owners: tuple[str, ...]
    section: str = ""
    excludes: bool = False
    optional: bool = False
    needle: str = ""
    """Text that is in the path of each file that is meant."""
    weight: int = 0
    """How many characters of the pattern a character of a path is compared with, at most."""

    @property
    def last(self) -> tuple[bool, bool]:
        """Of several sections' lines the smaller speaks: one that is meant for every file does so last."""
        return (self.parts == _EVERY_FILE, self.optional)


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

        On GitLab several sections may own it. Then the one speaks that is required, before one that is optional; one
        whose line is `*` only when no other does, for such a line means whoever looks after the repository.
        """
        return _decided(self.lines, _steps(path))


def read(text: str, where: str, flavour: Flavour = "github") -> Codeowners:
    """The lines of a file; one that is not valid is passed over, as the service does, and told."""
    lines: list[Line] = []
    problems: list[str] = []
    section, optional = "", False
    by_default: tuple[str, ...] = ()
    for number, written in enumerate(text.split("\n"), start=1):
        if number > MAX_LINES:
            problems.append(f"{where}:{number}: more than {MAX_LINES} lines: the rest is not read")
            break
        line = written.strip()
        if not line or line.startswith("#"):
            continue
        head = _SECTION.match(line) if flavour == "gitlab" else None
        if head is not None:
            section, optional = head["name"].strip().casefold(), bool(head["optional"])
            by_default = tuple(_valid(head["owners"]))
            continue
        try:
            one = _github(line, number) if flavour == "github" else _gitlab(line, number, section, by_default, optional)
        except ValueError as error:
            problems.append(f"{where}:{number}: {error}; the line is passed over")
            continue
        lines.append(one)
        if flavour == "gitlab" and not one.owners and not one.excludes:
            problems.append(f"{where}:{number}: the line names no owner: write `@user`, `@group` or an address")
    return Codeowners(where, tuple(lines), tuple(problems))


def claims(owners: Codeowners, files: Mapping[str, str]) -> Claims:
    """Who owns the datasets that files make: `files` is path to dataset. A file that no line speaks of claims nothing.

    Of several owners a team is taken before a person, and a person before an address: a team stays when somebody
    leaves, and it is a team that catalogues and domains name. A role (`@@maintainers`) is nobody that one could ask.
    """
    found: list[Claim] = []
    problems = list(owners.problems)
    index = _Index(owners.lines)
    for path, dataset in files.items():
        likely = index.likely(path)
        if index.effort > MAX_EFFORT:
            problems.append(
                f"{owners.where}: too many lines and files to compare, so `{path}` and what comes after it claim"
                " nothing: name fewer files in `files`"
            )
            break
        owned = _decided(likely, _steps(path))
        if owned is not None:
            people = [one for one in owned.owners if not one.startswith("@@")]
            owner = min(people, key=_rank, default="")
            found.append(Claim(dataset, owner, SOURCE, f"{owners.where}:{owned.line}"))
    return Claims(tuple(found), (), tuple(problems))


class _Index:
    """The lines by the names that a path must have for them to fit, so that most are never looked at."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self.effort = 0
        self._beginning: dict[tuple[str, ...], list[Line]] = defaultdict(list)
        self._within: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            names = tuple(takewhile(lambda part: isinstance(part, str), line.parts))
            after = line.parts[1] if line.parts[0] is ANY_STEPS and len(line.parts) > 1 else None
            if isinstance(after, str):
                self._within[after].append(line)
            else:
                self._beginning[tuple(str(name) for name in names)].append(line)

    def likely(self, path: str) -> list[Line]:
        """The lines that may fit, in their order; `effort` grows by what it takes at most to compare them."""
        steps = _steps(path)
        some = [line for end in range(len(steps) + 1) for line in self._beginning.get(steps[:end], ())]
        some += (line for step in set(steps) for line in self._within.get(step, ()))
        found = sorted((line for line in some if line.needle in path), key=lambda line: line.number)
        self.effort += _PLAIN * (len(some) + 1) + len(path) * sum(line.weight for line in found)
        return found


def _decided(lines: Iterable[Line], steps: tuple[str, ...]) -> Owned | None:
    last: dict[str, Line] = {}
    excluded: set[str] = set()
    for line in lines:
        if matches(line.parts, steps):
            if line.excludes:
                excluded.add(line.section)
            else:
                last[line.section] = line
    found = [line for section, line in last.items() if section not in excluded]
    one = min((line for line in found if line.owners), key=lambda line: line.last, default=found[0] if found else None)
    return Owned(one.owners, one.number, one.section) if one is not None else None


def _rank(owner: str) -> int:
    if owner.startswith("@"):
        return 0 if "/" in owner else 1
    return 2


def _github(line: str, number: int) -> Line:
    """Raises ValueError where the service would pass the line over."""
    pattern, rest = _split(line)
    if pattern.startswith("!"):
        raise ValueError("`!` takes nothing out on GitHub: write the pattern again without owners")
    if re.search(r"(?<!\\)\[", pattern):
        raise ValueError("`[ ]` is no range on GitHub: write a line for each")
    if pattern.startswith("\\#"):
        raise ValueError("a pattern cannot begin with `#`")
    if "***" in pattern:
        raise ValueError("`***` is no wildcard: write `**`")
    owners: list[str] = []
    for word in rest.split():
        if word.startswith("#"):
            break
        if not _OWNER["github"].fullmatch(word):
            raise ValueError(f"`{word}` is no owner: write `@user`, `@organisation/team` or an address")
        owners.append(word)
    written = _parts(pattern)
    named = [part for part in written if part]
    if not named:
        raise ValueError("`/` alone matches nothing: write `*` for every file")
    parts = _compiled(named, ranges=False)
    if len(written) == 1 or (len(written) == 2 and not written[1]):  # `docs` and `docs/`
        parts.insert(0, ANY_STEPS)
    if not written[-1] or named[-1] == "**":  # what is in the folder, not a file of that name
        parts += _EVERY_FILE
    elif named[-1] != "*":  # a folder means all that is in it; `docs/*` means the files right in it
        parts.append(ANY_STEPS)
    return _line(Line(number, _plain(parts), tuple(owners)))


def _gitlab(line: str, number: int, section: str, by_default: tuple[str, ...], optional: bool) -> Line:
    """Raises ValueError for a pattern that means nothing."""
    pattern, rest = _split(line)
    excludes = pattern.startswith("!")
    written = _parts(pattern.removeprefix("!"))
    named = [part for part in written if part]
    # The service takes owners out of a comment as well, and the section's only where nothing is written at all.
    owners = tuple(_valid(rest)) if rest.strip() else by_default
    if not pattern.removeprefix("!"):
        raise ValueError("there is no pattern: write the files that are meant")
    parts: list[Part] = [] if not written[0] else [ANY_STEPS]
    folder = not written[-1]
    if named and not folder and named[-1] == "**":
        named[-1] = "*"  # only `**/` reaches deeper
    parts += _compiled(named, ranges=True)
    if folder:
        parts += _EVERY_FILE
    return _line(Line(number, _plain(parts), owners, section, excludes, optional))


def _line(one: Line) -> Line:
    texts = [text for part in one.parts for text in texts_of(part)]
    return replace(one, needle=max(texts, key=len, default=""), weight=sum(weight_of(part) for part in one.parts))


def _split(line: str) -> tuple[str, str]:
    """The pattern, whose blanks stand behind a backslash, and what follows it."""
    found = re.match(r"(?:\\.|[^\\\s]|\\\Z)+", line[: MAX_PATTERN + 1])
    pattern = found[0] if found else line
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters")
    return pattern, line[len(pattern) :]


def _parts(pattern: str) -> list[str]:
    """The steps of a pattern; an empty one is first where it begins with `/`, and last where it ends with it."""
    first, *rest = pattern.split("/")
    return [first, *(part for part in rest[:-1] if part), *rest[-1:]]


def _compiled(named: list[str], *, ranges: bool) -> list[Part]:
    return [ANY_STEPS if part == "**" else literal(part) or glob(part, ranges=ranges) for part in named]


def _plain(parts: list[Part]) -> tuple[Part, ...]:
    """Without `**` after `**`, which adds nothing."""
    return tuple(part for at, part in enumerate(parts) if part is not ANY_STEPS or at == 0 or parts[at - 1] is not part)


def _valid(words: str) -> Iterator[str]:
    """The owners among words; GitLab passes over what is none."""
    return (word for word in words.split() if _OWNER["gitlab"].fullmatch(word))


def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in path.split("/") if step)
