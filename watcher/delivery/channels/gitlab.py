"""GitLab: a ticket as an issue of a project, found again by its label.

A line of an issue's text that begins with a slash may be an order to GitLab (`/close`): what schemas and people wrote
is kept from giving any.
"""

from __future__ import annotations

import re
from typing import Any

from watcher.delivery.api import Api, Credential, bearer, header, line, listed, member, part, strange, unsent
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import markdown
from watcher.delivery.letters.letter import Letter
from watcher.delivery.tracker import Compose, Declined, Route, TrackerChannel
from watcher.model.delivery import Postponed, Refused, Remote
from watcher.model.ticket import TicketState
from watcher.ports import Clock

PUBLIC = "https://gitlab.com"

_KEYS = ("project",)

LABEL = "watcher"
"""On every issue of ours, beside the label that is one ticket's own."""

_TITLE, _PAGE = 255, 30
_TEXT = 60_000
"""Characters of a text; GitLab takes a million, and nobody reads them."""

_GONE = (404, 410)
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_PROJECT = re.compile(r"[0-9]+|[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+")
_ORDER = re.compile(r"(?m)^([ \t]*)/")


def build(  # noqa: PLR0913 - what an instance differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    token: str,
    url: str = PUBLIC,
    oauth: bool = False,
    name: str = "gitlab",
    timeout: float = 15.0,
) -> TrackerChannel:
    """The channel. `url` is the instance's, without /api/v4; `oauth` says that the token goes as a bearer's."""
    credential: Credential = bearer(token) if oauth else header("private-token", token)
    api = Api(
        door,
        clock,
        url.rstrip("/").removesuffix("/api/v4") + "/api/v4",
        credential,
        mend=f"check the token of the channel `{name}`: it must be valid, with the scope `api` and a role that may "
        "write issues",
        timeout=timeout,
    )
    return TrackerChannel(GitlabIssues(api), compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return [*_unplaced(route), *strange(route, _KEYS)]


def _unplaced(route: Route) -> list[str]:
    project = route.get("project")
    if not project:
        return ["`project` is missing: write the project's path, as group/name, or its number"]
    if _PROJECT.fullmatch(project):
        return []
    return [f"`project: {project}` is no project: write its path, as group/name, or its number"]


class GitlabIssues:
    """The issues of the projects that the token may write to; fits `Tracker`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def find(self, marker: str, route: Route) -> Remote | None:
        """The oldest issue with the marker's label, open or closed."""
        query = {
            "labels": marker,
            "state": "all",
            "scope": "all",
            "order_by": "created_at",
            "sort": "asc",
            "per_page": _PAGE,
        }
        found = await self._in_project("GET", route, query=query)
        return next((_remote(one, route) for one in listed(found)), None)

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the issue, with its labels."""
        document = {**_says(letter), "labels": f"{LABEL},{letter.marker}"}
        return _remote(await self._in_project("POST", route, json=document), route)

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:  # noqa: ARG002 - the mirror knows it
        """Let title and description say what holds now; a label of ours that was taken off is put on again."""
        change = {**_says(letter), "add_labels": f"{LABEL},{letter.marker}"}
        await self._api.call("PUT", _at(remote), json=change, gone=_GONE)

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether one of the newest notes has the mark."""
        query: dict[str, str | int] = {"sort": "desc", "order_by": "created_at", "per_page": _PAGE}
        found = await self._api.call("GET", f"{_at(remote)}/notes", query=query, gone=_GONE)
        return any(_hidden(mark) in (one.get("body") or "") for one in listed(found))

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write a note, with the mark hidden in it."""
        body = f"{_text(letter)}\n\n{_hidden(mark)}"
        await self._api.call("POST", f"{_at(remote)}/notes", json={"body": body}, gone=_GONE)

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:  # noqa: ARG002 - the note says it
        """Close or open the issue; GitLab knows nothing between."""
        closed = state in _SETTLED
        issue = await self._api.call("GET", _at(remote), gone=_GONE)
        if (member(issue, "state") == "closed") is not closed:
            event = "close" if closed else "reopen"
            await self._api.call("PUT", _at(remote), json={"state_event": event}, gone=_GONE)

    async def _in_project(self, method: str, route: Route, **what: Any) -> Any:
        problems = _unplaced(route)
        if problems:
            raise unsent(Refused(f"the domain's document does not say where: {'; '.join(problems)}"))
        project = route["project"]
        try:
            return await self._api.call(method, f"/projects/{part(project)}/issues", **what)
        except Declined as error:
            if error.reply.status != 404:
                raise
            words = error.reply.body.decode(errors="replace")
            mend = f"there is no project {project}, or the token may not see it, or its issues are switched off"
            raise Declined(error.reply, answer=Postponed(f"HTTP 404: {words}; {mend}")) from error


def _at(remote: Remote) -> str:
    return f"/projects/{part(remote.data.get('project', ''))}/issues/{part(remote.id)}"


def _remote(issue: Any, route: Route) -> Remote:
    """Kept by the project's number, which outlives a renaming."""
    iid = str(member(issue, "iid"))
    return Remote(iid, issue.get("web_url"), {"project": str(issue.get("project_id") or route["project"])})


def _hidden(mark: str) -> str:
    return f"<!-- {mark} -->"


def _says(letter: Letter) -> dict[str, str]:
    return {"title": line(letter.title, _TITLE), "description": _text(letter)}


def _text(letter: Letter) -> str:
    return _ORDER.sub(r"\1\\/", markdown.render(letter, limit=_TEXT))
