"""A default as a catalogue shows it is brought back to what a definition would say."""

import pytest

from watcher.feeds.snapshots.defaults import mariadb_default, mysql_default, plain_default
from watcher.feeds.warehouse.postgres_defaults import postgres_default


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("'x'::character varying", "'x'"),
        ("'it''s'::text", "'it''s'"),
        ("'a'::app.status", "'a'"),
        ("'{}'::integer[]", "'{}'"),
        ("'x'::character varying(20)", "'x'"),
        ("'-1'::integer", "-1"),
        ("'-1.5'::numeric", "-1.5"),
        ("(- 1)", "(- 1)"),
        ("1.50", "1.50"),
        ("NULL::character varying", None),
        ("now()", "now()"),
        ("('a'::text || 'b'::text)", "('a'::text || 'b'::text)"),
        ("nextval('t_id_seq'::regclass)", "nextval('t_id_seq'::regclass)"),
        ("'1'::text", "'1'"),
        (None, None),
    ],
)
def test_postgres_loses_the_cast_of_a_literal(shown: str | None, meant: str | None) -> None:
    """The cast that the server adds is none of the writer's; an expression stays as it is."""
    assert postgres_default(shown) == meant


def test_the_rest_say_null_where_there_is_none() -> None:
    """NULL in a catalogue is no default; a text of that word is one."""
    assert [mariadb_default(one) for one in ("NULL", "'NULL'", "1", None)] == [None, "'NULL'", "1", None]
    assert [plain_default(one) for one in ("NULL", " ", "1", None)] == [None, None, "1", None]
    assert [mysql_default("a'b\\", kind, "") for kind in ("varchar", "int")] == ["'a''b\\\\'", "a'b\\"]
    assert (
        mysql_default("CURRENT_TIMESTAMP(3)", "timestamp", "on update CURRENT_TIMESTAMP(3)") == "CURRENT_TIMESTAMP(3)"
    )
