"""Jira, Cloud and Data Center: a ticket as an issue of a project, found again by a label, moved as its workflow allows.

Cloud's search runs seconds to minutes behind. So what this process wrote is named to it (`reconcileIssues`), and after
a doubtful outcome the keys behind the newest one that the search knows are asked for, before another is made.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from watcher.delivery.api import Api, basic, bearer, line, listed, member, part, strange, unsent
from watcher.delivery.channels.jira_workflow import Workflow
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import adf, wiki
from watcher.delivery.letters.letter import Letter, Words
from watcher.delivery.tracker import Compose, Declined, Route, TrackerChannel
from watcher.model.delivery import Refused, Remote
from watcher.model.ticket import TicketState
from watcher.ports import Clock

_KEYS = ("project", "issuetype", "assignee", "component")

LABEL = "watcher"
"""On every issue of ours, beside the label that is one ticket's own."""

_SUMMARY, _TEXT, _PAGE, _BEHIND = 255, 30_000, 30, 50
_GONE = (404,)
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,254}")
_CLOUD = re.compile(r"https://([a-z0-9-]+\.atlassian\.net|api\.atlassian\.com)(/|$)", re.IGNORECASE)
_UNABLE = (403, 404, 405)
_FIELDS = ("labels", "status")


def build(  # noqa: PLR0913 - what a site differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    url: str,
    token: str,
    email: str | None = None,
    cloud: bool | None = None,
    site: str | None = None,
    states: Mapping[str, str] | None = None,
    resolutions: Mapping[str, str] | None = None,
    fields: Mapping[str, Any] | None = None,
    name: str = "jira",
    timeout: float = 15.0,
) -> TrackerChannel:
    """The channel. With `email` the token is an API token of Cloud, without it goes as a bearer's (OAuth, Data Center).

    `cloud` is seen by the host where it is not said. `site` is where people open issues, where that is not `url`.
    `states` names statuses (`in_progress: Under Repair`) and `resolutions` resolutions by our states; `fields` are set
    on each new issue, for projects that demand some of their own.
    """
    on_cloud = bool(_CLOUD.match(url)) if cloud is None else cloud
    credential = bearer(token) if email is None else basic(email, token)
    api = Api(
        door,
        clock,
        f"{url.rstrip('/')}/rest/api/{'3' if on_cloud else '2'}",
        credential,
        mend=f"check the e-mail and the token of the channel `{name}`: the account must be allowed to browse, create, "
        "edit and comment issues there",
        timeout=timeout,
    )
    issues = JiraIssues(
        api, cloud=on_cloud, site=site or url, workflow=Workflow(states or {}, resolutions or {}), fields=fields or {}
    )
    return TrackerChannel(issues, compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return [*_unplaced(route), *strange(route, _KEYS)]


def _unplaced(route: Route) -> list[str]:
    project = route.get("project")
    if not project:
        return ["`project` is missing: write the project's key, such as DATA"]
    return [] if _PROJECT.fullmatch(project) else [f"`project: {project}` is no project's key: write one such as DATA"]


class JiraIssues:
    """The issues of one site; fits `Tracker`. A mirror is kept by the issue's number: its key changes when it moves."""

    def __init__(self, api: Api, *, cloud: bool, site: str, workflow: Workflow, fields: Mapping[str, Any]) -> None:
        self._api = api
        self._cloud = cloud
        self._site = site.rstrip("/")
        self._workflow = workflow
        self._fields = dict(fields)
        self._fresh: deque[int] = deque(maxlen=50)  # as many as `reconcileIssues` takes

    async def find(self, marker: str, route: Route) -> Remote | None:
        """The oldest issue with the label (else with the marker in its text) that is not done, else the newest."""
        project = _project(route)
        found = await self._search(f'project = "{project}" AND labels = "{marker}" ORDER BY created ASC')
        if not found and self._cloud:
            found = [one for one in await self._behind(project) if marker in (_field(one, "labels") or ())]
        if not found:  # a project whose screens have no labels
            found = await self._worded(project, marker)
        standing = [one for one in found if _category(one) != "done"]
        chosen = standing[0] if standing else found[-1] if found else None
        return None if chosen is None else self._remote(chosen)

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the issue, with its labels; without what the project's screen or Jira does not take (any more)."""
        extra: dict[str, Any] = {**self._fields, "labels": [LABEL, letter.marker]}
        if route.get("assignee"):
            extra["assignee"] = {"accountId" if self._cloud else "name": route["assignee"]}
        if route.get("component"):
            extra["components"] = [{"name": route["component"]}]
        left_out: list[str] = []
        while True:
            said = replace(letter, lead=(*letter.lead, *_omitted(left_out, route)))
            try:
                return await self._made(said, route, extra)
            except Declined as error:
                refused = _refused(error, extra)
                if not refused:
                    raise
            for name in refused:
                del extra[name]
            left_out += refused

    async def _made(self, letter: Letter, route: Route, extra: Mapping[str, Any]) -> Remote:
        fields: dict[str, Any] = {
            **extra,
            **self._says(letter),
            "project": {"key": _project(route)},
            "issuetype": {"name": route.get("issuetype") or "Task"},
        }
        made = self._remote(await self._api.call("POST", "/issue", json={"fields": fields}))
        if made.id.isdigit():
            self._fresh.append(int(made.id))
        return made

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:  # noqa: ARG002 - the mirror knows it
        """Let summary and description say what holds now; a label of ours that was taken off is put on again."""
        change: dict[str, Any] = {"fields": self._says(letter)}
        labels = {"update": {"labels": [{"add": LABEL}, {"add": letter.marker}]}}
        try:
            await self._api.call("PUT", _at(remote), json={**change, **labels}, gone=_GONE)
        except Declined as error:
            if not _refused(error, {"labels": None}):
                raise
            await self._api.call("PUT", _at(remote), json=change, gone=_GONE)  # the edit screen has no labels

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether one of the newest comments has the mark."""
        query: dict[str, str | int] = {"orderBy": "-created", "maxResults": _PAGE}
        found = await self._api.call("GET", f"{_at(remote)}/comment", query=query, gone=_GONE)
        wanted = re.compile(rf"(?<![\w-]){re.escape(mark)}(?![\w-])")
        return any(wanted.search(json.dumps(one.get("body"))) for one in listed(found, "comments"))

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write a comment, with the mark as its last line."""
        body = self._text(letter)
        if isinstance(body, str):
            body = f"{body}\n\n{{{{{mark}}}}}"
        else:
            last = {"type": "text", "text": mark, "marks": [{"type": "code"}]}
            body = {**body, "content": [*body["content"], {"type": "paragraph", "content": [last]}]}
        await self._api.call("POST", f"{_at(remote)}/comment", json={"body": body}, gone=_GONE)

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:  # noqa: ARG002 - the note says it
        """Bring the issue along its workflow to a status that fits."""
        await self._workflow.put(self._api, _at(remote), remote.data.get("key", remote.id), state)

    async def _search(self, jql: str, most: int = _PAGE, fields: Sequence[str] = _FIELDS) -> list[Any]:
        asked: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": most}
        if self._cloud and self._fresh:
            asked["reconcileIssues"] = list(self._fresh)
        path = "/search/jql" if self._cloud else "/search"
        try:
            found = await self._api.call("POST", path, json=asked)
        except Declined as error:
            if error.reply.status not in {404, 405}:
                raise
            # Something between passes no POST on: the same is asked in the query.
            query = {
                name: one if name in {"jql", "maxResults"} else ",".join(map(str, one)) for name, one in asked.items()
            }
            found = await self._api.call("GET", path, query=query)
        return listed(found, "issues")

    async def _worded(self, project: str, marker: str) -> list[Any]:
        """The issues whose description has the marker as its last word."""
        jql = f'project = "{project}" AND description ~ "\\"{marker}\\"" ORDER BY created ASC'
        try:
            found = await self._search(jql, fields=(*_FIELDS, "description"))
        except Declined as error:
            if error.reply.status == 400:  # descriptions are not searched here
                return []
            raise
        wanted = re.compile(rf"(?<![\w-]){re.escape(marker)}(?![\w-])")
        return [one for one in found if wanted.search(json.dumps(_field(one, "description")))]

    async def _behind(self, project: str) -> list[Any]:
        """The issues that were made after the newest one that the search knows of."""
        newest = await self._search(f'project = "{project}" ORDER BY key DESC', 1)
        last = str(member(newest[0], "key")).rpartition("-")[2] if newest else "0"
        if not last.isdigit():
            return []
        keys = [f"{project}-{int(last) + n}" for n in range(1, _BEHIND + 1)]
        asked = {"issueIdsOrKeys": keys, "fields": list(_FIELDS)}
        try:
            return listed(await self._api.call("POST", "/issue/bulkfetch", json=asked), "issues")
        except Declined as error:
            if error.reply.status in _UNABLE:  # what the search said has to do
                return []
            raise

    def _remote(self, issue: Any) -> Remote:
        key = str(member(issue, "key"))
        return Remote(str(member(issue, "id")), f"{self._site}/browse/{key}", {"key": key})

    def _says(self, letter: Letter) -> dict[str, Any]:
        return {"summary": line(letter.title, _SUMMARY), "description": self._text(letter)}

    def _text(self, letter: Letter) -> Any:
        return adf.render(letter, limit=_TEXT) if self._cloud else wiki.render(letter, limit=_TEXT)


def _project(route: Route) -> str:
    problems = _unplaced(route)
    if problems:
        raise unsent(Refused(f"the domain's document does not say where: {'; '.join(problems)}"))
    return route["project"]


def _refused(error: Declined, among: Mapping[str, Any]) -> list[str]:
    """Which of these fields it is about: a field that is on no screen, or holds what Jira does not take."""
    words = error.reply.body.decode(errors="replace") if error.reply.status == 400 else ""
    return [name for name in among if re.search(rf"(?:^|; ){re.escape(name)}: ", words)]


def _omitted(fields: Sequence[str], route: Route) -> tuple[Words, ...]:
    """What the issue says of the fields that it was made without."""
    words = {
        "assignee": f" Jira does not take {route.get('assignee')} as assignee: mend `assignee` in the document.",
        "components": f" Jira does not take the component {route.get('component')}: mend `component` in the document.",
        "labels": " The project's screens have no labels: put them there.",
    }
    return tuple(
        Words(words.get(one, f" Jira does not take the field {one}: mend `fields` of the channel.")) for one in fields
    )


def _at(remote: Remote) -> str:
    return f"/issue/{part(remote.id)}"


def _field(issue: Any, name: str) -> Any:
    return member(issue, "fields").get(name)


def _category(issue: Any) -> str:
    return str(((_field(issue, "status") or {}).get("statusCategory") or {}).get("key", ""))
