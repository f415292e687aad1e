"""GitHub: a ticket as an issue of a repository, found again by a label and by a comment that no reader sees.

Issues are listed by label, which GitHub answers from the issues themselves; its search runs behind. A token that may
not set labels loses them without a word: then the newest issues are read for the hidden comment.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from watcher.delivery.api import Api, bearer, line, listed, member, part, strange, unsent
from watcher.delivery.complaints import wished
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import markdown
from watcher.delivery.letters.letter import Letter, Words
from watcher.delivery.replies import Reply
from watcher.delivery.tracker import Compose, Declined, Route, TrackerChannel
from watcher.model.delivery import Postponed, Refused, Remote
from watcher.model.ticket import TicketState
from watcher.ports import Clock

PUBLIC = "https://api.github.com"

_KEYS = ("repo", "assignees")

LABEL = "watcher"
"""On every issue of ours, beside the label that is one ticket's own."""

_TITLE, _BODY, _LABEL = 256, 65_536, 50
_PAGE = 30
"""Issues and comments asked for at once: each may hold 64 KiB of text."""

_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9_.-]+")
_GONE = (301, 404, 410)
"""Moved to another repository, not there (or not to be seen), deleted."""

_CLOSED = {TicketState.RESOLVED: "completed", TicketState.WAIVED: "not_planned"}


