"""The ledger: is it there, is it ours, who holds it; and what in it waits for a person."""

from __future__ import annotations

import os
from pathlib import Path

from watcher.cli.probe import Findings
from watcher.ledger import open_ledger, revision
from watcher.model.delivery import DeliveryState
from watcher.model.domain import UNOWNED
from watcher.ports import Views
from watcher.settings import Settings

SHOWN = 5
"""So many of each are named; the commands that list them are named as well."""

_SQLITE = "sqlite:///"


def probe(settings: Settings, findings: Findings) -> list[tuple[str, int, int]]:
    """Ask the ledger; gives how far each feed is read: feed, partition, next offset."""
    url = settings.ledger
    file = Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None
    positions: list[tuple[str, int, int]] = []
    with findings.asking("ledger"):
        found = revision(url)
        if found is None and file is not None:
            _unmade(file, findings)
            return positions
        ledger = open_ledger(url, exclusive=False)
        try:
            with ledger.look() as views:
                positions = [(source, number, at.next_offset) for source, number, at in views.list_positions()]
                findings.ok("ledger", f"reachable, tables at version {found}{_held(file)}")
                _records(views, settings, findings)
        finally:
            ledger.close()
    return positions


def _unmade(file: Path, findings: Findings) -> None:
    folder = file.parent
    if not folder.is_dir():
        findings.wrong("ledger", f"the folder {folder} is not there: make it, or correct `ledger`")
    elif not os.access(folder, os.W_OK):
        findings.wrong(
            "ledger", f"the folder {folder} may not be written by this user: correct its rights, or `ledger`"
        )
    else:
        findings.ok("ledger", f"{file} is not there yet: the first `watcher run` makes it")


def _held(file: Path | None) -> str:
    """Which process has the SQLite ledger. Looked up, not tried: a lock taken here could stop a daemon's start."""
    if file is None:
        return ""
    try:
        holder = int(file.with_name(file.name + ".lock").read_text("ascii").strip() or "0")
        os.kill(holder, 0)
    except (OSError, ValueError):
        return ", no daemon holds it"
    return f", held by the daemon of process {holder}"


def _records(views: Views, settings: Settings, findings: Findings) -> None:
    counts = views.counts()
    told = (
        f"{counts['datasets']} datasets, {counts['changes']} changes, {counts['unsettled_tickets']} unsettled tickets"
    )
    findings.ok("memory", told)
    if counts["unreadable"]:
        more = tuple(f"{one.position}: {one.reason_kind}: {one.reason}" for one in views.list_unreadable(SHOWN))
        findings.look("unreadable", f"{counts['unreadable']} records could not be understood; the latest:", more)
    if counts["blind_spots"]:
        spots = views.list_blind_spots(SHOWN, open_only=True)
        more = tuple(f"{one.dataset or one.source}: {one.kind}, since {one.since:%Y-%m-%d %H:%M} UTC" for one in spots)
        message = f"{counts['blind_spots']} changes can only have been missed (`watcher blind-spots`); the latest:"
        findings.look("blind spots", message, more)
    if counts["dead"]:
        dead = views.list_deliveries(SHOWN, state=DeliveryState.DEAD)
        more = tuple(f"{one.delivery.id} to {one.delivery.channel}: {one.last_error}" for one in dead)
        message = f"{counts['dead']} messages were given up (`watcher tickets redrive` sends them again); the latest:"
        findings.look("dead letters", message, more)
    unowned = views.list_tickets(SHOWN, domain=UNOWNED, unsettled_only=True)
    if unowned:
        route = "they go to the fallback channel" if settings.fallback else "they go nowhere: set `fallback`"
        message = f"tickets for datasets that no domain owns ({route}); write the domain's `owns`:"
        findings.look("unowned", message, tuple(f"{one.id}: {one.dataset}" for one in unowned))
    blocked = [one for one in views.list_datasets(1000) if one.blocked]
    if blocked:
        more = tuple(f"{one.dataset}: {one.blocked}" for one in blocked[:SHOWN])
        findings.look("datasets", f"{len(blocked)} cannot be judged, because their schema cannot be read:", more)
