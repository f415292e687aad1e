"""`watcher replay`: which tickets there would have been under today's contracts; nothing is touched."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption, ProposedOption
from watcher.cli.screen import counted, print_table, safe
from watcher.model.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from watcher.handlers.hindsight.replay import Rehearsal
    from watcher.handlers.judging.judgement import Judgement
    from watcher.settings import Settings

_NOWHERE = "nowhere: give the domain `tickets: [{channel: …}]`, or set `fallback` in the settings"


def replay(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]", help="A folder of one dataset's schema versions, read in their names' order."
        ),
    ] = None,
    *,
    months: Annotated[
        str | None,
        typer.Option(
            "--last", metavar="SPAN", help="How far back the ledger's own history: 6m (months), 90d; else 6m."
        ),
    ] = None,
    feed: Annotated[
        str | None,
        typer.Option("--topic-of", metavar="FEED", help="Read the topic of this feed from its beginning instead."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="NAME", help="Whose versions the folder has.")
    ] = None,
    contracts: ProposedOption = None,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """Judge history again under today's contracts and rules: which tickets, to whom, for how long.

    The history is the ledger's own, a registry's topic, or a folder of schema versions; precedents and announcements
    are the ledger's, where there is one. Nothing is written, nobody is told. Contracts are today's, also where they did
    not exist yet: that is the question. A folder with --contracts needs no settings file.

    Examples:
      watcher replay --last 6m
      watcher replay --topic-of registry
      watcher replay ./history/orders --dataset kafka://prod/orders
      watcher replay ./history/orders --dataset kafka://prod/orders --contracts ./contracts
      watcher replay --last 12m --contracts ./proposed-contracts
    """
    from watcher import telemetry  # noqa: PLC0415 - help needs none of it
    from watcher.bootstrap import build_judgement  # noqa: PLC0415
    from watcher.cli.in_force import documents_in_force  # noqa: PLC0415
    from watcher.handlers.hindsight.replay import months_back  # noqa: PLC0415
    from watcher.settings import load, unset  # noqa: PLC0415

    if folder is not None and feed is not None:
        raise UsageError("choose one history: a folder, --topic-of, or neither for the ledger's own")
    if months is not None and (folder is not None or feed is not None):
        raise UsageError("--last is for the ledger's own history: a folder and a topic are judged whole")
    if folder is not None and dataset is None:
        raise UsageError("whose versions are these? name the dataset: --dataset kafka://prod/orders")
    telemetry.configure(level="critical")  # what is judged again is no news, and whom it would not reach is printed
    # A folder of versions, judged by a folder of documents, is all that such a question needs.
    alone = folder is not None and bool(contracts) and config == CONFIG and not config.exists()
    settings = unset() if alone else load(config)
    judgement, now = build_judgement(settings, documents_in_force(settings, contracts or ())), dt.datetime.now(dt.UTC)
    with _rehearsal(judgement) as rehearsal:
        if (folder is not None and not (alone and ledger is None)) or feed is not None:
            _remember(rehearsal, config, settings.ledger, ledger)
        if folder is not None:
            _folder(rehearsal, judgement, folder, dataset or "", now)
        elif feed is not None:
            _topic(rehearsal, judgement, settings, feed)
        else:
            _ledger(rehearsal, config, ledger or settings.ledger, months_back(months or "6m", now), now)
        rehearsal.advance(max(now, rehearsal.now or now) + settings.settle)  # so that the last of it settles
        told = _told(rehearsal)
    if json_:
        print(json_text.page(told))
    else:
        _print(told)


def _told(rehearsal: Rehearsal) -> dict[str, Any]:
    from watcher.handlers.hindsight.replay import summed  # noqa: PLC0415
    from watcher.handlers.rounds.hygiene import document  # noqa: PLC0415

    found = rehearsal.tickets()
    return {
        "steps": rehearsal.steps,
        "unreadable": rehearsal.unreadable,
        "domains": summed(found),
        "tickets": [one.document() for one in found],
        "contracts": [document(contract, one) for contract, one in rehearsal.faults()],
    }


@contextmanager
def _rehearsal(judgement: Judgement) -> Iterator[Rehearsal]:
    from watcher.handlers.hindsight.replay import Rehearsal  # noqa: PLC0415
    from watcher.ledger import open_ledger  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory(prefix="watcher-replay-") as scratch,
        closing(open_ledger(f"sqlite:///{scratch}/scratch.db")) as ledger,
    ):
        yield Rehearsal(ledger, judgement)


def _ledger(rehearsal: Rehearsal, config: Path, url: str, since: dt.datetime, now: dt.datetime) -> None:
    with transaction(config, url) as history:
        rehearsal.remember(history)
        for change in history.changes_between(since, now):
            rehearsal.again(history, change)


def _remember(rehearsal: Rehearsal, config: Path, ours: str, named: str | None) -> None:
    """What the ledger has decided for good holds for another's history too; a newcomer has no ledger yet."""
    try:
        with transaction(config, named or ours) as history:
            rehearsal.remember(history)
    except ConfigurationError as error:
        if named is not None:
            raise
        print(safe(f"note: precedents and announcements are not known: {error}"), file=sys.stderr)


