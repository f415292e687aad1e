"""The commands of `watcher tickets` that move a ticket: who did it is on record, and everyone concerned is told."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from watcher.cli.options import CONFIG, ConfigOption
from watcher.cli.screen import safe
from watcher.model.errors import UsageError
from watcher.model.ticket import TicketId, Verb

TicketArgument = Annotated[str, typer.Argument(metavar="ID", help="The ticket's id.")]
ByOption = Annotated[
    str,
    typer.Option("--by", metavar="NAME", envvar="WATCHER_AS", help="Who does it; else the name you are logged in as."),
]
WhyOption = Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="Why; everyone concerned reads it.")]
UntilOption = Annotated[
    str,
    typer.Option("--until", metavar="WHEN", help="A day (2027-03-31, to its end), a moment, or a span (3d)."),
]


def acknowledge(
    ticket: TicketArgument, *, by: ByOption = "", reason: WhyOption = "", config: ConfigOption = CONFIG
) -> None:
    """Say that the ticket was heard: the ladder stands still.

    Example:
      watcher tickets acknowledge T-3f2a9c01b7
    """
    _move(config, ticket, Verb.ACKNOWLEDGE, by, reason)


def start(ticket: TicketArgument, *, by: ByOption = "", reason: WhyOption = "", config: ConfigOption = CONFIG) -> None:
    """Say that somebody works on it.

    Example:
      watcher tickets start T-3f2a9c01b7
    """
    _move(config, ticket, Verb.START, by, reason)


def resolve(
    ticket: TicketArgument,
    *,
    reason: WhyOption,
    not_breaking: Annotated[
        bool, typer.Option("--not-breaking", help="It was never a break: an arbiter's word.")
    ] = False,
    by: ByOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Close it by hand. What is still broken is looked at: a ticket whose break persists stays open.

    Examples:
      watcher tickets resolve T-3f2a9c01b7 --reason "the column is back"
      watcher tickets resolve T-3f2a9c01b7 --not-breaking --reason "nobody reads it" --by chief-architect
    """
    _move(config, ticket, Verb.RESOLVE, by, reason, {"as": "not-breaking" if not_breaking else "fixed"})


def dispute(ticket: TicketArgument, *, reason: WhyOption, by: ByOption = "", config: ConfigOption = CONFIG) -> None:
    """Say that it is no break, and why: a third role decides.

    Example:
      watcher tickets dispute T-3f2a9c01b7 --reason "announced in June; the contract is of July"
    """
    _move(config, ticket, Verb.DISPUTE, by, reason)


def uphold(
    ticket: TicketArgument,
    *,
    reason: WhyOption,
    rule: Annotated[
        bool, typer.Option("--rule", help="For this rule at these fields, whoever relies on them: not these alone.")
    ] = False,
    by: ByOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Decide a dispute for the domain: the same never comes up again. For those whom the settings name as arbiters.

    Example:
      watcher tickets uphold T-3f2a9c01b7 --reason "the field was never part of the product" --by chief-architect
    """
    _move(config, ticket, Verb.UPHOLD, by, reason, {"scope": "rule" if rule else "these"})


def reject(ticket: TicketArgument, *, reason: WhyOption, by: ByOption = "", config: ConfigOption = CONFIG) -> None:
    """Decide a dispute against the domain: the ticket is its work. For those whom the settings name as arbiters.

    Example:
      watcher tickets reject T-3f2a9c01b7 --reason "three consumers lose revenue" --by chief-architect
    """
    _move(config, ticket, Verb.REJECT, by, reason)


def waive(
    ticket: TicketArgument,
    *,
    until: UntilOption,
    reason: WhyOption,
    by: ByOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Accept what is broken for a time, by name: it comes back, loudly, when the time is over.

    Example:
      watcher tickets waive T-3f2a9c01b7 --until 2027-03-31 --reason "finance moves to v2 in March" --by head-of-finance
    """
    _move(config, ticket, Verb.WAIVE, by, reason, {"until": until})


def revoke(ticket: TicketArgument, *, reason: WhyOption, by: ByOption = "", config: ConfigOption = CONFIG) -> None:
    """End a waiver before its time: the break is the domain's work again at once.

    Example:
      watcher tickets revoke T-3f2a9c01b7 --reason "v2 is late, and the dashboard is needed"
    """
    _move(config, ticket, Verb.REVOKE, by, reason)


def snooze(
    ticket: TicketArgument,
    *,
    until: UntilOption,
    reason: WhyOption,
    by: ByOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Let the ladder rest until then; who asked for it is on record.

    Example:
      watcher tickets snooze T-3f2a9c01b7 --until 3d --reason "the owner is back on Thursday"
    """
    _move(config, ticket, Verb.SNOOZE, by, reason, {"until": until})


def comment(
    ticket: TicketArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be said.")],
    *,
    by: ByOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Say something about it, to everyone who follows it.

    Example:
      watcher tickets comment T-3f2a9c01b7 "the migration runs tonight"
    """
    _move(config, ticket, Verb.COMMENT, by, text)


def reopen(ticket: TicketArgument, *, reason: WhyOption, by: ByOption = "", config: ConfigOption = CONFIG) -> None:
    """Open a settled ticket again.

    Example:
      watcher tickets reopen T-3f2a9c01b7 --reason "the dashboard still shows nothing"
    """
    _move(config, ticket, Verb.REOPEN, by, reason)


COMMANDS = (acknowledge, start, resolve, dispute, uphold, reject, waive, revoke, snooze, comment, reopen)
"""In the order of the help."""


def _move(  # noqa: PLR0917 - in the order in which it is said
    config: Path, ticket: str, verb: Verb, by: str, reason: str, details: dict[str, Any] | None = None
) -> None:
    from watcher import telemetry  # noqa: PLC0415 - help needs none of it
    from watcher.bootstrap import build_judgement, contract_folders  # noqa: PLC0415 - help needs none of it
    from watcher.handlers.ticketing.act import Order, act  # noqa: PLC0415
    from watcher.ledger import open_ledger  # noqa: PLC0415
    from watcher.settings import load  # noqa: PLC0415

    telemetry.configure(level="error")  # what is done is said in one line, below
    settings = load(config)
    folders = contract_folders(settings)
    folders.refresh()
    judgement = build_judgement(settings, folders)
    order = Order(TicketId(ticket), verb, by or getpass.getuser(), "cli", reason, details or {})
    ledger = open_ledger(settings.ledger, exclusive=False)
    try:
        with ledger.begin() as tx:
            acted = act(tx, judgement, order, dt.datetime.now(dt.UTC))
    finally:
        ledger.close()
    if acted.rejected:
        raise UsageError(f"ticket {ticket} stays {acted.ticket.state}: {acted.rejected}")
    messages = "1 message is" if acted.told == 1 else f"{acted.told} messages are"
    print(f"ticket {safe(ticket)} is {acted.ticket.state}; {messages} on the way")
