"""A ticket's page on the command line: whose work it is, whom it breaks and why, and what happened, in plain lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from watcher.cli import json_text
from watcher.cli.report import in_use_words
from watcher.cli.screen import safe

_DONE = {
    "open": "opened",
    "acknowledge": "acknowledged",
    "start": "started",
    "resolve": "resolved",
    "dispute": "disputed",
    "uphold": "dispute upheld, resolved",
    "reject": "dispute rejected, acknowledged",
    "waive": "waived",
    "revoke": "waiver ended, open again",
    "expire": "waiver over, open again",
    "reopen": "opened again",
    "update": "brought up to date",
    "snooze": "snoozed",
    "escalate": "escalated",
}
_PROOF = {"persists": "", "seen": "still broken", "position": "seen at", "schema": "schema", "version": "version"}
"""What is called otherwise than in the document; what has no name is left out: it says nothing to a reader."""
_INDENT = " " * 22


def page(ticket: dict[str, Any], now: dt.datetime) -> list[str]:
    """The page of a ticket's document as it is read at a moment."""
    lines = [
        f"{safe(ticket['id'])}  {safe(ticket['state'])}",
        f"  domain   {safe(ticket['domain'])}",
        f"  dataset  {safe(ticket['dataset'])}",
        f"  opened   {minute(ticket['opened_at'])}"
        + (f", reopened: {ticket['reopened']}" if ticket["reopened"] else ""),
        f"  weighs   {safe(ticket['severity'])}",
        *(f"  {line}" for line in _promised(ticket, now)),
        "",
    ]
    for one in ticket["violations"]:
        consumer = one["consumer"]
        name = "/".join(part for part in (consumer["domain"], consumer["team"]) if part)
        reach = f", {consumer['contact']}" if consumer["contact"] else ""
        state = "broken " if one["open"] else "mended "
        if one["open"] and one["outcome"] == "unknown":
            state = "unknown"
        lines.append(safe(f"  {state}  {name} ({one['subscription']}, {one['criticality']}{reach})"))
        lines.append(safe(f"           {one['message']} [{one['rule']}]"))
        lines.append(safe(f"           relies on: {one['wants']}"))
        lines += [safe(f"           {line}") for line in origin_lines(one.get("origin"))]
        if one.get("agreement"):
            lines.append(safe(f"           the registry's verdict beside ours: {one['agreement']}"))
        lines += [safe(f"           {line}") for line in proof_lines(one.get("witness"))]
    if ticket.get("versions_in_use"):
        lines += ["", "  versions in use"]
        lines += [safe(f"    {in_use_words(one)}") for one in ticket["versions_in_use"]]
    if any(one.get("witness") for one in ticket["violations"]):
        lines += ["", f"  run the proofs again: watcher witness {safe(ticket['id'])}"]
    lines += ["", "  what happened"]
    for move in ticket["moves"]:
        lines += [safe(line) for line in _happened(move)]
    return lines


def _happened(move: dict[str, Any]) -> Iterator[str]:
    """One move: when, what, by whom, why, and what shows it."""
    verb, details = str(move["verb"]), move.get("details") or {}
    via = "" if move["via"] in {"watcher", move["by"]} else f" ({move['via']})"
    to = f" to {details['to']}" if verb == "escalate" and details.get("to") else ""
    until = f" until {minute(details['until'])} UTC" if verb in {"snooze", "waive"} and details.get("until") else ""
    said = "" if move["reason"] == f"{verb} by {move['by']}" else move["reason"]
    first, *rest = said.strip().splitlines() or [""]
    done = "tried to close it" if details.get("claimed") else _DONE.get(verb, verb)
    why = f": {first}" if first else ""
    yield f"    {minute(move['at'])}  {done}{to}{until}, by {move['by']}{via}{why}"
    yield from (f"{_INDENT}{line}" for line in rest)
    for key, value in (move["proof"] or {}).items():
        name = _PROOF.get(key, key)
        if name and value is not None and value not in (move["reason"], move["by"]):
            yield f"{_INDENT}{name}: {_written(value)}"


def _written(value: Any) -> str:
    """A value of a proof as it is read: a list with its parts, a text without quotes."""
    if isinstance(value, list):
        return "; ".join(_written(one) for one in value)
    return value if isinstance(value, str) else json_text.line(value).decode()


def snoozed(ticket: dict[str, Any], now: dt.datetime) -> str | None:
    """Until when the ladder rests by somebody's word; None where it does not, or does no more."""
    until = ticket.get("snoozed_until")
    return minute(until) if until and dt.datetime.fromisoformat(until) > now else None


def _promised(ticket: dict[str, Any], now: dt.datetime) -> list[str]:
    """By when something is to be done, where it still is, and where else the ticket is kept."""
    lines = []
    if ticket["state"] == "open" and ticket["acknowledge_by"]:
        lines.append(f"ack by   {minute(ticket['acknowledge_by'])} UTC")
    if ticket["state"] not in {"resolved", "waived"} and ticket["fix_by"]:
        lines.append(f"fix by   {minute(ticket['fix_by'])} UTC")
    if ticket["follows"]:
        lines.append(f"follows  {ticket['follows']}, the same break, settled too long ago to be opened again")
    if (until := snoozed(ticket, now)) is not None:
        lines.append(f"snoozed  until {until} UTC: the ladder rests")
    for one in ticket["mirrors"]:
        place = f": {one['url']}" if one["url"] else f" (its id there: {one['id']})"
        lines.append(safe(f"mirrored at {one['channel']}{place}"))
    for one in ticket["waivers"]:
        until = f" until {minute(one['until'])}" if one["until"] else ""
        over = ", over" if one["ended_at"] else ""
        lines.append(safe(f"{one['kind']:8} {one['id']}{until}, by {one['by']}: {one['reason']}{over}"))
    return lines


def origin_lines(origin: dict[str, Any] | None) -> list[str]:
    """How a change came about, as plain lines; none where its source did not tell."""
    if origin is None:
        return []
    lines = []
    if origin["by"] or origin["query"]:
        who = f"by {origin['by']}" if origin["by"] else "by someone whom the source does not name"
        lines.append(f"changed {who}" + (f", query {origin['query']}" if origin["query"] else ""))
    if origin["because"]:
        lines.append(f"it follows a change of {origin['because']}")
    if origin["note"]:
        lines.append(origin["note"])
    if origin["missed_since"]:
        lines.append(f"found by a look at the database; the feed has not told of it, since {origin['missed_since']}")
    return lines


def proof_lines(witness: dict[str, Any] | None) -> list[str]:
    """A violation's witness as plain lines; none where none was sought."""
    if witness is None:
        return []
    lines = []
    for name in ("before", "after"):
        side = witness[name]
        if side is not None:
            lines.append(f"{name:6} {json_text.line(side['record']).decode()}: {side['outcome']}")
    if witness["absent"]:
        return [*lines, f"no proof by a record: {witness['absent']}"]
    return [*lines, f"proven with {witness['library']}"]


def minute(moment: str) -> str:
    """An ISO moment to the minute, in UTC."""
    return dt.datetime.fromisoformat(moment).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")
