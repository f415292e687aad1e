"""A rule's manual page, made from its row: what `watcher rules show ID` prints, and `docs/rules/` keeps."""

from __future__ import annotations

import re

from watcher.rules.catalogue import HARMLESS, RULES
from watcher.rules.rule import Rule, Severity

_KINDS = {
    "exists": "the field, or the dataset, is there",
    "type": "`type`",
    "required": "`required`",
    "values": "`values`",
    "shape": "`shape: closed`",
    "at_most": "`max_length`, `precision`, `scale`",
    "meets": "`minimum`, `maximum`, `pattern`, `format` and the like",
    "default": "`default`",
    "classification": "`classification`",
    "position": "`position`",
    "unique": "`unique`",
    "primary_key": "`primary_key`",
    "compatibility": "`compatibility`",
    "reads_with": "`reads_with`",
    "reads_version": "`reads_with: {version: …}`",
}
_SEVERITIES = {
    Severity.BREAKING: "breaking: the expectation no longer holds",
    Severity.UNDECIDED: "undecided: whether the expectation holds cannot be told, and that is told as loudly",
}


def page(rule: Rule) -> str:
    """The page in Markdown."""
    opposite = f"[`{rule.mirror}`]({rule.mirror}.md)" if rule.mirror else f"none: {rule.waiver}"
    causes = ", ".join(f"`{kind}`" for kind in rule.causes) or "no change that can be named"
    return "\n".join(
        (
            f"# {rule.id}",
            "",
            rule.purpose,
            "",
            f"- **Expectations**: {', '.join(_KINDS[kind] for kind in rule.breaks)}",
            f"- **Severity**: {_SEVERITIES[rule.severity]}",
            f"- **Facets**: area {rule.area}, kind {rule.kind}, action {rule.action}",
            f"- **Caused by**: {causes}",
            f"- **Opposite**: {opposite}",
            "",
            "## What is told",
            "",
            f"> {_shown(rule.message)}",
            "",
            "## What breaks",
            "",
            rule.witness,
            "",
        )
    )


def index() -> str:
    """The list of all rules in Markdown, in reading order."""
    rows = (f"| [`{rule.id}`]({rule.id}.md) | {rule.severity} | {rule.purpose} |" for rule in RULES)
    harmless = (f"| `{kind}` | {reason} |" for kind, reason in HARMLESS.items())
    return "\n".join(
        (
            *("# Rules", "", "| rule | severity | purpose |", "|---|---|---|", *rows, ""),
            *("## Changes that break nobody", "", "| change | why |", "|---|---|", *harmless, ""),
        )
    )


def pages() -> dict[str, str]:
    """File name → text, of every page and of the list."""
    return {"README.md": index()} | {f"{rule.id}.md": page(rule) for rule in RULES}


def _shown(message: str) -> str:
    return re.sub(r"\{(\w+)\}", r"⟨\1⟩", message)
