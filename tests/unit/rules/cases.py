"""The fixture pairs of the rules: two schemas and a contract each, as states that the rules can be asked about.

A side is `before`, `after` or `fine` (a change that the rule lets pass), as `.avsc`, `.json`, `.proto`, or as
`.sql.json`: columns and keys as a warehouse declares them. `levels.json` says how the registry guards each side, and
`version-N.…` is a registered version that a consumer reads with.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

from watcher.compat.levels import check
from watcher.diff import diff
from watcher.formats.avro import parse
from watcher.formats.contracts.read import read
from watcher.formats.contracts.type_text import type_from
from watcher.formats.read import read_schema
from watcher.model.change import Change, CompatibilityLowered, CompatibilityRaised
from watcher.model.compatibility import Incompatibility, Level, guards_less
from watcher.model.contract import ReadsVersion, ReadsWith, Subscription
from watcher.model.dataset import DatasetName
from watcher.model.errors import SchemaError, Undecidable, UsageError
from watcher.model.schema import Format, Schema, SchemaText
from watcher.model.types import Default, Field, Key, Record, Type, Unknown
from watcher.model.verdict import DatasetState

CASES = Path(__file__).parents[2] / "fixtures" / "rules"
FORMATS = {".avsc": Format.AVRO, ".json": Format.JSON, ".proto": Format.PROTOBUF}

Step: TypeAlias = tuple[Subscription, DatasetName, DatasetState, DatasetState, tuple[Change, ...]]


class Case:
    """One rule's fixture, or a further one of it: `reader-broken--version` is one of `reader-broken`."""

    def __init__(self, name: str) -> None:
        self.folder = CASES / name
        self.rule = name.partition("--")[0]
        self.before, self.after, self.fine = map(self._state, ("before", "after", "fine"))
        (found,) = read(
            (self.folder / "contract.yaml").read_bytes(),
            "contract.yaml",
            lambda file: (self.folder / file).read_text(encoding="utf-8"),
        )
        assert isinstance(found, Subscription)
        self.subscription = found
        self.dataset = found.dataset

    def forward(self) -> Step:
        return self.subscription, self.dataset, self.before, self.after, changes(self.before, self.after)

    def backward(self) -> Step:
        return self.subscription, self.dataset, self.after, self.before, changes(self.after, self.before)

    def harmless(self) -> Step:
        return self.subscription, self.dataset, self.before, self.fine, changes(self.before, self.fine)

    def _state(self, side: str) -> DatasetState:
        file = self._file(side)
        if file is None:
            return DatasetState(None)
        try:
            schema = _schema(file)
        except SchemaError as error:
            return DatasetState(None, unreadable=str(error))
        levels = self.folder / "levels.json"
        level = json.loads(levels.read_bytes())[side] if levels.exists() else None
        return of(schema, self._version, Level(level) if level else None)

    def _version(self, number: int) -> Schema:
        file = self._file(f"version-{number}")
        if file is None:
            raise Undecidable(f"version {number} of the schema is not known here")
        return _schema(file)

    def _file(self, side: str) -> Path | None:
        return next(iter(self.folder.glob(f"{side}.*")), None)


def state(text: str) -> DatasetState:
    """The state of a dataset with this Avro text."""
    return of(parse(text))


def no_version(number: int) -> Schema:
    raise Undecidable(f"version {number} of the schema is not known here")


def of(schema: Schema, version: Any = no_version, level: Level | None = None) -> DatasetState:
    """The state of a dataset with this schema; `version` gives the subject's registered ones."""

    def reads(expectation: ReadsWith | ReadsVersion) -> tuple[Incompatibility, ...]:
        if isinstance(expectation, ReadsVersion):
            return check(version(expectation.version), schema)
        return check(read_schema(expectation.reader), schema)

    return DatasetState(schema, reads=reads, level=level)


def changes(before: DatasetState, after: DatasetState) -> tuple[Change, ...]:
    if before.unreadable or after.unreadable:
        return ()
    return (*diff(before.schema, after.schema), *_guarded(before.level, after.level))


def _guarded(before: Level | None, after: Level | None) -> tuple[Change, ...]:
    if before is after:
        return ()
    less = before is not None and (after is None or guards_less(before, after))
    return (CompatibilityLowered(before, after) if less else CompatibilityRaised(before, after),)


def _schema(file: Path) -> Schema:
    text = file.read_text(encoding="utf-8")
    if file.name.endswith(".sql.json"):
        return _table(json.loads(text))
    return read_schema(SchemaText(FORMATS[file.suffix], text))


def _table(document: dict[str, Any]) -> Schema:
    """A table as a warehouse declares it; `keys` null is one that cannot declare any."""
    keys = document["keys"] and tuple(Key(tuple(one["members"]), one.get("primary", False)) for one in document["keys"])
    columns = (
        Field(
            one["name"],
            _type(one["type"]),
            Default(one["default"]) if "default" in one else None,
            classes=tuple(one.get("tags", ())),
        )
        for one in document["columns"]
    )
    return Schema(Format.SQL, Record(tuple(columns), keys=() if keys == [] else keys))


def _type(text: str) -> Type:
    try:
        return type_from(text)
    except UsageError:
        return Unknown(text)
