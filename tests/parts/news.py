"""Deliveries beside tickets, as the chores and announcements wish them: digests, scorecards, lists, planned changes."""

from __future__ import annotations

import datetime as dt

from tests.parts.letters import AT, OF_TOPIC, ORDERS, REVENUE, URL, delivery, ticket
from watcher.followup.scorecard import Precision, Scorecard, Spent, Times
from watcher.handlers.scoring import scorecards
from watcher.handlers.scoring.scores import Scores
from watcher.handlers.telling import messages, notices
from watcher.handlers.telling.messages import moment
from watcher.model.dataset import Domain
from watcher.model.delivery import Delivery, MessageType
from watcher.model.waiver import Waiver, WaiverKind

DAY = dt.timedelta(days=1)

DISPUTE: messages.Body = {
    "ticket": "T-77aa01b2c3",
    "domain": "checkout",
    "dataset": str(ORDERS),
    "severity": "high",
    "since": moment(AT - 7 * DAY),
    "by": "em-checkout",
    "reason": "it was never promised",
}
ANNOUNCEMENT: messages.Body = {
    "announcement": {
        "id": "A-3f2a9c01b7",
        "domain": "checkout",
        "dataset": str(ORDERS),
        "state": "proposed",
        "kind": "change",
        "paths": [],
        "since": moment(AT + 30 * DAY),
        "until": moment(AT + 44 * DAY),
        "by": "em-checkout",
        "reason": "cents, not euros",
        "made_at": moment(AT),
    },
    "at": moment(AT),
    "changes": [
        {"kind": "type-changed", "path": "amount", "before": "long", "after": "decimal(12,2)"},
        {"kind": "field-added", "path": "currency", "before": None, "after": {"name": "currency", "type": "string"}},
    ],
    "url": f"{URL}/announcements/A-3f2a9c01b7",
    "omitted": {"values": 0, "changes": 0},
}
STANDING: messages.Body = {
    "agreed": False,
    "missing": ["fraud-score"],
    "objected": [],
    "earliest": "2026-12-15",
    "sentences": ["fraud-score has not answered", "revenue-close needs until 2026-12-15: the year's audit runs"],
}


def asked() -> Delivery:
    """A consumer is reminded to answer."""
    you = {
        "subscription": "revenue-close",
        "consumer": messages.consumer(REVENUE.consumer),
        "criticality": "high",
        "clauses": ["`amount` is long"],
        "certain": True,
        "answer_by": moment(AT + 14 * DAY),
        "silence": "objects",
        "notice_days": 21,
    }
    return delivery(MessageType.ANNOUNCEMENT_ASKED, {**ANNOUNCEMENT, "asked": you, "reminder": 1})


def answered() -> Delivery:
    """A consumer needs more time."""
    answer = {
        "announcement": "A-3f2a9c01b7",
        "subscription": "revenue-close",
        "answer": "need-until",
        "by": "lead-revenue",
        "at": moment(AT + DAY),
        "until": "2026-12-15",
        "reason": "the year's audit runs",
        "via": "cli",
    }
    return delivery(MessageType.ANNOUNCEMENT_ANSWERED, {**ANNOUNCEMENT, "standing": STANDING, "answer": answer})


def decided() -> Delivery:
    """All agreed."""
    about = {**ANNOUNCEMENT["announcement"], "state": "agreed"}
    standing = {
        **STANDING,
        "agreed": True,
        "missing": [],
        "sentences": ["revenue-close accepts", "fraud-score accepts"],
    }
    body = {**ANNOUNCEMENT, "announcement": about, "standing": standing, "by": "watcher", "reason": ""}
    return delivery(MessageType.ANNOUNCEMENT_DECIDED, body)


def relieved() -> Delivery:
    """What broke finance is over."""
    return delivery(
        MessageType.CONSUMER_RELIEVED, notices.consumer_relieved(REVENUE, ticket(ORDERS), OF_TOPIC[:1], None, AT)
    )


def found_to_be_none() -> Delivery:
    """An arbiter found that what finance was told of is no break."""
    decided = {"by": "chief-architect", "reason": "the field was never part of the product"}
    body = notices.consumer_relieved(REVENUE, ticket(ORDERS), OF_TOPIC[:1], None, AT, decided)
    return delivery(MessageType.CONSUMER_RELIEVED, body)


