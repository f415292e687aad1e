"""Owners as Backstage has them: catalogue entities, whose owner may be that of their system or domain.

Facts: the descriptor format (`catalog-info.yaml`, several documents a file) and the entities of the catalogue's API. A
reference is `[kind:][namespace/]name` in any case; an owner's kind is `group` unless it says so, its namespace the
entity's own. Backstage itself inherits no owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from watcher.formats.owners.documents import read_documents
from watcher.formats.owners.rows import dicts, inner, text_of
from watcher.model.claim import Claim, Claims, Team

SOURCE = "backstage"
ANNOTATION = "watcher/dataset"
_DEEPEST = 50
_LARGER = (("system", "system"), ("domain", "domain"), ("subdomainOf", "domain"), ("subcomponentOf", "component"))
"""The key of a spec that leads to what is larger, and the kind that is meant by it."""


@dataclass(frozen=True, slots=True)
class _Entity:
    where: str
    kind: str
    namespace: str
    name: str
    fields: Mapping[str, Any]

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}".casefold()

    @property
    def spec(self) -> Mapping[str, Any]:
        return inner(self.fields, "spec")


def read(texts: Mapping[str, str], datasets: Mapping[str, str], annotation: str = ANNOTATION) -> Claims:
    """Who owns the datasets that the entities of these files stand for.

    An entity names its datasets by the annotation, several of them with commas; else `datasets` says, by its
    `spec.type` or kind, how they are named: a template with `{name}`, `{namespace}` and `{title}`. Entities that stand
    for none only hand their owner down. Locations that an entity points to are not followed: name their files too.
    """
    problems: list[str] = []
    entities: dict[str, _Entity] = {}
    for where, text in texts.items():
        documents = read_documents(text, where)
        problems += documents.problems
        for document in documents.found:
            one = _entity(document.where, document.fields)
            if isinstance(one, str):
                problems.append(one)
            elif one is not None:
                entities.setdefault(one.ref, one)
    folded = {key.casefold(): template for key, template in datasets.items()}
    claims: list[Claim] = []
    for one in entities.values():
        patterns, problem = _datasets(one, folded, annotation)
        problems += [problem] if problem else []
        if patterns:
            owner, through = _decided(one, entities)
            claims += (Claim(pattern, owner, SOURCE, one.where, through) for pattern in patterns)
    return Claims(tuple(claims), tuple(_teams(entities.values())), tuple(problems))


def _entity(where: str, fields: Mapping[str, Any]) -> _Entity | str | None:
    """The entity; words on what is wrong with it; None for what is no entity of Backstage at all."""
    if "metadata" not in fields and not text_of(fields.get("apiVersion")).startswith("backstage.io/"):
        return None
    kind, name = text_of(fields.get("kind")), text_of(inner(fields, "metadata").get("name"))
    if not kind or not name:
        return f"{where}: an entity has `kind` and `metadata.name`: write both"
    namespace = text_of(inner(fields, "metadata").get("namespace")) or "default"
    return _Entity(where, kind.casefold(), namespace, name, fields)


def _datasets(one: _Entity, templates: Mapping[str, str], annotation: str) -> tuple[list[str], str]:
    """The datasets of an entity, and what is wrong with how they are named."""
    written = text_of(inner(one.fields, "metadata", "annotations").get(annotation))
    if written:
        return [part.strip() for part in written.split(",") if part.strip()], ""
    kind = text_of(one.spec.get("type")).casefold()
    template = templates.get(kind) if kind in templates else templates.get(one.kind)
    if template is None:
        return [], ""
    known = {
        "name": one.name,
        "namespace": one.namespace,
        "title": text_of(inner(one.fields, "metadata").get("title")) or one.name,
    }
    try:
        return [template.format_map(known)], ""
    except (KeyError, ValueError, IndexError, AttributeError):
        return [], (
            f"{one.where}: the settings' template `{template}` (`owners.backstage`, `datasets`) cannot be filled: "
            "known are {name}, {namespace} and {title}"
        )


def _decided(one: _Entity, entities: Mapping[str, _Entity]) -> tuple[str, str]:
    """The owner, and through what it is inherited; what is larger is asked in turn, each once."""
    seen: set[str] = set()
    todo = [one]
    while todo and len(seen) < _DEEPEST:
        at = todo.pop(0)
        if at.ref in seen:
            continue
        seen.add(at.ref)
        owner = _owner(at)
        if owner:
            return owner, "" if at is one else at.ref
        todo += (entities[ref] for ref in _larger(at) if ref in entities)
    return "", ""


def _owner(one: _Entity) -> str:
    """Whom the catalogue relates it to, before what the file says; teams are groups unless it says so."""
    for relation in dicts(one.fields.get("relations")):
        if text_of(relation.get("type")) == "ownedBy":
            target = text_of(relation.get("targetRef")) or _target(relation.get("target"))
            if target:
                return reference(target, "group", one.namespace)
    written = text_of(one.spec.get("owner"))
    return reference(written, "group", one.namespace) if written else ""


def _target(target: Any) -> str:
    """A relation's target as an object, as older answers have it."""
    parts = [text_of(inner({"at": target}, "at").get(key)) for key in ("kind", "namespace", "name")]
    return f"{parts[0]}:{parts[1] or 'default'}/{parts[2]}" if parts[0] and parts[2] else ""


def _larger(one: _Entity) -> Iterator[str]:
    for key, kind in _LARGER:
        written = text_of(one.spec.get(key))
        if written:
            yield reference(written, kind, one.namespace)
    for relation in dicts(one.fields.get("relations")):
        if text_of(relation.get("type")) == "partOf" and text_of(relation.get("targetRef")):
            yield reference(text_of(relation["targetRef"]), "system", one.namespace)


def reference(written: str, kind: str, namespace: str) -> str:
    """A reference in full, folded: `kind:namespace/name`."""
    before, colon, rest = written.partition(":")
    kind, rest = (before, rest) if colon else (kind, written)
    where, slash, name = rest.partition("/")
    namespace, name = (where, name) if slash else (namespace, rest)
    return f"{kind.strip()}:{namespace.strip()}/{name.strip()}".casefold()


def _teams(entities: Iterable[_Entity]) -> Iterator[Team]:
    for one in entities:
        if one.kind in {"group", "user"}:
            profile = inner(one.spec, "profile")
            parent = text_of(one.spec.get("parent"))
            yield Team(
                one.ref,
                text_of(profile.get("displayName")) or one.name,
                SOURCE,
                one.where,
                text_of(profile.get("email")),
                reference(parent, "group", one.namespace) if parent else "",
            )
