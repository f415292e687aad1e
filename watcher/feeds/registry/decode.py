"""Bytes of a registry's topic become records: every shape that Confluent, Karapace and Redpanda have written so far.

The key is read as JSON and told by its `keytype`, never by its bytes: the same key was written in several orders.
Total: what cannot be understood comes back as `Unreadable`, with a kind for machines and a sentence for people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from watcher.feeds.registry.records import (
    Association,
    ClearSubject,
    Config,
    Context,
    Decoded,
    DeleteSubject,
    Mode,
    Noop,
    Record,
    Reference,
    SchemaRecord,
    SchemaTombstone,
)
from watcher.feeds.registry.subjects import canonical, qualified, split
from watcher.model.compatibility import Level
from watcher.model.dataset import RawRecord
from watcher.model.observation import Unreadable

MAX_NAME_BYTES = 1000
"""A subject longer than this fits no index of a ledger; topic names end at 249."""
MAX_NUMBER = 2**31 - 1
"""Versions and ids are Java's `int`."""
LATEST = -1
LEVELS = frozenset(level.value for level in Level) - {Level.READER_WRITER.value}
_SHOWN = 80

Document = Mapping[str, Any]


class _Refusal(Exception):  # noqa: N818 - never leaves this file
    """This record cannot be understood."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def decode(raw: RawRecord) -> Decoded:
    """What one record says. An empty value counts as none: Karapace deletes with it."""
    try:
        key = _document(raw.key, "key")
        return _record(key, raw)
    except _Refusal as refusal:
        return Unreadable(refusal.kind, str(refusal))


def _record(key: Document, raw: RawRecord) -> Record:
    keytype = key.get("keytype")
    reader = _READERS.get(keytype) if isinstance(keytype, str) else None
    if reader is None:
        raise _Refusal(
            "unknown-record-kind", f"no registry known to the watcher writes records of keytype {_shown(keytype)}"
        )
    magics = _SCHEMA_MAGICS if keytype == "SCHEMA" else _MAGICS
    if key.get("magic", 0) not in magics or key.get("magic") is True:
        raise _Refusal(
            "unsupported-magic", f"a {keytype} key of magic {_shown(key.get('magic'))} is of no known version"
        )
    if not raw.value:
        return reader(key, None)
    if keytype == "NOOP":  # whatever it carries means nothing
        return Noop()
    value = _document(raw.value, "value")
    seq = key.get("seq")
    if seq is not None and seq != raw.position.offset:
        # Redpanda's writers race for an offset; who lost is disregarded by all of its readers, and by us.
        raise _Refusal(
            "out-of-turn",
            f"the writer meant offset {_shown(seq)}, the record came to stand at {raw.position.offset}: "
            "registries of this kind disregard it, as they would after copying the topic to another cluster",
        )
    return reader(key, value)


def _schema(key: Document, value: Document | None) -> Record:
    subject = _subject(key, "key")
    version = _number(key, "version", "key", least=1)
    if value is None:
        return SchemaTombstone(subject, version)
    text = value.get("schema")
    if not isinstance(text, str):
        raise _Refusal("invalid-record", f"the value's schema is {_shown(text)}, not a text")
    format_ = value.get("schemaType")
    if format_ is None:
        format_ = "AVRO"
    elif not isinstance(format_, str) or not format_.isascii() or not 0 < len(format_) <= _SHOWN:
        raise _Refusal("invalid-record", f"the value's schemaType is {_shown(format_)}, not a name")
    deleted = value.get("deleted")
    if deleted is not None and not isinstance(deleted, bool):
        raise _Refusal("invalid-record", f"the value's deleted is {_shown(deleted)}, neither true nor false")
    references = value.get("references")
    return SchemaRecord(
        subject=subject,
        version=version,
        id=_number(value, "id", "value", least=0),
        format=format_,
        text=text,
        references=_references(references, subject) if references else (),
        deleted=bool(deleted),
    )


def _references(items: object, referrer: str) -> tuple[Reference, ...]:
    if not isinstance(items, list):
        raise _Refusal("invalid-record", f"the value's references are {_shown(items)}, not a list")
    found = []
    for item in items:
        if not isinstance(item, dict):
            raise _Refusal("invalid-record", f"a reference is {_shown(item)}, not an object")
        name = item.get("name")
        if not isinstance(name, str) or "\0" in name:
            raise _Refusal("invalid-record", f"a reference's name is {_shown(name)}, not a text")
        _subject(item, "reference")
        subject = qualified(item["subject"], beside=referrer)  # before the default context is dropped from it
        found.append((name, subject, _number(item, "version", "reference", least=LATEST)))
    return tuple(found)


def _delete_subject(key: Document, value: Document | None) -> Record:
    if value is None:
        return Noop()  # no registry writes it, and none reads anything into it
    version = value.get("version")
    # Redpanda names no version: all are meant. Karapace names -1 where nothing was live.
    watermark = None if version is None else _number(value, "version", "value", least=LATEST)
    return DeleteSubject(_subject(key, "key"), watermark)


def _clear_subject(key: Document, value: Document | None) -> Record:
    if value is None:
        return Noop()
    return ClearSubject(_scope(key))


def _config(key: Document, value: Document | None) -> Record:
    scope = _scope(key)
    if value is None:
        return Config(scope, None, None)
    level, alias = value.get("compatibilityLevel"), value.get("alias")
    if level is not None and not (isinstance(level, str) and level in LEVELS):
        raise _Refusal(
            "unknown-level", f"{_shown(level)} is no compatibility level; known are {', '.join(sorted(LEVELS))}"
        )
    policy, group = (value.get(part) for part in ("compatibilityPolicy", "compatibilityGroup"))
    return Config(
        scope,
        level,
        qualified(_name(value, "alias", "value"), beside=scope) if alias else None,
        _name(value, "compatibilityPolicy", "value") if policy else None,
        _name(value, "compatibilityGroup", "value") if group else None,
    )


def _mode(key: Document, value: Document | None) -> Record:
    if value is None:
        return Mode(_scope(key), None)
    return Mode(_scope(key), _name(value, "mode", "value"))


def _noop(_key: Document, _value: Document | None) -> Record:
    return Noop()


def _context(key: Document, value: Document | None) -> Record:
    return Context(_name(key, "context", "key"), gone=value is None)


def _association(key: Document, value: Document | None) -> Record:
    parts = [key.get(part) for part in _ASSOCIATION_KEY]
    if not all(part is None or (isinstance(part, str) and _fits(part)) for part in parts):
        raise _Refusal("invalid-record", "a part of the association's key is not a name")
    subject = _subject(value, "value") if value is not None else None
    return Association("/".join((part or "").replace("/", "%2F") for part in parts), subject)


_ASSOCIATION_KEY = ("tenant", "resourceNamespace", "resourceName", "resourceType", "associationType", "subject")
_SCHEMA_MAGICS = (0, 1)
_MAGICS = (0,)
_READERS: Mapping[str, Callable[[Document, Document | None], Record]] = {
    "SCHEMA": _schema,
    "DELETE_SUBJECT": _delete_subject,
    "CLEAR_SUBJECT": _clear_subject,
    "CONFIG": _config,
    "MODE": _mode,
    "NOOP": _noop,
    "CONTEXT": _context,
    "ASSOC": _association,
}


def _document(data: bytes | None, side: str) -> Document:
    if not data:
        raise _Refusal("missing-key", "the record has no key: a registry writes none without")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _Refusal(*_fault(data, side, str(error))) from None
    if not isinstance(document, dict):
        raise _Refusal("invalid-record", f"the {side} is {_shown(document)}, not an object")
    return document


def _fault(data: bytes, side: str, message: str) -> tuple[str, str]:
    """Kind and reason of bytes that are no JSON."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return "not-utf-8", f"the {side} is not UTF-8 at byte {error.start}"
    if "depth" in message or "recursion" in message:
        return "too-deep", f"the {side} nests deeper than 1,024 levels"
    return "malformed-json", f"the {side} is not JSON: {message}"


