"""Teams: a card a message; a workflow that is gone is a dead address, and its URL is never told."""

from __future__ import annotations

import pytest

from tests.standins.base import SECRET, Fault
from tests.standins.contract import Play, played
from tests.standins.teams import CASES
from watcher.model.delivery import MessageType, Refused

[CASE] = CASES


@pytest.mark.parametrize("status", [404, 410])
def test_a_workflow_that_is_gone_is_a_dead_address(status: int) -> None:
    """Whoever made it has left, perhaps: it surfaces, and says what to do."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(status=status)
        told = await one.tell()
        assert isinstance(told, Refused)
        assert told.stale
        assert "make one anew" in told.reason
        assert SECRET not in told.reason

    played(CASE, play)


def test_each_news_is_a_card_of_its_own() -> None:
    """Nothing can be changed there: what is new is posted."""

    async def play(one: Play) -> None:
        await one.tell()
        await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert len(one.standin.cards) == 2

    played(CASE, play)


def test_a_card_never_grows_beyond_what_teams_takes() -> None:
    """A letter of a quarter of a megabyte is cut before it is sent."""

    async def play(one: Play) -> None:
        await one.tell(parts=500)
        assert len(one.standin.cards) == 1

    played(CASE, play)
