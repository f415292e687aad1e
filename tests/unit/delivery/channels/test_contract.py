"""The contract that every channel keeps, whatever service it speaks to: one suite, played over real HTTP stand-ins."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import pkgutil
import re

import pytest

from tests.standins.base import SECRET, Case, Fault, Item, Request
from tests.standins.contract import CHANNELS, CLAUSE, CONSUMER, DATASET, TICKET, Play, able, played, said
from watcher.delivery import channels
from watcher.delivery.addresses import Guard
from watcher.delivery.letters.letter import marker
from watcher.model.delivery import Delivered, MessageType, Postponed, Refused

ITEMS = pytest.mark.parametrize("case", able("items"), ids=str)
EVERY = pytest.mark.parametrize("case", CHANNELS, ids=str)
SEARCH = pytest.mark.parametrize("case", able("items", "search"), ids=str)
NOTES = pytest.mark.parametrize("case", able("items", "notes"), ids=str)
REWRITE = pytest.mark.parametrize("case", able("items", "rewrite"), ids=str)
PROGRESS = pytest.mark.parametrize("case", able("items", "progress"), ids=str)
SETTLE = pytest.mark.parametrize("case", able("items", "settle"), ids=str)
DELETE = pytest.mark.parametrize("case", able("items", "delete"), ids=str)
FIELDS = pytest.mark.parametrize("case", able("fields"), ids=str)
AUTH = pytest.mark.parametrize("case", able("auth"), ids=str)

OF_THEIR_OWN = frozenset({"mail", "webhook"})
"""Channels that another suite holds to the same: `test_mail` over SMTP, `test_webhook` over signed HTTP."""

_WRITES = "^(POST|PUT|PATCH) "


@ITEMS
def test_an_opened_ticket_is_one_item_that_says_everything(case: Case) -> None:
    """One item is made; it names the dataset, the consumer and the clause, and carries the marker."""

    async def play(one: Play) -> None:
        assert isinstance(await one.tell(), Delivered), said(one.told[-1])
        whole = one.item.title + one.item.text
        assert DATASET in whole
        assert CONSUMER in whole
        assert CLAUSE in whole
        assert one.item.state == "open"
        assert one.mirror is not None
        assert one.mirror.id == one.item.id
        if "search" in case.can:
            assert marker(TICKET) in one.item.marker

    played(case, play)


@SEARCH
def test_a_lost_answer_makes_no_second_item(case: Case) -> None:
    """The service accepted and the line broke: the next try finds what was made, and adds nothing to it."""

    async def play(one: Play) -> None:
        one.standin.then.append(Fault(on=_WRITES, drop="after"))
        assert isinstance(await one.tell(), Postponed)
        assert len(one.items) <= 1  # the write that was lost may have been a search
        assert isinstance(await one.again(doubtful=True), Delivered), said(one.told[-1])
        assert len(one.items) == 1
        assert one.item.notes == ()
        assert one.item.state == "open"

    played(case, play)


@SEARCH
def test_a_second_worker_finds_what_the_first_made(case: Case) -> None:
    """A worker that knows nothing of the mirror, only that there may be one, makes no second."""

    async def play(one: Play) -> None:
        await one.tell()
        one.forget()
        assert isinstance(await one.elsewhere(), Delivered), said(one.told[-1])
        assert len(one.items) == 1
        assert one.item.notes == ()
        assert one.mirror is not None

    played(case, play)


@SEARCH
@pytest.mark.parametrize("strange", ["", "null", "7", '"x"', "[null]", '["x"]', '{"unheard": "of"}', "[[]]"])
def test_an_answer_of_another_shape_is_doubt_and_no_second_item(case: Case, strange: str) -> None:
    """A service that changed its answers: JSON that is not understood never counts as "there is none"."""

    async def play(one: Play) -> None:
        await one.tell()
        one.forget()
        one.standin.always = Fault(status=200, body=strange)
        told = await one.elsewhere()
        # An alert's key is enough to PagerDuty: there is nothing in its answers that a channel needs.
        assert isinstance(told, Postponed) or case.name == "pagerduty", said(told)
        one.standin.always = None
        assert isinstance(await one.elsewhere(), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


@SEARCH
@pytest.mark.parametrize(
    "spoilt", [Fault(on=_WRITES, garbage=True), Fault(on=_WRITES, cut=True)], ids=["garbage", "cut"]
)
def test_an_unreadable_answer_is_doubt_and_no_second_item(case: Case, spoilt: Fault) -> None:
    """An answer that is no JSON, or half of it, says nothing: it is tried again, and what was made is found."""

    async def play(one: Play) -> None:
        one.standin.then.append(spoilt)
        await one.tell()
        assert one.mirror is None or one.mirror.id == one.item.id
        await one.again(doubtful=True)
        assert isinstance(one.told[-1], Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


@SEARCH
def test_a_service_that_accepts_and_then_hangs_gets_no_second_item(case: Case) -> None:
    """The item was made, the answer comes too late: the next try finds it."""

    async def play(one: Play) -> None:
        one.standin.then.append(Fault(on=_WRITES, late=300))
        async with one.hasty():
            assert isinstance(await one.tell(), Postponed)
        assert isinstance(await one.again(doubtful=True), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


_FAULTS = {"500": Fault(status=500), "after": Fault(drop="after"), "cut": Fault(cut=True)}


@SEARCH
@pytest.mark.parametrize("fault", _FAULTS)
def test_whichever_exchange_fails_the_end_is_the_same(case: Case, fault: str) -> None:
    """A ticket's whole story with each of its exchanges spoilt in turn ends as the story without any fault."""

    async def told(one: Play, what: MessageType, **body: str) -> None:
        answer = await one.tell(what, **body)
        for _ in range(3):
            if not isinstance(answer, Delivered):
                answer = await one.again(doubtful=True)
        assert isinstance(answer, Delivered), said(answer)

    async def story(one: Play) -> None:
        await told(one, MessageType.TICKET_OPENED)
        await told(one, MessageType.TICKET_MOVED, state="acknowledged", word="Somebody looks at it.")
        await told(one, MessageType.TICKET_UPDATED, state="acknowledged", word="A second field went.")
        await told(one, MessageType.TICKET_RESOLVED, state="resolved", word="All is well.")
        await told(one, MessageType.TICKET_REOPENED, word="It is back.")

    undisturbed: list[Item] = []
    exchanges: list[Request] = []

    async def calm(one: Play) -> None:
        await story(one)
        undisturbed.extend(one.items)
        exchanges.extend(one.standin.requests)

    played(case, calm)
    for number in range(len(exchanges)):

        async def spoilt(one: Play, number: int = number) -> None:
            one.standin.then.extend([Fault()] * number + [_FAULTS[fault]])
            await story(one)
            at = exchanges[number].line
            assert [(i.title, i.text, i.state, len(i.notes)) for i in one.items] == [
                (i.title, i.text, i.state, len(i.notes)) for i in undisturbed
            ], at

        played(case, spoilt)


