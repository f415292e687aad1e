"""Owners as OpenMetadata has them: tables and topics with their owners, or those of schema, database and service.

Facts: entities of its API (`owners` since 1.5, one `owner` before; `domains` since 1.9, one `domain` before; an
inherited owner is marked `inherited`), and fully qualified names, in which a part that holds a dot stands in quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from watcher.formats.owners.rows import Row, dicts, inner, read_rows, text_of
from watcher.model.claim import Claim, Claims, Team

SOURCE = "openmetadata"
_LARGER = ("databaseSchema", "database", "service")
_TABLE = 4
"""Parts of a table's name: service, database, schema, table."""
_DEEPEST = 8
"""A table is four deep; names of more parts are asked for so many of them."""


class _Owner(NamedTuple):
    name: str
    inherited: bool


def read(texts: Mapping[str, str], names: Mapping[str, str]) -> Claims:
    """Who owns which table and topic by the exports of these files; `names` says which namespace a service is.

    A service that `names` does not have is told, once. What names neither an owner nor a domain, and stands below
    nothing that does, is claimed for nobody.
    """
    rows: list[Row] = []
    problems: list[str] = []
    for where, text in texts.items():
        read_one = read_rows(text, where)
        rows += read_one.found
        problems += read_one.problems
    larger = {name: owner for row in rows if (name := _fqn(row.fields)) and (owner := _owner(row.fields))}
    teams = tuple(_teams(rows))
    claims: list[Claim] = []
    unknown: dict[str, str] = {}
    mute: list[str] = []
    for row in rows:
        if not _is_dataset(row.fields):
            if _is_mute(row.fields):
                mute.append(row.where)
            continue
        parts = split_fqn(_fqn(row.fields))
        if len(parts) < 2:
            problems.append(f"{row.where}: `{_fqn(row.fields)}` names no dataset within a service: export it again")
            continue
        namespace = names.get(parts[0])
        if namespace is None:
            unknown.setdefault(parts[0], row.where)
            continue
        owner, through = _decided(row.fields, larger)
        claims.append(Claim(f"{namespace}/{_called(parts[1:])}", owner, SOURCE, row.where, through))
    remarks = tuple(
        f"{where}: the service `{service}` is in no `names`: write which namespace its datasets have"
        for service, where in unknown.items()
    )
    if mute:
        others = f", as {len(mute) - 1} more are" if len(mute) > 1 else ""
        told = "it says neither what it is (`entityType`) nor which columns it has, and is passed over"
        remarks += (f"{mute[0]}: {told}{others}: export it with its `entityType`",)
    return Claims(tuple(claims), teams, tuple(problems), remarks)


def split_fqn(name: str) -> list[str]:
    """The parts of a fully qualified name; quotes hold a part together, and two of them are one within it."""
    parts, at = [], 0
    while at <= len(name):
        if name[at : at + 1] == '"':
            part, at = _quoted(name, at + 1)
        else:
            end = name.find(".", at)
            end = len(name) if end < 0 else end
            part, at = name[at:end], end
        parts.append(part)
        if at >= len(name):
            break
        at += 1
    return parts


def _quoted(name: str, at: int) -> tuple[str, int]:
    found: list[str] = []
    while at < len(name):
        end = name.find('"', at)
        if end < 0:
            return "".join((*found, name[at:])), len(name)
        found.append(name[at:end])
        if name[end + 1 : end + 2] != '"':
            after = name.find(".", end + 1)
            return "".join(found), len(name) if after < 0 else after
        found.append('"')
        at = end + 2
    return "".join(found), len(name)


def _called(parts: list[str]) -> str:
    if len(parts) == 1:  # a topic's dots are its own
        return parts[0]
    return ".".join(f'"{part}"' if "." in part else part for part in parts)


def _is_mute(entity: Mapping[str, Any]) -> bool:
    """What is named like a table or a topic, a part of a service, and does not say what it is."""
    told = any(key in entity for key in ("entityType", "type", "teamType", "serviceType", "email", "isBot"))
    return not told and entity.get("deleted") is not True and len(split_fqn(_fqn(entity))) >= _TABLE


def _is_dataset(entity: Mapping[str, Any]) -> bool:
    """A table or a topic, by what it says of itself or, where it says nothing, by what only these have.

    One that was deleted stays in the catalogue, marked so: it is none any more.
    """
    kind = text_of(entity.get("entityType")) or text_of(entity.get("type"))
    if entity.get("deleted") is True:
        return False
    if kind.casefold() in {"table", "topic"}:
        return True
    return "columns" in entity or "messageSchema" in entity or "partitions" in entity or "tableType" in entity


def _decided(entity: Mapping[str, Any], larger: Mapping[str, str]) -> tuple[str, str]:
    """The owner, and through what it was inherited."""
    own = next(iter(_owners(entity)), None)
    if own is not None:
        return own.name, _above(entity) if own.inherited else ""
    for key in _LARGER:
        name = text_of(inner(entity, key).get("fullyQualifiedName")) or text_of(inner(entity, key).get("name"))
        if name in larger:
            return larger[name], name
    parts = split_fqn(_fqn(entity))
    for count in range(min(len(parts) - 1, _DEEPEST), 0, -1):
        name = ".".join(f'"{part}"' if "." in part else part for part in parts[:count])
        if name in larger:
            return larger[name], name
    domain = next(iter(_domains(entity)), "")
    return domain, f"domain {domain}" if domain else ""


def _above(entity: Mapping[str, Any]) -> str:
    for key in _LARGER:
        name = text_of(inner(entity, key).get("fullyQualifiedName")) or text_of(inner(entity, key).get("name"))
        if name:
            return name
    return "the service"


def _owner(entity: Mapping[str, Any]) -> str:
    return next((one.name for one in _owners(entity)), "")


def _owners(entity: Mapping[str, Any]) -> Iterator[_Owner]:
    """Teams before people: a team stays when somebody leaves it."""
    listed = [*dicts(entity.get("owners")), *dicts([entity.get("owner")])]
    for one in sorted(listed, key=lambda each: text_of(each.get("type")) != "team"):
        name = text_of(one.get("name")) or text_of(one.get("fullyQualifiedName")) or text_of(one.get("displayName"))
        if name and not one.get("deleted"):
            yield _Owner(name, one.get("inherited") is True)


def _domains(entity: Mapping[str, Any]) -> Iterator[str]:
    for one in (*dicts(entity.get("domains")), *dicts([entity.get("domain")])):
        name = text_of(one.get("name")) or text_of(one.get("fullyQualifiedName"))
        if name:
            yield name


def _fqn(entity: Mapping[str, Any]) -> str:
    return text_of(entity.get("fullyQualifiedName")) or text_of(entity.get("name"))


def _teams(rows: Iterable[Row]) -> Iterator[Team]:
    for row in rows:
        kind = text_of(row.fields.get("teamType"))
        name = text_of(row.fields.get("name"))
        if kind and name:
            parent = next((text_of(one.get("name")) for one in dicts(row.fields.get("parents"))), "")
            shown = text_of(row.fields.get("displayName")) or name
            yield Team(name, shown, SOURCE, row.where, text_of(row.fields.get("email")), parent)