def waived() -> Delivery:
    """What breaks finance is accepted until March."""
    waiver = Waiver(
        "W-1",
        WaiverKind.WAIVER,
        ORDERS,
        "head-of-finance",
        "finance moves to v2 in March",
        AT,
        dt.datetime(2027, 3, 31, 23, 59, 59, tzinfo=dt.UTC),
    )
    body = notices.consumer_waived(REVENUE, ticket(ORDERS), OF_TOPIC[:1], waiver, AT, url=URL)
    return delivery(MessageType.CONSUMER_WAIVED, body)


def unsound() -> Delivery:
    """Two things are wrong with finance's own contract."""
    findings = [
        {"fault": "stale", "path": "", "message": "it ended on 2026-10-01", "source": "contracts/finance.yaml"},
        {"fault": "greedy", "path": "tax", "message": "no version ever had `tax`", "source": "contracts/finance.yaml"},
    ]
    body = {
        "at": moment(AT),
        "subscription": "revenue-close",
        "consumer": messages.consumer(REVENUE.consumer),
        "dataset": str(ORDERS),
        "findings": findings,
    }
    return delivery(MessageType.CONTRACT_UNSOUND, body)


def digest() -> Delivery:
    """What checkout hears together: one ticket to do, one that is over."""
    waiting = {
        "ticket": "T-3f2a9c01b7",
        "dataset": str(ORDERS),
        "state": "open",
        "severity": "normal",
        "opened_at": moment(AT),
        "fix_by": moment(AT + 5 * DAY),
        "consumers": ["finance/revenue", "risk/scoring"],
        "messages": ["`amount` is gone: it is not there"],
    }
    over = {**waiting, "ticket": "T-00aa11bb22", "state": "resolved", "fix_by": None, "consumers": [], "messages": []}
    body = {"at": moment(AT), "domain": "checkout", "since": moment(AT - DAY), "tickets": [over, waiting], "more": 3}
    return delivery(MessageType.DIGEST, body)


def scorecard() -> Delivery:
    """The quarter so far of two domains, one of which has spent its budget."""
    since, until = AT - 32 * DAY, AT + 60 * DAY
    hours = [dt.timedelta(hours=number) for number in (2, 6, 30)]
    checkout = Scorecard(
        Domain("checkout"), since, until, unannounced=3, announced=1, consumers=4, weighted=9,
        acknowledged=Times(3, 1, hours[0], hours[1]), fixed=Times(2, 1, hours[1], hours[2]), unfinished=1, escalated=2,
        disputed=2, upheld=1, rejected=1, false_alarms=1, dark=2,
        budget=Spent(allowed=2, spent=3, per=90 * DAY, when_spent="escalate"),
    )  # fmt: skip
    scores = Scores(since, until, (checkout, Scorecard(Domain("risk"), since, until)), Precision(5, 1))
    told = scorecards.document(scores)
    body = {"at": moment(AT), "head": "41:9f2c", "quarter": told, "week": told, "disputes": [DISPUTE]}
    return delivery(MessageType.SCORECARD, body)


def unowned() -> Delivery:
    """Two datasets are nobody's."""
    found = [
        {"dataset": "kafka://prod/returns", "contracts": 2, "moved_at": moment(AT)},
        {"dataset": "kafka://prod/tmp", "contracts": 0, "moved_at": moment(AT)},
    ]
    return delivery(MessageType.DATASETS_UNOWNED, {"at": moment(AT), "count": 2, "datasets": found})


def undecided() -> Delivery:
    """One dispute waits."""
    body = {"at": moment(AT), "count": 1, "arbiters": ["chief-architect"], "disputes": [DISPUTE]}
    return delivery(MessageType.DISPUTES_UNDECIDED, body)


def stale() -> Delivery:
    """One address is dead."""
    one = {
        "channel": "slack",
        "address": "#checkout-oncall",
        "reason": "channel_not_found",
        "since": moment(AT - DAY),
        "times": 4,
        "named_by": ["domains/checkout.yaml"],
    }
    return delivery(MessageType.ADDRESS_STALE, {"at": moment(AT), "addresses": [one]})


NEWS = {
    "asked": asked,
    "answered": answered,
    "decided": decided,
    "relieved": relieved,
    "found-to-be-none": found_to_be_none,
    "waived-for-consumer": waived,
    "unsound": unsound,
    "digest": digest,
    "scorecard": scorecard,
    "unowned": unowned,
    "undecided": undecided,
    "stale": stale,
}