def _topic(rehearsal: Rehearsal, judgement: Judgement, settings: Settings, name: str) -> None:
    from watcher.bootstrap import build_feed, build_warehouse, kafka_settings  # noqa: PLC0415
    from watcher.feeds.history import records_of  # noqa: PLC0415
    from watcher.handlers.hearing.observe import Observer  # noqa: PLC0415
    from watcher.settings.feeds import RegistryFeedSettings, topic_of  # noqa: PLC0415

    one = next((each for each in settings.feeds if each.name == name), None)
    topic = None if one is None else topic_of(one)
    if one is None or topic is None:
        known = ", ".join(each.name for each in settings.feeds if topic_of(each) is not None) or "none"
        raise UsageError(f"there is no feed {name!r} with a topic; known are {known}")
    language = build_feed(one) if isinstance(one, RegistryFeedSettings) else build_warehouse(one)
    observer = Observer(language, judgement)
    for record in records_of(kafka_settings(settings), topic.topic, name):
        at = dt.datetime.fromtimestamp((record.timestamp or 0) / 1000, tz=dt.UTC)
        rehearsal.hear(observer, [record], at=at)


def _folder(rehearsal: Rehearsal, judgement: Judgement, folder: Path, dataset: str, now: dt.datetime) -> None:
    from watcher.cli.versions import records  # noqa: PLC0415
    from watcher.handlers.hearing.observe import Observer  # noqa: PLC0415

    feed, several = records(folder, judgement.catalogue().canonical(dataset), now)
    observer = Observer(feed, judgement)
    for record in several:
        rehearsal.hear(observer, [record], at=dt.datetime.fromtimestamp((record.timestamp or 0) / 1000, tz=dt.UTC))


def _print(told: dict[str, Any]) -> None:
    for one in told["tickets"]:
        print(safe(f"{one['domain']}: {one['dataset']} ({one['severity']})"))
        for episode in one["episodes"]:
            ended = episode["resolved_at"]
            until = "until now" if ended is None else f"until {ended[:16].replace('T', ' ')}, {episode['open_h']:g} h"
            print(f"  open from {episode['opened_at'][:16].replace('T', ' ')} UTC {until}")
        print(safe(f"  told {'; '.join(map(_place, one['to'])) or _NOWHERE}"))
        print(safe(f"  hits {', '.join(one['consumers'])}"))
        for message in one["messages"]:
            print(safe(f"    {message}"))
        for rung in one["ladder"]:
            print(safe(f"  the ladder would have told {rung['to']} on {rung['at'][:16].replace('T', ' ')} UTC"))
    if told["tickets"]:
        print_table(
            ("domain", "tickets", "datasets", "consumers", "still open"),
            [
                (one["domain"], one["tickets"], one["datasets"], one["consumers"], one["still_open"])
                for one in told["domains"]
            ],
        )
    for one in told["contracts"]:
        print(safe(f"{one['consumer']}, {one['subscription']}: {one['message']} [{one['fault']}]"))
    unreadable = f", {told['unreadable']} of them could not be read" if told["unreadable"] else ""
    steps = f"{counted(told['steps'], 'step')} of history {'was' if told['steps'] == 1 else 'were'} judged"
    print(f"{steps}{unreadable}; {counted(len(told['tickets']), 'ticket')}")


def _place(to: dict[str, str]) -> str:
    options = ", ".join(f"{key} {value}" for key, value in to.items() if key != "channel")
    return f"{to['channel']} ({options})" if options else to["channel"]
