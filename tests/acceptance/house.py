"""A house with five domains, their trackers over real HTTP, a mail server, two workers and one clock that is moved.

Longer than 300 lines: what stands around the story is in one place, and the story itself in another.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from tests.standins import azure_devops, github, gitlab, jira, linear, opsgenie, pagerduty, servicenow
from tests.standins.base import SECRET, StandIn
from tests.standins.smtp import MailServer
from tests.story.world import World, record
from tests.unit.web.hooks.sent import SECRET as SIGNED_WITH
from tests.unit.web.hooks.sent import SIGN, body_of
from watcher.delivery.addresses import Guard
from watcher.delivery.channels import mail
from watcher.delivery.channels.azure_devops import build as build_azure_devops
from watcher.delivery.channels.github import build as build_github
from watcher.delivery.channels.gitlab import build as build_gitlab
from watcher.delivery.channels.jira import build as build_jira
from watcher.delivery.channels.linear import build as build_linear
from watcher.delivery.channels.opsgenie import build as build_opsgenie
from watcher.delivery.channels.pagerduty import build as build_pagerduty
from watcher.delivery.channels.servicenow import build as build_servicenow
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.compose import compose
from watcher.delivery.replies import Reply
from watcher.formats.read import read_registered
from watcher.handlers.hearing.judge import judge_due
from watcher.handlers.hearing.observe import Observer
from watcher.handlers.judging.policy import Policy
from watcher.handlers.judging.shelf import Shelf
from watcher.handlers.planning.announce import Announcing
from watcher.handlers.rounds.chores import do_chores
from watcher.handlers.sending.dispatch import Dispatcher, Pace
from watcher.handlers.ticketing.act import Acted, Order, act
from watcher.handlers.ticketing.escalate import climb
from watcher.handlers.ticketing.inbound import receive
from watcher.handlers.ticketing.wishes import Outcome, Wishes
from watcher.ledger import SqlLedger
from watcher.model.announcement import Terms
from watcher.model.delivery import Remote
from watcher.model.ticket import TicketId, Verb
from watcher.ports import Channel, MirrorRow, Transaction
from watcher.web.hooks.app import Inbox, add_hooks
from watcher.web.hooks.wish import HookRequest, HookSource

T = TypeVar("T")

ARBITER = "chief-architect@acme.example"
TRACKERS = {
    "checkout": ("jira", "azure-devops"),
    "billing": ("github",),
    "logistics": ("gitlab", "pagerduty"),
    "catalog": ("servicenow",),
    "identity": ("linear", "opsgenie"),
}
"""Where each domain's tickets are mirrored."""
_HOUR = dt.timedelta(hours=1)
_MARKER = re.compile(r"watcher-t-([0-9a-f]{10})")


