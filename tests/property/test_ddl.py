"""Random scripts of DDL: the catalogue agrees with itself after each statement, a refused one leaves it as it was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.formats.sql.scripts import empty
from watcher.formats.sql.catalogue import Catalogue, Table
from watcher.formats.sql.effects import Unreadable
from watcher.formats.sql.interpret import run

DIALECTS = st.sampled_from(["postgres", "mysql", "snowflake", "sqlserver", "databricks", "clickhouse", "duckdb"])
TABLES = st.sampled_from(["t", "u", "v"])
COLUMNS = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["int", "varchar(5)", "frob frob"])
ACTIONS = st.one_of(
    st.builds("add column {} {}".format, COLUMNS, TYPES),
    st.builds("drop column {}".format, COLUMNS),
    st.builds("rename column {} to {}".format, COLUMNS, COLUMNS),
    st.builds("rename to {}".format, TABLES),
    st.builds("add primary key ({})".format, COLUMNS),
    st.builds("alter column {} drop not null".format, COLUMNS),
    st.just("frobnicate"),
)
STATEMENTS = st.one_of(
    st.builds("create table {} ({} {}, {} int not null)".format, TABLES, COLUMNS, TYPES, COLUMNS),
    st.builds("drop table {}".format, TABLES),
    st.builds("alter table {} {}".format, TABLES, ACTIONS),
    st.builds("alter table {} {}, {}".format, TABLES, ACTIONS, ACTIONS),
)


def state(catalogue: Catalogue) -> dict[str, Table]:
    return dict(catalogue.tables())


@settings(deadline=None)
@given(DIALECTS, st.lists(STATEMENTS, max_size=12))
def test_the_catalogue_agrees_with_itself(dialect: str, script: list[str]) -> None:
    """No column stands twice, keys name columns that are there, effects tell what is held, refusals change nothing."""
    catalogue = empty(dialect)
    for statement in script:
        before = state(catalogue)
        for outcome in run(statement, catalogue):
            if isinstance(outcome, Unreadable):
                assert state(catalogue) == before or outcome.kind != "not-understood"
                continue
            for effect in outcome.effects:
                assert effect.after is None or catalogue.at(effect.name) == effect.after
        for table in catalogue:
            names = [one.name for one in table.columns]
            assert len({catalogue.column_key(one) for one in names}) == len(names)
            assert {*table.primary_key, *(one for _, key in table.keys for one in key)} <= set(names) or table.partial
            assert len({one.id for one in table.columns}) == len(names)


@settings(deadline=None)
@given(DIALECTS, st.lists(STATEMENTS, max_size=8), st.integers(0, 8))
def test_a_script_may_come_in_pieces(dialect: str, script: list[str], cut: int) -> None:
    """Two scripts, one after the other, build what they build as one."""
    whole, parts = empty(dialect), empty(dialect)
    list(run("; ".join(script), whole))
    list(run("; ".join(script[:cut]), parts))
    list(run("; ".join(script[cut:]), parts))

    assert state(whole) == state(parts)


@settings(deadline=None)
@given(DIALECTS, st.text() | st.lists(STATEMENTS | st.text(max_size=3)).map(" ".join))
def test_any_text_is_answered(dialect: str, text: str) -> None:
    """Whatever is given is applied or told."""
    list(run(text, empty(dialect)))
