"""Changes as a person reads them: one line a fact, what stood there and what stands there now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from watcher.cli.screen import console, safe

LONGEST = 300
"""Characters of a value on one line; the rest is in the JSON form."""


def print_changes(changes: Sequence[dict[str, Any]], indent: str = "") -> None:
    """Print facts as the diff gives them: kind, path, before → after."""
    from rich.text import Text  # noqa: PLC0415 - machines that want JSON do not pay for it

    out = console()
    if not changes:
        out.print(Text(f"{indent}no difference"))
        return
    width = max(len(one["kind"]) for one in changes)
    for one in changes:
        path = safe(one["path"]) or "(whole)"
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
    text = safe(value if isinstance(value, str) else orjson.dumps(value, default=str).decode())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _style(kind: str) -> str:
    if kind.endswith(("-added", "-created")):
        return "green"
    if kind.endswith(("-removed", "-dropped")):
        return "red"
    return "yellow"
