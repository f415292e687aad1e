"""Rows of an export: one JSON document, a list, an answer with the list inside it, or a document on each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

MAX_ROWS = 500_000
MAX_PROBLEMS = 100
"""So many rows of a file are told one by one; a file with more of them is another than was meant."""
_LISTS = ("data", "items", "entities", "results", "elements")


class Row(NamedTuple):
    """One object of the export, and its place: `file:line`, or `file#3` for the third of a list."""

    where: str
    fields: dict[str, Any]


class Rows(NamedTuple):
    """What could be read, and what could not, in words."""

    found: list[Row]
    problems: list[str]


def read_rows(text: str, where: str) -> Rows:
    """The objects of a text; never raises."""
    rows = Rows([], [])
    if not text.strip():
        return rows
    try:
        whole = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        if text.lstrip()[:1] == "{" and "\n" in text.strip():
            _lines(text, where, rows)
        if not rows.found:
            del rows.problems[:]
            rows.problems.append(f"{where}:{getattr(error, 'lineno', 1)}: this is no JSON: export it again ({error})")
        return rows
    for number, one in enumerate(_listed(whole), start=1):
        if len(rows.found) >= MAX_ROWS:
            rows.problems.append(f"{where}: more than {MAX_ROWS} entities: split the export; the rest is not read")
            break
        place = where if one is whole else f"{where}#{number}"
        if isinstance(one, dict):
            rows.found.append(Row(place, one))
        elif not _told(rows, where, f"{place}: an entity is a JSON object, this is none: export it again"):
            break
    return rows


def _listed(whole: Any) -> Sequence[Any]:
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        inner = next((whole[key] for key in _LISTS if isinstance(whole.get(key), list)), None)
        return inner if inner is not None else [whole]
    return [whole]


def _lines(text: str, where: str, rows: Rows) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(rows.found) >= MAX_ROWS:
            rows.problems.append(f"{where}: more than {MAX_ROWS} entities: split the export; the rest is not read")
            return
        try:
            one = orjson.loads(line)
        except (orjson.JSONDecodeError, RecursionError):
            one = None
        if isinstance(one, dict):
            rows.found.append(Row(f"{where}:{number}", one))
        elif not _told(rows, where, f"{where}:{number}: this line is no JSON object: export it again"):
            return


def _told(rows: Rows, where: str, problem: str) -> bool:
    """Tell of one more row that is none; False when there were so many that the rest is not read."""
    if len(rows.problems) < MAX_PROBLEMS:
        rows.problems.append(problem)
        return True
    rows.problems.append(f"{where}: more than {MAX_PROBLEMS} entities are none: export it again; the rest is not read")
    return False


def text_of(value: Any) -> str:
    """A text as it is; anything else is none."""
    return value.strip() if isinstance(value, str) else ""


def dicts(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; anything else has none."""
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def inner(value: Any, *keys: str) -> dict[str, Any]:
    """The object under the keys, one within the other; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
