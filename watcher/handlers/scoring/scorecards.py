"""Scorecards as documents: the same figures for machines (JSON, CSV) and for the digest that leadership reads."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

from watcher.followup.scorecard import Precision, Scorecard, Spent, Times
from watcher.handlers.scoring.scores import Scores
from watcher.handlers.telling.messages import moment

COLUMNS = (
    "domain", "since", "until", "breaking", "unannounced", "announced", "consumers", "weighted", "notice_h",
    "acknowledged", "acknowledged_late", "acknowledge_median_h", "fixed", "fixed_late", "fix_median_h", "unfinished",
    "escalated", "reopened", "waived", "disputed", "upheld", "rejected", "false_alarms", "dark",
    "budget_allowed", "budget_spent", "budget_left", "budget_when_spent",
)  # fmt: skip
"""The table's columns; hours are working hours, but for the notice, which is hours of the clock."""


def document(scores: Scores) -> dict[str, Any]:
    """All scorecards of a span."""
    return {
        "since": moment(scores.since),
        "until": moment(scores.until),
        "precision": _precision(scores.precision),
        "domains": [card(one) for one in scores.domains],
    }


def card(one: Scorecard) -> dict[str, Any]:
    """One domain's scorecard."""
    return {
        "domain": str(one.domain),
        "since": moment(one.since),
        "until": moment(one.until),
        "breaking": {"all": one.breaking, "unannounced": one.unannounced, "announced": one.announced},
        "consumers": {"hit": one.consumers, "weighted": one.weighted},
        "notice_h": _hours(one.notice),
        "acknowledged": _times(one.acknowledged),
        "fixed": _times(one.fixed),
        "unfinished": one.unfinished,
        "escalated": one.escalated,
        "reopened": one.reopened,
        "waived": one.waived,
        "disputes": {"raised": one.disputed, "upheld": one.upheld, "rejected": one.rejected},
        "false_alarms": one.false_alarms,
        "dark": one.dark,
        "budget": budget(one.budget),
    }


def budget(one: Spent | None) -> dict[str, Any] | None:
    """What a budget stands at, and what happens when it is spent."""
    if one is None:
        return None
    return {
        "allowed": one.allowed,
        "spent": one.spent,
        "left": one.left,
        "per_days": one.per.total_seconds() / 86_400,
        "when_spent": one.when_spent,
        "over": one.over,
    }


def figures(scores: Scores) -> Iterator[tuple[str, str, float]]:
    """Domain, figure and value, as metrics have them, under the table's names; what is not known is left out.

    Dark datasets are not among them: they stand on the page, and counting them means looking at every dataset.
    """
    for one in scores.domains:
        told = {
            "announced": one.announced,
            "unannounced": one.unannounced,
            "consumers": one.consumers,
            "weighted": one.weighted,
            "unfinished": one.unfinished,
            "acknowledged": one.acknowledged.count,
            "acknowledged_late": one.acknowledged.late,
            "fixed": one.fixed.count,
            "fixed_late": one.fixed.late,
            "escalated": one.escalated,
            "reopened": one.reopened,
            "waived": one.waived,
            "disputed": one.disputed,
            "upheld": one.upheld,
            "rejected": one.rejected,
            "false_alarms": one.false_alarms,
        }
        if one.budget is not None:
            told |= {
                "budget_allowed": one.budget.allowed,
                "budget_spent": one.budget.spent,
                "budget_left": one.budget.left,
            }
        hours = {
            "notice_h": one.notice,
            "acknowledge_median_h": one.acknowledged.median,
            "fix_median_h": one.fixed.median,
        }
        for figure, span in hours.items():
            known = _hours(span)
            if known is not None:
                yield str(one.domain), figure, known
        for figure, value in told.items():
            yield str(one.domain), figure, value


def table(scores: Scores) -> str:
    """One line a domain, as CSV; a text that a spreadsheet would take for a formula is kept from it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in scores.domains:
        spent = one.budget
        writer.writerow(
            [
                _inert(str(one.domain)), moment(one.since), moment(one.until), one.breaking, one.unannounced,
                one.announced, one.consumers, one.weighted, _hours(one.notice), one.acknowledged.count,
                one.acknowledged.late, _hours(one.acknowledged.median), one.fixed.count, one.fixed.late,
                _hours(one.fixed.median), one.unfinished, one.escalated, one.reopened, one.waived, one.disputed,
                one.upheld, one.rejected, one.false_alarms, one.dark, *(
                    ("", "", "", "") if spent is None else (spent.allowed, spent.spent, spent.left, spent.when_spent)
                ),
            ]
        )  # fmt: skip
    return out.getvalue()


def _times(one: Times) -> dict[str, Any]:
    return {"count": one.count, "late": one.late, "median_h": _hours(one.median), "longest_h": _hours(one.longest)}


def _precision(one: Precision) -> dict[str, Any]:
    value = one.value
    return {
        "settled": one.settled,
        "false_alarms": one.false_alarms,
        "value": None if value is None else round(value, 4),
    }


def _hours(span: dt.timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / 3600, 2)


def _inert(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
