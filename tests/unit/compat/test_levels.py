"""The registry's levels: who must read whom, and how many versions count."""

from collections.abc import Sequence

import pytest

from tests.parts.avro_text import field, record, text
from watcher.compat.levels import check, judge
from watcher.formats.avro import parse
from watcher.model.compatibility import Incompatibility, Level
from watcher.model.errors import SchemaError
from watcher.model.schema import Format, Schema
from watcher.model.types import String

BARE = parse(text(record(field("a"))))
OPTIONAL = parse(text(record(field("a"), field("b", default="x"))))
NEEDED = parse(text(record(field("a"), field("b"))))

TRANSITIVE = (Level.BACKWARD_TRANSITIVE, Level.FORWARD_TRANSITIVE, Level.FULL_TRANSITIVE)


@pytest.mark.parametrize(
    ("old", "new", "levels"),
    [
        (BARE, OPTIONAL, {"BACKWARD", "FORWARD", "FULL"}),
        (BARE, NEEDED, {"FORWARD"}),
        (NEEDED, BARE, {"BACKWARD"}),
        (OPTIONAL, BARE, {"BACKWARD", "FORWARD", "FULL"}),
    ],
)
@pytest.mark.parametrize("level", [Level.BACKWARD, Level.FORWARD, Level.FULL, *TRANSITIVE])
def test_direction(level: Level, old: Schema, new: Schema, levels: set[str]) -> None:
    """Backward: the new schema reads the old one's data; forward: the old one reads the new one's; full: both."""
    assert (not judge(level, [old], new)) is (level.value.removesuffix("_TRANSITIVE") in levels)


def test_reader_writer() -> None:
    """READER_WRITER is the new schema as the reader of the last one."""
    assert judge(Level.READER_WRITER, [NEEDED, BARE], NEEDED) == check(NEEDED, BARE)


def test_none() -> None:
    """NONE takes anything, a change of format included."""
    assert judge(Level.NONE, [BARE], NEEDED) == ()
    assert judge(Level.NONE, [BARE], Schema(Format.JSON, String())) == ()


@pytest.mark.parametrize("level", list(Level))
def test_first_version(level: Level) -> None:
    """Where there is no version yet, anything may come."""
    assert judge(level, [], NEEDED) == ()


@pytest.mark.parametrize("level", [Level.BACKWARD, Level.FORWARD, Level.FULL, *TRANSITIVE])
def test_how_many_versions(level: Level) -> None:
    """A transitive level asks all versions, newest first, and stops at the first that fails; others the last one."""
    asked: list[Schema] = []

    def fails_on_the_middle(reader: Schema, writer: Schema) -> tuple[Incompatibility, ...]:
        old = writer if reader is new else reader
        asked.append(old)
        return (Incompatibility("X", "/", "x"),) if old is versions[1] else ()

    versions = [parse(text(record(name=f"V{number}"))) for number in range(4)]
    new = parse(text(record(name="New")))
    found = judge(level, versions, new, fails_on_the_middle)

    expected: Sequence[Schema] = [versions[3], versions[2], versions[1]] if level.transitive else [versions[3]]
    assert [one for number, one in enumerate(asked) if one not in asked[:number]] == expected
    assert bool(found) is level.transitive


@pytest.mark.parametrize("level", [one for one in Level if one is not Level.NONE])
def test_another_format(level: Level) -> None:
    """A subject that changes its format is incompatible under any level but NONE."""
    (found, *_) = judge(level, [BARE], Schema(Format.JSON, String()))

    assert found.kind == "FORMAT_MISMATCH"


def test_format_that_cannot_be_judged() -> None:
    """A format that is not there yet is an error, not a guess."""
    schema = Schema(Format.SQL, String())

    with pytest.raises(SchemaError, match="SQL") as caught:
        judge(Level.FULL, [schema], schema)
    assert caught.value.kind == "unsupported-format"
