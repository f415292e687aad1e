"""`watcher rules`: the catalogue as a manual; a ticket names a rule's id, and here it says what it means."""

from __future__ import annotations

import textwrap
from typing import Annotated

import orjson
import typer

from watcher.cli.options import JsonOption
from watcher.cli.screen import print_table
from watcher.rules.catalogue import RULES
from watcher.rules.catalogue import rule as find
from watcher.rules.rule import Rule

WIDTH = 92

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def _rules() -> None:
    """The catalogue of rules: list them, or show one with its smallest example.

    Examples:
      watcher rules list
      watcher rules show field-removed
    """


@app.command("list")
def list_(*, json_: JsonOption = False) -> None:
    """Every rule with its purpose, in reading order.

    Example:
      watcher rules list
    """
    if json_:
        print(orjson.dumps([_document(one) for one in RULES], option=orjson.OPT_INDENT_2).decode())
        return
    print_table(("rule", "verdict", "what it does"), [(one.id, one.severity.value, one.purpose) for one in RULES])


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The rule's id, as tickets and reports name it.")],
    *,
    json_: JsonOption = False,
) -> None:
    """One rule, with its smallest example.

    Example:
      watcher rules show field-removed
    """
    rule = find(id_)
    print(orjson.dumps(_document(rule), option=orjson.OPT_INDENT_2).decode() if json_ else page(rule))


def page(rule: Rule) -> str:
    """A rule's page as plain text."""
    about = f"{rule.area}, {rule.kind}, {rule.action}"
    entries = (
        ("verdict", f"{rule.severity.value}: {rule.severity.outcome.value} for whoever relies on it"),
        ("about", about),
        ("speaks for", f"the expectations {', '.join(rule.breaks)}"),
        ("brought by", ", ".join(rule.causes) or "no change that a diff can name"),
        ("example", rule.witness),
        ("says", rule.message),
        ("opposite", rule.mirror or f"none: {rule.waiver}"),
    )
    body = "\n".join(_entry(name, text) for name, text in entries)
    return f"{rule.id}\n{textwrap.fill(rule.purpose, WIDTH)}\n\n{body}"


def _entry(name: str, text: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=f"  {name:<11} ", subsequent_indent=" " * 14, break_on_hyphens=False
    )


def _document(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "purpose": rule.purpose,
        "severity": rule.severity.value,
        "outcome": rule.severity.outcome.value,
        "breaks": list(rule.breaks),
        "area": rule.area,
        "kind": rule.kind,
        "action": rule.action,
        "causes": list(rule.causes),
        "witness": rule.witness,
        "message": rule.message,
        "mirror": rule.mirror,
        "waiver": rule.waiver,
    }
