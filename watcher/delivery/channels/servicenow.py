"""ServiceNow: a ticket as a record of a table (an incident, where nothing else is said), found by its correlation id.

The Table API takes what an instance's rules let through and says 200 for the rest: what a record says after a write is
what counts. States are numbers, and each table has its own. Texts are plain: `[code]` would make markup of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from watcher.delivery.api import Api, basic, bearer, line, listed, member, part, strange, unsent
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import plain
from watcher.delivery.letters.letter import Letter, Words
from watcher.delivery.letters.visible import shortened
from watcher.delivery.replies import Reply
from watcher.delivery.tracker import Compose, Declined, Route, TrackerChannel
from watcher.model.delivery import Postponed, Refused, Remote
from watcher.model.ticket import TicketState
from watcher.ports import Clock

_KEYS = ("group", "category", "assigned_to")

DISPLAY = "schema-watcher"
"""`correlation_display` of every record of ours."""

CLOSE_CODE = "Solution provided"

_TITLE, _TEXT, _NOTES = 160, 3_900, 1_000
_GONE = (404,)
_ID = re.compile(r"[0-9a-f]{32}")
_MARKUP = re.compile(r"\[(/?)code\]", re.IGNORECASE)
_FIELDS = "sys_id,number,state,active"

_INCIDENT = {
    TicketState.OPEN: "1",
    TicketState.DISPUTED: "1",
    TicketState.ACKNOWLEDGED: "2",
    TicketState.IN_PROGRESS: "2",
    TicketState.RESOLVED: "6",
    TicketState.WAIVED: "6",
}
_TASK = {**_INCIDENT, TicketState.RESOLVED: "3", TicketState.WAIVED: "4"}
_ENDS = {"incident": frozenset({"6", "7", "8"})}
_TASK_ENDS = frozenset({"3", "4", "7"})
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_TAKEN_UP = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS})

_URGENCY = {"critical": "1", "high": "1", "normal": "2", "low": "3"}
_IMPACT = {"critical": "1", "high": "2", "normal": "2", "low": "3"}


@dataclass(frozen=True, slots=True)
class _Table:
    """How one table's records live: its states by ours, and those in which nobody works on a record any more."""

    name: str
    states: Mapping[TicketState, str]
    ends: frozenset[str]
    close_code: str
    fields: Mapping[str, str]

    def fits(self, state: TicketState, now: str, *, active: bool) -> bool:
        """Whether a record that stands in `now` need not be moved."""
        ended = now in self.ends or not active
        if state in _SETTLED:
            return ended
        if state in _TAKEN_UP:
            return not ended and now not in {self.states[TicketState.OPEN], self.states[TicketState.DISPUTED]}
        return not ended


