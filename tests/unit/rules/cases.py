"""The fixture pairs of the rules: two Avro schemas and a contract each, as states that the rules can be asked about."""

from pathlib import Path
from typing import TypeAlias

from watcher.compat.levels import check
from watcher.diff import diff
from watcher.formats.avro import parse
from watcher.formats.contracts.read import read
from watcher.model.change import Change
from watcher.model.compatibility import Incompatibility
from watcher.model.contract import ReadsVersion, ReadsWith, Subscription
from watcher.model.dataset import DatasetName
from watcher.model.errors import SchemaError
from watcher.model.schema import Schema
from watcher.model.verdict import DatasetState

CASES = Path(__file__).parents[2] / "fixtures" / "rules"

Step: TypeAlias = tuple[Subscription, DatasetName, DatasetState, DatasetState, tuple[Change, ...]]


class Case:
    """One rule's fixture."""

    def __init__(self, name: str) -> None:
        self.folder = CASES / name
        self.before = state(_text(self.folder / "before.avsc"))
        self.after = state(_text(self.folder / "after.avsc"))
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


def state(text: str | None) -> DatasetState:
    """The state of a dataset with this Avro text; None: it is not there."""
    if text is None:
        return DatasetState(None)
    try:
        schema = parse(text)
    except SchemaError as error:
        return DatasetState(None, unreadable=str(error))
    return of(schema)


def of(schema: Schema) -> DatasetState:
    def reads(expectation: ReadsWith | ReadsVersion) -> tuple[Incompatibility, ...]:
        assert isinstance(expectation, ReadsWith)
        return check(parse(expectation.reader.text), schema)

    return DatasetState(schema, reads=reads)


def changes(before: DatasetState, after: DatasetState) -> tuple[Change, ...]:
    if before.unreadable or after.unreadable:
        return ()
    return diff(before.schema, after.schema)


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None
