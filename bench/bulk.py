"""Bulk: 100,000 lines of `watcher compat --bulk` as a whole process, per format and mixed, beside the usual packages.

Each line is a schema of 20 fields and its next version under BACKWARD, ten lines a subject; no text comes twice, so
that no line is answered from memory. The process is timed from its start to its end, reading and writing pipes. Beside
it, in this run, on the same texts: the avro package (parses both, and asks whether the new one reads the old), the
jsonschema package (checks both against their meta-schema, and compares nothing), and protobuf's own library (builds
both from descriptors that are compiled already: it neither compiles nor compares).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import avro.compatibility
import avro.schema
import jsonschema
from google.protobuf import descriptor_pool

from bench.texts import FORMATS, pair
from watcher.formats.protobuf.compiler import compile_files
from watcher.model.schema import Format

LINES = 100_000
FIELDS = 20
ALONE = 0.2
"""Share of the lines that each format has in its own run."""

SAMPLE = 300
"""Pairs of which the packages are timed."""

MIX = {Format.AVRO: 6, Format.JSON: 3, Format.PROTOBUF: 1}
"""Of ten lines of the mixed run."""


def run(*, quick: bool = False) -> None:
    """Print lines per second of each run, and of the packages."""
    lines = LINES // 20 if quick else LINES
    mix = ", ".join(f"{share * 10} % {format_.value}" for format_, share in MIX.items())
    print(f"bulk: {lines:,} lines ({mix}), {FIELDS} fields a schema, BACKWARD, no text twice; whole process")
    seconds = _process(_mixed(lines))
    print(f"  {'mixed':<9} {lines / seconds:8,.0f} lines/s, {seconds:.1f} s")
    for format_ in FORMATS:
        own = int(lines * ALONE)
        seconds = _process(_line(format_, number) for number in range(own))
        ours = own / seconds
        name, theirs = _yardstick(format_)
        print(f"  {format_.value:<9} {ours:8,.0f} lines/s   {name} {theirs:8,.0f}/s   {ours / theirs:6.2f} times")


def _mixed(lines: int) -> Iterator[str]:
    round_ = [format_ for format_, share in MIX.items() for _ in range(share)]
    for number in range(lines):
        yield _line(round_[number % len(round_)], number)


def _line(format_: Format, number: int) -> str:
    old, new = pair(format_, FIELDS, number)
    return json.dumps({"id": number, "format": format_.value, "level": "BACKWARD", "old": old, "new": new})


def _process(lines: Iterator[str]) -> float:
    """How long the command takes for the lines, which are made beforehand."""
    data = "\n".join(lines).encode() + b"\n"
    count = data.count(b"\n")
    command = [sys.executable, "-m", "watcher", "compat", "--bulk"]
    started = time.perf_counter()
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    answers = done.stdout.splitlines()
    if len(answers) != count or any(b'"error"' in answer for answer in answers):
        raise AssertionError(next(answer for answer in answers if b'"error"' in answer))
    return seconds


def _yardstick(format_: Format) -> tuple[str, float]:
    """A package's name with what it does, and pairs per second: the best of three turns."""
    pairs = [pair(format_, FIELDS, number) for number in range(SAMPLE)]
    match format_:
        case Format.AVRO:
            return "avro package, parse both and can_read:", _rate(_avro, pairs)
        case Format.JSON:
            return "jsonschema package, check_schema of both:", _rate(_jsonschema, pairs)
        case _:
            compiled = [tuple(_descriptor(text) for text in both) for both in pairs]
            return "protobuf, both built from descriptors:", _rate(_protobuf, compiled)


def _rate(work: Callable[[Any], object], pairs: Sequence[object]) -> float:
    best = float("inf")
    for turn in range(3):
        batch = list(islice(pairs, turn * SAMPLE // 3, (turn + 1) * SAMPLE // 3))
        started = time.perf_counter()
        for both in batch:
            work(both)
        best = min(best, (time.perf_counter() - started) / len(batch))
    return 1 / best


def _avro(both: Sequence[str]) -> object:
    before, after = (avro.schema.parse(text) for text in both)
    return avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(after, before)  # type: ignore[no-untyped-call]


def _jsonschema(both: Sequence[str]) -> None:
    for text in both:
        jsonschema.Draft7Validator.check_schema(json.loads(text))


def _descriptor(text: str) -> bytes:
    (compiled,) = compile_files({"order.proto": text}, {})
    return compiled.descriptor.SerializeToString()


def _protobuf(both: Sequence[bytes]) -> None:
    for data in both:
        pool = descriptor_pool.DescriptorPool()
        pool.AddSerializedFile(data)
        pool.FindMessageTypeByName("shop.Order")