def build(  # noqa: PLR0913 - what an instance differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    url: str,
    token: str,
    user: str | None = None,
    table: str = "incident",
    states: Mapping[str, str] | None = None,
    close_code: str = CLOSE_CODE,
    fields: Mapping[str, str] | None = None,
    name: str = "servicenow",
    timeout: float = 15.0,
) -> TrackerChannel:
    """The channel. With `user` the token is a password, without it an OAuth token.

    `states` are the table's own numbers by our states, `close_code` is what a record is resolved with; `fields` are
    set on each new record.
    """
    api = Api(
        door,
        clock,
        url,
        bearer(token) if user is None else basic(user, token),
        mend=f"check the user and the token of the channel `{name}`, and that its roles may read, create and write "
        f"records of the table {table} with these fields",
        timeout=timeout,
    )
    usual = _INCIDENT if table == "incident" else _TASK
    told = {**usual, **{TicketState(state): number for state, number in (states or {}).items()}}
    ends = _ENDS.get(table, _TASK_ENDS if not states else frozenset()) | {told[one] for one in _SETTLED}
    records = ServicenowRecords(api, url.rstrip("/"), _Table(table, told, ends, close_code, dict(fields or {})))
    return TrackerChannel(records, compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return [*_unplaced(route), *strange(route, _KEYS)]


def _unplaced(route: Route) -> list[str]:
    group = route.get("group")
    if not group:
        return ["`group` is missing: write the assignment group's name, or its sys_id"]
    return ["`group` holds a ^, which no query can carry: write its sys_id"] if "^" in group else []


class ServicenowRecords:
    """The records of one table; fits `Tracker`."""

    def __init__(self, api: Api, site: str, table: _Table) -> None:
        self._api = api
        self._site = site
        self._table = table
        self._groups: dict[str, str] = {}

    async def find(self, marker: str, route: Route) -> Remote | None:  # noqa: ARG002 - records change groups
        """The oldest record with the correlation id that is not at its end, else the newest that is."""
        query: dict[str, str | int] = {
            "sysparm_query": f"correlation_id={marker}^ORDERBYsys_created_on",
            "sysparm_fields": _FIELDS,
            "sysparm_limit": 20,
            "sysparm_display_value": "false",
        }
        found = listed(await self._api.call("GET", self._path(), query=query), "result")
        standing = [one for one in found if not self._ended(one)]
        chosen = standing[0] if standing else found[-1] if found else None
        return None if chosen is None else self._remote(chosen)

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the record, in its group; without the group where there is none of that name (any more)."""
        problems = _unplaced(route)
        if problems:
            raise unsent(Refused(f"the domain's document does not say where: {'; '.join(problems)}"))
        try:
            group, by_name = await self._group(route["group"]), False
        except Declined as error:
            if error.reply.status not in {403, 404}:
                raise
            group, by_name = route["group"], True  # groups are not for us to read: the instance looks the name up
        if group is None:
            words = Words(f" ServiceNow has no group {route['group']}: mend `group` in the domain's document.")
            letter = replace(letter, lead=(*letter.lead, words))
        document = {
            **self._table.fields,
            **_says(letter),
            **({"assignment_group": group} if group else {}),
            **{key: route[key] for key in ("category", "assigned_to") if route.get(key)},
            "correlation_id": letter.marker,
            "correlation_display": DISPLAY,
        }
        query = {"sysparm_fields": _FIELDS, "sysparm_display_value": "false"}
        if by_name:
            query["sysparm_input_display_value"] = "true"
        return self._remote(member(await self._write("POST", self._path(), document, query), "result"))

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:  # noqa: ARG002 - the mirror knows it
        """Let title, description and urgency say what holds now; whose work it is stays theirs."""
        await self._write("PATCH", self._path(remote), _says(letter))

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether the mark stands in the work notes; only as display values does the API give them."""
        query = {"sysparm_fields": "work_notes", "sysparm_display_value": "true"}
        found = await self._api.call("GET", self._path(remote), query=query, gone=_GONE)
        wanted = re.compile(rf"(?<![\w-]){re.escape(mark)}(?![\w-])")
        return wanted.search(str(member(found, "result").get("work_notes") or "")) is not None

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write a work note, with the mark as its last line; a journal field only ever grows."""
        await self._write("PATCH", self._path(remote), {"work_notes": f"{_text(letter)}\n\n{mark}"})

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:
        """Give the record the number that fits; one that its rules open no more counts as gone."""
        query = {"sysparm_fields": _FIELDS, "sysparm_display_value": "false"}
        record = member(await self._api.call("GET", self._path(remote), query=query, gone=_GONE), "result")
        if self._fits(state, record):
            return
        wanted = self._table.states[state]
        change = {"state": wanted}
        if state in _SETTLED:
            change["close_notes"] = line(_text(letter), _NOTES)
            if self._table.close_code:
                change["close_code"] = self._table.close_code
        key = remote.data.get("key", remote.id)
        ended = self._ended(record)
        try:
            changed = member(await self._write("PATCH", self._path(remote), change, query), "result")
        except Declined as error:
            if ended and state not in _SETTLED and error.reply.status in {400, 403}:
                error.missing = True
            raise
        if self._fits(state, changed):
            return
        told = unsent(
            Postponed(
                f"{key} stayed in the state {changed.get('state')} when {wanted} was written: its rules forbid it, or "
                "the account may not do it; name other numbers in `states`, or move it by hand"
            )
        )
        told.missing = state not in _SETTLED and self._ended(changed)
        raise told

    async def _write(
        self, method: str, path: str, document: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> Any:
        try:
            return await self._api.call(method, path, query=query, json=dict(document), gone=_GONE)
        except Declined as error:
            words = error.reply.body
            # A data policy is told by 403, too, and is about what was written, not about who writes.
            if error.reply.status == 403 and (b"policy" in words.lower() or b"mandatory" in words.lower()):
                raise Declined(Reply(400, error.reply.headers, words)) from error
            raise

    async def _group(self, group: str) -> str | None:
        if _ID.fullmatch(group):
            return group
        known = self._groups.get(group)
        if known is None:
            query: dict[str, str | int] = {
                "sysparm_query": f"name={group}^active=true",
                "sysparm_fields": "sys_id",
                "sysparm_limit": 1,
            }
            found = listed(await self._api.call("GET", "/api/now/table/sys_user_group", query=query), "result")
            if not found:
                return None
            known = self._groups[group] = str(member(found, 0, "sys_id"))
        return known

    def _fits(self, state: TicketState, record: Any) -> bool:
        return self._table.fits(state, str(member(record, "state")), active=_active(record))

    def _ended(self, record: Any) -> bool:
        return str(member(record, "state")) in self._table.ends or not _active(record)

    def _path(self, remote: Remote | None = None) -> str:
        table = part(remote.data.get("table", self._table.name) if remote else self._table.name)
        return f"/api/now/table/{table}{f'/{part(remote.id)}' if remote else ''}"

    def _remote(self, record: Any) -> Remote:
        sys_id, table = str(member(record, "sys_id")), self._table.name
        at = quote(f"{table}.do?sys_id={sys_id}", safe="")
        number = str(record.get("number") or sys_id)
        return Remote(sys_id, f"{self._site}/nav_to.do?uri={at}", {"key": number, "table": table})


def _active(record: Any) -> bool:
    return str(record.get("active", "true")).lower() != "false"


def _says(letter: Letter) -> dict[str, str]:
    return {
        "short_description": line(letter.title, _TITLE),
        "description": _text(letter),
        "urgency": _URGENCY.get(letter.severity, "2"),
        "impact": _IMPACT.get(letter.severity, "2"),
    }


def _text(letter: Letter) -> str:
    # What is longer than a field is cut by the instance without a word, and with it the mark at its end.
    return shortened(_MARKUP.sub(r"[\1 code]", plain.render(letter, limit=_TEXT, title=False)), _TEXT)
