"""Whether a registry takes what a ready text puts into a schema, under its subject's level; and what to do if not.

A text is judged in the smallest schema that can hold it, after one that lacks it. What stands elsewhere in the schema
stays as it is, and stands in nobody's way. Under a transitive level older versions count too: of those only the one
that had the member is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from watcher.compat.levels import check, judge
from watcher.formats import avro, jsonschema
from watcher.model.compatibility import Level, Policy
from watcher.model.errors import WatcherError
from watcher.model.schema import Format, Schema

_FORMATS = frozenset({Format.AVRO, Format.JSON, Format.PROTOBUF})
_ZEROS: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("int", "long", "integer"), 0),
        **dict.fromkeys(("float", "double", "number"), 0.0),
        "string": "",
        "bytes": "\u0000",
        "boolean": False,
    }
)
OPEN, CLOSED = "open", "closed"
"""Whether an object allows members that it does not name."""

_NO_UUID = "00000000-0000-0000-0000-000000000000"


def level_of(level: str | None, format_: Format | None) -> Level | None:
    """The level by which a registry checks the dataset's schemas; None where none is known, or nothing is checked."""
    if (
        format_ not in _FORMATS
        or not isinstance(level, str)
        or level not in set(Level) - {Level.NONE, Level.READER_WRITER}
    ):
        return None
    return Level(level)


def put_back(text: str, format_: Format | None, level: Level, policy: Policy) -> tuple[str, str]:
    """A member's text that the registry takes, with a default if it needs one; and what to say of it, or nothing."""
    plain = refusing(text, text, format_, level, policy)
    if not plain:
        return text, ""
    other = _with_default(text, format_)
    with_default = refusing(text, other, format_, level, policy) if other else plain
    if not with_default:
        told = (
            f"the default is there because the level `{level}` asks for it: it fills the records that were written "
            "without the field; choose one that consumers can tell apart"
        )
        return other, told
    given, where = (text, plain) if len(plain) <= len(with_default) else (other, with_default)
    if where == {CLOSED}:
        return given, "where the object allows no other members, the registry refuses this: " + way_out(level)
    if where == {OPEN} and format_ is Format.JSON:
        return given, "where the object allows other members, the registry refuses this: " + way_out(level)
    return given, refused(level)


def refusing(was: str, text: str, format_: Format | None, level: Level, policy: Policy) -> frozenset[str]:
    """In which objects the registry refuses a member's text: after one without it, and before that one with `was`.

    Only JSON Schema has closed objects; which of the two an object is, a ticket does not tell.
    """
    found = set()
    for kind in (OPEN, CLOSED) if format_ is Format.JSON else (OPEN,):
        try:
            first, now, new = (_holding(one, format_, closed=kind == CLOSED) for one in (was, "", text))
        except (WatcherError, ValueError):
            found.add(kind)
            continue
        if not _accepts([first, now], new, level, policy):
            found.add(kind)
    return frozenset(found)


def takes_json(now: Mapping[str, Any], new: Mapping[str, Any], level: Level, policy: Policy) -> bool:
    """Whether the registry takes one JSON Schema after another."""
    try:
        before, after = (jsonschema.parse(json.dumps(dict(one))) for one in (now, new))
    except (WatcherError, TypeError, ValueError):
        return False
    return _accepts([before], after, level, policy)


def refused(level: Level) -> str:
    """Said where the registry refuses what an option gives."""
    return f"under the level `{level}` the registry refuses this: " + way_out(level)


def unsure(level: Level) -> str:
    """Said where an option gives no schema that could be judged."""
    return f"the registry checks under `{level}`, and may refuse this: try it with `watcher compat`; if so, " + way_out(
        level
    )


def way_out(level: Level) -> str:
    """What to do where the registry says no."""
    return f"set the subject's level to `NONE` for this one registration, with its owner, and back to `{level}` after"


def _accepts(old: Sequence[Schema], new: Schema, level: Level, policy: Policy) -> bool:
    try:
        return not judge(level, old, new, partial(check, policy=policy))
    except WatcherError:
        return False


def _holding(text: str, format_: Format | None, *, closed: bool) -> Schema:
    """The smallest schema that holds a member's text; without any, the one that lacks it."""
    if format_ is Format.AVRO:
        fields = [json.loads(text)] if text else []
        return avro.parse(json.dumps({"type": "record", "name": "Held", "fields": fields}))
    made = {"type": "object", **(json.loads(text) if text else {})}
    return jsonschema.parse(json.dumps({**made, "additionalProperties": False} if closed else made))


def _with_default(text: str, format_: Format | None) -> str:
    """The member with a default of its own type, so that every clause on that type still holds; empty if none fits."""
    made = json.loads(text)
    shape = made if format_ is Format.AVRO else next(iter(made["properties"].values()))
    type_ = shape["type"]
    if "default" in shape:
        return ""
    if isinstance(type_, list):
        shape["default"] = None
    elif isinstance(type_, dict):
        shape["default"] = _NO_UUID if type_.get("logicalType") == "uuid" else _ZEROS[type_["type"]]
    else:
        shape["default"] = _ZEROS[type_]
    return json.dumps(made, ensure_ascii=False)
