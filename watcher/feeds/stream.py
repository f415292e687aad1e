"""The faust runtime: one agent a topic, in a consumer group. The only file that knows faust.

faust gives membership, assignment and life-cycle. It does not get to decide what is done: left to its defaults, it
loses messages when a handler raises, and its commits stall on topics with gaps. So agents acknowledge by hand, after
the transaction; each assignment starts at the ledger's position; no exception leaves an agent; and what does not move
is ended.

Longer than 300 lines: what knows faust stands in one file, so that there is one file to open when it changes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

import faust
import structlog
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP

from watcher.feeds.handover import Handover, Lookout, bounds
from watcher.feeds.intake import PATIENCE_S, STOP_S, Positions, Status, Take
from watcher.feeds.links import Links
from watcher.feeds.login import login
from watcher.feeds.watch import Watch
from watcher.kafka.client import Cluster
from watcher.kafka.preflight import preflight
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import Fatal, WatcherError

log = structlog.get_logger(__name__)

BATCH = 500
_WITHIN_S = 0.02
"""How long a batch is waited for once its first record is there: live changes come one by one, and are told at once."""
_FETCH_WAIT_MS = 100
_PREFLIGHT = 0.8  # of the patience
_LOOK_S = 0.5

Starts = Callable[[Sequence[Place]], Awaitable[Mapping[Place, int]]]


def build_stream(
    cluster: Cluster, group: str, topics: Sequence[str], agent: Callable[[str], Any], settings: Mapping[str, Any]
) -> Any:
    """The faust app: raw serializers, no tables, no web server, no leader topic; one agent a topic.

    `agent(topic)` gives the coroutine function that reads the topic's stream; `settings` win over ours (tests).
    """
    app = _App(
        group,
        **{
            "broker": [f"kafka://{server.strip()}" for server in cluster.bootstrap_servers.split(",")],
            "broker_client_id": cluster.client_id,
            "broker_credentials": _credentials(cluster.options),
            "key_serializer": "raw",
            "value_serializer": "raw",
            "web_enabled": False,
            "topic_disable_leader": True,
            "topic_allow_declare": False,
            "processing_guarantee": "at_least_once",
            "consumer_auto_offset_reset": "earliest",
            "broker_commit_interval": 0.5,
            "broker_session_timeout": 10,
            "broker_heartbeat_interval": 2.5,
            "broker_max_poll_records": BATCH,
            "stream_buffer_maxsize": 1024,
            "stream_wait_empty": False,
            "worker_redirect_stdouts": False,
            **settings,
        },
    )
    for topic in topics:
        source = app.topic(topic, key_serializer="raw", value_serializer="raw")
        app.agent(source, name=f"intake.{topic}", concurrency=1)(agent(topic))
    return app


class _App(faust.App):
    def _create_directories(self) -> None:
        """Make none: there are no tables, and the working directory may be read-only."""


class StreamRuntime:
    """Reads `sources` (topic → feed) with faust agents. Fits `intake.Runtime`; made for one run.

    After `run` has ended, end the process with `os._exit`: faust's consumer thread may still be there.
    """

    def __init__(
        self,
        cluster: Cluster,
        group: str,
        sources: Mapping[str, str],
        *,
        patience: float = PATIENCE_S,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._cluster = cluster
        self._group = group
        self._sources = dict(sources)
        self._patience = patience
        self._settings = dict(settings or {})
        self._watch = Watch(time.monotonic(), patience=patience)
        self._handover: Handover | None = None
        self._links = Links()
        self._next: dict[Place, int] = {}  # the offset that what is handed over goes on with
        self._ended = asyncio.Event()
        self._stopped = False

    async def run(self, take: Take, positions: Positions) -> None:
        """Read until stopped; see `intake.Runtime`."""
        self._watch = Watch(time.monotonic(), patience=self._patience)
        topics = list(self._sources)
        try:
            await asyncio.to_thread(
                preflight, self._cluster, reads=topics, group=self._group, timeout=_PREFLIGHT * self._patience
            )
            if self._stopped:
                return
            with Queries(self._cluster, _trouble) as queries:
                handover = Handover(take, positions, lambda place: bounds(queries, place), self._watch)
                self._handover = handover
                app = build_stream(self._cluster, self._group, topics, self._agent, self._settings)
                app.transport.Consumer = _consumer(self._begin, self._revoked, self._links)
                await self._live(app, queries, handover)
        finally:
            self._ended.set()

    async def stop(self) -> None:
        """Pause, let the batch in flight finish, commit, leave the group; returns within 10 s."""
        self._stopped = True
        if self._handover is not None:
            self._handover.close()
            await _within(STOP_S, self._ended.wait())

    def status(self) -> Status:
        """How the intake stands at this moment."""
        return self._watch.status(time.monotonic())

    async def _live(self, app: Any, queries: Queries, handover: Handover) -> None:
        async def nudge(places: Sequence[Place]) -> None:
            await self._see_gaps(app, places)

        starting = asyncio.ensure_future(app.start())
        tasks = [
            starting,
            asyncio.ensure_future(Lookout(queries, self._watch, handover).keep(nudge)),
            asyncio.ensure_future(_watch_app(app, handover, starting, self._patience)),
        ]
        stopping = asyncio.ensure_future(handover.closing.wait())
        try:
            await asyncio.wait({handover.failure, stopping, *tasks[1:]}, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks[1:]:
                if task.done() and (error := task.exception()) is not None:
                    handover.fail(error)
            if handover.failure.done():
                handover.failure.result()
            for task in tasks[1:]:
                task.cancel()
            await _leave(app, handover)
        finally:
            for task in (*tasks, stopping):
                task.cancel()

    def _agent(self, topic: str) -> Any:
        async def intake(stream: Any) -> None:
            async for events in stream.noack_take(BATCH, within=_WITHIN_S):
                await self._pass_on(topic, events)

        return intake

    async def _pass_on(self, topic: str, events: Sequence[Any]) -> None:
        """Bring what faust gave into the ledger, one partition at a time, and acknowledge it then."""
        handover = self._handover
        if handover is None:
            return
        batches: dict[Place, list[Any]] = {}
        for event in events:
            message = event.message
            # What an earlier assignment left in faust's buffer comes again in this one, in its order.
            if message.generation_id == event.app.consumer_generation_id:
                batches.setdefault(Place(topic, message.partition), []).append(event)
        for place, batch in batches.items():
            await self._pass_on_place(handover, place, batch)

    async def _pass_on_place(self, handover: Handover, place: Place, events: Sequence[Any]) -> None:
        start = self._next.get(place)
        if start is None:
            return  # not ours any more
        offsets = [event.message.offset for event in events]
        taken, following = self._links.following(place, start, offsets)
        if taken:
            records = [_record(self._sources[place.topic], events[index].message) for index in taken]
            if not await handover.pass_on(place, records):
                await asyncio.Event().wait()  # stopping: an agent that returned would be started again
            if place in self._next:
                self._next[place] = max(self._next[place], following)
            self._links.handed_over(place, (offsets[index] for index in taken))
        for event in events:
            if event.message.offset < following:
                event.ack()
        missed = [offset for offset in offsets if offset >= following]
        if missed:
            reason = f"{place.topic}/{place.partition} goes on at {missed[0]}, not at {following}: not taken"
            log.warning("intake.troubled", reason=reason)

    async def _begin(self, places: Sequence[Place]) -> Mapping[Place, int]:
        handover = self._handover
        if handover is None:
            raise RuntimeError("a partition was assigned before the run began")
        starts = await handover.begin(places)
        self._next = dict(starts)
        self._watch.assigned(starts, time.monotonic())
        log.info("intake.assigned", starts={f"{place.topic}/{place.partition}": at for place, at in starts.items()})
        return starts

    def _revoked(self, places: Sequence[Place]) -> None:
        self._watch.unsettled(time.monotonic())
        self._watch.lost(set(places))
        for place in places:
            self._next.pop(place, None)
        log.info("intake.revoked", places=[f"{place.topic}/{place.partition}" for place in places])

    async def _see_gaps(self, app: Any, places: Sequence[Place]) -> None:
        """A topic may end in offsets that are no records: where faust has fetched to its end, that was all."""
        if app.consumer.unacked:
            return
        for place in places:
            behind = self._watch.status(time.monotonic()).behind.get(place, 0)
            position = self._watch.position(place)
            fetched = await app.consumer.position(TP(place.topic, place.partition))
            if fetched is None or position is None or app.consumer.unacked:
                continue
            if self._links.stands(place) != self._next.get(place):
                continue  # records were fetched that have not come here: that is no gap, and may be a loss
            if fetched >= position + behind:
                self._watch.reached(place, fetched, time.monotonic())


def _consumer(begin: Starts, revoked: Callable[[Sequence[Place]], None], links: Links) -> type[Consumer]:
    """Faust's consumer, but that it asks the ledger where to read on, and that its client is ours."""

    class LedgerConsumer(Consumer):
        def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
            thread = _ConsumerThread(self, loop=self.loop, beacon=self.beacon)
            thread.links = links
            return thread

        async def seek_to_committed(self) -> Mapping[TP, int]:
            starts = await begin(_places(self.assignment()))
            offsets = {TP(*place): offset for place, offset in starts.items()}
            await self.seek_wait(offsets)
            return offsets

        async def on_partitions_revoked(self, revoked_ones: set[TP]) -> None:
            revoked(_places(revoked_ones))
            await super().on_partitions_revoked(revoked_ones)

        async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
            await super().on_partitions_assigned(assigned, generation_id)
            if not assigned:  # a member without a partition: faust seeks nothing, and it is in its place
                await begin(())

    return LedgerConsumer


