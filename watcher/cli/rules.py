"""`watcher rules`: the catalogue as a manual; a ticket names a rule's id, and here it says what it means."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.cli import json_text
from watcher.cli.options import JsonOption
from watcher.cli.screen import print_table
from watcher.rules.catalogue import RULES
from watcher.rules.catalogue import rule as find
from watcher.rules.page import page
from watcher.rules.rule import Rule

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
        print(json_text.page([_document(one) for one in RULES]))
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
    print(
        json_text.page(_document(rule)) if json_ else page(rule),
        end="\n" if json_ else "",
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
