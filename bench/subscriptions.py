"""Subscriptions: what one change costs among 100,000 contracts on one dataset, and a million contracts in all.

`touched` is one change to one field of 2,000, on which 50 of the 100,000 contracts rely: from the change and the two
shapes, with a warm index, to the violations of those 50. `in all` builds a catalogue of 1,000,000 contracts on 20,000
datasets in a process of its own, from records in memory; and reads contracts from YAML files, fewer of them.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from watcher.diff import diff
from watcher.feeds import folders
from watcher.formats.read import read_schema
from watcher.model.catalogue import Catalogue
from watcher.model.contract import Consumer, Exists, HasType, Subscription, SubscriptionName
from watcher.model.dataset import DatasetName, Domain
from watcher.model.path import ROOT, member
from watcher.model.schema import Format, Schema, SchemaText
from watcher.model.types import Integer, String
from watcher.model.verdict import DatasetState
from watcher.rules.evaluate import flips

FIELDS = 2000
ON_ONE = 100_000
TOUCHED = 50
RUNS = 50
IN_ALL = 1_000_000
DATASETS = 20_000
FILES = 20_000
"""Contracts that are read from YAML, one a file."""

ORDERS = DatasetName("kafka://prod/orders")


def run(*, quick: bool = False) -> None:
    """Print both."""
    _touched(ON_ONE // 10 if quick else ON_ONE)
    _in_all(IN_ALL // 10 if quick else IN_ALL, FILES // 10 if quick else FILES)


def _touched(contracts: int) -> None:
    before, after = (_shape(type_) for type_ in ("int", "string"))
    catalogue = Catalogue(_subscription(number, ORDERS, _relied(number)) for number in range(contracts))
    changes = diff(before, after)
    started = time.perf_counter()
    catalogue.touching(ORDERS, changes)
    warming = time.perf_counter() - started
    gc.collect()
    took = []
    busy = time.process_time()
    for _ in range(RUNS):
        started = time.perf_counter()
        touched = catalogue.touching(ORDERS, diff(before, after))
        states = DatasetState(before), DatasetState(after)
        broken = [one for its in touched for one in flips(its, ORDERS, *states, changes)]
        took.append((time.perf_counter() - started) * 1000)
    busy = (time.process_time() - busy) * 1000 / RUNS
    if len(touched) != TOUCHED or len(broken) != TOUCHED:
        raise AssertionError(len(touched), len(broken))
    cuts = statistics.quantiles(took, n=100)
    print(
        f"touched: {contracts:,} contracts on a dataset of {FIELDS:,} fields, {TOUCHED} rely on the one that changes\n"
        f"  diff, lookup and verdicts: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms over {RUNS} runs,"
        f" {busy:.1f} ms of processor time each (index warmed in {warming:.1f} s)"
    )


def _shape(changed: str) -> Schema:
    """The dataset's schema, read as a registry gives it; `changed` is the type of its first field."""
    types = [changed, *["string"] * (FIELDS - 1)]
    fields = [{"name": f"field_{number}", "type": type_} for number, type_ in enumerate(types)]
    return read_schema(SchemaText(Format.AVRO, json.dumps({"type": "record", "name": "Order", "fields": fields})))


def _relied(number: int) -> tuple[str, ...]:
    """Two fields; the first one of all for `TOUCHED` contracts only."""
    place = number * 7 % (FIELDS - 1)
    other = (place + FIELDS // 2) % (FIELDS - 1)
    return "field_0" if number < TOUCHED else f"field_{1 + place}", f"field_{1 + other}"


def _subscription(number: int, dataset: DatasetName, relied: tuple[str, ...]) -> Subscription:
    clauses = [clause for name in relied for clause in _clauses(name)]
    consumer = Consumer(Domain(f"team-{number % 500}"))
    return Subscription(SubscriptionName(f"contract-{number}"), consumer, dataset, (Exists(ROOT), *clauses))


def _clauses(name: str) -> tuple[Exists, HasType]:
    path = member(ROOT, name)
    return Exists(path), HasType(path, Integer(32), "int") if name == "field_0" else HasType(path, String(), "string")


def _in_all(contracts: int, files: int) -> None:
    for what, count in (("records", contracts), ("files", files)):
        command = [sys.executable, "-m", "bench.subscriptions", what, str(count)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="")


def _records(count: int) -> None:
    """A catalogue of records that are in memory already, and what all of it takes."""
    idle = _resident()
    started = time.perf_counter()
    told = [
        _subscription(number, DatasetName(f"kafka://prod/topic-{number % DATASETS}"), _relied(TOUCHED + number))
        for number in range(count)
    ]
    made = time.perf_counter()
    catalogue = Catalogue(told)
    built = time.perf_counter()
    held = _resident() - idle
    changes = diff(_shape("int"), _shape("string"))
    for name in catalogue.datasets:
        catalogue.touching(name, changes)
    warm = time.perf_counter()
    del told
    print(
        f"in all: {count:,} contracts on {len(catalogue.datasets):,} datasets, two fields each\n"
        f"  records made in {made - started:.1f} s, catalogue in {built - made:.1f} s; {held:,.0f} MiB\n"
        f"  and with the touch indexes of all datasets, {warm - built:.1f} s later: {_resident() - idle:,.0f} MiB"
    )


def _files(count: int) -> None:
    """Contracts in YAML files, read as the daemon reads them at its start."""
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            one, other = _relied(TOUCHED + number)
            (Path(name) / f"contract-{number}.yaml").write_text(
                f"kind: Subscription\nname: contract-{number}\nconsumer: {{domain: team-{number % 500}}}\n"
                f"dataset: kafka://prod/topic-{number % DATASETS}\n"
                f"relies_on:\n  - {one}: {{type: string}}\n  - {other}: {{type: string}}\n"
            )
        started = time.perf_counter()
        catalogue, problems = folders.load([name])
        seconds = time.perf_counter() - started
    if problems or len(catalogue.subscriptions) != count:
        raise AssertionError(problems[:3])
    print(f"  from YAML: {count:,} files of one contract in {seconds:.1f} s, {count / seconds:,.0f} a second")


def _resident() -> float:
    """Mebibytes that the process holds."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    {"records": _records, "files": _files}[sys.argv[1]](int(sys.argv[2]))