def _scope(key: Document) -> str:
    """The key's subject; empty for the whole registry, which was written as absent, as null and as an empty text."""
    return canonical(_name(key, "subject", "key")) if key.get("subject") else ""


def _subject(document: Document, side: str) -> str:
    subject = _name(document, "subject", side)
    if not subject.startswith(":."):
        return subject
    context, name = split(canonical(subject))
    if not name:
        raise _Refusal("invalid-record", f"the {side}'s subject {_shown(subject)} names the context {context} alone")
    return canonical(subject)


def _name(document: Document, part: str, side: str) -> str:
    name = document.get(part)
    if not isinstance(name, str) or not name:
        raise _Refusal("invalid-record", f"the {side}'s {part} is {_shown(name)}, not a name")
    if not _fits(name):
        raise _Refusal("invalid-record", f"the {side}'s {part} holds NUL, or is longer than {MAX_NAME_BYTES} bytes")
    return name


def _fits(name: str) -> bool:
    # A character takes four bytes at most: only the few long names are measured.
    return "\0" not in name and (len(name) * 4 <= MAX_NAME_BYTES or len(name.encode()) <= MAX_NAME_BYTES)


def _number(document: Document, part: str, side: str, *, least: int) -> int:
    number = document.get(part)
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= MAX_NUMBER:
        raise _Refusal("invalid-record", f"the {side}'s {part} is {_shown(number)}, not a number from {least} on")
    return number


def _shown(value: object) -> str:
    """A value as a message may carry it: short, printable, on one line; never walks into nested ones."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = "null" if value is None else ascii(value[:_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
