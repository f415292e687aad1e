"""A default as PostgreSQL shows it, brought back to what a definition would say of it."""

from __future__ import annotations

import re

_LITERAL = r"'(?:[^']|'')*'"
_CAST = re.compile(rf"(?P<value>\(?-?\d[\d.]*\)?|{_LITERAL}|NULL)::(?P<type>[^:()']+(?:\([\d, ]+\))?(?:\[\])*)\Z")
_NUMBER = re.compile(r"'(-?\d+(?:\.\d+)?)'\Z")
_NUMERIC = frozenset({"integer", "bigint", "smallint", "numeric", "real", "double precision"})


def postgres_default(text: str | None) -> str | None:
    """What `pg_get_expr` shows, without the cast that the server adds to a literal.

    A default of null is none. That of `serial` is a sequence's next number, as it is where a definition writes it out.
    """
    if text is None:
        return None
    found = _CAST.match(text)
    if found is None:
        return text
    value = found["value"]
    if value == "NULL":
        return None
    number = _NUMBER.match(value)
    if number and found["type"].partition("(")[0] in _NUMERIC:
        return number[1]  # -1 is shown as '-1'::integer
    return value.strip("()") if not value.startswith("'") else value