class _ConsumerThread(AIOKafkaConsumerThread):
    """Where faust makes aiokafka's consumer, with two values of its own that no setting reaches, and fetches with it.

    What it fetches is noted record by record: between here and the agent, faust drops some when a rebalance comes at
    the wrong moment, and goes on behind them.
    """

    links: Links

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self.links.forget(_places(assigned))
        await super().on_partitions_assigned(assigned, generation_id)

    async def _seek_wait(self, consumer: Any, partitions: Mapping[TP, int]) -> None:
        for partition, offset in partitions.items():
            self.links.begin(Place(*partition), offset)
        await super()._seek_wait(consumer, partitions)

    async def _fetch_records(self, *args: Any, **options: Any) -> Any:
        fetched = await super()._fetch_records(*args, **options)
        for partition, records in fetched.items():
            self.links.fetched(Place(*partition), [record.offset for record in records])
        return fetched

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust's 1.5 s: a broker that does not wake a waiting fetch (the embedded one) would make each change so late.
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS  # noqa: SLF001 - read when the consumer starts; aiokafka is pinned
        # As the other runtime reads: a registration that was aborted never happened.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        return consumer


async def _watch_app(app: Any, handover: Handover, starting: asyncio.Future[None], patience: float) -> None:
    """End the run when faust has ended by itself, or when a step of its life takes too long."""
    began = time.monotonic()
    rebalancing_since: float | None = None
    while True:
        now = time.monotonic()
        rebalancing_since = (rebalancing_since or now) if app.rebalancing else None
        if starting.done() and not starting.cancelled() and (error := starting.exception()) is not None:
            handover.fail(error)
        elif app.crashed or app.should_stop:
            handover.fail(Fatal(f"faust has stopped by itself ({app.crash_reason!r})"))
        elif not starting.done() and now - began > patience:
            handover.fail(Fatal(f"faust has not started within {patience:.0f} s"))
        elif rebalancing_since is not None and now - rebalancing_since > patience:
            handover.fail(Fatal(f"the group's rebalance has not ended for {patience:.0f} s"))
        await asyncio.sleep(_LOOK_S)