class House(World):
    """The world, its receivers and two workers on one ledger."""

    terms = Terms()

    def __init__(self, folder: Path, ledger: SqlLedger | None, now: dt.datetime, *contracts: str) -> None:
        super().__init__(folder, *contracts)
        if ledger is not None:
            self.ledger.close()
            self.ledger = ledger
        self.now = now
        self.standins: dict[str, Any] = {}
        self.mails: MailServer
        self._channels: dict[str, Channel] = {}
        self._names = iter(f"worker-{number}" for number in range(1, 100))
        self.workers: list[Dispatcher] = []
        self.sent = [0, 0]
        """How many deliveries each of the two took on."""

    def restart(self) -> None:
        """A new process on the same ledger, with the policy of this house."""
        super().restart()
        trackers = frozenset(chain.from_iterable(TRACKERS.values()))
        policy = Policy(
            arbiters=(ARBITER,),
            channels=trackers | {"mail"},
            trackers=trackers,
            leadership=("mail:leadership@acme.example",),
        )
        self.judgement = replace(self.judgement, policy=policy, events=None, fallback="mail")
        self._observer = Observer(self.feed(), self.judgement)
        # The second worker has read nothing yet, and knows only the ledger.
        self._other = replace(self.judgement, shelf=Shelf(read_registered))

    # What stands around it.

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Start the receivers and two workers."""
        clock = _Moved(self)
        async with AsyncExitStack() as stack:
            made: Mapping[str, StandIn] = {
                "jira": jira.Jira(),
                "github": github.Github(),
                "gitlab": gitlab.Gitlab(),
                "servicenow": servicenow.Servicenow(),
                "linear": linear.Linear(),
                "azure-devops": azure_devops.AzureDevops(),
                "pagerduty": pagerduty.PagerDuty(),
                "opsgenie": opsgenie.Opsgenie(),
            }
            for name, one in made.items():
                self.standins[name] = await stack.enter_async_context(one)
            self.mails = await stack.enter_async_context(MailServer(self._folder, security="none"))
            door = await stack.enter_async_context(HttpDoor(Guard(("127.0.0.1",))))
            at = {name: one.url for name, one in made.items()}
            self._channels = {
                "jira": build_jira(
                    door, clock, compose, url=at["jira"], cloud=True, email=jira.EMAIL, token=SECRET
                ),
                "github": build_github(door, clock, compose, url=at["github"], token=SECRET),
                "gitlab": build_gitlab(door, clock, compose, url=at["gitlab"], token=SECRET),
                "servicenow": build_servicenow(
                    door, clock, compose, url=at["servicenow"], user=servicenow.USER, token=SECRET
                ),
                "linear": build_linear(door, clock, compose, url=f"{at['linear']}/graphql", token=SECRET),
                "azure-devops": build_azure_devops(
                    door, clock, compose, url=f"{at['azure-devops']}/acme", token=SECRET
                ),
                "pagerduty": build_pagerduty(door, clock, compose, url=at["pagerduty"], routing_key=SECRET),
                "opsgenie": build_opsgenie(door, clock, compose, url=at["opsgenie"], api_key=SECRET),
                "mail": mail.build(
                    door, clock, compose, host="127.0.0.1", port=self.mails.port, security="none",
                    sender="watcher@acme.example",
                ),
            }  # fmt: skip
            self.workers = [self._worker(), self._worker()]
            self.app = FastAPI()
            sources = {
                kind: HookSource(kind, (SIGNED_WITH,), frozenset({"acme-watcher"}))
                for kind in ("github", "jira", "slack")
            }
            add_hooks(self.app, Inbox(sources, self._take, clock))
            self._door, self._hooks_at = door, await stack.enter_async_context(_answering(self.app))
            yield

    def _worker(self, at_once: int = 2) -> Dispatcher:
        return Dispatcher(
            self._in_ledger,
            self._channels,
            _Moved(self),
            worker=next(self._names),
            pace=Pace(at_once=at_once),  # so little at once that both have work
            rng=random.Random(7),
            fallback="mail",
        )

    async def _in_ledger(self, work: Callable[[Transaction], T], /) -> T:
        with self.ledger.begin() as tx:
            return work(tx)

    async def _take(
        self, channel: str, wishes: Wishes, source: HookSource, request: HookRequest
    ) -> tuple[Outcome, ...]:
        with self.ledger.begin() as tx:
            return receive(tx, self.judgement, channel, wishes, own=source.own, now=request.received_at)

    # Time.

    async def at(self, day: str, hour: str) -> None:
        """Let hours go by up to this moment (UTC), and both workers do in each what is due."""
        moment = dt.datetime.fromisoformat(f"{day}T{hour}:00+00:00")
        assert moment >= self.now, f"{moment} is over: it is {self.now}"
        while self.now < moment:
            self.now = min(moment, self.now.replace(minute=0) + _HOUR)
            await self.tick()

    async def tick(self) -> None:
        """What two daemons do at one moment."""
        for judgement in (self.judgement, self._other):
            with self.ledger.begin() as tx:
                judge_due(tx, judgement, self.now)
                climb(tx, judgement, self.now)
                do_chores(tx, judgement, self.now)
                Announcing(tx, judgement, self.terms, self.now).look()
        await self.send()

    def away_until(self, day: str, hour: str) -> None:
        """Nobody is up meanwhile; then both are, as new processes."""
        self.now = dt.datetime.fromisoformat(f"{day}T{hour}:00+00:00")
        self.restart()
        self.workers = [self._worker(), self._worker()]

    async def send(self) -> None:
        """Both workers in turns, until neither has anything to do at this moment."""
        while True:
            for number, worker in enumerate(self.workers):
                await worker._turn()
                self.sent[number] += len(worker._sending)
            under_way = [task for worker in self.workers for task in worker._sending]
            if under_way:
                await asyncio.wait(under_way)
            elif not any(worker._settled for worker in self.workers):
                return

    async def kill_while(self, happened: Callable[[], bool]) -> None:
        """A worker dies with one delivery under way when this has happened, and before it could say so.

        It has no more than one, for a mail that it had sent would come again: there is nothing to search for in mails.
        """
        dying = self._worker(at_once=1)
        await dying._turn()
        async with asyncio.timeout(30):
            while not happened():  # noqa: ASYNC110 - what happens is seen at the receiver only
                await asyncio.sleep(0.005)
        tasks = list(dying._sending)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What people do.

    async def change(self, subject: str, fields: dict[str, Any]) -> None:
        """Somebody registers the next version."""
        self.schema(f"{subject}-value", record(fields, name=subject.capitalize()))
        await self.tick()

    async def do(self, ticket: str, verb: Verb, by: str, reason: str = "so it is", **details: Any) -> Acted:
        """Somebody moves a ticket at the command line."""
        with self.ledger.begin() as tx:
            acted = act(tx, self.judgement, Order(TicketId(ticket), verb, by, "cli", reason, details), self.now)
        await self.tick()
        return acted

    async def hook(self, kind: str, document: dict[str, Any], **headers: str) -> dict[str, Any]:
        """A service tells what somebody did there, signed, over real HTTP; what came of it."""
        reply = await self.posted(kind, document, **headers)
        assert reply.status == 200, reply.body
        [outcome] = json.loads(reply.body)["outcomes"]
        await self.tick()
        return dict(outcome)

    async def posted(
        self, kind: str, document: dict[str, Any], signed_with: str = SIGNED_WITH, **headers: str
    ) -> Reply:
        """What is answered to a message of that kind of service."""
        body = body_of(kind, document)
        signed = {**SIGN[kind](body, signed_with, self.now), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self._door.request("POST", f"{self._hooks_at}/hooks/{kind}", headers=signed, content=body)

    def plan(self, work: Callable[[Announcing], T]) -> T:
        """Somebody announces, or answers."""
        with self.ledger.begin() as tx:
            return work(Announcing(tx, self.judgement, self.terms, self.now))

    def shown_in(self, chat: str, ticket: str) -> None:
        """Somebody shares the ticket's message in a chat of ours."""
        with self.ledger.begin() as tx:
            remote = Remote("C1/1.1", None, {})
            tx.put_mirror(MirrorRow(TicketId(ticket), chat, {"to": f"#{ticket}"}, remote, self.now))

    # What there is to see.

    def newest(self, domain: str) -> str:
        """The domain's newest ticket."""
        return str([one["id"] for one in self.show("tickets") if one["domain"] == domain][-1])

    def state(self, ticket: str) -> str:
        return str(self.ticket(ticket)["state"])

    def item_of(self, ticket: str, channel: str) -> str:
        """The id of the ticket's item at its tracker."""
        with self.ledger.begin() as tx:
            [remote] = [one.remote for one in tx.mirrors(TicketId(ticket)) if one.channel == channel]
        assert remote is not None
        return remote.id

    def items(self, channel: str) -> dict[str, list[Any]]:
        """A tracker's items by the ticket whose marker they carry."""
        found: dict[str, list[Any]] = {}
        for one in self.standins[channel].items():
            match = _MARKER.search(one.marker)
            assert match is not None, one
            found.setdefault(f"T-{match[1]}", []).append(one)
        return found

    def rungs(self, ticket: str) -> list[tuple[int, str]]:
        """The steps of the ladder that were told: number and moment."""
        moves = [one for one in self.ticket(ticket)["moves"] if one["verb"] == "escalate"]
        return [(one["details"]["rung"], one["at"][:16]) for one in moves]


@asynccontextmanager
async def _answering(app: FastAPI) -> AsyncIterator[str]:
    """Answer requests on a port of this machine; gives the URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment] # signals are the test run's
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"  # it is bound: who comes early waits
    finally:
        server.should_exit = True
        await running


class _Moved:
    """The house's time, as a clock."""

    def __init__(self, house: House) -> None:
        self._house = house

    def now(self) -> dt.datetime:
        return self._house.now
