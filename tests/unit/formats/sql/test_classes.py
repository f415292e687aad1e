"""Tags and masks as classes of a column: under one name, whoever sets them."""

# ruff: noqa: E501 - a statement stands on a line of its own

import pytest

from tests.unit.formats.sql.scripts import effects, tables, unread
from watcher.diff import diff
from watcher.formats.sql.tables import schema_of

SNOW = "create table t (a varchar, b varchar);"
BRICKS = "create table t (a string, b string);"


@pytest.mark.parametrize(
    ("dialect", "script", "classes"),
    [
        ("snowflake", f"{SNOW} alter table t modify column a set tag gov.tags.pii = 'yes'", ("PII=yes",)),
        ("snowflake", f"{SNOW} alter table t alter column a set tag pii = '', \"owner\" = 'x'", ("PII", "owner=x")),
        ("snowflake", f"{SNOW} alter table t modify a set tag pii = 'a'; alter table t modify a set tag pii = 'b'", ("PII=b",)),
        ("snowflake", f"{SNOW} alter table t modify a set tag x = '1', y = '2'; alter table t modify a unset tag d.s.x, y", ()),
        ("snowflake", f"{SNOW} alter table t modify column a set masking policy gov.p using (a, b) force", ("masked=P",)),
        ("snowflake", f"{SNOW} alter table t modify a set masking policy p; alter table t modify a unset masking policy", ()),
        ("snowflake", "create table t (a varchar with masking policy p with tag (g.pii = 'yes', q = 'r') not null)", ("PII=yes", "Q=r", "masked=P")),
        ("snowflake", "create table t (a varchar masking policy p using (a, b), b int tag (x = 'y'))", ("masked=P",)),
        ("snowflake", "create table t (a varchar tag (pii = 'y')); create table u clone t; drop table t", ("PII=y",)),
        ("databricks", f"{BRICKS} alter table t alter column a set tags ('pii', 'owner' = 'crm')", ("owner=crm", "pii")),
        ("databricks", f"{BRICKS} alter table t alter column a set tags ('pii' = 'x', 'o'); alter table t alter column a unset tags ('pii')", ("o",)),
        ("databricks", f"{BRICKS} alter table t alter column a set mask c.s.f using columns (b)", ("masked=f",)),
        ("databricks", f"{BRICKS} alter table t alter column a set mask f; alter table t alter column a drop mask", ()),
        ("databricks", "create table t (a string mask f using columns (b) comment 'x', b int)", ("masked=f",)),
        ("databricks", f"{BRICKS} set tag on column t.a pii = email; set tag on column t.a other", ("other", "pii=email")),
        ("databricks", f"{BRICKS} set tag on column t.a pii = email; unset tag on column t.a pii", ()),
        ("bigquery", "create table t (a string options(description='x', policy_tags=['p/1', 'p/2']), b int64)", ("p/1", "p/2")),
        ("bigquery", "create table t (a string); alter table t alter column a set options (policy_tags=['p/1'])", ("p/1",)),
        ("bigquery", "create table t (a string options(policy_tags=['p/1'])); alter table t alter column a set options (description='x')", ("p/1",)),
        ("sqlserver", "create table t (a int masked with (function = 'default()') null)", ("masked=default()",)),
        ("sqlserver", "create table t (a int); alter table t alter column a add masked with (function = 'email()')", ("masked=email()",)),
        ("sqlserver", "create table t (a int masked with (function = 'default()')); alter table t alter column a drop masked", ()),
        ("sqlserver", "create table t (a int); add sensitivity classification to dbo.t.a with (label = 'Secret', information_type = 'Contact', rank = high)", ("Contact", "Secret")),
        ("sqlserver", "create table t (a int); add sensitivity classification to t.a with (label = 'Secret'); drop sensitivity classification from t.a", ()),
    ],
)  # fmt: skip
def test_what_classifies_a_column(dialect: str, script: str, classes: tuple[str, ...]) -> None:
    """The class has the tag's last name and its value; a mask is `masked=` and what masks."""
    (table,) = tables(dialect, script).values()

    assert table.columns[0].classes == classes


def test_several_columns_in_one_statement() -> None:
    """What follows a comma is another column, or another tag."""
    made = tables(
        "snowflake", f"{SNOW} alter table t modify column a set tag x = '1', y = '2', column b set tag z = '3'"
    )

    assert [one.classes for one in made["T"].columns] == [("X=1", "Y=2"), ("Z=3",)]


def test_a_tag_is_a_change() -> None:
    """A contract that names classes is judged by it."""
    (one,) = effects("snowflake", f"{SNOW} alter table t modify column a set tag pii = 'yes'")
    assert one.before is not None
    assert one.after is not None

    changes = diff(schema_of(one.before, "t"), schema_of(one.after, "t"))

    assert [str(change.kind) for change in changes] == ["class-added"]


def test_a_tables_own_tags_are_no_columns() -> None:
    """They are passed over; a column that is not there is told."""
    assert tables("snowflake", f"{SNOW} alter table t set tag x = 'y'")["T"].columns[0].classes == ()
    assert [one.kind for one in unread("snowflake", f"{SNOW} alter table t modify column z set tag x = 'y'")] == [
        "not-known"
    ]
