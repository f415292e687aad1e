"""The embedded broker's own process: librdkafka's mock cluster, steered by one JSON line a request.

Started by `EmbeddedBroker` as a plain script, so that it needs nothing but the standard library and starts in about a
tenth of a second. Requests arrive on standard input, answers leave on standard output. End of input ends the process:
that is how it dies with its parent, however the parent died.

The C functions used here are declared experimental by librdkafka; confluent-kafka is pinned exactly because of them.
"""

import ctypes
import json
import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

_PRODUCER = 0  # rd_kafka_type_t: the mock cluster hangs on any client handle; this one never sends anything
_CONF_OK = 0
_ALL_BROKERS = -1
_TEXT = 512
_ORPHAN_CHECK_S = 1.0


class MockCluster:
    """The broker as ctypes sees it; every method is one call into librdkafka."""

    def __init__(self, library: str, brokers: int) -> None:
        self._lib = _load(library)
        self._brokers = brokers
        self._client = self._new_client()
        self._cluster = ctypes.c_void_p(self._lib.rd_kafka_mock_cluster_new(self._client, brokers))
        if self._cluster.value is None:
            raise RuntimeError("librdkafka made no mock cluster")

    def _new_client(self) -> ctypes.c_void_p:
        text = ctypes.create_string_buffer(_TEXT)
        conf = ctypes.c_void_p(self._lib.rd_kafka_conf_new())
        # Level 0: the handle has no broker of its own and would say so on the terminal of `watcher demo`.
        if self._lib.rd_kafka_conf_set(conf, b"log_level", b"0", text, _TEXT) != _CONF_OK:
            raise RuntimeError(text.value.decode())
        client = ctypes.c_void_p(self._lib.rd_kafka_new(_PRODUCER, conf, text, _TEXT))
        if client.value is None:
            raise RuntimeError(text.value.decode())
        return client

    def bootstrap_servers(self) -> str:
        """The listeners' addresses, as any client wants them."""
        servers: bytes = self._lib.rd_kafka_mock_cluster_bootstraps(self._cluster)
        return servers.decode()

    def create_topic(self, name: str, partitions: int) -> None:
        """Make a topic, each partition led by a broker that exists."""
        self._check(self._lib.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, self._brokers))

    def topic_error(self, name: str, code: int) -> None:
        """Answer metadata requests for this topic with the code; 0 heals it."""
        self._lib.rd_kafka_mock_topic_set_error(self._cluster, name.encode(), code)

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """Drop a partition's records below an offset, as retention does."""
        self._check(self._lib.rd_kafka_mock_partition_delete_records(self._cluster, topic.encode(), partition, before))

    def push_errors(self, api: int, codes: list[int]) -> None:
        """Answer the next requests of this kind with these codes, one each."""
        array = (ctypes.c_int * len(codes))(*codes)
        self._lib.rd_kafka_mock_push_request_errors_array(self._cluster, api, len(codes), array)

    def push_delays(self, api: int, delays_ms: list[int]) -> None:
        """Answer the next requests of this kind late, one each."""
        for broker in range(1, self._brokers + 1):
            for delay in delays_ms:
                # Variadic: error 0 is "answer as usual", only later.
                pair = (ctypes.c_int(0), ctypes.c_int(delay))
                push = self._lib.rd_kafka_mock_broker_push_request_error_rtts
                self._check(push(self._cluster, broker, api, 1, *pair))

    def clear_errors(self, api: int) -> None:
        """Forget what is pushed and not used yet."""
        self._lib.rd_kafka_mock_clear_request_errors(self._cluster, api)

    def latency(self, milliseconds: int) -> None:
        """Delay every answer."""
        self._check(self._lib.rd_kafka_mock_broker_set_rtt(self._cluster, _ALL_BROKERS, milliseconds))

    def rebalance_delay(self, milliseconds: int) -> None:
        """How long a new group waits for more members."""
        self._lib.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, milliseconds)

    def down(self) -> None:
        """Cut every connection and refuse new ones."""
        self._check(self._lib.rd_kafka_mock_broker_set_down(self._cluster, _ALL_BROKERS))

    def up(self) -> None:
        """Accept connections again, on the same ports."""
        self._check(self._lib.rd_kafka_mock_broker_set_up(self._cluster, _ALL_BROKERS))

    def _check(self, code: int) -> None:
        if code:
            text: bytes = self._lib.rd_kafka_err2str(code)
            raise RuntimeError(f"librdkafka answered {code}: {text.decode()}")


