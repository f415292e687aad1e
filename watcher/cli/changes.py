"""Changes as a person reads them: one line a fact, what stood there and what stands there now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watcher.cli import json_text
from watcher.cli.screen import console, safe

LONGEST = 300
"""Characters of a value on one line; the rest is in the JSON form."""

LONGEST_PATH = 40
"""Columns that paths are aligned to."""


def print_changes(changes: Sequence[dict[str, Any]], indent: str = "") -> None:
    """Print facts as the diff gives them: kind, path, before → after."""
    from rich.text import Text  # noqa: PLC0415 - machines that want JSON do not pay for it

    out = console()
    if not changes:
        out.print(Text(f"{indent}no difference"))
        return
    width = max(len(one["kind"]) for one in changes)
    paths = min(LONGEST_PATH, max(len(safe(one["path"])) for one in changes))
    for one in changes:
        path = (safe(one["path"]) or "(whole)").ljust(paths)
        out.print(
            Text.assemble(indent, (safe(one["kind"]).ljust(width), _style(one["kind"])), f"  {path}  ", _sides(one))
        )


def _sides(change: dict[str, Any]) -> str:
    before, after = change.get("before"), change.get("after")
    if before is None and after is None:
        return ""
    if before is None:
        return f"now {_value(after)}"
    if after is None:
        return f"was {_value(before)}"
    return f"{_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    text = safe(_words(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("type"), str) and "name" in value:  # a member, whole
        default = f", default {json_text.line(value['default']).decode()}" if "default" in value else ""
        return f"{value['type']}{default}"
    return json_text.line(value).decode()


def _style(kind: str) -> str:
    if kind.endswith(("-added", "-created")):
        return "green"
    if kind.endswith(("-removed", "-dropped")):
        return "red"
    return "yellow"
