"""Tables of any kind come back from their text, and texts of any kind are answered."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from watcher.formats.sql.catalogue import Column, Select, Table
from watcher.formats.sql.document import read_table, table_of, table_text
from watcher.formats.sql.lexis import LEXES
from watcher.formats.sql.tables import schema_of
from watcher.formats.sql.types import read_type
from watcher.model.errors import SchemaError
from watcher.model.types import Unknown

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
MAYBE = st.none() | WORDS
TYPES = st.sampled_from(["int", "varchar(10)", "decimal(10,2)", "timestamp", "array<int>", "what is this", ""]) | WORDS
SELECTS = st.builds(
    Select,
    WORDS,
    st.lists(WORDS, max_size=2).map(tuple),
    st.lists(st.tuples(NAMES, st.lists(WORDS, max_size=2).map(tuple)), max_size=2).map(tuple),
    st.lists(NAMES, max_size=2).map(tuple),
    st.lists(WORDS, max_size=2).map(tuple),
)


@st.composite
def columns(draw: st.DrawFn, dialect: str) -> Column:
    text = draw(TYPES)
    means = draw(st.none() | TYPES)
    type_ = draw(st.sampled_from([read_type(text, dialect), read_type(means or text, dialect), Unknown("computed")]))
    column = Column(draw(WORDS), text, type_, draw(st.booleans()), draw(MAYBE), draw(MAYBE), draw(MAYBE))
    classes = draw(st.lists(WORDS, max_size=2).map(tuple))
    return replace(column, classes=classes, means=means, id=draw(st.integers(0, 9) | WORDS.filter(bool)))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Table, str]:
    dialect = draw(st.sampled_from(sorted(LEXES)))
    found = draw(st.lists(columns(dialect), max_size=5, unique_by=lambda one: one.name))
    table = Table(draw(NAMES), tuple(found), draw(st.lists(WORDS, max_size=2).map(tuple)))
    keys = draw(st.lists(st.tuples(WORDS, NAMES), max_size=2).map(tuple))
    table = replace(table, keys=keys, select=draw(st.none() | SELECTS), broken=draw(MAYBE), id=draw(MAYBE))
    table = replace(table, view=draw(st.booleans()), temporary=draw(st.booleans()), partial=draw(st.booleans()))
    return replace(table, primary_name=draw(MAYBE), comment=draw(MAYBE)), dialect


@given(tables())
def test_a_table_comes_back_from_its_text(given_: tuple[Table, str]) -> None:
    """Whatever stands in a table, its text is one table, the same, and the same schema."""
    table, dialect = given_

    text = table_text(table, dialect)
    back = table_of(text)

    assert back == table
    assert [one.id for one in back.columns] == [one.id for one in table.columns]
    assert table_text(back, dialect) == text
    assert read_table(text) == schema_of(table, ".".join(table.name))


@given(tables(), st.data())
def test_a_damaged_text_is_answered(given_: tuple[Table, str], data: st.DataObject) -> None:
    """A text with a piece cut out or put in is a table or a SchemaError, nothing else."""
    text = table_text(*given_)
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    try:
        read_table(text[:start] + data.draw(st.sampled_from(["", "[", "null", '"a":', "{}", "9" * 30])) + text[end:])
    except SchemaError:
        return
