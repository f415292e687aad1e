"""`watcher domains`: who answers for which dataset, what decided it, and what nobody answers for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption
from watcher.cli.screen import counted, print_table, safe
from watcher.model.catalogue import Catalogue

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def _domains() -> None:
    """Who answers for which dataset, what decided it, and what nobody owns.

    Example:
      watcher domains who kafka://prod/orders
    """


@app.command("list")
def list_(*, json_: JsonOption = False, config: ConfigOption = CONFIG) -> None:
    """Every domain: of our own documents, and of the teams that other systems name.

    Example:
      watcher domains list -c watcher.yaml
    """
    from watcher.handlers.rounds.owning import domain_document  # noqa: PLC0415 - help needs none of it

    found = [domain_document(one) for one in _catalogue(config).domains]
    if json_:
        print(json_text.page(found))
        return
    print_table(
        ("domain", "part of", "owns", "accountable", "told on", "from"),
        [
            (
                one["name"],
                one["part_of"] or "",
                _owns(one),
                one["owners"]["accountable"] or "",
                ", ".join(route["channel"] for route in one["tickets"]) or "the fallback",
                one["source"],
            )
            for one in found
        ],
    )
    print(counted(len(found), "domain"))


@app.command()
def who(
    datasets: Annotated[list[str], typer.Argument(metavar="DATASET...", help="Datasets, as contracts name them.")],
    *,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Who answers for a dataset, which source decided it, and what the sources that were passed over say.

    Example:
      watcher domains who kafka://prod/orders

    Exit code: 0 each is owned, 1 one is not.
    """
    catalogue = _catalogue(config)
    found = [(name, catalogue.ownership(name)) for name in datasets]
    if json_:
        print(json_text.page([{"dataset": str(catalogue.canonical(name)), **one.document()} for name, one in found]))
    else:
        for name, one in found:
            print(safe(f"{name}: {one.domain.name if one.domain else 'nobody'}"))
            for line in _reasons(one.document()) if one.domain else _missed(name, catalogue):
                print(safe(f"  {line}"))
    if any(one.domain is None for _, one in found):
        raise typer.Exit(1)


@app.command()
def unowned(
    *,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """The datasets that nobody answers for: those that stand, and those that only contracts name; most relied on first.

    Example:
      watcher domains unowned -c watcher.yaml

    Exit code: 0 everything is owned, 1 something is not.
    """
    from watcher.handlers.rounds import owning  # noqa: PLC0415 - help needs none of it

    catalogue = _catalogue(config)
    with transaction(config, ledger) as tx:
        found = [one.document() for one in owning.unowned(tx, catalogue)]
    if json_:
        print(json_text.page(found))
    else:
        print_table(
            ("dataset", "contracts", "last moved", "other sources say"),
            [(one["dataset"], one["contracts"], _moved(one["moved_at"]), "; ".join(one["others"])) for one in found],
        )
        print(f"{counted(len(found), 'dataset')} that nobody owns" if found else "every dataset has an owner")
    if found:
        raise typer.Exit(1)


@app.command()
def stale(
    *,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Addresses at which nobody is any more (bounced, deleted, deactivated), and the documents that name them.

    An address leaves the list as soon as something arrives there.

    Example:
      watcher domains stale -c watcher.yaml

    Exit code: 0 there is none, 1 there is one.
    """
    from watcher.handlers.rounds import owning  # noqa: PLC0415 - help needs none of it

    catalogue = _catalogue(config)
    with transaction(config, ledger) as tx:
        found = owning.stale(tx, catalogue)
    if json_:
        print(json_text.page(found))
    else:
        print_table(
            ("channel", "address", "since", "times", "why", "named by"),
            [
                (
                    one["channel"],
                    one["address"],
                    _moved(one["since"]),
                    one["times"],
                    one["reason"],
                    ", ".join(one["named_by"]),
                )
                for one in found
            ],
        )
        print(
            f"{counted(len(found), 'address', 'addresses')} at which nobody is"
            if found
            else "somebody is at every address"
        )
    if found:
        raise typer.Exit(1)


def _catalogue(config: Any) -> Catalogue:
    from watcher import telemetry  # noqa: PLC0415 - help needs none of it
    from watcher.cli.in_force import documents_in_force  # noqa: PLC0415
    from watcher.settings import load  # noqa: PLC0415

    telemetry.configure(level="error")
    folders = documents_in_force(load(config))
    for remark in (*folders.remarks, *folders.passed_over):
        typer.echo(safe(f"note: {remark}"), err=True)
    return folders.catalogue


def _owns(one: dict[str, Any]) -> str:
    if one["made_of"]:
        return f"what names {one['made_of']}"
    return ", ".join([*one["owns"], *(f"{pattern} (unclaimed)" for pattern in one["owns_unclaimed"])])


def _reasons(one: dict[str, Any]) -> list[str]:
    told = []
    if one["source"] in {"domain", "unclaimed"}:
        key = "owns" if one["source"] == "domain" else "owns_unclaimed"
        told.append(f"decided by `{key}: {one['pattern']}` in {one['where']}")
    elif one["source"]:
        through = f", through {one['inherited_from']}" if one["inherited_from"] else ""
        told.append(f"decided by {one['source']}, {one['where']}: it names {one['owner']}{through}")
    return told + [f"passed over: {other}" for other in one["others"]]


def _missed(name: str, catalogue: Catalogue) -> list[str]:
    """Why nobody owns a dataset, and what would change it."""
    looked, decision = str(catalogue.canonical(name)), catalogue.ownership(name)
    sources = len({one.source for one in catalogue.domains})
    told = [f"passed over: {other}" for other in decision.others]
    if "://" not in looked:
        told.append("a dataset's name begins with its namespace: `kafka://prod/orders`")
    near = get_close_matches(looked, [str(one) for one in catalogue.datasets], n=1)
    if near and near[0] != looked:
        told.append(f"contracts name `{near[0]}`: did you mean that?")
    told.append(
        f"no `owns` of {counted(len(catalogue.domains), 'domain')} in {counted(sources, 'file')} fits `{looked}`: "
        "its tickets go to `fallback`; give it to a domain's `owns`"
    )
    return told


def _moved(moment: str | None) -> str:
    return moment[:16].replace("T", " ") + " UTC" if moment else "never heard of"