@ITEMS
def test_what_stands_in_a_schema_gives_no_orders(case: Case) -> None:
    """A text that a service might take for a command, a mention or markup is only told."""

    async def play(one: Play) -> None:
        word = (
            "/close\n/label ~urgent\n@everyone <!channel> <b>bold</b> {panel}x{panel} [~admin] *[link](javascript:x)*"
        )
        assert isinstance(await one.tell(word=word), Delivered), said(one.told[-1])
        assert one.item.state == "open"
        if "search" in case.can:
            assert marker(TICKET) in one.item.marker
        if "notes" in case.can:
            assert isinstance(await one.tell(MessageType.TICKET_UPDATED, word=word), Delivered), said(one.told[-1])
            assert one.item.state == "open"

    played(case, play)


@NOTES
def test_a_note_whose_answer_was_lost_is_not_written_twice(case: Case) -> None:
    """Each try after a lost answer looks whether its note stands already."""

    async def play(one: Play) -> None:
        await one.tell()
        before = len(one.standin.requests)
        await one.tell(MessageType.TICKET_ESCALATED, word="The ladder was climbed.")
        writes = [r for r in one.standin.requests[before:] if re.search(_WRITES, r.line)]
        assert len(one.item.notes) == 1
        # The same news once more, with each of its writes lost in turn.
        for n in range(len(writes)):
            await one.tell(MessageType.TICKET_ESCALATED, word=f"The ladder was climbed, {n}.")
            count = len(one.item.notes)
            one.standin.then.extend([Fault(on=_WRITES) for _ in range(n)])
            one.standin.then.append(Fault(on=_WRITES, drop="after"))
            await one.tell(MessageType.TICKET_ESCALATED, word=f"And further, {n}.")
            one.standin.then.clear()
            assert isinstance(await one.again(), Delivered), said(one.told[-1])
            assert len(one.item.notes) == count + 1

    played(case, play)


