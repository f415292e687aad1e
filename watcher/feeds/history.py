"""A topic's history, from its beginning to the end that it has now: no group is joined, nothing is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.kafka.client import Cluster
from watcher.kafka.queries import Queries
from watcher.kafka.reader import Place, Reader
from watcher.model.dataset import RawRecord
from watcher.model.errors import Transient

_GROUP = "watcher-replay"
_READ_S = 1.0
_PATIENCE = 30
"""So many reads in a row may give nothing before the topic's end, which compaction and transactions put further on."""


def records_of(cluster: Cluster, topic: str, source: str) -> Iterator[RawRecord]:
    """Every record of a topic, partition by partition in time; raises Transient where the broker does not answer."""
    with Queries(cluster) as queries:
        bounds = queries.watermarks(topic)
    ends = {Place(topic, number): end for number, (begin, end) in bounds.items() if end > begin}
    if not ends:
        return
    reader = Reader(cluster, _GROUP, {topic: source})
    try:
        reader.assign({place: bounds[place.partition][0] for place in ends})
        quiet = 0
        waiting = dict(ends)
        while waiting:
            batch = reader.read(timeout=_READ_S)
            quiet = 0 if batch else quiet + 1
            if quiet > _PATIENCE:
                raise Transient(f"the topic {topic} gave nothing for {_PATIENCE} s, before its end: try again")
            yield from batch
            positions = reader.positions()
            waiting = {place: end for place, end in ends.items() if positions[place] < end}
    finally:
        reader.close()
