"""Invalid: what is wrong with a request, in words that say which member is meant and what may stand there."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin, get_type_hints

from fastapi import Request
from pydantic import BaseModel

_MOST = 10
"""Mistakes that are told of one request."""
_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "a JSON object",
    "model_attributes_type": "a JSON object",
    "model_type": "a JSON object",
}
_LIMITS = {
    "string_too_short": "has {min_length} characters at least",
    "string_too_long": "has {max_length} characters at most",
    "greater_than_equal": "is {ge} at least",
    "less_than_equal": "is {le} at most",
}


def told(request: Request, errors: Sequence[Mapping[str, Any]]) -> str:
    """All mistakes of one request, each with its member, in one text."""
    models = _models(request)
    return "; ".join(dict.fromkeys(_one(each, models) for each in errors[:_MOST]))


def _one(error: Mapping[str, Any], models: Sequence[type[BaseModel]]) -> str:
    kind, place, limits = str(error["type"]), list(error["loc"]), error.get("ctx") or {}
    if kind == "json_invalid":
        at = next((f" (at character {part})" for part in place if isinstance(part, int)), "")
        return f"the body is no JSON{at}: {limits.get('error', 'it cannot be read')}"
    path = place[1:] if place and place[0] in {"body", "query", "path", "header"} else place
    where = f"`{'.'.join(str(part) for part in path)}`" if path else "the body"
    if kind == "extra_forbidden":
        known = ", ".join(f"`{name}`" for name in _members(models, path[:-1]))
        return f"{where} is nothing that is known here" + (f": known are {known}" if known else "")
    if kind == "missing":
        return f"{where} is missing" if path else "the body is missing: send a JSON object"
    if kind in _KINDS:
        return f"{where} is to be {_KINDS[kind]}"
    if kind == "string_too_short" and limits.get("min_length") == 1:
        return f"{where} is not to be empty"
    if kind in _LIMITS:
        return f"{where} {_LIMITS[kind].format_map(limits)}"
    if kind == "value_error":
        return f"{where}: {limits.get('error', error['msg'])}"
    return f"{where}: {error['msg']}"


def _models(request: Request) -> list[type[BaseModel]]:
    """What the route reads its body into."""
    endpoint = getattr(request.scope.get("route"), "endpoint", None)
    hints = {} if endpoint is None else get_type_hints(endpoint)
    return [one for name, one in hints.items() if name != "return" and _is_model(one)]


def _is_model(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)


def _members(models: Sequence[type[BaseModel]], path: Sequence[str | int]) -> list[str]:
    """The names that may stand at a place of the body, as they are written there."""
    for part in path:
        if isinstance(part, str):
            fields = [
                field for model in models for name, field in model.model_fields.items() if part in {field.alias, name}
            ]
            models = [one for field in fields for one in _inside(field.annotation)]
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _inside(annotation: Any) -> list[type[BaseModel]]:
    """The documents that a member is, or is a list of."""
    if _is_model(annotation):
        return [annotation]
    if get_origin(annotation) in {list, Union, types.UnionType}:
        return [one for each in get_args(annotation) for one in _inside(each)]
    return []
