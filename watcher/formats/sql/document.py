"""A table as the text of a schema: what the ledger keeps of it, and what is judged.

One line a column, so that two of them are compared by eye. What says nothing of the shape (comments, the platform's
words for a type) is kept too, since a catalogue is built again from it.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

from watcher.formats.sql.catalogue import MAX_COLUMNS, Column, Name, Select, Table
from watcher.formats.sql.tables import schema_of
from watcher.formats.sql.type_text import read_column_type
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema
from watcher.model.types import Type, Unknown

MAX_TEXT = 20_000_000
"""Characters of a table's text; one of the largest, with twenty thousand columns, has a tenth of it."""

_NO_TYPES: dict[str, str] = {}


def table_text(table: Table, dialect: str) -> str:
    """A table as text, the same for equal tables. `dialect` is the catalogue's."""
    dialect = table.dialect or dialect
    head: dict[str, Any] = {"table": table.name, "dialect": dialect}
    if table.select is not None:
        head["select"] = _select(table.select)
    said = {
        "view": table.view,
        "temporary": table.temporary,
        "partial": table.partial,
        "broken": table.broken,
        "id": table.id,
        "comment": table.comment,
        "primary_key": table.primary_key,
        "primary_name": table.primary_name,
        "keys": table.keys,
    }
    head.update((key, value) for key, value in said.items() if value not in (None, False, ()))
    columns = ",\n".join(_written(_column(one, dialect)) for one in table.columns)
    return f'{_written(head)[:-1]},"columns":[\n{columns}\n]}}\n' if columns else f"{_written(head)}\n"


def read_table(text: str) -> Schema:
    """The schema of a table's text; raises SchemaError where it is none."""
    table = table_of(text)
    return schema_of(table, ".".join(table.name))


def table_of(text: str) -> Table:
    """The table of a text, ids and all; raises SchemaError where it is none."""
    document = _document(text)
    name = _names(document, "table")
    dialect = _text(document, "dialect")
    if not name or dialect is None:
        _refuse("a table has a name (`table`) and a `dialect`")
    columns = _many(document, "columns")
    if len(columns) > MAX_COLUMNS:
        raise SchemaError(f"the table has more than {MAX_COLUMNS} columns", kind="too-large")
    table = Table(
        name,
        tuple(_column_of(one, dialect) for one in columns),
        primary_key=_names(document, "primary_key"),
        keys=tuple(_key_of(one) for one in _many(document, "keys")),
        primary_name=_text(document, "primary_name"),
        view=_said(document, "view"),
        temporary=_said(document, "temporary"),
        partial=_said(document, "partial"),
        comment=_text(document, "comment"),
        id=_text(document, "id"),
        select=_select_of(document.get("select")),
        broken=_text(document, "broken"),
        dialect=dialect,
    )
    if len({one.name for one in table.columns}) != len(columns):
        _refuse("a column stands twice")
    return table


def _select(select: Select) -> dict[str, Any]:
    said = {"place": select.place, "uses": select.uses, "awaits": select.awaits, "names": select.names}
    return {"text": select.text, **{key: value for key, value in said.items() if value}}


def _column(column: Column, dialect: str) -> dict[str, Any]:
    document: dict[str, Any] = {"name": column.name, "type": column.text}
    if _read(column.text, dialect) != column.type:
        if column.means is not None and _read(column.means, dialect) == column.type:
            document["means"] = column.means
        else:
            document["unknown"] = column.type.text if isinstance(column.type, Unknown) else column.text
    if not column.nullable:
        document["nullable"] = False
    said = {"default": column.default, "generated": column.generated, "comment": column.comment}
    document.update((key, value) for key, value in said.items() if value is not None)
    if column.classes:
        document["classes"] = column.classes
    if column.id:
        document["id"] = column.id
    return document


def _column_of(document: Any, dialect: str) -> Column:
    if not isinstance(document, dict):
        _refuse("a column is an object")
    name, text = _text(document, "name"), _text(document, "type")
    number = document.get("id", 0)
    nullable = document.get("nullable", True)
    if name is None or text is None or type(number) not in (int, str) or not isinstance(nullable, bool):
        _refuse("a column has a `name` and a `type`, its `id` is a number or a text, `nullable` is true or false")
    means, unknown = _text(document, "means"), _text(document, "unknown")
    return Column(
        name,
        text,
        Unknown(unknown) if unknown is not None else _read(means or text, dialect),
        nullable=nullable,
        default=_text(document, "default"),
        generated=_text(document, "generated"),
        comment=_text(document, "comment"),
        classes=_names(document, "classes"),
        means=means,
        id=number,
    )


def _read(text: str, dialect: str) -> Type:
    return read_column_type(text, dialect, _NO_TYPES)


def _key_of(document: Any) -> tuple[str, Name]:
    if not isinstance(document, list) or len(document) != 2 or not isinstance(document[0], str):
        _refuse("a key is its name and its columns")
    return document[0], _names({"columns": document[1]}, "columns")


def _select_of(document: Any) -> Select | None:
    if document is None:
        return None
    text = _text(document, "text") if isinstance(document, dict) else None
    if text is None:
        _refuse("a `select` has a `text`")
    uses = tuple(_use_of(one) for one in _many(document, "uses"))
    awaits = tuple(_names({"awaits": one}, "awaits") for one in _many(document, "awaits"))
    return Select(text, _names(document, "place"), uses, awaits, _names(document, "names"))


def _use_of(document: Any) -> tuple[Name, Name]:
    if not isinstance(document, list) or len(document) != 2:
        _refuse("a table that is read is its name and its columns")
    return _names({"uses": document[0]}, "uses"), _names({"uses": document[1]}, "uses")


def _document(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise SchemaError(f"the table has {len(text)} characters, and {MAX_TEXT} are read at most", kind="too-large")
    try:
        document = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        document = None
    if not isinstance(document, dict):
        raise SchemaError(
            "this is no table as the watcher writes one down; scripts of DDL are compared with "
            "`watcher diff --format sql --dialect NAME OLD NEW`",
            kind="unsupported-format",
        )
    return document


def _names(document: dict[str, Any], key: str) -> Name:
    found = _many(document, key)
    if not all(isinstance(one, str) for one in found):
        _refuse(f"`{key}` is a list of texts")
    return tuple(found)


def _many(document: dict[str, Any], key: str) -> list[Any]:
    found = document.get(key, [])
    if not isinstance(found, list):
        _refuse(f"`{key}` is a list")
    return found


def _text(document: dict[str, Any], key: str) -> str | None:
    found = document.get(key)
    if found is not None and not isinstance(found, str):
        _refuse(f"`{key}` is a text")
    return found


def _said(document: dict[str, Any], key: str) -> bool:
    found = document.get(key, False)
    if not isinstance(found, bool):
        _refuse(f"`{key}` is true or false")
    return found


def _refuse(why: str) -> NoReturn:
    raise SchemaError(f"the table's text is off: {why}")


def _written(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, TypeError):
        # Half of a pair of surrogates, which no database holds: what cannot be written is a question mark.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
