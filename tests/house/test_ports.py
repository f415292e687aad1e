"""The ports and what fits them: the type checker proves each pair below, and no protocol is left without one."""

import inspect
from typing import Protocol, get_type_hints

from watcher import ports
from watcher.bootstrap import SystemClock
from watcher.daemon.ledger_thread import LedgerThread
from watcher.delivery.kafka import Emits, KafkaChannel
from watcher.delivery.webhook import WebhookChannel
from watcher.feeds.batch import BatchRuntime
from watcher.feeds.intake import Runtime
from watcher.feeds.registry.feed import RegistryFeed
from watcher.feeds.stream import StreamRuntime
from watcher.handlers.sending.dispatch import InLedger
from watcher.kafka.emitter import Emitter
from watcher.ledger.connect import SqlLedger
from watcher.ledger.transaction import SqlTransaction


class Fits:
    """One method a port: what it takes is what it gives, so mypy fails where an adapter does not fit."""

    def clock(self, one: SystemClock) -> ports.Clock:
        return one

    def feed(self, one: RegistryFeed) -> ports.Feed:
        return one

    def channel(self, one: WebhookChannel | KafkaChannel) -> ports.Channel:
        return one

    def ledger(self, one: SqlLedger) -> ports.Ledger:
        return one

    def transaction(self, one: SqlTransaction) -> ports.Transaction:
        return one

    def intake(self, one: SqlTransaction) -> ports.Intake:
        return one

    def facts(self, one: SqlTransaction) -> ports.Facts:
        return one

    def outbox(self, one: SqlTransaction) -> ports.Outbox:
        return one

    def views(self, one: SqlTransaction) -> ports.Views:
        return one

    def runtime(self, one: StreamRuntime | BatchRuntime) -> Runtime:
        return one

    def in_ledger(self, one: LedgerThread) -> InLedger:
        return one

    def emits(self, one: Emitter) -> Emits:
        return one


def test_every_port_has_an_adapter() -> None:
    """Each protocol of `ports.py` is the result of one method above."""
    protocols = {
        one
        for _, one in inspect.getmembers(ports, inspect.isclass)
        if Protocol in one.__bases__ and one.__module__ == ports.__name__
    }
    fitted = {get_type_hints(method)["return"] for _, method in inspect.getmembers(Fits, inspect.isfunction)}

    assert protocols - fitted == set()
