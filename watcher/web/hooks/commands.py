"""Commands: a comment that begins with `/ack`, `/dispute reason` or the like asks for a move; others are noted."""

from __future__ import annotations

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
    # What a comment cannot do is read all the same: who wrote it is told where it is done.
    "waive": Verb.WAIVE,
    "revoke": Verb.REVOKE,
    "uphold": Verb.UPHOLD,
    "reject": Verb.REJECT,
}
_COMMAND = re.compile(rf"[/!]({'|'.join(VERBS)})(?![\w/.-])[ \t]*(.*)", re.DOTALL | re.IGNORECASE)
_OUR_NOTE = re.compile(r"\bmsg_[0-9a-f]{28}\b")
"""The id of a delivery, which stands in every note that we write, wherever it is copied to."""


def commented(base: Wish, comment: object) -> Wish | None:
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
        if first[:1].isdigit():  # whether it is an end, and may be that far, is answered where it is carried out
            details, reason = {"until": first}, rest.strip()
    return replace(base, verb=verb, text=reason, command=said, details=details)
