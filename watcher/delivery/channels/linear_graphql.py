"""Linear's GraphQL: one question and its answer, with what went wrong told as the status that it would be elsewhere.

Errors come in answers of status 200, and a spent limit as a 400 with the code RATELIMITED.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from watcher.delivery.api import Api, member
from watcher.delivery.complaints import until, wished
from watcher.delivery.replies import Reply
from watcher.delivery.tracker import Declined
from watcher.model.delivery import Postponed
from watcher.model.errors import Transient

_NOT_THERE = re.compile(rb"entity not found|could not find referenced", re.IGNORECASE)
_UNKNOWN_WHO = re.compile(rb"authentication (?:required|failed)|not authenticated", re.IGNORECASE)


class Graph:
    """What the API is asked through; `mend` is what a person does where the credential is refused."""

    def __init__(self, api: Api, mend: str) -> None:
        self._api = api
        self._mend = mend

    async def ask(self, query: str, variables: Mapping[str, Any], *, gone: bool = False) -> Any:
        """The data of one question; `gone` says that an unknown entity is the item, which is not there any more."""
        try:
            found = await self._api.call("POST", "", json={"query": query, "variables": dict(variables)})
        except Declined as error:
            words = error.reply.body
            if error.answer is None and _UNKNOWN_WHO.search(words):
                said = f"HTTP {error.reply.status}: {words.decode(errors='replace')}; {self._mend}"
                raise Declined(error.reply, answer=Postponed(said)) from error
            error.missing = gone and _NOT_THERE.search(words) is not None
            raise
        errors = found.get("errors") if isinstance(found, dict) else None
        if not errors:
            data = member(found, "data")
            done = data.values() if isinstance(data, dict) else ()
            if any(isinstance(one, dict) and one.get("success") is False for one in done):
                raise Transient("Linear says that it did not do what was asked, and not why")
            return data
        words, status = json.dumps({"errors": errors}).encode(), _status(errors)
        missing = gone and _NOT_THERE.search(words) is not None
        raise self._api.declined(Reply(status, {}, words), missing=missing)


def _status(errors: Any) -> int:
    """What the status of an answer with these errors would be elsewhere, by their codes."""
    codes = {
        str((one.get("extensions") or {}).get(key)).upper()
        for one in errors
        if isinstance(one, dict)
        for key in ("code", "type")
    }
    if any("INTERNAL" in code for code in codes):
        return 500
    if any("RATELIMITED" in code for code in codes):
        return 429
    return 401 if any("AUTHENTICATION" in code or code == "FORBIDDEN" for code in codes) else 400


def asked_to_wait(reply: Reply, now: dt.datetime) -> dt.timedelta | None:
    """Linear's wish: it says by a code in the body that a limit is spent, and by headers when it is new."""
    asked = wished(reply, now)
    if asked is not None or (b"RATELIMITED" not in reply.body and reply.status != 429):
        return asked
    for limit in ("requests", "complexity"):
        reset = reply.headers.get(f"x-ratelimit-{limit}-reset")
        if reset is not None and reply.headers.get(f"x-ratelimit-{limit}-remaining", "").strip() == "0":
            return until(reset, now)
    return dt.timedelta(minutes=1)
