"""The report as JUnit XML: one test case a consumer, so that a build server shows who would break as a failed test."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from watcher.cli.report import Report, who
from watcher.cli.screen import safe_lines

# Controls were written out by then; what is left that XML 1.0 cannot carry.
_NOT_XML = re.compile("[\ufffe\uffff]")


def xml(report: Report) -> str:
    """The document."""
    document = report.document
    cases = [_case(document["dataset"], who(one), _failure(one)) for one in document["verdicts"]]
    if report.registry_words():
        reasons = [
            f"{one['kind']} {one['path'] or '/'}: {one['message']}" for one in document["registry"]["incompatibilities"]
        ]
        told = ("failure", "incompatible", report.registry_words(), reasons) if report.refused else None
        cases.append(_case(document["dataset"], f"registry ({document['level']})", told))
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
    }
    suites = ET.Element("testsuites", {"name": "watcher check", **counts})
    suite = ET.SubElement(
        suites, "testsuite", {"name": _clean(document["dataset"]), "file": _clean(report.file), **counts}
    )
    suite.extend(cases)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode")


def _failure(verdict: dict[str, Any]) -> tuple[str, str, str, list[str]] | None:
    violations = verdict["violations"]
    if not violations or verdict.get("consented"):
        return None
    tag = "failure" if verdict["outcome"] == "broken" else "error"
    reasons = [f"{one['message']} [{one['rule']}]" for one in violations]
    return tag, violations[0]["rule"], violations[0]["message"], reasons


def _case(classname: str, name: str, told: tuple[str, str, str, list[str]] | None) -> ET.Element:
    case = ET.Element("testcase", {"classname": _clean(classname), "name": _clean(name), "time": "0"})
    if told is not None:
        tag, type_, message, reasons = told
        element = ET.SubElement(case, tag, {"type": _clean(type_), "message": _clean(message)})
        element.text = _clean("\n".join(reasons))
    return case


def _clean(text: str) -> str:
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), safe_lines(text))
