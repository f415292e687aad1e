"""Jira's workflows: from the status an issue stands in to one that fits, by the transitions that it offers there.

Nothing is known beforehand: names and ids of statuses and transitions are each project's own. What all share is a
status' category (new, indeterminate, done), and that an issue says which transitions it allows at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watcher.delivery.api import Api, listed, member, unsent
from watcher.model.delivery import Postponed
from watcher.model.errors import ConfigurationError
from watcher.model.ticket import TicketState

_HOPS = 6
_GONE = (404,)
_SETTLED = frozenset({TicketState.RESOLVED, TicketState.WAIVED})
_TAKEN_UP = frozenset({TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS})

_NAMED: dict[TicketState, tuple[str, ...]] = {
    TicketState.RESOLVED: ("done", "resolved", "fixed", "closed"),
    TicketState.WAIVED: ("won't do", "won't fix", "wont do", "wont fix", "declined", "rejected", "cancelled"),
}
"""Names of statuses and resolutions that say the same in most projects: taken first where several would do."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A transition that an issue offers: its id, where it leads, and what its screen asks."""

    id: str
    name: str
    category: str
    resolutions: tuple[str, ...] | None
    """Those to choose from where the screen has the field, None where it has not."""
    demands: int
    """How many other fields it wants filled, which we cannot."""


class Workflow:
    """The moves of one site's issues; `states` and `resolutions` name, by our state, what is to be taken there."""

    def __init__(self, states: Mapping[str, str], resolutions: Mapping[str, str]) -> None:
        self._states = {_state(state): name.casefold() for state, name in states.items()}
        self._resolutions = {_state(state): name for state, name in resolutions.items()}

    async def put(self, api: Api, at: str, key: str, state: TicketState) -> None:
        """Bring the issue at `at` to a status that fits the state; where it stands in one, do nothing.

        One that cannot be brought to an end is told; one that cannot be opened again counts as gone, so that another
        is made.
        """
        issue = await api.call("GET", at, query={"fields": "status"}, gone=_GONE)
        status = member(issue, "fields", "status")
        name, category = str(member(status, "name")), str(member(status, "statusCategory", "key"))
        seen = {name.casefold()}
        was_done = category == "done"
        for _ in range(_HOPS):
            if self._fits(state, name.casefold(), category):
                return
            way = self._chosen(await _ways(api, at), state, seen, was_done=was_done)
            if way is None:
                break
            asked: dict[str, Any] = {"transition": {"id": way.id}}
            if way.resolutions is not None and way.category == "done":
                asked["fields"] = {"resolution": {"name": self._resolution(state, way.resolutions)}}
            await api.call("POST", f"{at}/transitions", json=asked, gone=_GONE)
            name, category = way.name, way.category
            seen.add(name.casefold())
        if state in _SETTLED and category != "done":
            reason = (
                f"{key} stands in {name!r}, and no transition that the account may make leads from there to a status "
                "of the category Done: allow one in the workflow, or close the issue by hand"
            )
            raise unsent(Postponed(reason))
        if state not in _SETTLED and category == "done":
            gone = unsent(Postponed(f"{key} stands in {name!r}, and its workflow opens it no more"))
            gone.missing = True
            raise gone

    def _fits(self, state: TicketState, name: str, category: str) -> bool:
        if state in _SETTLED:
            return category == "done"
        if state not in _TAKEN_UP:  # whoever works on it already need not stop
            return category != "done"
        behind = self._states.get(TicketState.ACKNOWLEDGED) if state is TicketState.IN_PROGRESS else None
        return name == self._states.get(state) or (category == "indeterminate" and name != behind)

    def _chosen(self, ways: Sequence[_Way], state: TicketState, seen: set[str], *, was_done: bool) -> _Way | None:
        """The transition to take: straight to the aim where one leads there, else a step on the way to it."""
        if state in _SETTLED:
            order = ["done", "indeterminate", "new"]
        elif state in _TAKEN_UP:
            order = ["indeterminate", "new"] if was_done else ["indeterminate"]
        else:
            order = ["new", "indeterminate"]
        named, usual = self._states.get(state), _NAMED.get(state, ())
        others = {word for other, words in _NAMED.items() if other is not state for word in words}

        def rank(way: _Way) -> tuple[bool, int, int, int, bool]:
            low = way.name.casefold()
            place = usual.index(low) if low in usual else len(usual)
            far = order.index(way.category) if way.category in order else len(order)
            return low != named, far, way.demands, place, low in others

        fitting = [
            way
            for way in ways
            if way.name.casefold() not in seen and (way.category in order or way.name.casefold() == named)
        ]
        return min(fitting, key=rank, default=None)

    def _resolution(self, state: TicketState, offered: Sequence[str]) -> str:
        named = self._resolutions.get(state)
        if named is not None:
            return named
        by_name = {one.casefold(): one for one in reversed(offered)}
        usual = next((by_name[one] for one in _NAMED.get(state, ()) if one in by_name), None)
        return usual or (offered[0] if offered else "Done")


def _state(name: str) -> TicketState:
    try:
        return TicketState(name)
    except ValueError:
        known = ", ".join(TicketState)
        raise ConfigurationError(
            f"a Jira channel names the state {name!r}, which tickets do not have: {known}"
        ) from None


async def _ways(api: Api, at: str) -> list[_Way]:
    found = await api.call("GET", f"{at}/transitions", query={"expand": "transitions.fields"}, gone=_GONE)
    return [_way(one) for one in listed(found, "transitions")]


def _way(one: Any) -> _Way:
    fields = one.get("fields") or {}
    screen = fields.get("resolution")
    offered = None if screen is None else tuple(str(v.get("name")) for v in screen.get("allowedValues") or ())
    demands = sum(
        bool(field.get("required") and not field.get("hasDefaultValue"))
        for name, field in fields.items()
        if name != "resolution"
    )
    category = str(member(one, "to", "statusCategory", "key"))
    return _Way(str(member(one, "id")), str(member(one, "to", "name")), category, offered, demands)
