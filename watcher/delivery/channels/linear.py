"""Linear: a ticket as an issue of a team, whose id we choose, so that a second create of the same one fails.

Its GraphQL API says errors in answers of status 200, and its rate limits by 400 with a code; both are told here as
what they are. An id comes from the marker and the team; where its issue was deleted, the next one is taken.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from watcher.delivery.api import Api, Credential, bearer, header, line, listed, member, strange, unsent
from watcher.delivery.channels.linear_graphql import Graph, asked_to_wait
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import markdown
from watcher.delivery.letters.letter import Letter
from watcher.delivery.replies import Reply
from watcher.delivery.tracker import Compose, Declined, Route, TrackerChannel
from watcher.model.delivery import Postponed, Refused, Remote
from watcher.model.errors import Transient
from watcher.model.ticket import TicketState
from watcher.ports import Clock

PUBLIC = "https://api.linear.app/graphql"

_KEYS = ("team", "project")

_TITLE, _TEXT = 250, 60_000
_LIVES = 8
"""How many issues one ticket can have at one team, each after the one before was deleted."""

_TEAM = re.compile(r"[A-Za-z][A-Za-z0-9]{0,9}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TAKEN = re.compile(rb"already (?:exists|in use|taken)|duplicate|conflict|unique", re.IGNORECASE)
_ENDED = frozenset({"completed", "canceled", "duplicate"})
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_TAKEN_UP = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS})
_PRIORITY = {"critical": 1, "high": 2, "normal": 3, "low": 4}

_ISSUE = "id identifier url trashed archivedAt team { id } state { id name type }"
_STATES = "states(first: 100) { nodes { id name type position } }"
_FIND = (
    "query($ids: [ID!]) { issues(filter: { id: { in: $ids } }, includeArchived: true, first: 20) "
    f"{{ nodes {{ {_ISSUE} }} }} }}"
)
_READ = f"query($id: String!) {{ issue(id: $id) {{ {_ISSUE} }} }}"
_BY_KEY = "query($key: String!) { teams(filter: { key: { eq: $key } }, first: 1) { nodes { id } } }"
_OF_TEAM = f"query($id: String!) {{ team(id: $id) {{ {_STATES} }} }}"
_NOTED = (
    "query($id: String!, $note: ID!) { issue(id: $id) { comments(filter: { id: { eq: $note } }) { nodes { id } } } }"
)
_CREATE = f"mutation($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ success issue {{ {_ISSUE} }} }} }}"
_UPDATE = "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }"
_UNARCHIVE = "mutation($id: String!) { issueUnarchive(id: $id) { success } }"
_COMMENT = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"


def build(  # noqa: PLR0913 - what a workspace differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    token: str,
    url: str = PUBLIC,
    oauth: bool = False,
    states: Mapping[str, str] | None = None,
    name: str = "linear",
    timeout: float = 15.0,
) -> TrackerChannel:
    """The channel. `states` names workflow states by our states; `oauth` says that the token goes as a bearer's."""
    credential: Credential = bearer(token) if oauth else header("authorization", token)
    mend = f"check the token of the channel `{name}`: it must be valid, and may read and write issues of the team"
    api = Api(door, clock, url, credential, mend=mend, wish=asked_to_wait, timeout=timeout)
    named = {TicketState(state): text.casefold() for state, text in (states or {}).items()}
    return TrackerChannel(LinearIssues(Graph(api, mend), named), compose, clock)


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    return [*_unplaced(route), *strange(route, _KEYS)]


def _unplaced(route: Route) -> list[str]:
    team = route.get("team")
    if not team:
        return ["`team` is missing: write the team's key, such as CHK"]
    known = _TEAM.fullmatch(team) or _UUID.fullmatch(team)
    return [] if known else [f"`team: {team}` is no team's key: write one such as CHK"]