def build(  # noqa: PLR0913 - what an installation differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    token: str,
    url: str = PUBLIC,
    name: str = "github",
    timeout: float = 15.0,
) -> TrackerChannel:
    """The channel. `url` is `https://host/api/v3` for an Enterprise Server; `name` is the channel's in the settings."""
    api = Api(
        door,
        clock,
        url,
        bearer(token),
        mend=f"check the token of the channel `{name}`: it must be valid, and may read and write issues there",
        headers={"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"},
        wish=_wished,
        timeout=timeout,
    )
    return TrackerChannel(GithubIssues(api), compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return [*_unplaced(route), *strange(route, _KEYS)]


def _unplaced(route: Route) -> list[str]:
    repo = route.get("repo")
    if not repo:
        return ["`repo` is missing: write the repository as owner/name"]
    return [] if _REPO.fullmatch(repo) else [f"`repo: {repo}` is no repository: write it as owner/name"]


class GithubIssues:
    """The issues of the repositories that the token may write to; fits `Tracker`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def find(self, marker: str, route: Route) -> Remote | None:
        """The oldest issue with the marker's label, else the oldest of the newest ones with its hidden comment."""
        at, hidden = _issues(_repo(route)), _hidden(marker)
        query: dict[str, str | int] = {"state": "all", "sort": "created", "per_page": _PAGE}
        labelled = await self._listed(at, {**query, "direction": "asc", "labels": marker[:_LABEL]}, route)
        newest = labelled or [
            one
            for one in await self._listed(at, {**query, "direction": "desc"}, route)
            if hidden in (one.get("body") or "")
        ]
        found = sorted((one for one in newest if isinstance(one.get("number"), int)), key=lambda one: one["number"])
        return _remote(found[0], _repo(route)) if found else None

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the issue, with both marks; without the assignees where GitHub does not take them (any more)."""
        assignees = [one for one in re.split(r"[,\s]+", route.get("assignees", "")) if one]
        try:
            return await self._made(letter, route, assignees)
        except Declined as error:
            if not assignees or error.reply.status != 422 or b"assignees" not in error.reply.body:
                raise
        words = Words(f" GitHub does not take {', '.join(assignees)} as assignees: mend `assignees` in the document.")
        return await self._made(replace(letter, lead=(*letter.lead, words)), route, [])

    async def _made(self, letter: Letter, route: Route, assignees: Sequence[str]) -> Remote:
        repo = _repo(route)
        document: dict[str, Any] = {
            "title": line(letter.title, _TITLE),
            "body": _body(letter),
            "labels": [LABEL, letter.marker[:_LABEL]],
        }
        if assignees:
            document["assignees"] = list(assignees)
        try:
            return _remote(await self._api.call("POST", _issues(repo), json=document), repo)
        except Declined as error:
            raise _worded(error, repo) from error

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:  # noqa: ARG002 - the mirror knows it
        """Let title and body say what holds now; labels and whatever else people set stay theirs."""
        await self._api.call(
            "PATCH", _at(remote), json={"title": line(letter.title, _TITLE), "body": _body(letter)}, gone=_GONE
        )

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether one of the newest comments has the mark; they come oldest first, so the last pages are read."""
        issue = await self._api.call("GET", _at(remote), gone=_GONE)
        count = issue.get("comments") if isinstance(issue, dict) else None
        last = max(-(-count // _PAGE), 1) if isinstance(count, int) else 1
        for page in range(last, max(last - 2, 0), -1):
            query = {"per_page": _PAGE, "page": page}
            found = await self._api.call("GET", f"{_at(remote)}/comments", query=query, gone=_GONE)
            if any(_hidden(mark) in (one.get("body") or "") for one in listed(found)):
                return True
        return False

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write a comment, with the mark hidden in it; one that is locked for us is still closed and rewritten."""
        try:
            await self._api.call("POST", f"{_at(remote)}/comments", json={"body": _body(letter, mark)}, gone=_GONE)
        except Declined as error:
            if error.reply.status != 403 or b"locked" not in error.reply.body.lower():
                raise

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:  # noqa: ARG002 - the note says it
        """Close or open the issue; one that somebody closed for another reason keeps it."""
        closed = state in _CLOSED
        issue = await self._api.call("GET", _at(remote), gone=_GONE)
        if (member(issue, "state") == "closed") is closed:
            return
        change = {"state": "closed", "state_reason": _CLOSED[state]} if closed else {"state": "open"}
        await self._api.call("PATCH", _at(remote), json=change, gone=_GONE)

    async def _listed(self, at: str, query: dict[str, str | int], route: Route) -> list[dict[str, Any]]:
        try:
            found = await self._api.call("GET", at, query=query)
        except Declined as error:
            raise _worded(error, _repo(route)) from error
        return [one for one in listed(found) if "pull_request" not in one]


def _worded(error: Declined, repo: str) -> Declined:
    """Where the repository itself refuses, what a person can do about it; nothing is given up before they did."""
    mends = {
        301: f"the repository {repo} was renamed or moved: write its new name as `repo` in the domain's document",
        404: f"there is no repository {repo}, or the token may not see it",
        410: f"switch issues on in {repo}, or name another repository as `repo` in the domain's document",
    }
    mend = mends.get(error.reply.status)
    if mend is None:
        return error
    words = error.reply.body.decode(errors="replace")
    return Declined(error.reply, answer=Postponed(f"HTTP {error.reply.status}: {words}; {mend}"))


def _wished(reply: Reply, now: dt.datetime) -> dt.timedelta | None:
    """GitHub's wish; where its second limit names no time, it asks for a minute at least."""
    asked = wished(reply, now)
    if asked is None and (reply.status == 429 or (reply.status == 403 and b"rate limit" in reply.body.lower())):
        return dt.timedelta(minutes=1)
    return asked


def _repo(route: Route) -> str:
    problems = _unplaced(route)
    if problems:
        raise unsent(Refused(f"the domain's document does not say where: {'; '.join(problems)}"))
    return route["repo"]


def _issues(repo: str) -> str:
    owner, _, name = repo.partition("/")
    return f"/repos/{part(owner)}/{part(name)}/issues"


def _at(remote: Remote) -> str:
    return f"{_issues(remote.data.get('repo', ''))}/{part(remote.id)}"


def _remote(issue: Any, repo: str) -> Remote:
    url = issue.get("html_url") if isinstance(issue, dict) else None
    return Remote(str(member(issue, "number")), url, {"repo": repo})


def _hidden(mark: str) -> str:
    return f"<!-- {mark} -->"


def _body(letter: Letter, mark: str | None = None) -> str:
    tail = "\n\n" + _hidden(mark or letter.marker)
    return markdown.render(letter, limit=_BODY - len(tail)) + tail
