"""The reader: JSON trees into canonical types; definitions are collected by name, wherever they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from watcher.formats.avro import logical
from watcher.formats.avro.defaults import Defaults, as_written
from watcher.formats.avro.definitions import aliases_of, enum, full_aliases, size_of
from watcher.formats.avro.known import (
    FIELDS,
    NO_VERSION,
    TYPES,
    USELESS,
    VERSIONS,
    Version,
    is_loose,
    keep_field,
    keep_type,
    keep_version,
    text_of,
)
from watcher.formats.avro.logical import PRIMITIVES
from watcher.formats.avro.names import defined_name, full_name, is_name, space_of
from watcher.model.errors import SchemaError
from watcher.model.types import NULL, Array, Default, Field, Fixed, Map, Named, Record, Ref, Type, Union

MAX_DEPTH = 128
"""Types inside types. What people use has a tenth of it; each level costs frames of the stack."""

_ORDERS = frozenset({"ascending", "descending", "ignore"})
_DEFINING = frozenset({"record", "error", "enum", "fixed"})
_NULL_DEFAULT = Default(None)
_NAMELESS = Defaults({})


class Reader:
    """Reads trees one after the other; a name that one defines is known to the next ones.

    `known` are all types by name, where an earlier reading has found them; None at first. `types` is what each name
    means (a fixed type may carry a logical one), `named` the definitions, `ahead` whether a name was used that nothing
    has defined yet.
    """

    __slots__ = ("_at", "_check", "_final", "_known", "_open", "_own", "ahead", "named", "names_met", "types")

    def __init__(self, known: Mapping[str, Type] | None, *, check_defaults: bool) -> None:
        self._final = known is not None
        self._known = known or {}
        self._check = check_defaults
        self._at: list[str] = []  # where an error arose, the innermost step first
        self.names_met = 0  # a type that met none means the same everywhere
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
                place = f" (at /{'/'.join(reversed(self._at))})" if self._at else ""
                where = f"in the referenced `{name}`: " if name else ""
                raise SchemaError(f"{where}{error}{place}", kind=error.kind) from None
        return root

    def check_open_defaults(self) -> None:
        """Judge the defaults that had to wait for what their types' names mean."""
        if not self._open:
            return
        defaults = Defaults(self.named)
        for field, type_, value in self._open:
            if not defaults.valid(type_, value):
                raise SchemaError(f"the default is no value of the type of the field `{field}`")

    def _read(self, node: Any, space: str, depth: int) -> Type:
        if isinstance(node, str):
            return PRIMITIVES.get(node) or self._lookup(node, space)
        if depth > MAX_DEPTH:
            raise SchemaError(f"types are nested more than {MAX_DEPTH} levels deep", kind="too-deep")
        if isinstance(node, dict):
            word = node.get("type")
            if isinstance(word, str) and word in _DEFINING:
                self.names_met += 1
                return self._define(word, node, space, depth)
        text = text_of(node)
        type_ = TYPES.get(text)
        if type_ is not None:
            return type_
        opened = self.names_met
        if isinstance(node, dict):
            type_ = self._read_object(node, space, depth)
        elif isinstance(node, list):
            type_ = self._read_union(node, space, depth)
        else:
            raise SchemaError(f"a type is a name, an object or a list, not {_word(node)}")
        if opened == self.names_met:
            keep_type(text, type_)
        return type_

    def _read_object(self, node: dict[str, Any], space: str, depth: int) -> Type:
        word = node.get("type")
        if not isinstance(word, str):
            raise SchemaError(f"the `type` of a schema object is a name, not {_word(word)}")
        if word in PRIMITIVES:
            return logical.primitive(word, node)
        if word == "array":
            return Array(self._inner(node, "items", space, depth))
        if word == "map":
            return Map(self._inner(node, "values", space, depth))
        return self._lookup(word, space)

    def _inner(self, node: dict[str, Any], key: str, space: str, depth: int) -> Type:
        if key not in node:
            raise SchemaError(f"{'an array' if key == 'items' else 'a map'} says what its `{key}` are")
        try:
            return self._read(node[key], space, depth + 1)
        except SchemaError:
            self._at.append(key)
            raise

    def _read_union(self, nodes: list[Any], space: str, depth: int) -> Type:
        branches: dict[str, Type] = {}
        for number, node in enumerate(nodes):
            try:
                branch = self._read(node, space, depth + 1)
                branches[_branch_key(node, branch, branches)] = branch
            except SchemaError:
                self._at.append(str(number))
                raise
        return Union(tuple(branches.values()))

    def _lookup(self, name: str, space: str) -> Type:
        self.names_met += 1
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
            definition = enum(node, full)
        elif word == "fixed":
            definition = Fixed(size_of(node), full, full_aliases(node, full))
            type_ = logical.fixed(Ref(full), definition.size, node)
        else:
            self.types.setdefault(full, type_)
            fields = self._read_fields(node, full, depth)
            definition = Record(fields, full, full_aliases(node, full))
        if before is not None and (before != definition or self.types[full] != type_):
            raise SchemaError(f"`{full}` is defined twice, and not the same")
        self.types[full] = type_
        self.named[full] = definition
        return type_

    def _read_fields(self, node: dict[str, Any], full: str, depth: int) -> tuple[Field, ...]:
        nodes = node.get("fields")
        if not isinstance(nodes, list):
            raise SchemaError(f"the record `{full}` has no list of `fields`")
        last = VERSIONS.get(full, NO_VERSION)
        version = Version(list(nodes), [], {}, [])
        fields, names = version.fields, version.names
        at = 0
        while True:
            run = last.alongside(nodes, len(fields), at)
            if last.loose:
                shift = len(fields) - at
                version.loose |= {place + shift: one for place, one in last.loose.items() if at <= place < at + run}
            fields += last.fields[at : at + run]
            names += last.names[at : at + run]
            if len(fields) == len(nodes):
                break
            field = self._read_unknown(version, full, depth)
            at = last.following(field.name, at + run)
        if len(set(names)) != len(names):
            twice, _ = Counter(names).most_common(1)[0]
            raise SchemaError(f"the field `{twice}` stands twice in the record `{full}`")
        keep_version(full, version)
        return tuple(fields)

    def _read_unknown(self, version: Version, full: str, depth: int) -> Field:
        """The next field of the version, which the last one did not have."""
        number = len(version.fields)
        node = version.nodes[number]
        text = text_of(node)
        field = FIELDS.get(text)
        if field is None:
            met = self.names_met
            try:
                field = self._read_field(node, space_of(full), depth)
            except SchemaError:
                self._at.append(f"fields/{number}")
                raise
            if met != self.names_met or not self._check or not keep_field(text, field):
                version.nodes[number] = USELESS
        if is_loose(field, text):
            version.loose[number] = text
        version.fields.append(field)
        version.names.append(field.name)
        return field

    def _read_field(self, node: Any, space: str, depth: int) -> Field:
        if not isinstance(node, dict):
            raise SchemaError(f"a field is an object, not {_word(node)}")
        name = node.get("name")
        if not isinstance(name, str) or not is_name(name):
            raise SchemaError("a field has no name" if name is None else f"`{name}` is no name for a field")
        if "type" not in node:
            raise SchemaError(f"the field `{name}` has no type")
        met = self.names_met
        try:
            type_ = self._read(node["type"], space, depth + 1)
        except SchemaError:
            self._at.append("type")
            raise
        default = self._read_default(node, type_, alone=met == self.names_met) if "default" in node else None
        aliases: tuple[str, ...] = ()
        if "aliases" in node:
            aliases = aliases_of(node)
            self.names_met += 1
        if "order" in node and str(node["order"]).lower() not in _ORDERS:
            raise SchemaError(f"the `order` of the field `{name}` is ascending, descending or ignore")
        classes = _tags(node["confluent:tags"]) if "confluent:tags" in node else ()
        return Field(name, type_, default, aliases, classes=classes)

    def _read_default(self, node: dict[str, Any], type_: Type, *, alone: bool) -> Default:
        value = node["default"]
        if value is None and type(type_) is Union and NULL in type_.branches:
            return _NULL_DEFAULT
        default, written = as_written(type_, value)
        if not self._check or written:
            return default
        if not alone:
            self._open.append((node["name"], type_, default.value))
        elif not _NAMELESS.valid(type_, default.value):
            raise SchemaError(f"the default is no value of the type of the field `{node['name']}`")
        return default


def _branch_key(node: Any, branch: Type, others: Mapping[str, Type]) -> str:
    """What may stand only once in a union: a primitive's or kind's word, or a full name."""
    if isinstance(branch, Union):
        raise SchemaError("a union stands directly inside a union")
    base = getattr(branch, "base", None) or branch
    key = base.name if isinstance(base, Ref) else str(node if isinstance(node, str) else node["type"])
    if key in others:
        raise SchemaError(f"`{key}` stands twice in a union")
    return key


def _tags(written: object) -> tuple[str, ...]:
    """A field's classification tags; what is no list of texts is an attribute like any other, which Avro lets be."""
    those = written if isinstance(written, list) else []
    return tuple(sorted({one for one in those if isinstance(one, str)}))


def _word(node: object) -> str:
    words = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    words |= {int: "a number", float: "a number"}
    return words.get(type(node), "null")
