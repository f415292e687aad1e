"""Notices: what a consumer is told of a break that touches it: that it came, that it is accepted, that it is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from watcher.followup.remedies.broken import CONSUMER
from watcher.followup.remedies.options import options
from watcher.handlers.telling.messages import Body, consumer, moment
from watcher.handlers.telling.sizes import fitted
from watcher.model.contract import Subscription
from watcher.model.domain import DomainRecord
from watcher.model.schema import Format
from watcher.model.ticket import Ticket, TicketId
from watcher.model.verdict import Outcome
from watcher.model.waiver import Waiver
from watcher.ports import ChangeRow


def consumer_relieved(  # noqa: PLR0913, PLR0917 - whose, of what, and how it came
    subscription: Subscription,
    one: Ticket,
    violations: Sequence[Body],
    change: str | None,
    at: dt.datetime,
    decided: Body | None = None,
) -> Body:
    """What a consumer is told when what broke it is over; `decided` says who found that it was no break, and why."""
    return fitted(
        {
            **_about(subscription, one, violations, at),
            "change": change,
            "decided": decided,
        }
    )


def consumer_notice(  # noqa: PLR0913 - whom it hits, by what, and who answers for it
    subscription: Subscription,
    change: ChangeRow,
    violations: Sequence[Body],
    ticket: TicketId | None,
    *,
    owner: DomainRecord | None = None,
    url: str | None = None,
    fix_by: dt.datetime | None = None,
    format_: Format | None = None,
) -> Body:
    """What a consumer is told of a break that touches it: its own violations, and who answers for them.

    `fix_by` is when the producer promised to have mended it; `format_` is that of the dataset's schema.
    """
    mine = [one for one in violations if one["subscription"] == subscription.name]
    broken = any(one["outcome"] == Outcome.BROKEN.value for one in mine)
    return fitted(
        {
            "dataset": str(change.dataset),
            "domain": str(change.domain),
            "consumer": consumer(subscription.consumer),
            "subscription": str(subscription.name),
            "outcome": (Outcome.BROKEN if broken else Outcome.UNKNOWN).value,
            "ticket": None if ticket is None else str(ticket),
            "change": change.id,
            "at": moment(change.at),
            "violations": mine,
            "ask": {
                "domain": str(change.domain),
                "accountable": None if owner is None else owner.accountable,
                "oncall": None if owner is None else owner.oncall,
            },
            "fix_by": None if fix_by is None else moment(fix_by),
            "timezone": owner.calendar.timezone if owner else "UTC",
            "remedies": options(mine, str(change.dataset), format_, whom=CONSUMER),
            "links": {} if url is None or ticket is None else {"ticket": f"{url}/tickets/{ticket}"},
            "omitted": {"values": 0, "violations": 0, "remedies": 0},
        }
    )


def consumer_waived(  # noqa: PLR0913 - whom it concerns, what was accepted, and by whom
    subscription: Subscription,
    one: Ticket,
    violations: Sequence[Body],
    waiver: Waiver,
    at: dt.datetime,
    *,
    url: str | None = None,
) -> Body:
    """What a consumer is told when somebody has accepted for a time what breaks it."""
    return fitted(
        {
            **_about(subscription, one, violations, at),
            "waiver": {
                "by": waiver.by,
                "reason": waiver.reason,
                "until": None if waiver.until is None else moment(waiver.until),
            },
            "links": {} if url is None else {"ticket": f"{url}/tickets/{one.id}"},
        }
    )


def _about(subscription: Subscription, one: Ticket, violations: Sequence[Body], at: dt.datetime) -> Body:
    """Whose it is, and what of a ticket it is about."""
    return {
        "dataset": str(one.dataset),
        "domain": str(one.domain),
        "consumer": consumer(subscription.consumer),
        "subscription": str(subscription.name),
        "ticket": str(one.id),
        "at": moment(at),
        "violations": list(violations),
        "omitted": {"values": 0, "violations": 0},
    }
