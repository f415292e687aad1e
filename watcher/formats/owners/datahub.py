"""Owners as DataHub has them: the aspects of datasets and containers, as its exports and its API write them.

Facts: a dataset's urn holds platform, name and environment; the aspect `ownership` lists owners by type; `domains` and
`container` lead to what is larger. An export is a file of change proposals or of snapshots, an answer of the entity
API, or one of GraphQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from watcher.formats.owners.rows import Row, dicts, inner, read_rows, text_of
from watcher.model.claim import Claim, Claims, Team

SOURCE = "datahub"

_DATASET = re.compile(r"urn:li:dataset:\(urn:li:dataPlatform:([^,()]+),(.+),([A-Z_]+)\)\Z", re.DOTALL)
_RANKS = (
    *("TECHNICAL_OWNER", "DATAOWNER", "DEVELOPER", "PRODUCER", "BUSINESS_OWNER"),
    *("DATA_STEWARD", "DELEGATE", "STAKEHOLDER", "NONE", "CUSTOM"),
)
"""Types of owners, those of today and those of older versions; the first answers first."""
_NO_OWNER = "CONSUMER"
"""A type that older versions have, for who only reads the data."""
_DEEPEST = 50
_PARTS = 2
"""How many a name is split into: the instance of its platform, and the rest."""


@dataclass(slots=True)
class _Entity:
    where: str
    owners: list[tuple[str, str]] = field(default_factory=list)
    """Urn of the owner, and its type."""
    domains: list[str] = field(default_factory=list)
    container: str = ""
    removed: bool = False


def read(texts: Mapping[str, str], names: Mapping[str, str], environment: str = "PROD") -> Claims:
    """Who owns which dataset by the exports of these files.

    `names` says which namespace a platform (`snowflake`), or an instance of one (`snowflake.eu`), is; one that it does
    not have is told, once. Datasets of other environments are passed over.
    """
    problems: list[str] = []
    entities: dict[str, _Entity] = {}
    teams: dict[str, Team] = {}
    for where, text in texts.items():
        rows = read_rows(text, where)
        problems += rows.problems
        for row in rows.found:
            _take(row, entities, teams)
    claims: list[Claim] = []
    unknown: dict[str, str] = {}
    for urn, entity in entities.items():
        found = _DATASET.match(urn)
        if found is None or found[3] != environment or entity.removed:
            continue
        dataset = _named(found[1], found[2], names)
        if dataset is None:
            unknown.setdefault(found[1], entity.where)
            continue
        owner, through = _decided(urn, entities)
        claims.append(Claim(dataset, owner, SOURCE, entity.where, through))
    remarks = tuple(
        f"{where}: the platform `{platform}` is in no `names`: write which namespace its datasets have"
        for platform, where in unknown.items()
    )
    return Claims(tuple(claims), tuple(teams.values()), tuple(problems), remarks)


def _named(platform: str, name: str, names: Mapping[str, str]) -> str | None:
    """The dataset as we name it; an instance of the platform stands before the name, where `names` has it."""
    parts = name.split(".", 1)
    if len(parts) == _PARTS and f"{platform}.{parts[0]}" in names:
        return f"{names[f'{platform}.{parts[0]}']}/{parts[1]}"
    return f"{names[platform]}/{name}" if platform in names else None


def _decided(urn: str, entities: Mapping[str, _Entity]) -> tuple[str, str]:
    """The owner, and through what it was inherited: the dataset's own, its containers', last its domain."""
    seen: set[str] = set()
    at, domain = urn, ""
    while at and at not in seen and len(seen) < _DEEPEST:
        seen.add(at)
        entity = entities.get(at)
        if entity is None:
            break
        if entity.owners:
            return min(entity.owners, key=_rank)[0], "" if at == urn else at
        domain = domain or next(iter(entity.domains), "")
        at = entity.container
    if domain in entities and entities[domain].owners:
        return min(entities[domain].owners, key=_rank)[0], domain
    return domain, domain


def _rank(owner: tuple[str, str]) -> tuple[int, bool]:
    """Technical owners first, and of one type a group before a person: it stays when somebody leaves."""
    urn, kind = owner
    return (_RANKS.index(kind) if kind in _RANKS else len(_RANKS), not urn.startswith("urn:li:corpGroup:"))


def _take(row: Row, entities: dict[str, _Entity], teams: dict[str, Team]) -> None:
    """What one row says of one entity, added to what others said."""
    for urn, name, aspect in _aspects(row.fields):
        if name in {"corpGroupInfo", "corpGroupEditableInfo"}:
            _team(urn, aspect, row.where, teams)
        if not urn.startswith(("urn:li:dataset:", "urn:li:container:", "urn:li:domain:")):
            continue
        one = entities.setdefault(urn, _Entity(row.where))
        if name == "ownership":
            one.owners = list(_owners(aspect))
            one.where = row.where
        elif name == "domains":
            one.domains = list(_texts(aspect.get("domains")))
        elif name == "container":
            one.container = text_of(aspect.get("container"))
        elif name == "status":
            one.removed = aspect.get("removed") is True


def _aspects(fields: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Urn, name and content of each aspect, whichever form the row has."""
    if isinstance(fields.get("data"), dict):
        yield from _answered(inner(fields, "data"))
        return
    snapshot = inner(fields, "proposedSnapshot")
    if snapshot:
        snapshot = next((one for one in snapshot.values() if isinstance(one, dict)), snapshot)
        urn = text_of(snapshot.get("urn"))
        yield urn, "", {}
        for aspect in dicts(snapshot.get("aspects")):
            for key, content in aspect.items():
                last = key.rpartition(".")[2]
                if isinstance(content, dict):
                    yield urn, last[:1].lower() + last[1:], content
        return
    if text_of(fields.get("entityUrn")):  # a change proposal
        if text_of(fields.get("changeType")).upper() != "DELETE":
            yield text_of(fields["entityUrn"]), text_of(fields.get("aspectName")), _content(fields.get("aspect"))
        return
    urn = text_of(fields.get("urn"))
    if not urn:
        return
    if "type" in fields and isinstance(fields.get("ownership"), dict) and "value" not in fields["ownership"]:
        yield from _graphql(fields)
        return
    yield urn, "", {}
    for key, content in (inner(fields, "aspects") or fields).items():  # the entity API
        if isinstance(content, dict):
            yield urn, key, inner(content, "value") or content


