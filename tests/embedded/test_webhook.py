"""The webhook channel over real HTTP on this machine."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import json
import os
import subprocess
import sys
import time

import pytest
from standardwebhooks.webhooks import Webhook

from tests.parts.webhooks import LOCAL, OLD, QUICK, SECRET, SystemClock, delivery, played, sent
from watcher.delivery.http import HttpDoor
from watcher.delivery.receiver import Behaviour, Receiver
from watcher.delivery.webhook import WebhookChannel
from watcher.model.delivery import Answer, Delivered, Postponed, Refused
from watcher.model.errors import ConfigurationError


def test_a_delivery_arrives_signed() -> None:
    """The receiver verifies the signature with the scheme's own library, over the raw bytes."""

    async def play(receiver: Receiver) -> None:
        assert await sent(receiver) == Delivered("HTTP 200")
        (one,) = receiver.received
        assert one.verified, one.fault
        assert one.id == "msg_1"
        assert one.message["type"] == "ticket.opened"
        assert one.message["timestamp"] == "2026-08-01T12:00:00.000Z"
        assert one.headers["content-type"] == "application/json"
        assert one.headers["user-agent"].startswith("schema-watcher/")
        assert one.headers["host"] == f"127.0.0.1:{receiver.port}"
        Webhook(SECRET).verify(one.body, one.headers)

    played(play)


def test_a_wrong_secret_is_told_by_the_receiver() -> None:
    """The receiver of the tests does verify: another secret does not pass."""

    async def play() -> None:
        async with Receiver([OLD]) as receiver:
            await sent(receiver)
            assert receiver.received[0].fault == "No matching signature found"

    asyncio.run(play())


def test_both_secrets_pass_while_one_is_rotated() -> None:
    """A receiver that still has the old secret verifies what is signed with the new and the old one."""

    async def play() -> None:
        async with Receiver([OLD]) as receiver, HttpDoor(LOCAL) as door:
            channel = WebhookChannel(door, SystemClock(), receiver.url, [SECRET, OLD])
            await channel.send(delivery())
            assert receiver.received[0].verified

    asyncio.run(play())


def test_a_redirect_is_not_followed() -> None:
    """A receiver that points elsewhere gets no second request, and neither does elsewhere."""

    async def play(receiver: Receiver) -> None:
        async with Receiver([SECRET]) as elsewhere:
            receiver.then.append(Behaviour(307, {"location": elsewhere.url}))
            told = await sent(receiver)
            assert isinstance(told, Postponed)
            assert "not followed" in told.reason
            assert len(receiver.received) == 1
            assert elsewhere.received == []

    played(play)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_in_both_forms(status: int) -> None:
    """Seconds and a date come out as the wait that they mean."""

    async def play(receiver: Receiver) -> None:
        receiver.then.append(Behaviour(status, {"Retry-After": "17"}))
        assert await sent(receiver) == Postponed(f"HTTP {status}", dt.timedelta(seconds=17))
        until = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5), usegmt=True)
        receiver.then.append(Behaviour(status, {"Retry-After": until}))
        told = await sent(receiver)
        assert isinstance(told, Postponed)
        assert told.retry_after is not None
        assert 290 <= told.retry_after.total_seconds() <= 300

    played(play)


def test_a_gone_receiver_is_final() -> None:
    """410 makes a dead letter at once."""

    async def play(receiver: Receiver) -> None:
        receiver.always = Behaviour(410, body=b"we moved")
        told = await sent(receiver)
        assert isinstance(told, Refused)
        assert "we moved" in told.reason

    played(play)


def test_a_quoted_address_or_secret_is_not_told() -> None:
    """A receiver's page of errors names the path it was called at, which may be a credential."""
    path = "T0123456789AB/long-secret-part"
    body = f"no route for /{path}?sig=abcdefghijklmnop%2Bq or abcdefghijklmnop+q with {SECRET.removeprefix('whsec_')}"

    async def play(receiver: Receiver) -> None:
        receiver.then.append(Behaviour(status=404, body=body.encode()))
        url = f"http://127.0.0.1:{receiver.port}/{path}?sig=abcdefghijklmnop%2Bq"
        told = await sent(receiver, url=url)
        assert isinstance(told, Postponed)
        assert "no route" in told.reason
        assert not any(one in told.reason for one in ("long-secret", "T0123", "abcdefghijkl", SECRET[8:]))

    played(play)


def test_a_connection_that_breaks_off_is_postponed() -> None:
    """The receiver took the request and closed without an answer: it may have it, so it is sent again, same id."""

    async def play(receiver: Receiver) -> None:
        receiver.then.append(Behaviour(drop=True))
        told = await sent(receiver)
        assert isinstance(told, Postponed)
        assert "broke the connection off" in told.reason
        assert isinstance(await sent(receiver), Delivered)
        assert receiver.ids() == ["msg_1", "msg_1"]

    played(play)


def test_a_silent_receiver_is_given_up_in_time() -> None:
    """A receiver that accepts and never answers costs the read timeout, no more."""

    async def play(receiver: Receiver) -> None:
        receiver.always = Behaviour(delay=30)
        began = time.monotonic()
        told = await sent(receiver)
        assert isinstance(told, Postponed)
        assert "in time" in told.reason
        assert time.monotonic() - began < 10

    played(play)


def test_a_dead_port_is_postponed_without_the_path() -> None:
    """A refused connection names the place, and never the path or query, which may hold a token."""

    async def play(receiver: Receiver) -> None:
        await receiver.aclose()
        told = await sent(receiver, url=f"http://user:pass@127.0.0.1:{receiver.port}/T0KEN?key=s3cret")
        assert isinstance(told, Postponed)
        assert f"http://127.0.0.1:{receiver.port} cannot be connected to" in told.reason
        for word in ("T0KEN", "s3cret", "pass"):
            assert word not in told.reason

    played(play)


@pytest.mark.parametrize(
    "url", ["ftp://hooks.example/x", "hooks.example/x", "http://", "http://[::1", "file:///etc/passwd"]
)
def test_a_url_that_cannot_be_called_is_refused_at_start(url: str) -> None:
    """A channel that could never work is a configuration error, not a retry for three days."""

    async def play() -> None:
        async with HttpDoor() as door:
            with pytest.raises(ConfigurationError):
                WebhookChannel(door, SystemClock(), url, [SECRET])

    asyncio.run(play())


def test_the_receiver_runs_by_itself() -> None:
    """`python -m watcher.delivery.receiver` writes one JSON document a delivery, with the signature's verdict."""
    command = [sys.executable, "-m", "watcher.delivery.receiver"]
    environment = {**os.environ, "WEBHOOK_SECRETS": SECRET}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stdout is not None
            url = process.stderr.readline().removeprefix("listening on ").strip()

            async def play() -> Answer:
                async with HttpDoor(LOCAL, QUICK) as door:
                    return await WebhookChannel(door, SystemClock(), url, [SECRET]).send(delivery())

            assert isinstance(asyncio.run(play()), Delivered)
            told = json.loads(process.stdout.readline())
        finally:
            process.terminate()

    assert (told["id"], told["verified"], told["message"]["type"]) == ("msg_1", True, "ticket.opened")
