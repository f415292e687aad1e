"""Undecided disputes as people read them: which, since when, why, and whose they are to decide."""

import datetime as dt
from typing import Any

from watcher.delivery.letters.compose import compose
from watcher.delivery.letters.plain import render
from watcher.model.delivery import Delivery, DeliveryId, MessageType

NOW = dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)
DISPUTE = {
    "ticket": "T-1",
    "domain": "checkout",
    "dataset": "kafka://prod/orders",
    "severity": "high",
    "since": "2026-11-16T09:00:00.000Z",
    "by": "em-checkout",
    "reason": "it was never promised",
}


def read(**body: Any) -> str:
    what = {"at": "2026-11-23T07:00:00.000Z", "count": 1, "arbiters": [], "disputes": [DISPUTE], **body}
    return render(
        compose(Delivery(DeliveryId("msg_1"), "office", MessageType.DISPUTES_UNDECIDED, "disputes", what, NOW))
    )


def test_each_dispute_is_told_with_its_reason() -> None:
    """Who raised it, since when, and by which command it is decided."""
    text = read(arbiters=["chief-architect"])

    for said in ("1 dispute without a decision", "T-1", "em-checkout", "it was never promised", "chief-architect"):
        assert said in text
    assert "watcher tickets uphold" in text


def test_where_nobody_may_decide_it_says_how_to_name_somebody() -> None:
    """A setting is missing."""
    assert "arbiters" in read()
