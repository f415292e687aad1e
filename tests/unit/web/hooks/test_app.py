"""The door for messages: what is bounded, what is answered, and that nothing is lost when the ledger is away."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
import structlog
from fastapi import FastAPI

from tests.parts.asgi import Answered, asked
from tests.unit.web.hooks.sent import BODIES, NOW, SECRET, SIGN, body_of
from watcher.handlers.ticketing.wishes import Outcome, Wishes
from watcher.model.errors import Transient
from watcher.model.ticket import TicketId
from watcher.web.api import Backstage, build_app
from watcher.web.hooks import app as door
from watcher.web.hooks.app import MAX_BODY, Inbox, add_hooks
from watcher.web.hooks.wish import HookRequest, HookSource

TICKET = TicketId("T-0123456789")
SOURCES = {
    "tracker": HookSource("github", (SECRET,)),
    "chat": HookSource("slack", (SECRET,)),
    "silent": HookSource("github", ()),
    "teams": HookSource("teams", (SECRET,)),
}


class Stopped:
    def now(self) -> dt.datetime:
        return NOW


class Ledger:
    """Takes what it is given; away, slow or faulty on demand."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Wishes]] = []
        self.failure: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def take(self, channel: str, wishes: Wishes, source: HookSource, request: HookRequest) -> Sequence[Outcome]:
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        assert source.kind in {"github", "slack"}
        assert request.received_at == NOW
        self.taken.append((channel, wishes))
        return [Outcome("moved", TICKET, "ticket T-0123456789 is resolved <now>")]


def _inbox(ledger: Ledger, **how: Any) -> tuple[FastAPI, Inbox]:
    app, inbox = FastAPI(), Inbox(SOURCES, ledger.take, Stopped(), **how)
    add_hooks(app, inbox)
    return app, inbox


def _signed(kind: str, document: Mapping[str, Any] | bytes | None = None) -> tuple[list[tuple[str, str]], bytes]:
    body = document if isinstance(document, bytes) else body_of(kind, BODIES[kind] if document is None else document)
    return list(SIGN[kind](body, SECRET, NOW).items()), body


async def _sent(app: Any, channel: str, kind: str, document: Mapping[str, Any] | None = None) -> Answered:
    headers, body = _signed(kind, document)
    return await asked(app, "POST", f"/hooks/{channel}", headers=headers, body=body)


def _run(play: Callable[[Ledger], Awaitable[Any]]) -> Ledger:
    ledger = Ledger()
    asyncio.run(asyncio.wait_for(_ran(play, ledger), 20))
    return ledger


async def _ran(play: Callable[[Ledger], Awaitable[Any]], ledger: Ledger) -> None:
    await play(ledger)


def test_what_is_on_record_is_answered_200() -> None:
    """A message that the ledger has is answered with what came of it."""

    async def play(ledger: Ledger) -> None:
        answer = await _sent(_inbox(ledger)[0], "tracker", "github")
        assert answer.status == 200
        assert answer.json()["outcomes"][0] == {
            "what": "moved", "ticket": TICKET, "said": "ticket T-0123456789 is resolved <now>"
        }  # fmt: skip

    assert [channel for channel, _ in _run(play).taken] == ["tracker"]


@pytest.mark.parametrize(
    ("channel", "kind", "status"),
    [("nobody", "github", 404), ("teams", "github", 404), ("silent", "github", 403), ("chat", "github", 401)],
)
def test_what_is_not_set_up_is_not_taken(channel: str, kind: str, status: int) -> None:
    """A channel that is unknown, hears nothing, or has no secret takes nothing; so does one of another service."""

    async def play(ledger: Ledger) -> None:
        assert (await _sent(_inbox(ledger)[0], channel, kind)).status == status

    assert _run(play).taken == []


def test_a_channel_without_a_secret_says_what_to_set() -> None:
    """Whoever reads the log knows which setting is missing."""

    async def play(ledger: Ledger) -> None:
        await _sent(_inbox(ledger)[0], "silent", "github")

    with structlog.testing.capture_logs() as logged:
        _run(play)

    (event,) = [one for one in logged if one["event"] == "hook.unconfigured"]
    assert "channels.silent" in event["mend"]


def test_a_body_is_bounded_and_read_to_its_end() -> None:
    """A message of more than one MiB is refused, and its sender hears why: with its length told, and without."""
    whole = b"x" * (MAX_BODY + 1)

    async def play(ledger: Ledger) -> None:
        app = _inbox(ledger)[0]
        for body in (whole, [whole[:MAX_BODY], b"x"], [whole] * 30):
            answer = await asked(app, "POST", "/hooks/tracker", body=body)
            assert answer.status == 413
            assert "1048576 bytes" in answer.json()["error"]

    assert _run(play).taken == []


def test_a_body_without_its_length_is_read() -> None:
    """Not every service says how long its message is: it is read in parts."""

    async def play(ledger: Ledger) -> None:
        headers, body = _signed("github")
        app = build_app(_backstage(_inbox(ledger)[1]))
        answer = await asked(app, "POST", "/hooks/tracker", headers=headers, body=[body[:10], body[10:]])
        assert answer.status == 200

    assert len(_run(play).taken) == 1


def _backstage(inbox: Inbox) -> Backstage:
    async def never(*_: Any) -> Any:
        raise AssertionError

    return Backstage(status=never, metrics=never, look=never, check=never, send=never, hook=inbox)


