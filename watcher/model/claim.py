"""Claims: what a system that already knows owners says of a dataset, and the teams that it names."""

from __future__ import annotations

from dataclasses import dataclass

SOURCES = ("odcs", "backstage", "datahub", "openmetadata", "dbt", "codeowners")
"""The systems whose word is taken, the weightiest first: an earlier one decides where two say different things."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One system's word on who owns a dataset.

    `pattern` names the dataset (or several, with `*`) as the watcher names datasets, `owner` the team as the system
    writes it (`group:default/checkout`, `@acme/checkout`, `urn:li:corpGroup:checkout`, an address); an empty owner says
    that the system knows the dataset, and that nobody owns it. `where` is the file, and the line or entity in it.
    `inherited_from` is the larger thing whose owner it is (a system, a schema), where the dataset itself names none.
    """

    pattern: str
    owner: str
    source: str
    where: str
    inherited_from: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """A team as a system describes it: how it writes the team's name, and what is known of it."""

    ref: str
    name: str
    source: str
    where: str
    email: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """What one file, or one folder, says: claims in the file's order, teams, and what could not be read, in words.

    `remarks` are on what was read well, and means no dataset as the settings are: the file is as good as it was.
    """

    claims: tuple[Claim, ...] = ()
    teams: tuple[Team, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
