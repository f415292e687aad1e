"""`watcher contracts`: what a folder of contracts and domains says, and every mistake in it with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.screen import counted, print_table, safe
from watcher.formats.contracts.problems import DocumentError
from watcher.model.catalogue import Catalogue
from watcher.model.contract import Subscription
from watcher.model.errors import UsageError

if TYPE_CHECKING:
    from watcher.formats.contracts.problems import Problem

NAMED = 6
"""So many of a contract's fields are named in the list; the rest are counted."""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def _contracts() -> None:
    """Check contracts and domains for mistakes, and find contracts that need care: stale, greedy, orphaned, unheard.

    Examples:
      watcher contracts check ./contracts
      watcher contracts findings -c watcher.yaml
    """


@app.command()
def check(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Folders of YAML files, or single files.")],
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing where all is well.")] = False,
) -> None:
    """Load them as the daemon would; tell each mistake.

    A mistake is told as file:line:column, with the nearest key or name that would be valid.

    Examples:
      watcher contracts check ./contracts
      watcher contracts check contracts/finance.yaml

    Exit code: 0 all can be in force, 2 something is refused.
    """
    catalogue = in_force(folders)
    if quiet:
        return
    print_table(
        ("consumer", "contract", "dataset", "owner", "relies on"),
        [
            (one.consumer, one.name, one.dataset, _owner(catalogue, one.dataset), _relied(one))
            for one in catalogue.subscriptions
        ],
    )
    unowned = [name for name in catalogue.datasets if catalogue.owner_of(name) is None]
    print(f"all can be in force: contracts {len(catalogue.subscriptions)}, domains {len(catalogue.domains)}")
    if unowned:
        print(safe(f"note: no domain owns {', '.join(unowned)}: their tickets go to the fallback channel"))


@app.command()
def findings(
    *,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """What is wrong with the contracts themselves, by what the ledger knows of their datasets.

    Stale (past `until`), orphaned (a domain that is none), unheard (no channel), unseen (a dataset that never came),
    greedy (a field that was never there), unsatisfied (a clause that did not hold from the start), given-up
    (a clause whose end was agreed to, or decided to be no break). None blames anyone.

    Example:
      watcher contracts findings -c watcher.yaml

    Exit code: 0 nothing is wrong, 1 something is.
    """
    from watcher import telemetry  # noqa: PLC0415 - help needs none of it
    from watcher.bootstrap import build_judgement  # noqa: PLC0415
    from watcher.cli.in_force import documents_in_force  # noqa: PLC0415
    from watcher.handlers.rounds import hygiene  # noqa: PLC0415
    from watcher.settings import load  # noqa: PLC0415 - help needs none of it

    telemetry.configure(level="error")
    settings = load(config)
    known = documents_in_force(settings)
    with transaction(config, ledger) as tx:
        found = hygiene.findings(tx, build_judgement(settings, known), dt.datetime.now(dt.UTC))
    if json_:
        print(json_text.page([hygiene.document(*pair) for pair in found]))
    else:
        print_table(
            ("consumer", "contract", "fault", "what to do"),
            [(one.consumer, one.name, finding.fault.value, finding.message) for one, finding in found],
        )
        told = counted(len(known.catalogue.subscriptions), "contract")
        print(f"{counted(len(found), 'finding')} in {told}")
    if found:
        raise typer.Exit(1)


def in_force(folders: Sequence[Path], aliases: Mapping[str, str] | None = None) -> Catalogue:
    """The contracts of some folders; raises DocumentError with every mistake where one is refused."""
    catalogue, problems = loaded(folders, aliases)
    if problems:
        raise DocumentError(problems)
    return catalogue


def loaded(folders: Sequence[Path], aliases: Mapping[str, str] | None = None) -> tuple[Catalogue, tuple[Problem, ...]]:
    """What of some folders can be in force, and what is refused."""
    from watcher.feeds.folders import load  # noqa: PLC0415 - help needs none of it

    for folder in folders:
        if not folder.exists():
            raise UsageError(f"{folder} is not there: name a folder of contracts, or one file")
    return load(folders, aliases or {})


def _relied(subscription: Subscription) -> str:
    paths = [*dict.fromkeys(one.path or "the whole" for one in subscription.expectations)]
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(paths[:NAMED]) + more


def _owner(catalogue: Catalogue, dataset: str) -> str:
    owner = catalogue.owner_of(dataset)
    return str(owner.name) if owner else "nobody"
