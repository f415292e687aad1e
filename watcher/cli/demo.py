"""`watcher demo`: the whole loop on this machine, on real parts, in a story of several teams."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live

from watcher.cli.story import Act, acts, history
from watcher.cli.story.stage import Stage
from watcher.cli.story.view import Scene, epilogue, prologue, scene
from watcher.model.errors import Fatal

ACT_S = 30.0
"""How long one act may take to come out; it takes milliseconds."""

LISTS = ("changes", "violations", "tickets", "deliveries", "unreadable")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Exit with a summary after the story.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print one JSON document of what came of it, and exit; implies --once.")
    ] = False,
) -> None:
    """Play a story on an embedded broker: change → verdict per consumer → ticket → delivery.

    Nothing has to be there, and nothing stays. Example: watcher demo --once
    """
    console = Console(stderr=json_, quiet=json_)
    with tempfile.TemporaryDirectory(prefix="watcher-demo-") as folder:
        document = asyncio.run(_Play(Path(folder), console).run(stays=not (once or json_)))
    if json_:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")


class _Play:
    """One performance; the console shows it live on a terminal, and act by act otherwise."""

    def __init__(self, folder: Path, console: Console) -> None:
        self._stage = Stage(folder)
        self._console = console
        self._scenes: list[Scene] = []
        self._known: dict[str, set[str]] = {name: set() for name in LISTS}
        self._states: dict[str, str] = {}

    async def run(self, *, stays: bool) -> dict[str, Any]:
        """Play all acts; the document of what came of them, once the curtain falls."""
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        async with self._stage:
            played = asyncio.create_task(self._play())
            waiting = asyncio.create_task(ended.wait())
            await asyncio.wait({played, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not played.done():
                played.cancel()
                raise typer.Exit(130)
            document = await played
            self._console.print(epilogue(document, self._places(), stays=stays))
            if stays:
                await waiting
            waiting.cancel()
        return document

    async def _play(self) -> dict[str, Any]:
        self._console.print(prologue())
        for key, value in history():
            await self._stage.write(key, value)
        with self._console.status("starting Kafka, receivers and the daemon; it reads the registry's history …"):
            await self._stage.start_daemon()
        if self._console.is_terminal:
            with Live(console=self._console, refresh_per_second=10, vertical_overflow="visible") as live:
                for act in acts():
                    await self._perform(act, lambda: live.update(self._all()))
        else:
            for number, act in enumerate(acts(), 1):
                await self._perform(act, lambda: None)
                self._console.print(scene(self._scenes[-1], number))
        return {name: await self._list(name) for name in LISTS}

    def _all(self) -> Group:
        return Group(*(scene(one, number) for number, one in enumerate(self._scenes, 1)))

    async def _perform(self, act: Act, show: Callable[[], None]) -> None:
        one = Scene(act)
        self._scenes.append(one)
        show()
        if self._console.is_terminal:
            await asyncio.sleep(1.5)  # a person reads what is about to happen
        heard = {name: len(receiver.received) for name, receiver in self._stage.receivers.items()}
        began = await self._stage.write(act.key, act.value)
        deadline = time.monotonic() + ACT_S
        while not await self._came_out(one):
            if time.monotonic() > deadline:
                raise Fatal(f"“{act.title}” did not come out within {ACT_S:.0f} s; the daemon says {self._stage.log}")
            await asyncio.sleep(0.05)
            show()
        first = [
            receiver.received[heard[name]].at.timestamp()
            for name, receiver in self._stage.receivers.items()
            if len(receiver.received) > heard[name]
        ]
        one.milliseconds = (min(first) - began) * 1000 if first else None
        for name in LISTS:
            self._known[name] |= {_identity(item) for item in await self._list(name)}
        one.done = True
        show()

    async def _came_out(self, one: Scene) -> bool:
        """Take what is new; whether the act is over: judged, and all that it told of has arrived."""
        news = {name: await self._news(name) for name in LISTS}
        one.changes, one.unreadable, one.deliveries = news["changes"], news["unreadable"], news["deliveries"]
        one.violations = news["violations"]
        one.tickets = [
            ticket
            for ticket in await self._list("tickets")
            if _identity(ticket) not in self._known["tickets"] or ticket["state"] != self._states.get(ticket["id"])
        ]
        arrived = all(delivery["state"] == "delivered" for delivery in one.deliveries)
        over = len(one.changes) >= one.act.changes and len(one.unreadable) >= one.act.unreadable and arrived
        if over:
            self._states.update({ticket["id"]: ticket["state"] for ticket in await self._list("tickets")})
        return over

    async def _news(self, name: str) -> list[dict[str, Any]]:
        return [item for item in await self._list(name) if _identity(item) not in self._known[name]]

    async def _list(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._stage.get(f"/v1/{name}?limit=1000")
        return found[::-1]  # a story is told oldest first

    def _places(self) -> dict[str, str]:
        return {
            "contracts": str(self._stage.folder / "contracts"),
            "tickets": f"{self._stage.url}/v1/tickets",
            "changes": f"{self._stage.url}/v1/changes",
            "metrics": f"{self._stage.url}/metrics",
            "readiness": f"{self._stage.url}/readyz",
            "the daemon's log": str(self._stage.log),
        }


def _identity(item: dict[str, Any]) -> str:
    return str(item.get("id") or item["position"])