def _load(path: str) -> ctypes.CDLL:
    """The library with the signatures that ctypes cannot guess: pointers, 64-bit sizes, narrow integers."""
    lib = ctypes.CDLL(path)
    pointer, text, i16, i32 = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int16, ctypes.c_int32
    size, number = ctypes.c_size_t, ctypes.c_int
    signatures: dict[str, tuple[type | None, list[type]]] = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, size]),
        "rd_kafka_new": (pointer, [number, pointer, text, size]),
        "rd_kafka_err2str": (text, [number]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_topic_set_error": (None, [pointer, text, number]),
        "rd_kafka_mock_partition_delete_records": (number, [pointer, text, i32, ctypes.c_int64]),
        "rd_kafka_mock_push_request_errors_array": (None, [pointer, i16, size, ctypes.POINTER(number)]),
        "rd_kafka_mock_broker_push_request_error_rtts": (number, [pointer, i32, i16, size]),
        "rd_kafka_mock_clear_request_errors": (None, [pointer, i16]),
        "rd_kafka_mock_broker_set_rtt": (number, [pointer, i32, number]),
        "rd_kafka_mock_broker_set_down": (number, [pointer, i32]),
        "rd_kafka_mock_broker_set_up": (number, [pointer, i32]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, i32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


def _obey(cluster: MockCluster, request: Mapping[str, Any]) -> None:
    """Carry out one request, named after the method that does it."""
    match request:
        case {"do": "create_topic", "name": str(name), "partitions": int(partitions)}:
            cluster.create_topic(name, partitions)
        case {"do": "topic_error", "name": str(name), "code": int(code)}:
            cluster.topic_error(name, code)
        case {"do": "delete_records", "name": str(name), "partition": int(partition), "before": int(before)}:
            cluster.delete_records(name, partition, before)
        case {"do": "push_errors", "api": int(api), "codes": list(codes)}:
            cluster.push_errors(api, codes)
        case {"do": "push_delays", "api": int(api), "delays_ms": list(delays)}:
            cluster.push_delays(api, delays)
        case {"do": "clear_errors", "api": int(api)}:
            cluster.clear_errors(api)
        case {"do": "latency", "ms": int(milliseconds)}:
            cluster.latency(milliseconds)
        case {"do": "rebalance_delay", "ms": int(milliseconds)}:
            cluster.rebalance_delay(milliseconds)
        case {"do": "down"}:
            cluster.down()
        case {"do": "up"}:
            cluster.up()
        case _:
            raise RuntimeError(f"unknown request {request}")


def _answer(**parts: str | None) -> None:
    sys.stdout.write(json.dumps(parts) + "\n")
    sys.stdout.flush()


def _requests(parent: int) -> Iterator[bytes]:
    """Lines from standard input until it ends, or until the parent is gone and a fork of it holds the pipe open."""
    pending = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], _ORPHAN_CHECK_S)[0]:
            continue
        data = os.read(0, 65536)
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        yield from lines


def main(library: str, brokers: int) -> None:
    """Serve until the parent is gone."""
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which still needs the broker to stop well
    cluster = MockCluster(library, brokers)
    _answer(bootstrap=cluster.bootstrap_servers())
    for line in _requests(parent):
        try:
            _obey(cluster, json.loads(line))
        except (RuntimeError, ValueError, ctypes.ArgumentError, TypeError) as error:
            _answer(error=str(error))
        else:
            _answer(error=None)
    # Without unwinding librdkafka's threads: nothing here is worth keeping, and nobody waits for it.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
