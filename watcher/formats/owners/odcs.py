"""Owners as data contracts have them: the team of an Open Data Contract Standard document.

Facts (ODCS 3.0 and 3.1): `team` is an object with a name and members since 3.1, a list of members before; an owner is a
member whose role says so and whose time is not over. `support` lists channels. A dataset is a schema object at a
server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from watcher.formats.owners.documents import read_documents
from watcher.formats.owners.rows import dicts, inner, text_of
from watcher.model.claim import Claim, Claims, Team

SOURCE = "odcs"
KIND = "DataContract"
_TABLE = ("catalog", "project", "database", "dataset", "schema")
"""Keys of a server that stand before a table's name, in their order."""


def read(texts: Mapping[str, str], datasets: Mapping[str, str], today: str = "9999-12-31") -> Claims:
    """Who owns the datasets of these contracts.

    `datasets` says by a server's type how a dataset is named: a template with `{name}` (the physical name with its
    database and schema, or the topic) and the server's own keys. Without one for its type a server is told, once.
    `today` is the day by which a member has left. Documents of another kind are passed over.
    """
    claims: list[Claim] = []
    teams: dict[str, Team] = {}
    problems: list[str] = []
    unknown: dict[str, str] = {}
    old: list[str] = []
    for where, text in texts.items():
        documents = read_documents(text, where)
        problems += documents.problems
        for document in documents.found:
            if document.fields.get("kind") != KIND:
                continue
            if text_of(document.fields.get("apiVersion")).startswith("v2"):
                old.append(f"{document.where}: contracts of ODCS 2 name no servers: convert it to version 3")
            owner, email = _owner(document.fields, today)
            if owner:
                teams.setdefault(owner, Team(owner, owner, SOURCE, document.where, email))
            for pattern, problem in _datasets(document.fields, datasets, unknown, document.where):
                if problem:
                    problems.append(problem)
                else:
                    claims.append(Claim(pattern, owner, SOURCE, document.where))
    remarks = tuple(
        f"{where}: servers of type `{kind}` are in no `datasets`: write how their datasets are named"
        for kind, where in unknown.items()
    )
    return Claims(tuple(claims), tuple(teams.values()), tuple(problems), (*old, *remarks))


def _owner(contract: Mapping[str, Any], today: str) -> tuple[str, str]:
    """The team by its name (3.1); else the member who is its owner; else the domain, or where support is given.

    With an address, where one is.
    """
    team = contract.get("team")
    name = text_of(inner(contract, "team").get("name"))
    members = list(dicts(inner(contract, "team").get("members") if isinstance(team, dict) else team))
    there = [one for one in members if (text_of(one.get("dateOut")) or "9999-12-31") >= today[:10]]
    owners = [one for one in there if "owner" in text_of(one.get("role")).casefold()]
    who = next((text_of(one.get("username")) or text_of(one.get("name")) for one in owners), "")
    email = _email(contract, who)
    return name or who or text_of(contract.get("domain")) or email, email


def _email(contract: Mapping[str, Any], owner: str) -> str:
    """Where the team is reached by mail: its support channel, else its owner's name where that is an address."""
    for one in dicts(contract.get("support")):
        if text_of(one.get("tool")).casefold() == "email":
            written = text_of(one.get("url")).removeprefix("mailto:") or text_of(one.get("channel"))
            if "@" in written:
                return written
    return owner if "@" in owner[1:] else ""


def _datasets(
    contract: Mapping[str, Any], templates: Mapping[str, str], unknown: dict[str, str], where: str
) -> Iterator[tuple[str, str]]:
    """Each dataset, or what is wrong with its name."""
    for server in dicts(contract.get("servers")):
        kind = text_of(server.get("type")).casefold()
        template = next((one for key, one in templates.items() if key.casefold() == kind), None)
        if template is None:
            unknown.setdefault(kind, where)
            continue
        for schema in dicts(contract.get("schema")):
            name = text_of(schema.get("physicalName")) or text_of(schema.get("name"))
            if name:
                yield _filled(template, _called(server, name, kind), server, where)


def _called(server: Mapping[str, Any], name: str, kind: str) -> str:
    """A table's name with what stands before it at its server; a name that says so itself, and a topic, as they are."""
    if kind in {"kafka", "pubsub", "kinesis", "s3", "api", "azure", "sftp"} or "." in name:
        return name
    before = [text_of(server.get(key)) for key in _TABLE]
    return ".".join([*(part for part in before if part), name])


def _filled(template: str, name: str, server: Mapping[str, Any], where: str) -> tuple[str, str]:
    known = {key: value for key, value in server.items() if isinstance(value, str)}
    try:
        return template.format_map({**known, "name": name}), ""
    except (KeyError, ValueError, IndexError, AttributeError):
        return "", f"{where}: `{template}` is no template here: known are {{name}} and the keys of the server"
