"""Owners as dbt has them: the groups of a project, and the owner that a model's own `meta` names.

Facts: `manifest.json` (schema v9 to v12): `groups` with an owner's name and address; models, seeds, snapshots and
sources with `group`, `config.meta`, `meta`, `database`, `schema`, `alias` or `identifier`. Exposures' owners are
consumers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from watcher.formats.owners.rows import inner, text_of
from watcher.model.claim import Claim, Claims, Team

SOURCE = "dbt"
_STANDING = frozenset({"model", "seed", "snapshot", "source"})
_NO_TABLE = frozenset({"ephemeral"})


class Relation(NamedTuple):
    """A table that the project makes or reads: its dataset, the file that makes it, and what the manifest says."""

    dataset: str
    file: str
    node: Mapping[str, Any]
    id: str


def read(texts: Mapping[str, str], namespace: str) -> Claims:
    """Who owns which table by the manifests of these files; what has neither group nor owner is claimed for nobody.

    A model that stands in no table (`ephemeral`) is passed over, and so are tests, analyses and exposures.
    """
    claims: list[Claim] = []
    teams: list[Team] = []
    problems: list[str] = []
    for where, text in texts.items():
        manifest, problem = _manifest(text, where)
        if problem:
            problems.append(problem)
        groups = _groups(manifest, where)
        teams += groups.values()
        for one in relations(manifest, namespace):
            owner, through = _owner(one.node, groups)
            name, email = _said(one.node)
            if email and email != name:
                teams.append(Team(name, name, SOURCE, f"{where} {one.id}", email))
            claims.append(Claim(one.dataset, owner, SOURCE, f"{where} {one.id}", through))
    return Claims(tuple(claims), tuple(teams), tuple(problems))


def files(text: str, where: str, namespace: str) -> tuple[dict[str, str], str]:
    """The files of a manifest's models, each with its dataset; and what is wrong with the manifest, if anything is."""
    manifest, problem = _manifest(text, where)
    found = {one.file: one.dataset for one in relations(manifest, namespace) if one.file}
    return found, problem


def relations(manifest: Mapping[str, Any], namespace: str) -> Iterator[Relation]:
    """The tables of a manifest."""
    for id_, node in (*inner(manifest, "nodes").items(), *inner(manifest, "sources").items()):
        if not isinstance(node, dict) or text_of(node.get("resource_type")) not in _STANDING:
            continue
        if text_of(inner(node, "config").get("materialized")) in _NO_TABLE or not _enabled(node):
            continue
        name = text_of(node.get("identifier")) or text_of(node.get("alias")) or text_of(node.get("name"))
        parts = [text_of(node.get("database")), text_of(node.get("schema")), name]
        if name:
            called = ".".join(f'"{part}"' if "." in part else part for part in parts if part)
            # A source's file only describes it: whoever owns the description does not make the table.
            file = "" if node["resource_type"] == "source" else text_of(node.get("original_file_path"))
            yield Relation(f"{namespace}/{called}", file.replace("\\", "/"), node, str(id_))


def _manifest(text: str, where: str) -> tuple[dict[str, Any], str]:
    try:
        found = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        return {}, f"{where}:{getattr(error, 'lineno', 1)}: this is no JSON: run `dbt parse` again ({error})"
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), dict):
        return {}, f"{where}: this is no manifest of dbt: name `target/manifest.json`"
    return found, ""


def _groups(manifest: Mapping[str, Any], where: str) -> dict[str, Team]:
    found = {}
    for group in inner(manifest, "groups").values():
        name = text_of(group.get("name")) if isinstance(group, dict) else ""
        if name:
            owner = inner(group, "owner")
            found[name] = Team(name, text_of(owner.get("name")) or name, SOURCE, where, _email(owner))
    return found


def _email(owner: Mapping[str, Any]) -> str:
    """The address; newer manifests may list several: the first."""
    email = owner.get("email")
    return text_of(email[0]) if isinstance(email, list) and email else text_of(email)


def _owner(node: Mapping[str, Any], groups: Mapping[str, Team]) -> tuple[str, str]:
    """What the model says itself, before its group; and the group, where it is that one's."""
    said, _ = _said(node)
    if said:
        return said, ""
    group = text_of(inner(node, "config").get("group")) or text_of(node.get("group"))
    return (group, f"group {group}" if group in groups else "") if group else ("", "")


def _said(node: Mapping[str, Any]) -> tuple[str, str]:
    """The owner in a model's own `meta`, a text, several of them, or with name and address; and the address."""
    for meta in (inner(node, "config", "meta"), inner(node, "meta")):
        owner = meta.get("owner")
        first = next((text for one in owner if (text := text_of(one))), "") if isinstance(owner, list) else ""
        email = _email(inner(meta, "owner"))
        said = text_of(owner) or first or text_of(inner(meta, "owner").get("name")) or email
        if said:
            return said, email
    return "", ""


def _enabled(node: Mapping[str, Any]) -> bool:
    return inner(node, "config").get("enabled") is not False
