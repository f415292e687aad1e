"""Azure DevOps: a ticket as a work item of a project, found again by a tag, moved by the categories of its states.

Each work item type has states of its own; what all share is a state's category. What changes an item is written for the
revision that was read, so that nothing that people write at the same moment is lost.
"""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from watcher.delivery.api import Api, Credential, basic, bearer, line, listed, member, part, strange, unsent
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import html
from watcher.delivery.letters.letter import Letter, Words
from watcher.delivery.tracker import Compose, Declined, Route, TrackerChannel
from watcher.model.delivery import Postponed, Refused, Remote
from watcher.model.errors import Transient
from watcher.model.ticket import TicketState
from watcher.ports import Clock

_KEYS = ("project", "type", "area", "iteration", "assigned_to")

TAG = "schema-watcher"
"""On every work item of ours, beside the tag that is one ticket's own."""

_TITLE, _TEXT, _PAGE, _TRIES = 255, 60_000, 50, 3
_VERSION = {"api-version": "7.1"}
_COMMENTS: Mapping[str, str | int] = {"api-version": "7.1-preview.4", "$top": _PAGE, "order": "desc"}
_GONE = (404,)
_RACED = (409, 412)
_NAME = re.compile(r"(?!\.+$)[^\\/:*?\"<>|#$&+;,'{}\x00-\x1f]{1,64}")
_FIELDS = "System.Tags,System.State,System.TeamProject,System.WorkItemType"

Change = Callable[[Any], Awaitable[Mapping[str, str | None]]]

_ENDED = frozenset({"Completed", "Removed", "Resolved"})
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_TAKEN_UP = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS})


