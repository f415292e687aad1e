"""OpenLineage: run and dataset events; what a job wrote, and how that looks now.

A table is shown by the schema facet of what a complete run has written, or of an event about the dataset itself.
Inputs say nothing here: an engine lists the columns that it read, with the types that it reads them as, and neither may
look like a change that the reader made. Owners are not judged by these events (the settings say who owns what).
"""

from __future__ import annotations

import re

from watcher.feeds.warehouse.facts import ColumnImage, Fact, Gone, Image, Memory, Name, Reading, Renamed, Touched
from watcher.feeds.warehouse.sources.rows import Row, inner, millis, number, read, text, unreadable
from watcher.formats.sql.dialects import dialect_of
from watcher.model.dataset import RawRecord

MAX_DEPTH = 32
"""Fields within fields."""
MAX_FIELDS = 20_000
MAX_DATASETS = 2_000
MAX_ALIASES = 20

_GLUE = "arn:aws:glue:"
_TABLE = "table/"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset({"not", "select"})
_STRUCTS = frozenset({"struct", "record", "row", "object", "tuple", "message", "group", "nested", ""})
_ARRAYS = frozenset({"array", "list", "repeated", "set"})
_TICKED = frozenset({"bigquery", "databricks", "mysql", "mariadb"})
_UNNAMED = "unknown"
"""The type of a field that has none: not known, in every dialect."""


class _Refusal(Exception):  # noqa: N818 - never leaves this file
    """This event cannot be understood."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def decode(record: RawRecord, memory: Memory) -> Reading:
    """One event; only what a complete run has written, and events about datasets themselves, have facts."""
    del memory  # each event says all that it has to say
    event = read(record)
    if isinstance(event, Reading):
        return event
    if not event.keys() & {"run", "job", "dataset"}:
        return unreadable("not-an-event", "the record is no event of OpenLineage: it has no run, no job and no dataset")
    try:
        return _reading(event)
    except _Refusal as refusal:
        return unreadable(refusal.kind, str(refusal))


def _reading(event: Row) -> Reading:
    run, job = inner(event.get("run")), inner(event.get("job"))
    if run or "eventType" in event:
        if (text(event.get("eventType")) or "").upper() != "COMPLETE":
            return Reading("ignored")
        kind, datasets = "run-complete", _listed(event.get("outputs"))
    elif "dataset" in event:
        kind, datasets = "dataset", [event.get("dataset")]
    else:
        return Reading("ignored")  # a job's plan: nothing was written yet
    facts = [fact for one in datasets for fact in _dataset(inner(one), text(event.get("producer")) or "")]
    if not facts:
        return Reading("ignored")
    who = [one for one in (text(job.get("namespace")), text(job.get("name"))) if one]
    named = inner(event.get("dataset")) if kind == "dataset" else {}
    parts = (kind, text(run.get("runId")), text(event.get("eventTime")), text(named.get("namespace")))
    known = parts[1] or (parts[2] and parts[3])
    return Reading(
        kind,
        tuple(facts),
        id="|".join(one or "" for one in (*parts, text(named.get("name")))) if known else None,
        at=millis(event.get("eventTime")),
        by="/".join(who) or text(event.get("producer")),
        query=text(run.get("runId")),
    )


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        return []
    if len(value) > MAX_DATASETS:
        raise _Refusal("too-large", f"the event has {len(value):,} outputs; {MAX_DATASETS:,} are read at most")
    return value


# Datasets.


def _dataset(dataset: Row, producer: str) -> list[Fact]:
    """What is said of a dataset, under its own name and under those of the catalogues that know it too."""
    namespace, written = text(dataset.get("namespace")), text(dataset.get("name"))
    if namespace is None or written is None:
        raise _Refusal("malformed-event", "a dataset without a namespace or a name: both are required")
    facets = inner(dataset.get("facets"))
    state = inner(facets.get("lifecycleStateChange"))
    state = {} if state.get("_deleted") is True else state
    change = (text(state.get("lifecycleStateChange")) or "").upper()
    image = _image(facets, namespace, written, producer)
    facts = _facts(change, inner(state.get("previousIdentifier")), image, namespace, written)
    for alias in _aliases(facets):
        other = _image(facets, *alias, producer)
        facts += _facts("ALTER" if change == "RENAME" else change, {}, other, *alias)
    return facts


def _facts(change: str, previous: Row, image: Image | None, namespace: str, written: str) -> list[Fact]:
    name = _name(namespace, written)
    if change == "DROP":
        return [Gone(name, namespace=namespace)]
    shown: list[Fact] = [image] if image is not None else []
    if change == "RENAME":
        return [*_renamed(previous, name, namespace, shown=image is not None), *shown]
    if image is None and change in ("CREATE", "ALTER", "OVERWRITE"):
        return [Touched(name, f"the event says {change}, and has no schema facet", namespace)]
    return shown


def _renamed(previous: Row, name: Name, namespace: str, *, shown: bool) -> list[Fact]:
    where, written = text(previous.get("namespace")), text(previous.get("name"))
    touched: list[Fact] = (
        [] if shown else [Touched(name, "it was renamed, and the event has no schema facet", namespace)]
    )
    if where is None or written is None:
        return touched
    before = _name(where, written)
    return [Renamed(before, name, namespace)] if where == namespace else [Gone(before, namespace=where), *touched]


def _aliases(facets: Row) -> list[tuple[str, str]]:
    """Tables that a catalogue knows the dataset as (`symlinks`): it may be read under these names."""
    facet = inner(facets.get("symlinks"))
    listed = facet.get("identifiers")
    if facet.get("_deleted") is True or not isinstance(listed, list):
        return []
    if len(listed) > MAX_ALIASES:
        raise _Refusal("too-large", f"a dataset has {len(listed):,} symlinks; {MAX_ALIASES} are read at most")
    found = []
    for one in listed:
        row = inner(one)
        namespace, name = text(row.get("namespace")), text(row.get("name"))
        if namespace and name and (text(row.get("type")) or "").upper() == "TABLE":
            found.append((namespace, name))
    return list(dict.fromkeys(found))


def _name(namespace: str, written: str) -> Name:
    """The name's parts, where its platform parts names by dots; else the name in one piece: a path, a topic."""
    if namespace.startswith(_GLUE):
        return tuple(written.removeprefix(_TABLE).split("/", 1))
    parts = tuple(written.split("."))
    if dialect_of(namespace) is None or len(parts) > 3 or not all(parts) or re.search("[\"`'/]", written):
        return (written,)
    return parts