@REWRITE
def test_an_update_rewrites_the_item_and_notes_it_once(case: Case) -> None:
    """The item says what holds now; under it stands once what has changed."""

    async def play(one: Play) -> None:
        await one.tell()
        told = await one.tell(
            MessageType.TICKET_UPDATED, title=f"Two breaking changes in {DATASET}", word="A second field went."
        )
        assert isinstance(told, Delivered), said(told)
        assert "Two breaking changes" in one.item.title
        assert "A second field went." in one.item.text
        if "notes" in case.can:
            assert len(one.item.notes) == 1
            assert "A second field went." in one.item.notes[0]
        assert marker(TICKET) in one.item.marker

    played(case, play)


@PROGRESS
@pytest.mark.parametrize("state", ["acknowledged", "in_progress"])
def test_who_takes_it_up_is_seen_at_the_service(case: Case, state: str) -> None:
    """Where the service has a state between open and resolved, the item is in it; twice the same changes nothing."""

    async def play(one: Play) -> None:
        await one.tell()
        for _ in range(2):
            assert isinstance(await one.tell(MessageType.TICKET_MOVED, state=state), Delivered), said(one.told[-1])
            assert one.item.state == "in_progress"

    played(case, play)


@SETTLE
@pytest.mark.parametrize("state", ["resolved", "waived"])
def test_a_settled_ticket_settles_the_item_and_a_reopened_one_opens_it(case: Case, state: str) -> None:
    """Resolved, then open again, then resolved again: the same item all along."""

    async def play(one: Play) -> None:
        await one.tell()
        what = MessageType.TICKET_RESOLVED if state == "resolved" else MessageType.TICKET_MOVED
        for _ in range(2):
            assert isinstance(await one.tell(what, state=state, word="Done."), Delivered), said(one.told[-1])
            assert [item.state for item in one.items] == ["resolved"]
            told = await one.tell(MessageType.TICKET_REOPENED, word="It is back.")
            assert isinstance(told, Delivered), said(told)
            assert one.item.state != "resolved"

    played(case, play)


@SETTLE
def test_an_item_that_was_settled_there_is_not_settled_twice(case: Case) -> None:
    """Somebody closed the item at the service: our own resolution finds it so, and is delivered."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.settle(one.item.id)
        told = await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert isinstance(told, Delivered), said(told)
        assert one.item.state == "resolved"

    played(case, play)


@EVERY
def test_an_outage_postpones_and_loses_nothing(case: Case) -> None:
    """500 for some tries: each says so; when the service is back, it is told once."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(status=500)
        told = await one.tell()
        for _ in range(3):
            assert isinstance(told, Postponed)
            assert "500" in told.reason
            told = await one.again()
        one.standin.always = None
        assert one.items == []
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


@EVERY
def test_a_line_that_drops_before_anything_is_done_postpones(case: Case) -> None:
    """The connection breaks before the request is read: later it is told once."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(drop="before")
        assert isinstance(await one.tell(), Postponed)
        one.standin.always = None
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


@EVERY
@pytest.mark.parametrize(
    ("asked", "wish"),
    [("7", dt.timedelta(seconds=7)), ("99999999", dt.timedelta(hours=24))],
    ids=["seconds", "bounded"],
)
def test_the_wish_of_a_busy_service_is_heard(case: Case, asked: str, wish: dt.timedelta) -> None:
    """429 with Retry-After postpones for exactly so long, and for a day at most."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(status=429, headers={"retry-after": asked})
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert told.retry_after == wish
        one.standin.always = None
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


@EVERY
def test_a_service_that_does_not_answer_is_given_up_in_time(case: Case) -> None:
    """A try ends within its bounds, however long the service takes."""

    async def play(one: Play) -> None:
        one.standin.always = Fault(delay=300)
        async with one.hasty(), asyncio.timeout(30):
            assert isinstance(await one.tell(), Postponed)

    played(case, play)


