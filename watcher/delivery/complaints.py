"""Complaints: what a service says when it does not do as it was asked, in whichever of the usual shapes it says so.

Its words as one line for people, and its wish to be left alone as a time. Pure; shared by all that speak to APIs.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from contextlib import suppress
from typing import Any

from watcher.delivery.replies import LONGEST_WAIT, Reply, retry_after

_WORDS = ("errorMessages", "errors", "message", "messages", "error", "error_description", "detail", "title", "code")
"""Where services put what went wrong, in the order in which it is told."""

_ALSO_FIELDS = ("title", "detail", "code")
"""Of these, those that are an item's field as well: what is said about the field stands below it, as a list."""


def wished(reply: Reply, now: dt.datetime) -> dt.timedelta | None:
    """How long the service asks to be left alone: Retry-After, else the moment at which its spent limit is new.

    None where it says nothing, or where the reply is about something else.
    """
    if reply.status not in {403, 429, 503}:
        return None
    asked = retry_after(reply.headers.get("retry-after"), now)
    if asked is not None:
        return asked
    for prefix in ("x-ratelimit-", "ratelimit-"):
        spent = reply.headers.get(f"{prefix}remaining", "").strip() in ({"0"} if reply.status == 403 else {"0", ""})
        reset = reply.headers.get(f"{prefix}reset")
        if reset is not None and spent and reply.status != 503:
            return until(reset, now)
    return None


def until(value: str, now: dt.datetime) -> dt.timedelta | None:
    """The time from now to a moment as services write it: ISO 8601, seconds or milliseconds of the epoch, seconds."""
    text = value.strip()
    wait: dt.timedelta | None = None
    if re.fullmatch(r"[0-9]{1,15}", text):
        number = int(text)
        if number >= 10**11:
            wait = dt.timedelta(milliseconds=number) - (now - dt.datetime.fromtimestamp(0, dt.UTC))
        elif number >= 10**9:
            wait = dt.timedelta(seconds=number) - (now - dt.datetime.fromtimestamp(0, dt.UTC))
        else:
            wait = dt.timedelta(seconds=number)
    else:
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return None
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) - now
    return min(max(wait, dt.timedelta(0)), LONGEST_WAIT)


def said(body: bytes) -> str:
    """What a service says went wrong, as one printable line; the beginning of the body where it is not understood."""
    text = body[: 64 * 1024].decode(errors="replace")
    with suppress(ValueError, RecursionError):
        text = "; ".join(dict.fromkeys(_told(json.loads(text)))) or text
    text = " ".join(text.split())
    return "".join(character for character in text if character.isprintable())


def _told(node: Any, depth: int = 0) -> list[str]:
    """The words of an error document; a member's name stands before what is said about it."""
    if depth > 4 or node is None:
        return []
    if isinstance(node, str | int | float):
        return [str(node)] if str(node) else []
    if isinstance(node, list):
        return [word for one in node[:10] for word in _told(one, depth + 1)]
    if not isinstance(node, dict):
        return []
    known = [
        word
        for name in _WORDS
        if name in node and (isinstance(node[name], str) or name not in _ALSO_FIELDS)
        for word in _told(node[name], depth + 1)
    ]
    if known:
        where = node.get("field")
        return [f"{where}: {word}" for word in known] if isinstance(where, str) else known
    return [f"{name}: {word}" for name, value in list(node.items())[:20] for word in _told(value, depth + 1)]
