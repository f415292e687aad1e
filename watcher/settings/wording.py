"""What is wrong with a setting, in our words: which key, what belongs there, and the nearest one that is known.

What stands there is not repeated where it could be a secret that somebody wrote in the wrong form.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from watcher.settings.channel_types import channel_type, keys_of
from watcher.settings.feeds import KINDS, TAGS, PostgresFeedSettings, RegistryFeedSettings, WarehouseFeedSettings

Place = tuple[str | int, ...]

_EXPECTED = {
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "path_type": "a path",
}
_LIMITS = {
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
}
_FEEDS: Mapping[int | str, type[BaseModel]] = {
    "registry-topic": RegistryFeedSettings,
    "warehouse": WarehouseFeedSettings,
    "postgres": PostgresFeedSettings,
}
_KIND_AT = 2
_CHANNEL_KEY = 3
"""Parts of the place of a channel's own key: `channels`, its name, the key."""


def told(settings: type[BaseModel], document: Mapping[str, Any], details: Any) -> str:
    """The sentence for one mistake in a document of these settings; `details` is pydantic's description of it."""
    kind, where, limits = details["type"], keys(details["loc"]), details.get("ctx") or {}
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")
    match kind:
        case "extra_forbidden":
            return f"unknown key `{key}`{_nearest(settings, tuple(details['loc']), document)}"
        case "missing":
            return f"missing key `{key}`"
        case "union_tag_invalid" if not isinstance(details["input"], Mapping):
            return _not(key, "a mapping", details["input"])
        case "union_tag_invalid":
            return f"`{key}.type`: {limits['tag']!r} is no kind of feed: known are {', '.join(KINDS)}"
        case "literal_error":
            return f"`{key}` must be {limits['expected']}"
        case "too_short" | "string_too_short":
            return f"`{key}` is empty where something has to stand"
        case _ if kind in _EXPECTED:
            return _not(key, _EXPECTED[kind], details["input"])
        case _ if kind in _LIMITS:
            return f"`{key}` must be {_LIMITS[kind].format_map(limits)}"
    return f"`{key}`: {details['msg'].removeprefix('Value error, ')}"


def keys(loc: Place) -> Place:
    """The keys that lead to a mistake: without the kind of a feed, which pydantic puts behind its number."""
    return tuple(step for at, step in enumerate(loc) if not (at == _KIND_AT and loc[0] == "feeds" and step in TAGS))


def _not(key: str, wanted: str, given: Any) -> str:
    if given is None:
        return f"`{key}` is empty where {wanted} should be"
    if wanted == "a list" and isinstance(given, str | int | float | Mapping):
        return f"`{key}` must be a list, also of one: begin each of its items with `- `, on a line of its own"
    if wanted == "text" and isinstance(given, int | float):
        return f"`{key}` must be text: put it in quotes"
    return f"`{key}` must be {wanted}"


def _nearest(settings: type[BaseModel], loc: Place, document: Mapping[str, Any]) -> str:
    if loc[0] == "channels" and len(loc) == _CHANNEL_KEY:
        valid = keys_of(_type_of(loc, document))
    elif loc[0] == "channels":
        valid = _keys_below(channel_type(_type_of(loc, document)).settings, loc[_CHANNEL_KEY - 1 :])
    else:
        valid = _keys_below(settings, loc)
    near = get_close_matches(str(loc[-1]), valid, 1, cutoff=0.5)
    return f" (did you mean `{near[0]}`?)" if near else f" (valid are {', '.join(f'`{one}`' for one in valid)})"


def _type_of(loc: Place, document: Mapping[str, Any]) -> str:
    return str(document["channels"][loc[1]].get("type", "webhook"))


def _keys_below(start: type[BaseModel], loc: Place) -> list[str]:
    model: type[BaseModel] | None = start
    for step in loc[:-1]:
        if isinstance(step, int) or model is None:
            continue
        if step in _FEEDS:
            model = _FEEDS[step]
            continue
        field = model.model_fields.get(step)
        model = _document_of(field.annotation) if field else model
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _document_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _document_of(part))), None)
