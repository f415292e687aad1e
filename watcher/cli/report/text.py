"""The report for a person: who breaks first, and why, in the words of their contract."""

from __future__ import annotations

from typing import Any

from watcher.cli.changes import print_changes
from watcher.cli.report import Report, in_use_words, who
from watcher.cli.screen import console, safe

_WORDS = {"broken": ("BREAKS ", "bold red"), "unknown": ("UNKNOWN", "bold yellow"), "holds": ("holds  ", "green")}
_AGREED = ("agreed ", "green")


def show(report: Report) -> None:
    """Print it; coloured on a terminal, plain lines otherwise."""
    from rich.text import Text  # noqa: PLC0415 - machines that want JSON do not pay for it

    out = console()
    out.print(Text(safe(report.summary()), "bold"))
    for verdict in report.document["verdicts"]:
        word = _AGREED if verdict.get("consented") else _WORDS[verdict["outcome"]]
        weight = verdict.get("criticality", "normal")
        out.print(
            Text.assemble("  ", word, "  ", safe(who(verdict)), f"  {safe(weight)}" if weight != "normal" else "")
        )
        for line in _reasons(verdict):
            out.print(Text(f"           {safe(line)}"))
    if report.document.get("demands"):
        out.print(Text(safe(report.document["demands"]), "bold red"))
    registry = report.registry_words()
    if registry:
        out.print(Text(safe(registry), "red" if report.refused else ""))
    for one in report.document["registry"]["incompatibilities"]:
        out.print(Text(f"  {safe(one['kind'])}  {safe(one['path']) or '/'}  {safe(one['message'])}"))
    if report.document.get("versions_in_use"):
        out.print(Text("versions in use:"))
        for one in report.document["versions_in_use"]:
            out.print(Text(f"  {safe(in_use_words(one))}"))
    if report.document["changes"]:
        out.print(Text("what changes:"))
        print_changes(report.document["changes"], indent="  ")


def _reasons(verdict: dict[str, Any]) -> list[str]:
    lines = []
    for violation in verdict["violations"]:
        lines.append(f"{violation['message']} [{violation['rule']}]")
        if violation["before"] is not None:
            lines.append(f"  it relies on: {violation['wants']}; before: {_words(violation['before'])}")
    lines += [f"broken already, and still: {one}" for one in verdict.get("standing", [])]
    return lines


def _words(seen: Any) -> str:
    return ", ".join(map(str, seen)) if isinstance(seen, list) else str(seen)
