"""Commands: a comment that begins with `/ack`, `/dispute reason` or the like asks for a move; others are noted."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from watcher.model.ticket import Verb
from watcher.web.hooks.wish import Wish, shown

VERBS = {
    "ack": Verb.ACKNOWLEDGE,
    "acknowledge": Verb.ACKNOWLEDGE,
    "start": Verb.START,
    "resolve": Verb.RESOLVE,
    "dispute": Verb.DISPUTE,
    "reopen": Verb.REOPEN,
    "snooze": Verb.SNOOZE,
}
_COMMAND = re.compile(rf"[/!]({'|'.join(VERBS)})(?![\w/.-])[ \t]*(.*)", re.DOTALL | re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{1,4})([hdw])", re.IGNORECASE)
_OUR_NOTE = re.compile(r"\bmsg_[0-9a-f]{28}\b")
"""The id of a delivery, which stands in every note that we write, wherever it is copied to."""
_HOURS = {"h": 1, "d": 24, "w": 168}


def commented(base: Wish, comment: object, now: dt.datetime) -> Wish | None:
    """A comment as a wish: a command's verb and reason, or a word to note; None where it is empty, or our own."""
    said = shown(comment)
    if not said or (isinstance(comment, str) and _OUR_NOTE.search(comment)):
        return None
    match = _COMMAND.match(said)
    if match is None:
        return replace(base, verb=Verb.COMMENT, text=said)
    verb, reason = VERBS[match[1].lower()], match[2].strip()
    details: dict[str, Any] = {}
    if verb is Verb.SNOOZE:
        first, _, rest = reason.partition(" ")
        until = _until(first, now)
        details, reason = ({"until": until}, rest.strip()) if until else ({}, reason)
    return replace(base, verb=verb, text=reason, command=said, details=details)


def _until(written: str, now: dt.datetime) -> dt.datetime | None:
    """The end of a snooze: `3d`, `12h`, `2w`, or a day."""
    match = _SPAN.fullmatch(written)
    if match is not None:
        return now + dt.timedelta(hours=int(match[1]) * _HOURS[match[2].lower()])
    try:
        at = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at