async def _leave(app: Any, handover: Handover) -> None:
    """Pause, let the batch in flight finish, commit, leave; each step bounded, for cancelling can be swallowed."""
    consumer = app.consumer
    try:
        consumer.pause_partitions(consumer.assignment())
    except ConsumerNotStarted:  # stopped while it was starting: there is nothing to pause, and nothing in flight
        await _within(STOP_S * 0.35, app.stop())
        return
    await _within(STOP_S * 0.4, handover.settled())
    await asyncio.sleep(0)  # the agent acknowledges what it has just handed over
    await _within(STOP_S * 0.15, consumer.commit())
    await _within(STOP_S * 0.35, app.stop())


async def _within(seconds: float, step: Coroutine[Any, Any, Any]) -> None:
    # Not wait_for: it waits on for a task that swallows its cancellation.
    task = asyncio.ensure_future(step)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        log.warning("intake.troubled", reason=f"a step of stopping took longer than {seconds:.1f} s and was left")
    elif not task.cancelled() and (error := task.exception()) is not None:
        log.warning("intake.troubled", reason=f"a step of stopping failed: {error}")


def _record(source: str, message: Any) -> RawRecord:
    headers = message.headers
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    timestamp = message.timestamp
    return RawRecord(
        Position(source, message.partition, message.offset),
        message.key,
        message.value,
        None if timestamp is None or timestamp < 0 else round(timestamp * 1000),
        tuple((name, value) for name, value in pairs),
    )


def _places(partitions: Iterable[TP]) -> list[Place]:
    return sorted(Place(one.topic, one.partition) for one in partitions)


def _credentials(options: Mapping[str, str]) -> Any:
    how = login(options)
    if how.mechanism is not None:
        return faust.SASLCredentials(
            username=how.username, password=how.password, mechanism=how.mechanism, ssl_context=how.context
        )
    return faust.SSLCredentials(context=how.context) if how.context is not None else None


def _trouble(error: WatcherError) -> None:
    log.warning("intake.troubled", reason=str(error))
