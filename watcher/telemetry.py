"""Telemetry: the structlog chain, the list of event names, and metrics counted from those events.

A log call is an event name and keys; what is counted is what is logged, so that no second call is needed. Secrets never
reach the log: keys that carry them are masked here as the last resort, and redacted where they are used.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

EVENTS: dict[str, str] = {
    # the daemon's life
    "http.listening": "the HTTP interface answers, at this address",
    "watcher.started": "everything runs",
    "watcher.stopping": "asked to stop: what is in flight is finished",
    "watcher.stopped": "stopped in order",
    "watcher.doubted": "the process can no longer be trusted: it ends, to start anew from the ledger",
    "watcher.failed": "a fault of the watcher's own ended the process",
    "ledger.migrated": "the ledger's tables were brought to this version",
    "ledger.away": "the ledger does not answer: the same work is tried again",
    "library.said": "a library's own warning",
    # feeds of tables
    "blind_spot.opened": "a change can only have been missed: which dataset's, and why",
    "look.taken": "a database's own catalogue was looked at",
    "look.failed": "the database could not be looked at: it is tried again",
    "outbox.begun": "what stands in PostgreSQL is known: from here its outbox is read",
    "outbox.read": "rows of PostgreSQL's outbox were read",
    "outbox.away": "PostgreSQL's outbox cannot be read: it is tried again",
    # contracts
    "contracts.loaded": "the folders of contracts and domains were read",
    "contracts.changed": "other contracts or domains are in force than before",
    "contracts.channel_unknown": "a document names a channel that the settings do not have; what is for it waits",
    "contracts.refused": "a document is refused; its last good version stays in force",
    # intake
    "feed.begun": "a partition is read for the first time: what it holds now is the baseline",
    "intake.assigned": "partitions were given to this worker, with the offsets at which it goes on",
    "intake.revoked": "partitions were taken from this worker",
    "intake.retried": "something is away: the same call is tried again",
    "intake.doubted": "the reading stands still or contradicts the ledger: the process must end",
    "intake.troubled": "a passing fault of the client",
    "intake.caught_up": "history was read in bulk up to its end",
    "batch.observed": "a batch of records became facts in one transaction",
    "record.unreadable": "a record could not be understood; it is recorded, and the stream goes on",
    "record.failed": "a fault of the watcher's own on one record; it is recorded as unreadable",
    # judgement
    "change.judged": "a dataset's step was judged for everyone who relies on it",
    "witness.failed": "a violation's witness could not be sought; the verdict stands without it",
    "guard.changed": "a compatibility level in force was lowered or raised",
    "settle.ledger_away": "settle windows could not be looked at: the ledger does not answer",
    "ticket.opened": "a breaking change became work for a domain",
    "ticket.updated": "a further break was added to a domain's ticket",
    "ticket.reopened": "a break came back within the window",
    "ticket.resolved": "the proof is there that nothing is broken any more",
    "ticket.moved": "somebody moved a ticket: acknowledged, started, disputed, decided, waived, snoozed",
    "ticket.claim_rejected": "somebody closed a ticket whose break persists: it stays open, with the proof",
    "ticket.claims_ignored": "an item is closed again and again without a repair: it is not opened again there today",
    "ticket.escalated": "nobody did what was promised in time: the next of the domain's ladder is told",
    "ladder.nobody": "a step of a ladder names no channel that the settings have: the fallback is told instead",
    "waiver.over": "a waiver's end came, or somebody ended it: what it covered is the domain's work again",
    "ticket.unaddressed": "a ticket has no channel to go to; it is kept, and shown",
    # planned changes
    "announcement.answered": "a consumer said what it thinks of a planned change",
    "announcement.made": "a planned change is on record, and who would break is asked",
    "announcement.moved": "a planned change is agreed, objected to, withdrawn, done, or its window went by",
    "announcement.reminded": "a consumer that has not answered was asked again",
    "announcement.unaddressed": "a consumer would break by a planned change, and there is no channel to ask it on",
    # what comes from trackers, chats and links
    "hook.taken": "what somebody did in a tracker or a chat moved a ticket, or was looked at and is not so",
    "hook.illegal": "what somebody asked for in a tracker or a chat is no legal move",
    "hook.passed_over": "a message from outside is in order and moves nothing (debug)",
    "hook.replayed": "a message from outside came again, and was not taken twice",
    "hook.refused": "a message from outside is not signed, too old, or cannot be read",
    "hook.unconfigured": "a channel gets messages, and has no secret to verify them by: none is taken",
    "hook.failed": "a message from outside is not on record yet, or a person could not be answered",
    "link.refused": "a link of a message did nothing: it was used, too old, or its move is not legal now",
    "chore.done": "a recurring task was done: a digest, a nag, the weekly scorecard",
    "clock.ledger_away": "tickets and announcements could not be looked at: the ledger does not answer",
    # delivery
    "delivery.sent": "a receiver has a message",
    "delivery.postponed": "a message did not arrive, and is tried again",
    "delivery.dead": "a message is given up: it is listed, and re-driven by hand",
    "address.stale": "nobody is at an address any more, or a channel is dead: its news go to the fallback",
    "delivery.channel_unknown": "a message names a channel that the settings do not have",
    "delivery.channel_failed": "a fault of the watcher's own in a channel",
    "delivery.producer_renewed": "the producer of events had lost its footing and was replaced",
    "dispatch.ledger_away": "the outbox could not be looked at: the ledger does not answer",
    "dispatch.stopped": "telling has stopped in order",
    "http.exchanged": "one outbound request and its answer (debug)",
}
"""Every event that is logged, with what it means; a test finds one that is not declared here."""

_MASKED = ("secret", "password", "token", "authorization", "sasl")


class Metrics:
    """The Prometheus metrics, fed by the event chain and by the daemon's status."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "watcher_events_total", "What happened, by the name it is logged under.", ["event"], registry=self.registry
        )
        self.records = Counter("watcher_records_total", "Records read, by source.", ["source"], registry=self.registry)
        self.lag = Gauge(
            "watcher_lag_records",
            "Records between the ledger's position and the end.",
            ["source"],
            registry=self.registry,
        )
        self.ready = Gauge(
            "watcher_ready", "1 when assigned, caught up and the ledger answers.", registry=self.registry
        )
        self.rows = Gauge("watcher_ledger_rows", "What the ledger holds, by kind.", ["kind"], registry=self.registry)
        self.domains = Gauge(
            "watcher_domain_quarter",
            "A domain's figures of the quarter so far, looked at once an hour.",
            ["domain", "figure"],
            registry=self.registry,
        )
        self.precision = Gauge(
            "watcher_precision_ratio",
            "Of the tickets that were settled in the quarter, those that were a break indeed; 1 where none was.",
            registry=self.registry,
        )
        self.transaction_seconds = Histogram(
            "watcher_transaction_seconds",
            "Time of one intake transaction.",
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self.registry,
        )
        for name in EVENTS:
            self.events.labels(event=name)

    def score(self, figures: Iterable[tuple[str, str, float]], precision: float | None) -> None:
        """Show the domains' figures, and those of no other; and how often the watcher was right."""
        self.domains.clear()
        for domain, figure, value in figures:
            self.domains.labels(domain=domain, figure=figure).set(value)
        self.precision.set(1 if precision is None else precision)

    def count(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Count a logged event: a structlog processor."""
        name = event.get("event")
        if isinstance(name, str) and name in EVENTS:
            self.events.labels(event=name).inc()
        return event


def configure(
    *, metrics: Metrics | None = None, style: str = "auto", level: str = "info", stream: TextIO | None = None
) -> None:
    """Set the chain up: coloured lines on a terminal, one JSON document a line otherwise.

    `style` is auto, console or json; `level` a name of the logging module. Everything goes to standard error, so that
    standard output stays a command's own.
    """
    out = stream or sys.stderr
    console = style == "console" or (style == "auto" and out.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([metrics.count] if metrics else []),
            _mask,
            *(
                [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
                if console
                else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _adopt_foreign_loggers(number)


def _adopt_foreign_loggers(level: int) -> None:
    # Libraries log through the standard library: theirs go the same way, warnings and worse only, as one event.
    handler = _Adopted()
    handler.setLevel(max(level, logging.WARNING))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


class _Adopted(logging.Handler):
    """Hands a library's log record to our chain."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, "library.said", logger=record.name, text=record.getMessage())


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if any(word in key.lower() for word in _MASKED):
            event[key] = "***"
    return event


def _dumps(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