def _answered(data: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """An answer of GraphQL: one entity, or what a search found."""
    for answer in data.values():
        if isinstance(answer, dict):
            found = [inner(one, "entity") for one in dicts(answer.get("searchResults"))]
            for one in found or [answer]:
                yield from _graphql(one)


def _content(aspect: Any) -> dict[str, Any]:
    """An aspect's content: as JSON, or as a text of JSON within it."""
    if not isinstance(aspect, dict):
        return {}
    if isinstance(aspect.get("json"), dict):
        return inner(aspect, "json")
    value = aspect.get("value")
    if isinstance(value, str):
        try:
            found = orjson.loads(value)
        except (orjson.JSONDecodeError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
    return aspect


def _graphql(entity: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """An entity of GraphQL in the form of aspects; an owner that the query did not ask for is empty, and left out."""
    urn = text_of(entity.get("urn"))
    if not urn:
        return
    owners = []
    for one in dicts(inner(entity, "ownership").get("owners")):
        who = text_of(inner(one, "owner").get("urn"))
        kind = text_of(one.get("type")) or text_of(inner(one, "ownershipType").get("urn"))
        if who:
            owners.append({"owner": who, "type": kind, "typeUrn": kind})
    yield urn, "ownership", {"owners": owners}
    domain = text_of(inner(entity, "domain", "domain").get("urn"))
    if domain:
        yield urn, "domains", {"domains": [domain]}
    container = text_of(inner(entity, "container").get("urn"))
    if container:
        yield urn, "container", {"container": container}


def _owners(aspect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in dicts(aspect.get("owners")):
        who = text_of(one.get("owner"))
        kind = text_of(one.get("type"))
        if kind not in _RANKS or kind == "CUSTOM":
            kind = text_of(one.get("typeUrn")).rpartition("__system__")[2].upper() or kind
        if who and kind != _NO_OWNER:
            yield who, kind


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (text for each in value if (text := text_of(each)))


def _team(urn: str, aspect: Mapping[str, Any], where: str, teams: dict[str, Team]) -> None:
    known = teams.get(urn)
    name = text_of(aspect.get("displayName")) or (known.name if known else urn.rpartition(":")[2])
    email = text_of(aspect.get("email")) or (known.email if known else "")
    teams[urn] = Team(urn, name, SOURCE, where, email)
