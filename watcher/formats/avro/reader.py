"""The reader: JSON trees into canonical types; definitions are collected by name, wherever they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from watcher.formats.avro import logical
from watcher.formats.avro.defaults import Defaults, as_written
from watcher.formats.avro.logical import PRIMITIVES
from watcher.formats.avro.names import defined_name, full_name, is_name, space_of
from watcher.model.errors import SchemaError
from watcher.model.types import Array, Default, Enum, Field, Fixed, Map, Named, Record, Ref, Type, Union

MAX_DEPTH = 128
"""Types inside types. What people use has a tenth of it; each level costs frames of the stack."""

MAX_KNOWN = 16_384
MAX_KNOWN_TEXT = 512
"""Fields that are kept, and the characters of each: together they bound what is kept to some megabytes."""

_KNOWN: dict[bytes, Field] = {}
"""Fields without a named type in them, by their own text: these mean the same wherever they stand. Versions of a
subject share nearly all of theirs, and equal ones are then one object, which a comparison sees at a glance."""

_UNIONS: dict[tuple[str, ...], Union] = {}
"""Unions of primitive types, likewise."""

_ORDERS = frozenset({"ascending", "descending", "ignore"})
_DEFINING = frozenset({"record", "error", "enum", "fixed"})


class Reader:
    """Reads trees one after the other; a name that one defines is known to the next ones.

    `known` are all types by name, where an earlier reading has found them; None at first. `types` is what each name
    means (a fixed type may carry a logical one), `named` the definitions, `ahead` whether a name was used that nothing
    has defined yet.
    """

    __slots__ = ("_at", "_check", "_final", "_known", "_open", "_opened", "_own", "ahead", "named", "types")

    def __init__(self, known: Mapping[str, Type] | None, *, check_defaults: bool) -> None:
        self._final = known is not None
        self._known = known or {}
        self._check = check_defaults
        self._at: list[str] = []  # where the reader stands, told with an error
        self._opened = 0  # how many names were met: a type that met none means the same everywhere
        self._open: list[tuple[str, Type, Any]] = []  # defaults whose types have names in them
        self._own: set[str] = set()  # the names that the present tree defines
        self.types: dict[str, Type] = {}
        self.named: dict[str, Named] = {}
        self.ahead = False

    def read_all(self, trees: list[tuple[str, Any]]) -> Type:
        """The type of the last tree; the others are what it refers to, each with its name for an error."""
        root: Type = PRIMITIVES["null"]
        for name, tree in trees:
            self._own = set()
            try:
                root = self._read(tree, "", 0)
            except SchemaError as error:
                place = f" (at /{'/'.join(self._at)})" if self._at else ""
                where = f"in the referenced `{name}`: " if name else ""
                raise SchemaError(f"{where}{error}{place}", kind=error.kind) from None
        return root

    def check_open_defaults(self) -> None:
        """Judge the defaults that had to wait for what their types' names mean."""
        if not self._open:
            return
        defaults = Defaults(self.named)
        for place, type_, value in self._open:
            if not defaults.valid(type_, value):
                raise SchemaError(f"the default is no value of the field's type (at /{place})")

    def _read(self, node: Any, space: str, depth: int) -> Type:
        if isinstance(node, str):
            return PRIMITIVES.get(node) or self._lookup(node, space)
        if depth > MAX_DEPTH:
            raise SchemaError(f"types are nested more than {MAX_DEPTH} levels deep", kind="too-deep")
        if isinstance(node, dict):
            return self._read_object(node, space, depth)
        if isinstance(node, list):
            return self._read_union(node, space, depth)
        raise SchemaError(f"a type is a name, an object or a list, not {_word(node)}")

    def _read_object(self, node: dict[str, Any], space: str, depth: int) -> Type:
        word = node.get("type")
        if not isinstance(word, str):
            raise SchemaError(f"the `type` of a schema object is a name, not {_word(word)}")
        if word in PRIMITIVES:
            return logical.primitive(word, node)
        if word in _DEFINING:
            self._opened += 1
            return self._define(word, node, space, depth)
        if word == "array":
            return Array(self._inner(node, "items", space, depth))
        if word == "map":
            return Map(self._inner(node, "values", space, depth))
        return self._lookup(word, space)

    def _inner(self, node: dict[str, Any], key: str, space: str, depth: int) -> Type:
        if key not in node:
            raise SchemaError(f"{'an array' if key == 'items' else 'a map'} says what its `{key}` are")
        self._at.append(key)
        inner = self._read(node[key], space, depth + 1)
        self._at.pop()
        return inner

    def _read_union(self, nodes: list[Any], space: str, depth: int) -> Type:
        try:
            shared = _UNIONS.get(tuple(nodes))
        except TypeError:  # an object among them
            shared = None
        if shared is not None:
            return shared
        branches: dict[str, Type] = {}
        opened = self._opened
        for number, node in enumerate(nodes):
            self._at.append(str(number))
            branch = self._read(node, space, depth + 1)
            key = _branch_key(node, branch)
            if key is None:
                raise SchemaError("a union stands directly inside a union")
            if key in branches:
                raise SchemaError(f"`{key}` stands twice in a union")
            branches[key] = branch
            self._at.pop()
        union = Union(tuple(branches.values()))
        if opened == self._opened and all(isinstance(node, str) for node in nodes):
            _keep(_UNIONS, tuple(nodes), union)
        return union

    def _lookup(self, name: str, space: str) -> Type:
        self._opened += 1
        for candidate in (full_name(name, space), name):
            found = self.types.get(candidate) or self._known.get(candidate)
            if found is not None:
                return found
        if self._final or not is_name(name.rpartition(".")[2]):
            raise SchemaError(f"the name `{name}` is not defined", kind="unknown-reference")
        self.ahead = True
        return Ref(full_name(name, space))

    def _define(self, word: str, node: dict[str, Any], space: str, depth: int) -> Type:
        full = defined_name(node, space)
        if full in PRIMITIVES:
            raise SchemaError(f"`{full}` is the name of a primitive type")
        before = self.named.get(full)
        if full in self.types and (before is None or full in self._own):
            raise SchemaError(f"`{full}` is defined twice")
        self._own.add(full)
        type_: Type = Ref(full)
        definition: Named
        if word == "enum":
            definition = _enum(node, full)
        elif word == "fixed":
            definition = Fixed(_size(node), full, _full_aliases(node, full))
            type_ = logical.fixed(Ref(full), definition.size, node)
        else:
            self.types.setdefault(full, type_)
            fields = self._read_fields(node, full, depth)
            definition = Record(fields, full, _full_aliases(node, full))
        if before is not None and (before != definition or self.types[full] != type_):
            raise SchemaError(f"`{full}` is defined twice, and not the same")
        self.types[full] = type_
        self.named[full] = definition
        return type_

    def _read_fields(self, node: dict[str, Any], full: str, depth: int) -> tuple[Field, ...]:
        nodes = node.get("fields")
        if not isinstance(nodes, list):
            raise SchemaError(f"the record `{full}` has no list of `fields`")
        space = space_of(full)
        fields: list[Field] = []
        known, dumps = _KNOWN.get, orjson.dumps
        for number, one in enumerate(nodes):
            try:
                text = dumps(one)
            except TypeError:  # nested deeper than a field that is worth knowing
                text = b""
            field = known(text)
            if field is None:
                self._at.append(f"fields/{number}")
                field = self._read_field(one, text, space, depth)
                self._at.pop()
            fields.append(field)
        if len({field.name for field in fields}) != len(fields):
            twice, _ = Counter(field.name for field in fields).most_common(1)[0]
            raise SchemaError(f"the field `{twice}` stands twice in the record `{full}`")
        return tuple(fields)

    def _read_field(self, node: Any, text: bytes, space: str, depth: int) -> Field:
        if not isinstance(node, dict):
            raise SchemaError(f"a field is an object, not {_word(node)}")
        name = node.get("name")
        if not isinstance(name, str) or not is_name(name):
            raise SchemaError("a field has no name" if name is None else f"`{name}` is no name for a field")
        if "type" not in node:
            raise SchemaError(f"the field `{name}` has no type")
        opened = self._opened
        self._at.append("type")
        type_ = self._read(node["type"], space, depth + 1)
        self._at.pop()
        alone = opened == self._opened
        default = self._read_default(node, type_, alone=alone) if "default" in node else None
        aliases = _aliases(node) if "aliases" in node else ()
        if "order" in node and str(node["order"]).lower() not in _ORDERS:
            raise SchemaError(f"the `order` of the field `{name}` is ascending, descending or ignore")
        field = Field(name, type_, default, aliases)
        if alone and len(text) <= MAX_KNOWN_TEXT and (self._check or default is None):
            _keep(_KNOWN, text, field)
        return field

    def _read_default(self, node: dict[str, Any], type_: Type, *, alone: bool) -> Default:
        default, written = as_written(type_, node["default"])
        if not self._check or written:
            return default
        if not alone:
            self._open.append(("/".join(self._at), type_, default.value))
        elif not Defaults({}).valid(type_, default.value):
            raise SchemaError(f"the default is no value of the type of the field `{node['name']}`")
        return default


