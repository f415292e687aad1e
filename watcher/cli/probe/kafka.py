"""The cluster: is it there, are the topics, may we, and how far is the ledger behind them."""

from __future__ import annotations

from collections.abc import Iterable

from watcher.cli.probe import Findings, State
from watcher.feeds.login import login
from watcher.kafka.client import KafkaSettings
from watcher.kafka.preflight import preflight
from watcher.kafka.queries import Queries
from watcher.settings import Settings, secret
from watcher.settings.feeds import topic_of

Positions = Iterable[tuple[str, int, int]]
"""Feed, partition, next offset."""


def probe(settings: Settings, positions: Positions, findings: Findings, timeout: float) -> None:
    """Ask the cluster; once it is away, nothing more is asked of it."""
    servers = settings.kafka.bootstrap_servers
    about = f"kafka {servers}"
    options: dict[str, str] = {}
    topics = [topic for feed in settings.feeds if (topic := topic_of(feed)) is not None]
    with findings.asking("kafka.options"):
        options = {key: secret(value) for key, value in settings.kafka.options.items()}
        if any(topic.runtime == "faust" for topic in topics):
            login(options)
    if findings.all and findings.all[-1].about == "kafka.options":
        return
    cluster = KafkaSettings(servers, settings.kafka.client_id, options)
    with findings.asking(about):
        preflight(cluster, timeout=timeout)
        findings.ok(about, "answers")
    if findings.all[-1].state is not State.OK:
        return
    readable = []
    for one in topics:
        with findings.asking(f"feed {one.feed}"):
            preflight(cluster, reads=[one.topic], group=one.group, timeout=timeout)
            readable.append(one)
            findings.ok(f"feed {one.feed}", f"topic `{one.topic}` is there and may be read, in group `{one.group}`")
    if settings.events is not None:
        events = settings.events.topic
        with findings.asking("events"):
            preflight(cluster, writes=[events], timeout=timeout)
            findings.ok("events", f"topic `{events}` is there and may be written")
    known = {(feed, partition): offset for feed, partition, offset in positions}
    with findings.asking("lag"), Queries(cluster) as queries:
        for one in readable:
            _lag(queries, one.feed, one.topic, known, findings)


def _lag(queries: Queries, feed: str, topic: str, known: dict[tuple[str, int], int], findings: Findings) -> None:
    about = f"lag of {feed}"
    for partition, (low, high) in queries.watermarks(topic).items():
        position = known.get((feed, partition))
        where = f"{topic}/{partition}"
        if position is None:
            findings.look(about, f"{where} was never read: {high - low} records wait for the first start")
        elif position < low:
            lost = f"{where} begins at {low}, and the ledger stands at {position}: retention dropped what was not read"
            findings.wrong(about, f"{lost}; keep `{topic}` compacted, without retention by time or size")
        elif position > high:
            made = f"{where} ends at {high}, and the ledger stands at {position}: the topic was made anew"
            findings.wrong(about, f"{made}; give the feed another name, so that it is read as a new source")
        elif position < high:
            findings.look(about, f"{where}: up to {high - position} records behind; a running daemon reads them")
        else:
            findings.ok(about, f"{where}: all {position} records are in the ledger")