# Schemas.


def _image(facets: Row, namespace: str, written: str, producer: str) -> Image | None:
    """The dataset as its schema facet shows it; a facet that was taken back shows nothing."""
    facet = inner(facets.get("schema"))
    fields = facet.get("fields")
    if facet.get("_deleted") is True or not isinstance(fields, list) or not fields:
        return None
    source = f"{text(facet.get('_producer')) or ''} {producer}".lower()
    # Spark writes its own types, whatever it writes to.
    spark = "integration/spark" in source or "openlineage-spark" in source
    own = dialect_of(namespace)
    dialect = "databricks" if spark or namespace.startswith(_GLUE) else own
    typed = _Types(dialect or "")
    columns = tuple(typed.column(one) for one in _ordered(fields))
    return Image(_name(namespace, written), columns, dialect=dialect if dialect != own else None, namespace=namespace)


def _ordered(fields: list[object]) -> list[Row]:
    """The fields in their order; `ordinal_position` says it where every field has one."""
    if len(fields) > MAX_FIELDS:
        raise _Refusal("too-large", f"the schema facet has {len(fields):,} fields; {MAX_FIELDS:,} are read at most")
    rows = [inner(one) for one in fields]
    if not all(text(one.get("name")) for one in rows):
        raise _Refusal("malformed-facet", "the schema facet has a field without a name")
    places = [number(one.get("ordinal_position")) for one in rows]
    if any(one is None for one in places):
        return rows
    return [row for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0] or 0)]


class _Types:
    """The text of a field's type, nested ones put together as the dialect writes them."""

    def __init__(self, dialect: str) -> None:
        self._rows = dialect in ("trino", "athena")
        self._quote = "`" if dialect in _TICKED else '"'
        self._colon = ": " if dialect == "databricks" else " "

    def column(self, field: Row) -> ColumnImage:
        """A column; whether it may be null is not in the facet."""
        return ColumnImage(
            text(field.get("name")) or "", self.type(field, 0), nullable=None, comment=text(field.get("description"))
        )

    def type(self, field: Row, depth: int) -> str:
        """A type's text; one that is spelt out already stays as it is."""
        if depth > MAX_DEPTH:
            raise _Refusal("too-deep", f"the schema facet nests deeper than {MAX_DEPTH} fields")
        written = (text(field.get("type")) or "").strip()
        fields = field.get("fields")
        if not isinstance(fields, list) or not fields or "<" in written or "(" in written:
            return written or _UNNAMED
        inside = _ordered(fields)
        word = written.lower()
        if word == "map" and len(inside) == 2:
            return self._held("MAP", ", ".join(self.type(one, depth + 1) for one in inside))
        if word in _ARRAYS:
            alone = len(inside) == 1 and text(inside[0].get("name")) in ("_element", "element", "item", "_item")
            items = self.type(inside[0], depth + 1) if alone else self._struct(inside, depth + 1)
            return self._held("ARRAY", items)
        if word in _STRUCTS:
            return self._struct(inside, depth)
        # What has members and no word for it (a union) is compared by its text.
        return f"{written}<{', '.join(self.type(one, depth + 1) for one in inside)}>"

    def _struct(self, fields: list[Row], depth: int) -> str:
        return self._held("ROW" if self._rows else "STRUCT", ", ".join(self._member(one, depth + 1) for one in fields))

    def _member(self, field: Row, depth: int) -> str:
        name, quote = text(field.get("name")) or "", self._quote
        plain = _PLAIN.match(name) and name.lower() not in _KEYWORDS
        written = name if plain else f"{quote}{name.replace(quote, quote * 2)}{quote}"
        return f"{written}{self._colon}{self.type(field, depth)}"

    def _held(self, word: str, inside: str) -> str:
        return f"{word}({inside})" if self._rows else f"{word}<{inside}>"