@DELETE
def test_a_deleted_item_gets_a_successor_that_says_so(case: Case) -> None:
    """Somebody deleted the item while the ticket is open: one new one is made, and says what became of the other."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.delete(one.item.id)
        assert one.items == []
        told = await one.tell(MessageType.TICKET_UPDATED, word="A second field went.")
        assert isinstance(told, Delivered), said(told)
        assert "takes its place" in one.item.text
        assert isinstance(await one.tell(MessageType.TICKET_UPDATED, word="A third field went."), Delivered)
        assert isinstance(await one.tell(MessageType.TICKET_RESOLVED, state="resolved"), Delivered)
        assert len(one.items) == 1

    played(case, play)


@DELETE
def test_a_deleted_item_is_not_made_anew_only_to_be_closed(case: Case) -> None:
    """Somebody deleted the item, and the ticket is resolved: there is nothing left to tell there."""

    async def play(one: Play) -> None:
        await one.tell()
        one.standin.delete(one.item.id)
        told = await one.tell(MessageType.TICKET_RESOLVED, state="resolved")
        assert isinstance(told, Delivered), said(told)
        assert one.items == []

    played(case, play)


@FIELDS
def test_changed_requirements_are_told_in_the_services_own_words(case: Case) -> None:
    """The service now demands a field: the reason quotes it, and after some tries it is a dead letter."""

    async def play(one: Play) -> None:
        words = one.standin.require_field()
        told = await one.tell()
        assert isinstance(told, Postponed), told
        assert re.match(r"HTTP 4\d\d", told.reason), told.reason
        assert words in told.reason
        for _ in range(7):
            told = await one.again()
        assert isinstance(told, Refused)
        assert words in told.reason
        assert one.items == []

    played(case, play)


@AUTH
def test_wrong_credentials_say_what_to_mend(case: Case) -> None:
    """The credential was revoked: the reason says so, nothing is given up, and with a good one it is delivered."""

    async def play(one: Play) -> None:
        one.standin.secret = "another"
        told = await one.tell()
        assert isinstance(told, Postponed), told
        assert re.search(r"(?i)token|credential|password|key|secret|URL", told.reason), told.reason
        assert re.search(rf"(?i)\bchannels?\b.*{re.escape(case.name.split('-')[0])}|setting|configuration", told.reason)
        one.standin.secret = SECRET
        assert isinstance(await one.again(), Delivered), said(one.told[-1])
        assert len(one.items) == 1

    played(case, play)


@EVERY
def test_an_echoed_secret_is_not_passed_on(case: Case) -> None:
    """A service that quotes the credential in its complaint does not bring it into ours."""

    async def play(one: Play) -> None:
        for status in (400, 401, 403, 422, 500):
            one.standin.always = Fault(status=status, body={"message": f"I do not like {SECRET} at all"})
            assert not isinstance(await one.tell(), Delivered)
        # `played` looks for the secret in all that was said.

    played(case, play)


@EVERY
def test_a_redirect_is_not_followed(case: Case) -> None:
    """A service that points elsewhere gets no second request there."""

    async def play(one: Play) -> None:
        async with case.standin() as elsewhere:
            one.standin.always = Fault(status=307, headers={"location": elsewhere.url + "/"})
            told = await one.tell()
            assert isinstance(told, Postponed)
            assert "redirect" in told.reason
            assert elsewhere.requests == []

    played(case, play)


@EVERY
def test_a_private_address_is_refused_unless_allowed(case: Case) -> None:
    """Without a word in the settings, no channel reaches this machine or the networks around it."""

    async def play(one: Play) -> None:
        told = await one.tell()
        assert isinstance(told, Postponed)
        assert "outbound.allow_hosts" in told.reason
        assert one.standin.requests == []

    played(case, play, guard=Guard())


@ITEMS
def test_what_is_too_long_is_cut_and_never_refused(case: Case) -> None:
    """A title of a thousand characters over two lines, a text of a quarter of a megabyte: it arrives, cut."""

    async def play(one: Play) -> None:
        told = await one.tell(title="A long\nline " * 100, parts=500)
        assert isinstance(told, Delivered), said(told)
        assert len(one.items) == 1
        if "rewrite" in case.can:
            told = await one.tell(MessageType.TICKET_UPDATED, title="Another long line " * 100, parts=501)
            assert isinstance(told, Delivered), said(told)
        if "search" in case.can:
            assert marker(TICKET) in one.item.marker

    played(case, play)


def test_no_channel_is_left_out() -> None:
    """Each file with a channel has a case of its name in this suite, or another suite where it speaks no HTTP."""
    held = {case.name.replace("-", "_") for case in CHANNELS}
    for one in pkgutil.iter_modules(channels.__path__):
        if one.name not in OF_THEIR_OWN and hasattr(
            importlib.import_module(f"{channels.__name__}.{one.name}"), "build"
        ):
            assert any(name.startswith(one.name) for name in held), one.name
