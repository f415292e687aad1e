"""The report as GitHub's annotations: one line a broken clause, at the line of the schema's file that it is about."""

from __future__ import annotations

import json
import re
from typing import Any

from watcher.cli.report import Report, who
from watcher.cli.screen import safe
from watcher.model.errors import UsageError
from watcher.model.path import Member, steps


def lines(report: Report) -> list[str]:
    """Workflow commands, and the summary as a plain line after them."""
    found = []
    for verdict in report.document["verdicts"]:
        for violation in verdict["violations"]:
            command, says = _severity(verdict, violation)
            line = line_of(violation["path"], report.text)
            title = f"{violation['rule']}: {says} {who(verdict)}"
            found.append(_command(command, report.file, line, title, violation["message"]))
    for one in report.document["registry"]["incompatibilities"]:
        title = f"incompatible under {report.document['level']}: {one['kind']}"
        found.append(_command("error", report.file, 1, title, f"{one['path'] or '/'}: {one['message']}"))
    # A line that began with `::` would be a command; the summary begins with a dataset's name, which is given.
    return [*found, _plain(report.summary())]


def _severity(verdict: dict[str, Any], violation: dict[str, Any]) -> tuple[str, str]:
    if verdict.get("consented"):
        return "notice", "breaks, as announced,"
    return ("error", "breaks") if violation["outcome"] == "broken" else ("warning", "cannot be judged for")


def line_of(path: str, text: str) -> int:
    """The line of the text where the deepest member on the path is named, counted from one; 1 where none is."""
    try:
        members = [step.name for step in steps(path) if isinstance(step, Member)]
    except UsageError:
        return 1
    for name in reversed(members):
        found = re.search(rf'"name"\s*:\s*{re.escape(json.dumps(name, ensure_ascii=False))}', text)
        if found:
            return text.count("\n", 0, found.start()) + 1
    return 1


def _command(command: str, file: str, line: int, title: str, message: str) -> str:
    return f"::{command} file={_property(file)},line={line},title={_property(title)}::{_data(message)}"


def _plain(text: str) -> str:
    text = safe(text)
    return f" {text}" if text.lstrip().startswith(("::", "##[")) else text


def _data(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
