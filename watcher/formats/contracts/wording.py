"""Says in our words what is wrong with a document's form: the offending key, and the nearest valid one."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from watcher.formats.contracts.document import keys_at

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that does not go on for ever",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LEAST = {"greater_than_equal": "{} or more", "greater_than": "more than {}"}
_PATTERNS = {
    "notice": "a span of time, as in `30m`, `4h`, `14d`, `2w`",
    "after": "a span of time, as in `30m`, `4h`, `14d`, `2w`",
    "acknowledge": "a span of time, as in `30m`, `4h`, `14d`, `2w`",
    "fix": "a span of time, as in `30m`, `4h`, `14d`, `2w`",
    "per": "a span of time, as in `30m`, `4h`, `14d`, `2w`",
    "until": "a date, as in `2027-06-30`",
    "name": "made of letters, digits, `.`, `_` and `-`, and begins with a letter or digit",
    "domain": "made of letters, digits, `.`, `_` and `-`, and begins with a letter or digit",
    "dataset": "one dataset's name, as in `kafka://prod/orders`: no blanks, no wildcards",
    "hours": "as in `09:00-17:00`",
    "days": "as in `mon-fri` or `mon,wed,fri`",
    "timezone": "a time zone's name, as in `Europe/Berlin`",
    "holidays": "a day, as in `2026-12-24`, or a country or a part of it, as in `DE` or `DE-BE`",
    "quiet": "as in `20:00-08:00`",
    "at": "a time of the day, as in `09:00`",
}
_CLAUSE_KEYS = keys_at("Subscription", ("relies_on", 0, ""))
Where = tuple[str | int, ...]


def told(kind: str, where: Where, details: Any) -> str:
    """The sentence for one finding of the form's model; `details` is pydantic's description of it."""
    type_, context = details["type"], details.get("ctx", {})
    key = next((str(step) for step in reversed(where) if isinstance(step, str)), "")
    if type_ == "extra_forbidden":
        return _unknown_key(kind, where)
    if type_ == "missing":
        return f"missing key `{key}`"
    if type_ == "literal_error":
        return _not_among(key, details["input"], re.findall(r"'([^']*)'", context["expected"]))
    if type_ == "string_pattern_mismatch":
        return f"`{key}` must be {_PATTERNS.get(key, 'of another form')}, not `{_short(details['input'])}`"
    if type_ in ("too_short", "too_long") and where[:1] == ("relies_on",) and isinstance(details["input"], dict):
        return "one field for each entry of `relies_on`: indent what belongs to it, and begin the next with `-`"
    if where[:1] == ("relies_on",) and len(where) == 3 and type_.startswith("model_") and key in _CLAUSE_KEYS:
        return f"`{key}` stands beside a field's path where it should stand below: indent it further"
    if type_ == "too_short":
        return f"`{key}` is empty where it should name one at least"
    if type_ in _LEAST:
        least = context["ge" if type_ == "greater_than_equal" else "gt"]
        return f"`{key}` must be {_LEAST[type_].format(f'{least:g}')}, not `{_short(details['input'])}`"
    if type_ in _EXPECTED:
        return _not_of(key, _EXPECTED[type_], details["input"])
    return f"`{key}`: {_lower(details['msg'])}" if key else _lower(details["msg"])


def nearest(word: str, valid: list[str] | tuple[str, ...]) -> str:
    """` (did you mean `…`?)`, or what is valid where nothing is near; empty where nothing is valid."""
    if not valid:
        return ""
    near = get_close_matches(word.lower(), valid, 1, cutoff=0.6) or [
        one for one in valid if one.lower() == word.lower().replace("-", "_")
    ]
    return f" (did you mean `{near[0]}`?)" if near else f" (valid are {', '.join(f'`{one}`' for one in valid)})"


def _unknown_key(kind: str, where: Where) -> str:
    key = str(where[-1])
    if key.endswith((")", ">")):
        return f'unknown key `{key}`: put a type that has a comma in it in quotes, as in `type: "decimal(12,2)"`'
    return f"unknown key `{key}`{nearest(key, keys_at(kind, where[:-1]))}"


def _not_among(key: str, given: Any, valid: list[str]) -> str:
    hint = nearest(str(given), valid)
    words = " or ".join((", ".join(valid[:-1]), valid[-1])) if len(valid) > 1 else valid[0]
    return f"`{key}` must be {words}, not `{_short(given)}`{hint if 'did you mean' in hint else ''}"


def _not_of(key: str, wanted: str, given: Any) -> str:
    if given is None:
        return f"`{key}` is empty where {wanted} should be"
    quotes = ": put it in quotes" if wanted == "text" and isinstance(given, int | float) else ""
    return f"`{key}` must be {wanted}, not `{_short(given)}`{quotes}"


def _short(given: Any) -> str:
    text = str(given).lower() if isinstance(given, bool) else str(given)
    text = text.replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "…"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
