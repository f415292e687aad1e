"""Turns a document of right form into records of the model, and tells every text in it that means nothing."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.formats.contracts.clause import CONSTRAINTS, FACETS, OF_A_MEMBER, ClausePart
from watcher.formats.contracts.document import DomainDocument, ReaderPart, SubscriptionDocument
from watcher.formats.contracts.domains import domain_record, written
from watcher.formats.contracts.places import Places, Where
from watcher.formats.contracts.reader import LoadFile, ParseReader, reader_schema
from watcher.formats.contracts.scalars import day, span
from watcher.formats.contracts.type_text import ANY, type_from
from watcher.formats.contracts.yaml_tree import Mark, Node, Scalar, child, place
from watcher.formats.sql.dialects import dialect_of
from watcher.model.compatibility import Level
from watcher.model.contract import (
    At,
    AtMost,
    Classified,
    ClosedShape,
    Consumer,
    Criticality,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Subscription,
    SubscriptionName,
    Unique,
    Values,
)
from watcher.model.dataset import DatasetName, Domain
from watcher.model.domain import DomainRecord
from watcher.model.errors import UsageError
from watcher.model.path import FieldPath, Member, Step, canonical, steps
from watcher.model.types import Constraint, Default

__all__ = ["Converter", "LoadFile", "ParseReader"]


class Converter(Places):
    """One document's conversion."""

    def __init__(self, node: Node, source: str, load_file: LoadFile, parse_reader: ParseReader | None) -> None:
        super().__init__(node)
        self._source = source
        self._load_file = load_file
        self._parse_reader = parse_reader
        self._dialect: str | None = None  # the platform that the contract's dataset stands on

    def subscription(self, document: SubscriptionDocument) -> Subscription:
        """The contract; of no use where there are problems."""
        self._dialect = dialect_of(document.dataset)
        consumer = Consumer(Domain(document.consumer.domain), document.consumer.team, document.consumer.contact)
        expectations: list[Expectation] = list(self._reliances(document))
        if document.shape == "closed":
            expectations.append(ClosedShape())
        expectations.extend(self._of_the_record(document))
        if document.compatibility is not None:
            expectations.append(Guarded(Level(document.compatibility)))
        if document.reads_with is not None:
            expectations.extend(self._reader(document.reads_with))
        return Subscription(
            name=SubscriptionName(document.name or _made_name(consumer, document.dataset)),
            consumer=consumer,
            dataset=DatasetName(document.dataset),
            expectations=tuple(expectations),
            purpose=document.purpose,
            criticality=Criticality(document.criticality),
            notice=self.read(span, document.notice, "notice"),
            until=self.read(day, document.until, "until"),
            source=self._source,
            notify=tuple(document.notify),
        )

    def domain(self, document: DomainDocument) -> DomainRecord:
        """The domain; of no use where there are problems."""
        return domain_record(document, self, self._source)

    def _of_the_record(self, document: SubscriptionDocument) -> Iterator[Expectation]:
        if document.primary_key is not None:
            yield PrimaryKey(self._members(document.primary_key, ("primary_key",)))
        first: dict[frozenset[str], Mark] = {}
        for number, names in enumerate(document.unique):
            where: Where = ("unique", number)
            key = Unique(self._members(names, where))
            if frozenset(key.members) in first:
                self.tell(where, f"these members stand twice, first in line {first[frozenset(key.members)].line}")
            first.setdefault(frozenset(key.members), place(self._node, where))
            yield key

    def _members(self, names: list[str], where: Where) -> tuple[str, ...]:
        """The members of a key, by their names; in a contract they may be quoted as in paths."""
        found: dict[str, None] = {}
        for number, text in enumerate(names):
            with self.telling(place(self._node, (*where, number))):
                taken = steps(text)
                if len(taken) != 1 or not isinstance(taken[0], Member):
                    raise UsageError(f"a key is made of the record's own members, and `{text}` is none: write its name")
                if taken[0].name in found:
                    raise UsageError(f"the member `{text}` stands twice")
                found[taken[0].name] = None
        return tuple(found)

    def _reliances(self, document: SubscriptionDocument) -> Iterator[Expectation]:
        first: dict[tuple[Step, ...], Mark] = {}
        for number, entry in enumerate(document.relies_on):
            text, clause = (entry, None) if isinstance(entry, str) else next(iter(entry.items()))
            where: Where = ("relies_on", number) if isinstance(entry, str) else ("relies_on", number, text)
            mark = place(self._node, where, key=True)
            with self.telling(mark):
                taken = steps(text)
                if not taken:
                    raise UsageError("a field's path is empty")
                if taken in first:
                    raise UsageError(f"the field `{canonical(taken)}` stands twice, first in line {first[taken].line}")
                first[taken] = mark
                yield from self._clauses(canonical(taken), clause or ClausePart(), where)

    def _clauses(self, path: FieldPath, clause: ClausePart, where: Where) -> Iterator[Expectation]:
        yield Exists(path)
        if clause.type is not None:
            with self.telling(place(self._node, (*where, "type"))):
                expected = type_from(clause.type, unit=clause.unit, dialect=self._dialect)
                if expected != ANY:
                    text = f"{clause.type}({clause.unit})" if clause.unit and "(" not in clause.type else clause.type
                    yield HasType(path, expected, text, clause.exact)
        if clause.required:
            yield Required(path)
        if clause.values is not None:
            yield Values(path, self._values(clause, (*where, "values")), clause.at_least)
        if clause.shape == "closed":
            yield ClosedShape(path)
        for facet in FACETS:
            most = clause.given(FACETS[facet])
            if most is not None:
                yield AtMost(path, facet, most)
        for word, key in CONSTRAINTS.items():
            value = clause.given(key)
            if value is not None and value is not False:
                # A whole number stays one, as it is written.
                node = _node_at(self._node, (*where, key))
                yield Meets(path, Constraint(word, node.value if isinstance(node, Scalar) else value))
        yield from self._of_the_member(path, clause, where)

    def _of_the_member(self, path: FieldPath, clause: ClausePart, where: Where) -> Iterator[Expectation]:
        """What can be said of a record's member alone: not of a list's items, nor of a map's values."""
        *above, last = steps(path)
        asked = [key for key in OF_A_MEMBER if clause.given(key) or key in clause.model_fields_set - {"unique"}]
        if not isinstance(last, Member):
            for key in asked:
                told = f"`{key}` is said of a member of a record, and `{path}` is none: leave it out"
                self.problems.append((place(self._node, (*where, key), key=True), told))
            return
        if clause.unique:
            yield Unique((last.name,), canonical(above))
        if "default" in asked:
            yield Defaulted(path, None if clause.default == "any" else Default(clause.default))
        if "position" in asked:
            yield At(path, clause.position)
        if "classification" in asked:
            tags = clause.classification
            for number, tag in enumerate(tags):
                if tag in tags[:number]:
                    self.tell((*where, "classification", number), f"the tag `{tag}` stands twice")
            yield Classified(path, tuple(sorted(tags)))

    def _values(self, clause: ClausePart, where: Where) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for number, value in enumerate(clause.values or ()):
            node = _node_at(self._node, (*where, number))
            # A number is taken as it is written: `1.0` is not `1` to a list of texts.
            text = node.text if isinstance(node, Scalar) else written(value)
            if text in found:
                self.tell((*where, number), f"the value `{text}` stands twice")
            found[text] = None
        return tuple(found)

    def _reader(self, part: ReaderPart) -> Iterator[ReadsWith | ReadsVersion]:
        if "version" in part.model_fields_set:
            yield ReadsVersion(part.version)
            return
        with self.telling(place(self._node, ("reads_with", "schema"))):
            text, source = reader_schema(part.format, part.schema_, self._source, self._load_file, self._parse_reader)
            yield ReadsWith(text, source)


def _node_at(node: Node, where: Where) -> Node | None:
    found: Node | None = node
    for step in where:
        found = child(found, step) if found is not None else None
    return found


def _made_name(consumer: Consumer, dataset: str) -> str:
    words = "".join(letter if letter.isalnum() else "-" for letter in f"{consumer}-{dataset}")
    return "-".join(part for part in words.lower().split("-") if part)
