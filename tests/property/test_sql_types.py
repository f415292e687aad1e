"""Any text at all, read as a type of SQL: an answer, never a fault."""

from hypothesis import given
from hypothesis import strategies as st

from watcher.diff.lattice import Order, order
from watcher.diff.render import type_text
from watcher.formats.sql.dialects import PLATFORMS
from watcher.formats.sql.types import read_type

PIECES = st.sampled_from(
    [
        *(
            "INT",
            "BIGINT",
            "DECIMAL",
            "NUMBER",
            "VARCHAR",
            "TIMESTAMP",
            "ARRAY",
            "MAP",
            "STRUCT",
            "ROW",
            "ENUM",
            "TUPLE",
        ),
        *("Nullable", "LowCardinality", "INTERVAL", "UNSIGNED", "WITH TIME ZONE", "NOT NULL", "DEFAULT", "UNION"),
        *(
            "(",
            ")",
            "<",
            ">",
            "[",
            "]",
            ",",
            ":",
            "'a'",
            '"a"',
            "`a`",
            "=",
            "-",
            "*",
            ".",
            ";",
            "3",
            "38",
            "MAX",
            "a",
            " ",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=14).map(" ".join) | st.text(max_size=30)


@given(TEXTS, st.sampled_from(sorted(PLATFORMS)))
def test_any_text_is_answered(text: str, dialect: str) -> None:
    """Whatever the text, there is a type, the same one each time, that can be compared and shown."""
    found = read_type(text, dialect)

    assert order(found, read_type(text, dialect)) is Order.EQUAL
    assert isinstance(type_text(found), str)