class LinearIssues:
    """The issues of one workspace; fits `Tracker`."""

    def __init__(self, graph: Graph, states: Mapping[TicketState, str]) -> None:
        self._graph = graph
        self._states = dict(states)
        self._teams: dict[str, str] = {}
        self._workflows: dict[str, Sequence[Any]] = {}

    async def find(self, marker: str, route: Route) -> Remote | None:
        """The ticket's first issue at the team that is not deleted."""
        ids = _ids(marker, _team(route))
        return _first(ids, await self._known(ids))

    async def create(self, letter: Letter, route: Route) -> Remote:
        """Make the issue, under the first id that is not spent; one that stands there already is the one."""
        key = _team(route)
        team = await self._team_id(key)
        ids, spent = _ids(letter.marker, key), set[str]()
        document: dict[str, Any] = {**_says(letter), "teamId": team}
        if route.get("project"):
            document["projectId"] = route["project"]
        while len(spent) < len(ids):
            fresh = next(one for one in ids if one not in spent)
            try:
                made = await self._graph.ask(_CREATE, {"input": {**document, "id": fresh}})
            except Declined as error:
                if error.answer is not None:
                    raise
                known = await self._known(ids)
                standing = _first(ids, known)
                if standing is not None:
                    return standing
                if not (fresh in known or _TAKEN.search(error.reply.body)):
                    self._teams.pop(key, None)
                    raise
                spent |= {fresh, *known}
                continue
            return _remote(member(made, "issueCreate", "issue"))
        raise unsent(Refused(f"{_LIVES} issues of this ticket were deleted in Linear: no other is made"))

    async def rewrite(self, remote: Remote, letter: Letter, route: Route) -> None:  # noqa: ARG002 - the mirror knows it
        """Let title, text and priority say what holds now."""
        await self._graph.ask(_UPDATE, {"id": remote.id, "input": _says(letter)}, gone=True)

    async def noted(self, remote: Remote, mark: str) -> bool:
        """Whether the comment is there: its id follows from the mark."""
        found = await self._graph.ask(_NOTED, {"id": remote.id, "note": _id(remote.id, mark)}, gone=True)
        return bool(member(found, "issue", "comments", "nodes"))

    async def note(self, remote: Remote, letter: Letter, mark: str) -> None:
        """Write the comment, under the id that follows from the mark."""
        document = {"id": _id(remote.id, mark), "issueId": remote.id, "body": _text(letter, mark)}
        await self._graph.ask(_COMMENT, {"input": document}, gone=True)

    async def put(self, remote: Remote, state: TicketState, letter: Letter) -> None:  # noqa: ARG002 - the note says it
        """Bring the issue to a state of its team's workflow that fits, by the state's type."""
        issue = member(await self._graph.ask(_READ, {"id": remote.id}, gone=True), "issue")
        if not issue or (isinstance(issue, dict) and issue.get("trashed")):
            raise Declined(Reply(404, {}, b"the issue was deleted"), missing=True)
        if self._fits(state, member(issue, "state")):
            return
        team = str(member(issue, "team", "id"))
        wanted = self._chosen(state, await self._workflow(team))
        if wanted is None:
            key = issue.get("identifier", remote.id)
            raise unsent(
                Postponed(f"the team of {key} has no state for {state.value}: name one in the channel's `states`")
            )
        if issue.get("archivedAt"):
            await self._graph.ask(_UNARCHIVE, {"id": remote.id}, gone=True)
        try:
            await self._graph.ask(_UPDATE, {"id": remote.id, "input": {"stateId": wanted}}, gone=True)
        except Declined as error:
            self._workflows.pop(team, None)  # somebody may have changed it
            if error.missing:
                raise Transient(
                    "Linear does not know the issue or its state any more: the states are read anew"
                ) from error
            raise

    def _fits(self, state: TicketState, now: Any) -> bool:
        name, kind = str(member(now, "name")).casefold(), str(member(now, "type"))
        if state in _SETTLED:
            return kind in _ENDED
        if state not in _TAKEN_UP:  # whoever works on it already need not stop
            return kind not in _ENDED
        behind = self._states.get(TicketState.ACKNOWLEDGED) if state is TicketState.IN_PROGRESS else None
        return name == self._states.get(state) or (kind == "started" and name != behind)

    def _chosen(self, state: TicketState, workflow: Sequence[Any]) -> str | None:
        if state in _SETTLED:
            kinds = ["completed", "canceled"] if state is TicketState.RESOLVED else ["canceled", "completed"]
        else:
            kinds = ["started"] if state in _TAKEN_UP else ["unstarted", "backlog", "triage"]
        named = self._states.get(state)
        fitting = [one for one in workflow if one.get("type") in kinds or str(one.get("name")).casefold() == named]

        def rank(one: Any) -> tuple[bool, int, float]:
            kind = one.get("type")
            far = kinds.index(kind) if kind in kinds else len(kinds)
            return str(one.get("name")).casefold() != named, far, float(one.get("position") or 0)

        best = min(fitting, key=rank, default=None)
        return None if best is None else str(member(best, "id"))

    async def _workflow(self, team: str) -> Sequence[Any]:
        known = self._workflows.get(team)
        if known is None:
            found = await self._graph.ask(_OF_TEAM, {"id": team})
            known = self._workflows[team] = listed(found, "team", "states", "nodes")
        return known

    async def _team_id(self, key: str) -> str:
        known = key.lower() if _UUID.fullmatch(key) else self._teams.get(key)
        if known is None:
            nodes = listed(await self._graph.ask(_BY_KEY, {"key": key.upper()}), "teams", "nodes")
            if not nodes:
                reason = f"Linear has no team {key}, or the token may not see it: mend `team` in the domain's document"
                raise unsent(Postponed(reason))
            known = self._teams[key] = str(member(nodes, 0, "id"))
        return known

    async def _known(self, ids: Sequence[str]) -> dict[str, Any]:
        nodes = listed(await self._graph.ask(_FIND, {"ids": list(ids)}), "issues", "nodes")
        return {str(member(one, "id")): one for one in nodes}


def _team(route: Route) -> str:
    problems = _unplaced(route)
    if problems:
        raise unsent(Refused(f"the domain's document does not say where: {'; '.join(problems)}"))
    return route["team"].upper()


def _ids(marker: str, team: str) -> list[str]:
    """The ids that the ticket's issues at a team have, one after the other."""
    return [_id(marker, team, str(life)) for life in range(_LIVES)]


def _id(*parts: str) -> str:
    """A UUID that follows from the parts, in the shape of a random one, which is what Linear takes."""
    return str(uuid.UUID(bytes=hashlib.sha256("\x1f".join(parts).encode()).digest()[:16], version=4))


def _first(ids: Sequence[str], known: Mapping[str, Any]) -> Remote | None:
    return next((_remote(known[one]) for one in ids if one in known and not known[one].get("trashed")), None)


def _remote(issue: Any) -> Remote:
    key = str(member(issue, "identifier"))
    return Remote(str(member(issue, "id")), issue.get("url"), {"key": key})


def _says(letter: Letter) -> dict[str, Any]:
    return {
        "title": line(letter.title, _TITLE),
        "description": _text(letter, letter.marker),
        "priority": _PRIORITY.get(letter.severity, 3),
    }


def _text(letter: Letter, mark: str) -> str:
    """The text with the mark where it stays: Linear keeps no comment that nobody sees."""
    tail = f"\n\n`{mark}`"
    return markdown.render(replace(letter, marker=""), limit=_TEXT - len(tail)) + tail
