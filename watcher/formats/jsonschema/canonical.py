"""From the nodes of a document to the canonical shape: one type for what may stand at each place.

An object that is referred to stands once, as a definition, so that shared and recursive ones stay small; definitions
have no name of their own, for a record does not show by which `$ref` it was described. What recurs without an object
that is its own definition (a union of itself, say) is unknown from there on.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import Literal

from watcher.formats.jsonschema.asked import asked_of_items, asked_of_members, cost
from watcher.formats.jsonschema.kept import field_of
from watcher.formats.jsonschema.meet import ANY, NOTHING, by_name, join, meet
from watcher.formats.jsonschema.scalars import choice_type, number_type, text_type
from watcher.model.errors import SchemaError
from watcher.model.json_schema import (
    Absent,
    Anything,
    Choice,
    Combined,
    Composite,
    Conditional,
    Constant,
    Criterion,
    JsonSchema,
    Listing,
    Negation,
    Node,
    Nothing,
    Number,
    Reference,
    Text,
    Truth,
)
from watcher.model.schema import Format, Schema
from watcher.model.types import (
    NULL,
    Array,
    Boolean,
    Decimal,
    Enum,
    Field,
    Float,
    Integer,
    Map,
    Named,
    Record,
    Ref,
    String,
    Type,
    Union,
    Unknown,
)

MAX_DEPTH = 100
"""Types inside types, through references that are no objects; what is deeper is unknown."""

MAX_SIZE = 100_000
"""Types within a type, definitions left out; what is larger, is unknown: such a schema multiplies itself."""

MAX_STEPS = 3_000_000
"""Types that are looked at, again and again, while combinations are put together."""


_COMPOUND = (Composite, Listing, Combined)
_TYPED = (Text, Number, Listing, Composite)


def canonical(document: JsonSchema) -> Schema:
    """The canonical schema of a document; raises SchemaError where it multiplies beyond all measure."""
    reading = _Reading()
    root = reading.type(document.root, 0)
    reading.define()
    return Schema(Format.JSON, root, MappingProxyType(reading.named), flat=not reading.named, native=document)


class _Reading:
    """One reading. `_open` are definitions that are referred to and still to be read."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._taken: dict[str, int] = {}
        self._records: dict[int, bool] = {}
        self._open: list[tuple[str, Node]] = []
        self._inside: set[int] = set()
        self._known: dict[int, Type] = {}
        self._sizes: dict[int, tuple[int, Type]] = {}  # by identity, so each type is held
        self._steps = 0
        self.named: dict[str, Named] = {}

    def define(self) -> None:
        """Read the definitions that were met, and those that they meet."""
        while self._open:
            name, node = self._open.pop()
            record = self.type(node, 0)
            if not isinstance(record, Record):
                raise SchemaError(f"the definition `{name}` is entangled beyond what can be read", kind="too-complex")
            self.named[name] = record

    def type(self, node: Node, depth: int) -> Type:
        """The type of a node; the same one for a node that was met before."""
        if isinstance(node, Reference):
            return self._referred(node, depth)
        if depth > MAX_DEPTH:
            return Unknown("nested too deeply")
        if not isinstance(node, _COMPOUND):
            return _scalar(node)
        known = self._known.get(id(node))
        if known is not None:
            return known
        if id(node) in self._inside:
            return Unknown("recursion")
        self._inside.add(id(node))
        type_ = self._compound(node, depth)
        self._inside.discard(id(node))
        if self._size(type_) > MAX_SIZE:
            type_ = Unknown("too entangled to be told apart")
        self._known[id(node)] = type_
        return type_

    def _compound(self, node: Composite | Listing | Combined, depth: int) -> Type:
        match node:
            case Composite():
                return self._object(node, depth)
            case Listing():
                return self._array(node, depth)
            case Combined(Criterion.ALL):
                return self._product(node, depth)
        return self._sum([self.type(member, depth + 1) for member in node.members])

    def _referred(self, node: Reference, depth: int) -> Type:
        target = node.target
        if not self._is_record(target):
            return self.type(target, depth + 1)
        name = self._names.get(id(target))
        if name is None:
            name = self._names[id(target)] = self._free(_name_of(node.pointer))
            self._open.append((name, target))
        return Ref(name)

    def _product(self, node: Combined, depth: int) -> Type:
        """What all members have in common; those of a kind that is not named bind that kind only, if there is any."""
        whole: Type = ANY
        for member in sorted(node.members, key=_is_untyped):
            followed = member.target if isinstance(member, Reference) else member
            type_ = self.type(followed, depth + 1)
            common = _loose(whole, type_) if _is_untyped(member) else meet(whole, type_)
            if common is None:
                return Unknown("a combination that nothing satisfies")
            self._spend(self._size(common) + self._size(type_))
            whole = common
            if self._size(whole) > MAX_SIZE:
                return whole
        return whole

    def _array(self, node: Listing, depth: int) -> Type:
        asked = asked_of_items(node)
        inner = [*node.items, *([node.each] if node.each is not None else [])]
        if inner and not isinstance(node.rest, bool):
            inner.append(node.rest)
        spare = node.unevaluated
        if not inner:
            others = [one for one in (node.rest, spare) if one is not None and not isinstance(one, bool | Nothing)]
            return Array(self.type(others[0], depth + 1) if others else ANY, asked)
        return Array(self._sum([self.type(one, depth + 1) for one in inner]), asked)

    def _object(self, node: Composite, depth: int) -> Type:
        content, asked = _content(node), asked_of_members(node)
        if not node.required and not node.properties and "properties" not in node.notes.raw and content != "closed":
            others = [one for _, one in node.patterns]
            others += [one for one in (node.rest, node.unevaluated) if one is not None and not isinstance(one, bool)]
            return Map(self._sum([self.type(one, depth + 1) for one in others]) if others else ANY, asked)
        fields = [
            field_of(name, one, partial(self.type, one, depth + 1), required=name in node.required, keep=depth < 16)
            for name, one in node.properties.items()
            if not isinstance(one, Nothing)
        ]
        fields += [Field(name, ANY) for name in node.required - node.properties.keys()]
        return Record(by_name(fields), content=content, constraints=asked)

    def _is_record(self, node: Node, depth: int = 0) -> bool:
        """Whether a node makes a record for certain: an object with properties, or a product of such alone."""
        if isinstance(node, Reference):
            node = node.target
        if isinstance(node, Composite):
            return bool(node.properties)
        if not isinstance(node, Combined) or node.criterion is not Criterion.ALL:
            return False
        known = self._records.get(id(node))
        if known is None:
            self._records[id(node)] = False  # of what recurs into itself we cannot tell
            telling = [one for one in node.members if not isinstance(one, Anything | Conditional | Negation)]
            known = bool(telling) and depth < MAX_DEPTH and all(self._is_record(one, depth + 1) for one in telling)
            self._records[id(node)] = known
        return known

    def _free(self, name: str) -> str:
        """A name that no other definition has."""
        self._taken[name] = number = self._taken.get(name, 0) + 1
        return name if number == 1 else self._free(f"{name}~{number}")

    def _sum(self, types: list[Type]) -> Type:
        """One of several; the cost is that of telling them apart."""
        self._spend(sum(self._size(one) for one in types))
        return join(types)

    def _size(self, type_: Type) -> int:
        """The types within a type, itself included."""
        known = self._sizes.get(id(type_))
        if known is not None:
            return known[0]
        match type_:
            case Record(fields):
                size = 1 + sum(self._size(field.type) for field in fields)
            case Union(branches):
                size = 1 + sum(self._size(branch) for branch in branches)
            case Array(inner) | Map(inner):
                size = 1 + self._size(inner)
            case Enum(symbols):
                return 1 + len(symbols) // 16
            case Integer() | Float() | String() | Decimal():
                return 1 + cost(type_.constraints)
            case _:
                return 1
        if isinstance(type_, Record | Array | Map):
            size += cost(type_.constraints)
        self._sizes[id(type_)] = size, type_
        return size

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise SchemaError("the schema is entangled beyond what can be read", kind="too-complex")