def build(  # noqa: PLR0913 - what an organisation differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    url: str,
    token: str,
    entra: bool = False,
    states: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    name: str = "azure-devops",
    timeout: float = 15.0,
) -> TrackerChannel:
    """The channel. `url` is the organisation's; `entra` says that the token is Entra ID's, and goes as a bearer's.

    `states` names states by ours; `fields` are set on each new item, by their reference names.
    """
    credential: Credential = bearer(token) if entra else basic("", token)
    mend = (
        f"check the token of the channel `{name}`: it must be valid, with the scope Work Items (Read & write), "
        "and its user must be allowed to work in the project"
    )
    api = Api(door, clock, url, credential, mend=mend, timeout=timeout)
    named = {TicketState(state): text.casefold() for state, text in (states or {}).items()}
    return TrackerChannel(WorkItems(api, named, dict(fields or {}), mend), compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return [*_unplaced(route), *strange(route, _KEYS)]


def _unplaced(route: Route) -> list[str]:
    project, kind = route.get("project"), route.get("type")
    found: list[str] = []
    if not project:
        found.append("`project` is missing: write the project's name")
    elif not _NAME.fullmatch(project):
        found.append(f"`project: {project}` is no project: write its name")
    if kind and not _NAME.fullmatch(kind):
        found.append(f"`type: {kind}` is no work item type: write one such as Bug")
    return found


class WorkItems:
    """The work items of one organisation; fits `Tracker`."""

    def __init__(self, api: Api, states: Mapping[TicketState, str], fields: Mapping[str, str], mend: str) -> None:
        self._api = api
        self._states = dict(states)
        self._fields = dict(fields)
        self._mend = mend
        self._workflows: dict[tuple[str, str], Sequence[Any]] = {}

    async def find(self, marker: str, route: Route) -> Remote | None:
        """The project's oldest work item with the tag, whatever its state."""
        project = _project(route)
        # The marker has letters, digits and hyphens only: nothing in it ends the quotes.
        tagged = f"[System.Tags] CONTAINS '{marker}'"
        wiql = f"SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND {tagged}"  # noqa: S608
        query: dict[str, str | int] = {**_VERSION, "$top": _PAGE}
        found = await self._call("POST", f"/{part(project)}/_apis/wit/wiql", query=query, json={"query": wiql})
        ids = [str(member(one, "id")) for one in listed(found, "workItems")]
        if not ids:
            return None
        query = {**_VERSION, "ids": ",".join(ids), "fields": _FIELDS, "errorPolicy": "omit"}
        items = listed(await self._call("GET", "/_apis/wit/workitems", query=query), "value", holes=True)
        # A part of a tag may have been enough for CONTAINS.
        ours = [one for one in items if marker in _tags(one)]
        return min((self._remote(one, project) for one in ours), key=lambda one: int(one.id), default=None)

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the work item, with its tags; without the assignee where there is nobody of that name (any more)."""
        assignee = route.get("assigned_to")
        try:
            return await self._made(letter, route, assignee)
        except Declined as error:
            if not assignee or error.reply.status != 400 or b"assigned" not in error.reply.body.lower():
                raise
        words = Words(f" Azure DevOps does not take {assignee} as assignee: mend `assigned_to` in the document.")
        return await self._made(replace(letter, lead=(*letter.lead, words)), route, None)

    async def _made(self, letter: Letter, route: Route, assignee: str | None) -> Remote:
        project = _project(route)
        fields = {
            **self._fields,
            **_says(letter),
            "System.Tags": f"{TAG}; {letter.marker}",
            "System.AreaPath": route.get("area"),
            "System.IterationPath": route.get("iteration"),
            "System.AssignedTo": assignee,
        }
        at = f"/{part(project)}/_apis/wit/workitems/${part(route.get('type') or 'Task')}"
        made = await self._call("POST", at, query=_VERSION, json=_changes(fields), patch=True)
        return self._remote(made, project)

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:  # noqa: ARG002 - the mirror knows it
        """Let title and description say what holds now; tags of ours that were taken off are put on again."""

        async def change(item: Any) -> Mapping[str, str | None]:
            tags = _tags(item)
            missing = [one for one in (TAG, letter.marker) if one not in tags]
            return {**_says(letter), **({"System.Tags": "; ".join((*tags, *missing))} if missing else {})}

        await self._changed(remote, change)

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether one of the newest comments has the mark; they are asked for in the project where the item is now."""
        project = str(member(await self._item(remote), "fields", "System.TeamProject"))
        at = f"/{part(project)}/_apis/wit/workItems/{part(remote.id)}/comments"
        found = await self._call("GET", at, query=_COMMENTS, gone=_GONE)
        wanted = re.compile(rf"(?<![\w-]){re.escape(mark)}(?![\w-])")
        return any(wanted.search(str(one.get("text"))) for one in listed(found, "comments"))

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write a comment, with the mark as its last line: what is added to the history becomes one."""
        changes = _changes({"System.History": f"{_text(letter)}<p><code>{escaping.escape(mark)}</code></p>"})
        await self._call("PATCH", _at(remote), query=_VERSION, json=changes, patch=True, gone=_GONE)

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:  # noqa: ARG002 - the note says it
        """Bring the item to a state of its type that fits, by the state's category."""

        async def change(item: Any) -> Mapping[str, str | None]:
            project, kind, now = (
                str(member(item, "fields", f"System.{name}")) for name in ("TeamProject", "WorkItemType", "State")
            )
            workflow = await self._workflow(project, kind)
            if self._fits(state, now.casefold(), workflow):
                return {}
            wanted = self._chosen(state, workflow)
            if wanted is None:
                reason = f"the type {kind} in {project} has no state for {state.value}: name one in `states`"
                raise unsent(Postponed(reason))
            return {"System.State": wanted}

        try:
            await self._changed(remote, change)
        except Declined as error:
            if error.reply.status == 400:
                self._workflows.clear()  # somebody may have changed them
            raise

    async def _changed(self, remote: Remote, change: Change) -> None:
        """Write what `change` says of the item as it stands, for the revision that it was read at."""
        for _ in range(_TRIES):
            item = await self._item(remote)
            fields = await change(item)
            if not fields:
                return
            test = {"op": "test", "path": "/rev", "value": member(item, "rev")}
            try:
                changes = [test, *_changes(fields)]
                await self._call("PATCH", _at(remote), query=_VERSION, json=changes, patch=True, gone=_GONE)
            except Declined as error:
                if error.reply.status in _RACED:  # somebody wrote in between
                    continue
                raise
            return
        raise Transient(f"the work item {remote.id} was written to by others each time that it was about to be changed")

    async def _item(self, remote: Remote) -> Any:
        query: dict[str, str | int] = {**_VERSION, "fields": _FIELDS}
        return await self._call("GET", _at(remote), query=query, gone=_GONE)

    async def _workflow(self, project: str, kind: str) -> Sequence[Any]:
        known = self._workflows.get((project, kind))
        if known is None:
            at = f"/{part(project)}/_apis/wit/workitemtypes/{part(kind)}/states"
            known = self._workflows[project, kind] = listed(await self._call("GET", at, query=_VERSION), "value")
        return known

    def _fits(self, state: TicketState, now: str, workflow: Sequence[Any]) -> bool:
        category = next((one.get("category") for one in workflow if str(one.get("name")).casefold() == now), "")
        if state in _SETTLED:
            return category in _ENDED
        if state not in _TAKEN_UP:  # whoever works on it already need not stop
            return category not in _ENDED
        behind = self._states.get(TicketState.ACKNOWLEDGED) if state is TicketState.IN_PROGRESS else None
        return now == self._states.get(state) or (category == "InProgress" and now != behind)

    def _chosen(self, state: TicketState, workflow: Sequence[Any]) -> str | None:
        if state in _SETTLED:
            order = ["Completed", "Resolved", "Removed"]
        else:
            order = ["InProgress"] if state in _TAKEN_UP else ["Proposed", "InProgress"]
        named = self._states.get(state)

        def rank(one: Any) -> tuple[bool, int]:
            category = one.get("category")
            return str(one.get("name")).casefold() != named, order.index(category) if category in order else len(order)

        fitting = [one for one in workflow if one.get("category") in order or str(one.get("name")).casefold() == named]
        best = min(fitting, key=rank, default=None)
        return None if best is None else str(member(best, "name"))

    async def _call(  # noqa: PLR0913 - what an exchange consists of
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int],
        json: Any = None,
        gone: Sequence[int] = (),
        patch: bool = False,
    ) -> Any:
        kind = "application/json-patch+json" if patch else "application/json"
        try:
            return await self._api.call(method, path, query=query, json=json, gone=gone, content_type=kind)
        except Declined as error:
            if error.reply.status in {302, 303} and "signin" in error.reply.headers.get("location", "").lower():
                asked = Postponed(f"HTTP {error.reply.status}: it asks to sign in; {self._mend}")
                raise Declined(error.reply, answer=asked) from error
            raise

    def _remote(self, item: Any, project: str) -> Remote:
        number = str(member(item, "id"))
        return Remote(number, f"{self._api.base}/{part(project)}/_workitems/edit/{number}", {"key": f"#{number}"})


def _project(route: Route) -> str:
    problems = _unplaced(route)
    if problems:
        raise unsent(Refused(f"the domain's document does not say where: {'; '.join(problems)}"))
    return route["project"]


def _at(remote: Remote) -> str:
    return f"/_apis/wit/workitems/{part(remote.id)}"


def _tags(item: Any) -> list[str]:
    return [one.strip() for one in str(member(item, "fields").get("System.Tags") or "").split(";") if one.strip()]


def _changes(fields: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """JSON Patch: `add` sets a field, whether it had a value or not."""
    return [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in fields.items() if value]


def _says(letter: Letter) -> dict[str, str | None]:
    return {"System.Title": line(letter.title, _TITLE), "System.Description": _text(letter)}


def _text(letter: Letter) -> str:
    return html.render(letter, limit=_TEXT, whole=False)
