"""The builder: schema objects of any draft into the nodes that a registry compares, references resolved.

Up to draft 7 a registry leaves out what stands beside `$ref`; since 2019-09 it counts. There, too, a registry takes a
member of a combination that implies several kinds (`type` beside `enum`) for several members: odd, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

from watcher.formats.jsonschema import keywords
from watcher.formats.jsonschema.documents import Documents, Spot, rebased
from watcher.formats.jsonschema.kept import keep_node, kept_node, key_of
from watcher.formats.jsonschema.keywords import Draft, Raw
from watcher.formats.jsonschema.kinds import list_node, number_node, object_node, text_node
from watcher.formats.jsonschema.text import written
from watcher.model.errors import SchemaError
from watcher.model.json_schema import (
    Absent,
    Anything,
    Choice,
    Combined,
    Conditional,
    Constant,
    Criterion,
    Negation,
    Node,
    Notes,
    Nothing,
    Number,
    Reference,
    Text,
    Truth,
)
from watcher.model.types import Default

MAX_DEPTH = 80
"""Schemas inside schemas, as they are written. What people use has a fifth of it; a level costs frames of the stack."""

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_Part: TypeAlias = Callable[[Notes], Node]


class Builder:
    """Takes documents apart; every schema object becomes one node, however often it is referred to."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._built: dict[tuple[int, str], Node] = {}
        self._open: list[tuple[Reference, Spot]] = []
        self._at: list[str] = []  # where an error arose, the innermost step first

    def root(self) -> Node:
        """The root, with all that it refers to; raises SchemaError."""
        references: list[Reference] = []
        where = ""
        try:
            root = self._node(self._documents.root, 0)
            while self._open:
                reference, spot = self._open.pop()
                where = f"`{reference.pointer[:200]}`: "
                references.append(reference)
                found = self._documents.find(reference.pointer, spot)
                reference.target = Anything() if found is None else self._node(found, 0)
        except SchemaError as error:
            place = f" (at #/{'/'.join(reversed(self._at))})" if self._at else ""
            raise SchemaError(f"{where}{error}{place}", kind=error.kind) from None
        _shorten(references)
        return root.target if isinstance(root, Reference) else root

    def _node(self, spot: Spot, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise SchemaError(f"schemas are nested more than {MAX_DEPTH} levels deep", kind="too-deep")
        tree = spot.tree
        if isinstance(tree, bool):
            return Anything() if tree else Nothing()
        if not isinstance(tree, dict):
            raise SchemaError("a schema is an object, true or false")
        key = (id(tree), spot.base)
        node = self._built.get(key)
        if node is None:
            node = self._built[key] = self._object(tree, rebased(spot), depth)
        return node

    def _inner(self, spot: Spot, depth: int, tree: Any, *steps: object) -> Node:
        key = key_of(tree, spot.draft) if steps[0] == "properties" else None
        node = None if key is None else kept_node(key)
        if node is not None:
            self._built[id(tree), spot.base] = node
            return node
        try:
            node = self._node(Spot(tree, spot.base, spot.draft), depth + 1)
        except SchemaError:
            self._at += [str(step)[:200] for step in reversed(steps)]
            raise
        if key is not None:
            keep_node(key, node)
        return node

    def _object(self, raw: Raw, spot: Spot, depth: int) -> Node:
        notes = _notes(raw, spot.draft)
        parts = list(self._parts(raw, spot, depth))
        if not parts:
            return Anything(notes)
        if len(parts) == 1:
            return parts[0](notes)
        bare = Notes(raw=raw)
        members = _combined_first([part(bare) for part in parts])
        return Combined(Criterion.ALL, members, members, notes, implied=True)

    def _parts(self, raw: Raw, spot: Spot, depth: int) -> Iterator[_Part]:
        """The nodes that the keywords of an object make, each still to be given its notes."""
        late = spot.draft >= Draft.D2019
        for key in _REFERENCES if late else _REFERENCES[:1]:
            if key in raw:
                yield partial(self._reference, keywords.text(raw, key) or "", spot)
                if not late:
                    return
        if "enum" in raw:
            values = dict.fromkeys(written(one) for one in keywords.listing(raw, "enum"))
            yield partial(Choice, tuple(values), frozenset(values))
        for criterion in Criterion:
            if criterion.value in raw:
                yield partial(self._combined, criterion, raw, spot, depth)
        if "not" in raw:
            yield lambda notes: Negation(self._inner(spot, depth, raw["not"], "not"), notes)
        if "const" in raw and spot.draft >= Draft.D6:
            yield partial(Constant, written(raw["const"]))
        yield from self._kinds(raw, spot, depth)
        asked = ("if", "then", "else") if spot.draft is Draft.D7 else ("if",)
        if spot.draft >= Draft.D7 and any(key in raw for key in asked):
            yield Conditional

    def _kinds(self, raw: Raw, spot: Spot, depth: int) -> Iterator[_Part]:
        """One node for the types that are named, and one for each other kind that a keyword speaks of."""
        named = keywords.types(raw)
        make = partial(self._kind, spot, depth)
        if named is not None and isinstance(raw["type"], str):
            yield partial(make, named[0])
        elif named is not None:
            yield partial(_any_of, [partial(make, one) for one in named])
        spoken = {"number" if one == "integer" else one for one in named or ()}
        said = raw.keys() - keywords.unsaid(raw, spot.draft)
        for kind, group in keywords.groups(spot.draft).items():
            if kind not in spoken and not group.isdisjoint(said):
                yield partial(make, kind, typed=False)

    def _kind(self, spot: Spot, depth: int, kind: str, notes: Notes, *, typed: bool = True) -> Node:
        raw, inner = spot.tree, partial(self._inner, spot, depth)
        match kind:
            case "string":
                return text_node(raw, notes, typed=typed)
            case "number" | "integer":
                return number_node(raw, spot.draft, notes, typed=typed, integer=kind == "integer")
            case "array":
                return list_node(raw, spot.draft, inner, notes, typed=typed)
            case "object":
                return object_node(raw, spot.draft, inner, notes, typed=typed)
        return Truth(notes) if kind == "boolean" else Absent(notes)

    def _reference(self, pointer: str, spot: Spot, notes: Notes) -> Node:
        reference = Reference(pointer, Anything(), notes)
        self._open.append((reference, spot))
        return reference

    def _combined(self, criterion: Criterion, raw: Raw, spot: Spot, depth: int, notes: Notes) -> Node:
        members: list[Node] = []
        distinct: dict[str, Node] = {}
        for at, tree in enumerate(keywords.listing(raw, criterion.value)):
            node = self._inner(spot, depth, tree, criterion.value, at)
            flat = spot.draft >= Draft.D2019 and isinstance(node, Combined) and _implies_all(node)
            if isinstance(node, Combined) and flat:
                members += node.members
                for one in node.members:
                    distinct.setdefault(_identity(one, spot.draft), one)
            else:
                members.append(node)
                distinct.setdefault(written(tree), node)
        return Combined(criterion, _combined_first(members), _combined_first(list(distinct.values())), notes)


def _notes(raw: Raw, draft: Draft) -> Notes:
    default = Default(raw["default"]) if "default" in raw else None
    if default is not None and isinstance(default.value, list | dict):
        written(default.value)  # refuses one that is nested too deeply to be compared
    if default is not None and default.value is None and draft >= Draft.D2019:
        default = None  # the later drafts' reader takes null for no default
    said = [raw.get(key) for key in ("id" if draft is Draft.D4 else "$id", "title", "description")]
    id_, title, description = (one if isinstance(one, str) else None for one in said)
    return Notes(id_, title, description, default, raw)


def _any_of(makers: list[_Part], notes: Notes) -> Node:
    members = tuple(make(Notes(raw=notes.raw)) for make in makers)
    return Combined(Criterion.ANY, members, members, notes, implied=True)


def _implies_all(node: Combined) -> bool:
    return node.implied and node.criterion is Criterion.ALL


def _combined_first(nodes: list[Node]) -> tuple[Node, ...]:
    """A registry visits combinations first, and numbers the members so."""
    return tuple(sorted(nodes, key=lambda node: not isinstance(node, Combined)))


def _identity(node: Node, draft: Draft) -> str:
    """One text for members that are written alike, where a member is a part of what is written."""
    match node:
        case Choice(values):
            return f"enum {values}"
        case Constant(value):
            return f"const {value}"
        case Text() | Number():
            group = keywords.groups(draft)["string" if isinstance(node, Text) else "number"]
            said = {key: value for key, value in node.notes.raw.items() if key in group or key == "type"}
            return f"{type(node).__name__} {written(said)}"
    return f"{id(node)}"


def _shorten(references: list[Reference]) -> None:
    """Let every reference lead to what is no reference; raises SchemaError where one leads back to itself."""
    for reference in references:
        chain: dict[int, Reference] = {}
        target: Node = reference
        while isinstance(target, Reference):
            if id(target) in chain:
                raise SchemaError(f"`{reference.pointer[:200]}` refers to itself and to nothing else")
            chain[id(target)] = target
            target = target.target
        for one in chain.values():
            one.target = target
