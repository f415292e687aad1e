"""Origins: how a dataset came to move, in the words of messages and pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from watcher.handlers.telling.messages import moment
from watcher.model.observation import Origin


def origin(one: Origin | None) -> dict[str, Any] | None:
    """How a dataset came to move, where its source tells it."""
    if one is None:
        return None
    missed = None if one.missed_since is None else dt.datetime.fromtimestamp(one.missed_since / 1000, tz=dt.UTC)
    return {
        "by": one.by,
        "query": one.query,
        "because": None if one.because is None else str(one.because),
        "missed_since": None if missed is None else moment(missed),
        "note": one.note,
    }
