"""Avro texts for tests: each names only what it is about."""

import json
from typing import Any


def field(name: str, type_: Any = "string", **attributes: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **attributes}


def record(*fields: dict[str, Any], name: str = "shop.Order", **attributes: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **attributes}


def enum(*symbols: str, name: str = "shop.Status", **attributes: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": list(symbols), **attributes}


def fixed(size: int, name: str = "shop.Hash", **attributes: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size, **attributes}


def text(schema: Any) -> str:
    return json.dumps(schema)