def test_other_routes_still_ask_for_a_length() -> None:
    """The bound of the other routes is as it was."""

    async def play(ledger: Ledger) -> None:
        app = build_app(_backstage(_inbox(ledger)[1]))
        assert (await asked(app, "POST", "/v1/check", body=[b"{}"])).status == 411
        assert (await asked(app, "GET", "/hooks/tracker")).status == 405

    _run(play)


def test_a_sender_that_stops_halfway_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that does not come to its end holds nothing up."""
    monkeypatch.setattr(door, "READ_S", 0.05)

    async def play(ledger: Ledger) -> None:
        halfway: Any = [b"{", None]
        assert (await asked(_inbox(ledger)[0], "POST", "/hooks/tracker", body=halfway)).status == 408

    _run(play)


def test_a_sender_that_hangs_up_is_no_fault() -> None:
    """Half a message is none."""

    async def play(ledger: Ledger) -> None:
        broken: Any = [b"{", ...]
        assert (await asked(_inbox(ledger)[0], "POST", "/hooks/tracker", body=broken)).status == 400

    assert _run(play).taken == []


def test_a_header_that_comes_twice_is_one() -> None:
    """Two signatures in two headers are not one that fits: what is verified is what is read."""

    async def play(ledger: Ledger) -> None:
        headers, body = _signed("github")
        doubled = [*headers, ("x-hub-signature-256", "sha256=00")]
        answer = await asked(_inbox(ledger)[0], "POST", "/hooks/tracker", headers=doubled, body=body)
        assert answer.status == 401

    assert _run(play).taken == []


def test_a_challenge_is_answered_as_asked() -> None:
    """A service that only asks whether we are here is told so, and nothing is done."""

    async def play(ledger: Ledger) -> None:
        headers, body = _signed("slack", b'{"type":"url_verification","challenge":"abc"}')
        as_json = [(key, "application/json" if key == "content-type" else value) for key, value in headers]
        answer = await asked(_inbox(ledger)[0], "POST", "/hooks/chat", headers=as_json, body=body)
        assert (answer.status, answer.json()) == (200, {"challenge": "abc"})

    assert _run(play).taken == []


def test_none_of_our_business_is_answered_200() -> None:
    """A refusal would be sent again without end, or switch the hook off."""

    async def play(ledger: Ledger) -> None:
        answer = await _sent(_inbox(ledger)[0], "tracker", "github", {"action": "edited", "issue": {}})
        assert answer.status == 200
        assert "ignored" in answer.json()

    assert _run(play).taken == []


@pytest.mark.parametrize(("failure", "status"), [(Transient("away"), 503), (RuntimeError("bug"), 500)])
def test_what_is_not_on_record_is_never_answered_2xx(failure: Exception, status: int) -> None:
    """A service that sends again does so; the answer says nothing of the fault."""

    async def play(ledger: Ledger) -> None:
        ledger.failure = failure
        answer = await _sent(_inbox(ledger)[0], "tracker", "github")
        assert answer.status == status
        assert str(failure) not in answer.text
        assert status != 503 or answer.headers["retry-after"] == "30"

    with structlog.testing.capture_logs() as logged:
        _run(play)

    assert [one["event"] for one in logged] == ["hook.failed"]


def test_a_slow_ledger_does_not_keep_a_service_waiting() -> None:
    """The answer comes in time and says that it is not on record; the work goes on, and ends."""

    async def play(ledger: Ledger) -> None:
        ledger.gate = asyncio.Event()
        app, inbox = _inbox(ledger, patience=0.02)
        assert (await _sent(app, "tracker", "github")).status == 503
        assert ledger.taken == []
        ledger.gate.set()
        await inbox.settle()

    assert len(_run(play).taken) == 1


def test_what_waits_for_the_ledger_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that is away for long does not fill the memory: those who send again are told to."""
    monkeypatch.setattr(door, "MOST_AT_WORK", 3)

    async def play(ledger: Ledger) -> None:
        ledger.gate = asyncio.Event()
        app, inbox = _inbox(ledger, patience=0.01)
        for _ in range(5):
            assert (await _sent(app, "tracker", "github")).status == 503
        ledger.gate.set()
        await inbox.settle()

    assert len(_run(play).taken) == 3


def test_a_person_in_a_chat_is_answered() -> None:
    """Who pressed a button hears what came of it, in words that mention nobody and link nowhere."""
    replies: list[tuple[str, Mapping[str, Any]]] = []

    async def reply(where: str, document: Mapping[str, Any]) -> None:
        replies.append((where, document))

    async def play(ledger: Ledger) -> None:
        app, inbox = _inbox(ledger, reply=reply)
        assert (await _sent(app, "chat", "slack")).status == 200
        await inbox.settle()

    _run(play)

    ((where, document),) = replies
    assert where == "https://hooks.slack.com/actions/T1/1/x"
    assert document["text"] == "ticket T-0123456789 is resolved &lt;now&gt;"


def test_a_reply_that_does_not_arrive_undoes_nothing() -> None:
    """What is on record stays so; that the person was not answered is logged."""

    async def reply(_where: str, _document: Mapping[str, Any]) -> None:
        raise Transient("away")

    async def play(ledger: Ledger) -> None:
        app, inbox = _inbox(ledger, reply=reply)
        assert (await _sent(app, "chat", "slack")).status == 200
        await inbox.settle()

    with structlog.testing.capture_logs() as logged:
        assert len(_run(play).taken) == 1

    assert [one["event"] for one in logged] == ["hook.failed"]
