"""Watching the folders: whoever judges is told as soon as other contracts, domains or owners are in force."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog
from watchfiles import awatch

from watcher.feeds.folders import Folders
from watcher.formats.contracts.problems import Problem
from watcher.model.catalogue import Catalogue

log = structlog.get_logger(__name__)

OnChange = Callable[[Catalogue, tuple[Problem, ...]], Awaitable[None]]

RESCAN_SECONDS = 5.0
"""How often all is looked at anyway: notices get lost on network file systems and behind links that lead outside."""
GRACE_SECONDS = 1.0
"""How long a file must be gone before its contracts are: an editor that saves by delete and create is quicker."""


async def watch(
    folders: Folders, on_change: OnChange, stop: asyncio.Event | None = None, *, rescan: float = RESCAN_SECONDS
) -> None:
    """Call `on_change` with what is in force and what is refused, after each difference, until `stop` is set.

    The disk is looked at in a thread of its own, one look at a time.
    """
    ended = stop or asyncio.Event()
    while not ended.is_set():
        roots = {root: _identity(root) for root in folders.paths}
        await _look(folders, on_change)
        watched = [root for root, identity in roots.items() if identity is not None]
        if watched:
            await _follow(folders, on_change, ended, roots, rescan)
        else:
            await _pause(ended, rescan)


async def _follow(
    folders: Folders, on_change: OnChange, ended: asyncio.Event, roots: Mapping[Path, object], rescan: float
) -> None:
    """Look after each notice, and after each `rescan` without one, until a watched folder is replaced by another."""
    looked, pause = time.monotonic(), rescan
    async for notices in awatch(
        *(root for root, identity in roots.items() if identity is not None),
        watch_filter=None,  # a swapped link of Kubernetes has no name that a filter would let through
        debounce=400,
        stop_event=ended,
        rust_timeout=int(rescan * 1000),
        yield_on_timeout=True,
        recursive=True,
        ignore_permission_denied=True,
    ):
        if not notices and time.monotonic() - looked < pause:
            continue
        began = time.monotonic()
        await _look(folders, on_change)
        looked = time.monotonic()
        pause = max(rescan, 20 * (looked - began))  # a look at very many files is not taken all the time
        if any(_identity(root) != known for root, known in roots.items()):
            return


async def _look(folders: Folders, on_change: OnChange) -> None:
    changed = await asyncio.to_thread(folders.refresh, patient=True)
    if folders.waits:
        await asyncio.sleep(GRACE_SECONDS)
        changed = await asyncio.to_thread(folders.refresh) or changed
    if not changed:
        return
    catalogue, problems = folders.catalogue, folders.problems
    told, owners = len(catalogue.subscriptions), len(catalogue.domains)
    log.info("contracts.changed", subscriptions=told, domains=owners, refused=len(problems))
    for problem in folders.told:
        log.warning("contracts.refused", place=f"{problem.source}:{problem.line}", reason=problem.message)
    await on_change(catalogue, problems)


async def _pause(ended: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ended.wait()
    except TimeoutError:
        return


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return (state.st_dev, state.st_ino)