def _enum(node: dict[str, Any], full: str) -> Enum:
    symbols = node.get("symbols")
    if not isinstance(symbols, list):
        raise SchemaError(f"the enum `{full}` has no list of `symbols`")
    if not all(map(is_name, symbols)):
        raise SchemaError(f"the enum `{full}` has a symbol that is no name")
    if len(set(symbols)) != len(symbols):
        raise SchemaError(f"the enum `{full}` has a symbol twice")
    default = node.get("default")
    if not isinstance(default, str):
        default = None
    elif default not in symbols:
        raise SchemaError(f"the default `{default}` of the enum `{full}` is none of its symbols")
    return Enum(tuple(symbols), full, default, _full_aliases(node, full))


def _size(node: dict[str, Any]) -> int:
    size = node.get("size")
    if type(size) is not int or not 0 <= size < 2**31:
        raise SchemaError(f"the `size` of the fixed `{node['name']}` is a number of bytes")
    return size


def _aliases(node: dict[str, Any]) -> tuple[str, ...]:
    aliases = node.get("aliases")
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise SchemaError("`aliases` is a list of names")
    return tuple(dict.fromkeys(aliases))


def _full_aliases(node: dict[str, Any], full: str) -> tuple[str, ...]:
    """A named type's aliases as full names; a simple one is of the type's own namespace."""
    if "aliases" not in node:
        return ()
    aliases = _aliases(node)
    if not all(is_name(alias.rpartition(".")[2]) for alias in aliases):
        raise SchemaError(f"an alias of `{full}` is no name")
    return tuple(dict.fromkeys(full_name(alias, space_of(full)) for alias in aliases))


def _branch_key(node: Any, branch: Type) -> str | None:
    """What may stand only once in a union: a primitive's or kind's word, or a full name; None for a union."""
    if isinstance(branch, Union):
        return None
    base = getattr(branch, "base", None) or branch
    if isinstance(base, Ref):
        return base.name
    word = node if isinstance(node, str) else node["type"]
    return str(word)


def _keep(kept: dict[Any, Any], key: object, value: object) -> None:
    if len(kept) >= MAX_KNOWN:
        kept.clear()
    kept[key] = value


def _word(node: object) -> str:
    words = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    words |= {int: "a number", float: "a number"}
    return words.get(type(node), "null")