def _scalar(node: Node) -> Type:
    match node:
        case Text():
            return text_type(node)
        case Number():
            return number_type(node)
        case Choice(values):
            return choice_type(values)
        case Constant(value):
            return choice_type((value,))
        case Truth():
            return Boolean()
        case Absent():
            return NULL
        case Nothing():
            return NOTHING
    return ANY  # of conditions and negations we know only that they rule something out


def _loose(whole: Type, type_: Type) -> Type:
    """What remains when a keyword binds values of its own kind only: branches of other kinds stay as they are."""
    if isinstance(whole, Union) and not all(isinstance(branch, Record) for branch in whole.branches):
        return join(_loose(branch, type_) for branch in whole.branches)
    common = meet(whole, type_)
    return whole if common is None else common


def _is_untyped(node: Node) -> bool:
    return isinstance(node, _TYPED) and not node.typed


def _content(node: Composite) -> Literal["open", "partial", "closed"]:
    if not isinstance(node.rest, bool) or node.patterns:
        return "partial"
    if node.rest is False or isinstance(node.unevaluated, Nothing):
        return "closed"
    return "open" if node.unevaluated is None or isinstance(node.unevaluated, Anything) else "partial"


def _name_of(pointer: str) -> str:
    """The name of a definition, as its reference ends: `#/$defs/Money`, `money.json`."""
    address, _, fragment = pointer.partition("#")
    name = fragment.rpartition("/")[2] or address.rpartition("/")[2].removesuffix(".json")
    return name or "root"
