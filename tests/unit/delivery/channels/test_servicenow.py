"""What is ServiceNow's own about its channel; what all share is in `test_contract.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.standins import servicenow as standin
from tests.standins.base import SECRET, Fault
from tests.standins.contract import TICKET, Play, played, said
from watcher.delivery.channels import servicenow
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters.letter import marker
from watcher.delivery.tracker import Compose
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused
from watcher.ports import Channel, Clock

(CASE,) = standin.CASES


def test_a_record_carries_the_correlation_and_its_group() -> None:
    """The group's name becomes its sys_id; severity becomes urgency and impact; the mirror leads to the record."""

    async def play(one: Play) -> None:
        await one.tell(severity="critical")
        (record,) = one.standin.records.values()
        assert record["correlation_id"] == marker(TICKET)
        assert record["correlation_display"] == "schema-watcher"
        assert record["assignment_group"] == standin.GROUP_ID
        assert (record["urgency"], record["impact"]) == ("1", "1")
        assert one.mirror is not None
        assert one.mirror.data == {"key": "INC0000001", "table": "incident"}
        sys_id = record["sys_id"]
        assert one.mirror.url == f"{one.standin.url}/nav_to.do?uri=incident.do%3Fsys_id%3D{sys_id}"

    played(CASE, play)


def test_a_group_that_is_gone_does_not_keep_the_record_from_being_made() -> None:
    """No group of that name: the record is made without, and says what to mend."""

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert "no group Nobody" in one.item.text
        assert "assignment_group" not in next(iter(one.standin.records.values()))

    played(replace(CASE, route={"group": "Nobody"}), play)


def test_groups_that_may_not_be_read_are_looked_up_by_the_instance() -> None:
    """An account without a right to read groups still assigns by name: the name goes along as a displayed value."""

    async def play(one: Play) -> None:
        one.standin.hides_groups = True
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert next(iter(one.standin.records.values()))["assignment_group"] == standin.GROUP_ID

    played(CASE, play)


def test_a_groups_sys_id_is_taken_as_it_is() -> None:
    """Who gives the sys_id needs no right to read groups."""

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert one.standin.calls("sys_user_group") == []
        assert next(iter(one.standin.records.values()))["assignment_group"] == "b" * 32

    played(replace(CASE, route={"group": "b" * 32}), play)


def test_a_record_is_resolved_with_code_and_notes() -> None:
    """State 6 with the close code of the settings and the letter as close notes."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved", word="It is mended.")
        (record,) = one.standin.records.values()
        assert (record["state"], record["close_code"]) == ("6", "Solution provided")
        assert "It is mended." in record["close_notes"]

    played(CASE, play)


def test_a_closed_record_gets_a_successor_when_the_break_is_back() -> None:
    """State 7 takes no other any more: a new record is made that names the old one, and no third one."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.settle(one.item.id)
        assert isinstance(await one.tell(MessageType.TICKET_REOPENED), Delivered), said(one.told[-1])
        assert [item.state for item in one.items] == ["resolved", "open"]
        assert "INC0000001" in one.items[1].text
        one.forget()
        assert isinstance(await one.elsewhere(), Delivered), said(one.told[-1])
        assert len(one.items) == 2
        assert one.mirror is not None
        assert one.mirror.id == one.items[1].id

    played(CASE, play)


def test_a_state_that_is_dropped_without_a_word_is_noticed() -> None:
    """ServiceNow answers 200 and keeps the old state: the reason says so and what to do, and it is tried again."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.deaf = True
        told = await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert isinstance(told, Postponed)
        assert "INC0000001 stayed in the state 1 when 6 was written" in told.reason
        one.standin.deaf = False
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert one.item.state == "resolved"

    played(CASE, play)


def test_states_and_close_codes_are_the_instances_own() -> None:
    """Another table has other numbers; fields that it demands come from the settings."""

    def build(door: HttpDoor, clock: Clock, letters: Compose, service: Any) -> Channel:
        return servicenow.build(
            door,
            clock,
            letters,
            url=service.url,
            token=SECRET,
            table="u_contract",
            states={"in_progress": "2", "resolved": "4"},
            close_code="",
            fields={"business_service": "Orders"},
        )

    async def play(one: Play) -> None:
        one.standin.require_field()
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        assert one.standin.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        (record,) = one.standin.records.values()
        assert (record["state"], record["business_service"]) == ("4", "Orders")
        assert "close_code" not in record

    played(replace(CASE, build=build, standin=lambda: standin.Servicenow(table="u_contract")), play)


def test_a_record_on_hold_is_left_there() -> None:
    """Somebody works on it in another state (3, on hold): an acknowledgement moves nothing."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.records[one.item.id]["state"] = "3"
        await one.tell(MessageType.TICKET_MOVED, state="acknowledged")
        assert one.standin.records[one.item.id]["state"] == "3"

    played(CASE, play)


def test_texts_make_no_markup() -> None:
    """`[code]` would let what stands in a schema be HTML on everybody's screen: it is only text."""

    async def play(one: Play) -> None:
        await one.tell(word="[code]<script>alert(1)</script>[/CODE]")
        await one.tell(MessageType.TICKET_UPDATED, word="[Code]<b>x</b>[/code]")
        for text in (one.item.text, *one.item.notes):
            assert "[code]" not in text.lower()
            assert "[/code]" not in text.lower()
            assert "[ code]<" in text

    played(CASE, play)


def test_a_mark_is_never_cut_off() -> None:
    """A text that grows by what is escaped in it still fits the field: its note is found, and written once."""

    async def play(one: Play) -> None:
        await one.tell()
        word = "[code]" * 600
        one.standin.then.append(Fault(on="^PATCH .*", drop="before"))
        await one.tell(MessageType.TICKET_ESCALATED, word=word)
        one.standin.then.append(Fault(on="^PATCH .*", drop="after"))
        await one.again()
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.item.notes) == 1
        assert len(one.item.notes[0]) <= 4_000

    played(CASE, play)


def test_a_route_without_a_group_is_refused_before_anything_is_sent() -> None:
    """Nobody would see the record: the reason names the key, and no request is made."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Refused)
        assert "`group` is missing" in told.reason
        assert one.standin.requests == []

    played(replace(CASE, route={}), play)


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ({"group": "x"}, ""),
        ({}, "`group` is missing"),
        ({"group": "a^active=false"}, "holds a ^"),
        ({"group": "x", "grp": "y"}, "did you mean `group`?"),
    ],
)
def test_a_route_is_checked(route: dict[str, str], words: str) -> None:
    """A domain's entry that cannot work is told with what to write."""
    told = servicenow.check_route(route)
    assert bool(told) is bool(words)
    assert words in " ".join(told)
