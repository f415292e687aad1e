"""Members: which of a record's members before meets which one after, at the cost of what differs.

Both lists are walked side by side. While they hold the same objects a glance is enough; only where they part are names
looked up, and the walk goes on from there. Where the source has ids of its own, these come before names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter, is_not

from watcher.diff.names import Names
from watcher.model.alongside import alongside
from watcher.model.types import Field

_id_of = attrgetter("id")


@dataclass(slots=True)
class Meeting:
    """What came of it; whether those that both have stand in the same order.

    `differing` are the members after that differ, each with the one before; None where there is none (`come`). Where
    the two are one by the source's own id, they may differ in their name too. `places` says where those that have come
    stand, by their identity.
    """

    differing: list[tuple[Field | None, Field]] = field(default_factory=list)
    gone: list[Field] = field(default_factory=list)
    come: list[Field] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    in_order: bool = True

    def has_come(self, its: Field, place: int) -> None:
        """A member that stands on the side after only."""
        self.come.append(its)
        self.differing.append((None, its))
        self.places[id(its)] = place


def meet(before: Sequence[Field], after: Sequence[Field], names: Names) -> Meeting:
    """Bring the members of two records together, by the source's ids where both have them, else by name."""
    start = alongside(after, 0, before, 0, is_not) if names.flat else 0
    if any(map(_id_of, after[start:])) and any(map(_id_of, before[start:])):
        return _by_id(before, after, names)
    return _by_name(before, after, names, start)


def _by_id(before: Sequence[Field], after: Sequence[Field], names: Names) -> Meeting:
    """An id that is on one side only says nothing: a table that was made anew has new ids for the same columns."""
    meeting = Meeting()
    by_id = {one.id: one for one in before if one.id is not None}
    known = {id(its): by_id.pop(its.id) for its in after if its.id in by_id}
    taken = {id(one) for one in known.values()}
    by_name = {one.name: one for one in before if id(one) not in taken}
    place = {id(one): number for number, one in enumerate(before)}
    last = -1
    for number, its in enumerate(after):
        one = known.get(id(its)) or by_name.pop(its.name, None)
        if one is None:
            meeting.has_come(its, number)
            continue
        taken.add(id(one))
        meeting.in_order = meeting.in_order and place[id(one)] > last
        last = place[id(one)]
        if one.name != its.name or not names.unchanged_field(one, its):
            meeting.differing.append((one, its))
    meeting.gone = [one for one in before if id(one) not in taken]
    return meeting


def _by_name(before: Sequence[Field], after: Sequence[Field], names: Names, start: int) -> Meeting:
    meeting = Meeting()
    settled, last = names.settled, len(before)
    places: dict[str, int] = {}
    passed: dict[int, Field] = {}  # members before that the walk has gone past, by place
    at = number = start
    while number < len(after):
        if names.flat:
            run = alongside(after, number, before, at, is_not)
            at, number = at + run, number + run
            if number == len(after):
                break
        its = after[number]
        number += 1
        if at < last and before[at] is its and (id(its.type) in settled or names.unchanged_field(its, its)):
            at += 1
            continue
        place: int | None
        if at < last and before[at].name == its.name:
            place = at
        elif at + 1 < last and before[at + 1].name == its.name:
            place = at + 1
        elif at >= last:
            place = next((place for place, one in passed.items() if one.name == its.name), None)
        else:
            places = places or {one.name: place for place, one in enumerate(before)}
            place = places.get(its.name)
        if place is None:
            meeting.has_come(its, number - 1)
            continue
        if place < at:
            meeting.in_order = False
            del passed[place]
        else:
            passed.update(enumerate(before[at:place], at))
            at = place + 1
        if not names.unchanged_field(before[place], its):
            meeting.differing.append((before[place], its))
    meeting.gone = [*passed.values(), *before[at:]]
    return meeting
