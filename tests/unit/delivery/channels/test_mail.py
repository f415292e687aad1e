"""Mail: what is sent, in which thread, to whom; what a server can do wrong, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.standins.contract import DATASET, LOCAL, NOW, TICKET, FixedClock, compose
from tests.standins.smtp import PASSWORD, USER, MailServer
from watcher.delivery.addresses import Address, Guard
from watcher.delivery.channels import mail
from watcher.delivery.http import HttpDoor
from watcher.model.delivery import Answer, Delivered, Delivery, DeliveryId, MessageType, Postponed, Refused, Remote
from watcher.model.errors import ConfigurationError

SENDER = "watcher@acme.example"
TO = "em-checkout@acme.example"


def a_delivery(what: MessageType = MessageType.TICKET_OPENED, to: str = TO, **told: Any) -> Delivery:
    """News of a ticket."""
    id_ = DeliveryId(told.pop("id", "msg_1"))
    remote = told.pop("remote", None)
    return Delivery(id_, "mail", what, DATASET, told, NOW, route={"to": to}, ticket=TICKET, remote=remote)


def sent(
    server: MailServer, play: Callable[[mail.Mail], Awaitable[None]], *, guard: Guard = LOCAL, **options: Any
) -> None:
    """A play with a channel to a server."""

    async def run() -> None:
        async with server, HttpDoor(guard) as door:
            given: dict[str, Any] = {"security": server.security, "authorities": server.authorities, "timeout": 5.0}
            if server.security == "none":
                given.pop("authorities")
            host = options.pop("host", "localhost")
            channel = mail.build(
                door, FixedClock(), compose, host=host, port=server.port, sender=SENDER, **{**given, **options}
            )
            await play(channel)

    asyncio.run(run())


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_mail_says_everything_as_text_and_as_html(tmp_path: Path, security: Any) -> None:
    """Both parts, the title as the subject, marks for programs; over a line that is safe, or by plain will."""
    server = MailServer(tmp_path, security)

    async def play(channel: mail.Mail) -> None:
        assert isinstance(await channel.send(a_delivery()), Delivered)
        [one] = server.mails
        assert (one.sender, one.recipients) == (SENDER, [TO])
        assert one.message["Subject"] == f"Breaking change in {DATASET}"
        assert one.message["Message-ID"] == "<msg_1@acme.example>"
        assert one.message["Auto-Submitted"] == "auto-generated"
        kinds = [part.get_content_type() for part in one.message.iter_parts()]
        assert kinds == ["text/plain", "text/html"]
        for part in one.message.iter_parts():
            assert "revenue" in part.get_content()

    sent(server, play)


def test_all_of_a_ticket_stands_in_one_thread(tmp_path: Path) -> None:
    """The first mail names the ticket's own thread, later ones the first mail; the mirror keeps its id."""
    server = MailServer(tmp_path)

    async def play(channel: mail.Mail) -> None:
        first = await channel.send(a_delivery())
        assert isinstance(first, Delivered)
        assert first.remote == Remote("<msg_1@acme.example>", None, {"subject": f"Breaking change in {DATASET}"})
        title = f"{DATASET}: resolved"
        await channel.send(a_delivery(MessageType.TICKET_RESOLVED, id="msg_2", remote=first.remote, title=title))
        one, two = (mail.message for mail in server.mails)
        assert one["References"] == "<watcher-tkt-7q2m@acme.example>"
        assert two["In-Reply-To"] == two["References"] == "<msg_1@acme.example>"
        assert two["Subject"] == f"Re: {one['Subject']}"

    sent(server, play)


def test_a_mail_whose_answer_was_lost_is_sent_under_the_same_id(tmp_path: Path) -> None:
    """The server had it, the line broke: the second copy is the same mail to whoever reads it."""
    server = MailServer(tmp_path, drop=1)

    async def play(channel: mail.Mail) -> None:
        assert isinstance(await channel.send(a_delivery()), Postponed)
        assert isinstance(await channel.send(replace(a_delivery(), attempts=1)), Delivered)
        assert len({one.message["Message-ID"] for one in server.mails}) == 1

    sent(server, play)


@pytest.mark.parametrize(
    ("said", "expected", "stale"),
    [
        ("550 5.1.1 no such user", Refused, True),
        ("550 no such user", Refused, True),
        ("550 5.2.1 mailbox disabled", Refused, True),
        ("554 5.7.1 we do not like you", Refused, False),
        ("550 5.7.1 relaying denied", Refused, False),
        ("451 4.7.1 greylisted, come back", Postponed, False),
    ],
)
def test_what_is_said_of_a_recipient(tmp_path: Path, said: str, expected: type[Answer], stale: bool) -> None:
    """Nobody there: a dead address, which surfaces; later: later; no: a dead letter."""
    server = MailServer(tmp_path, rcpt={TO: said})

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery())
        assert isinstance(told, expected)
        assert said[4:15] in getattr(told, "reason", "")
        assert getattr(told, "stale", False) is stale
        assert server.mails == []

    sent(server, play)


def test_of_several_recipients_those_who_are_there_get_it(tmp_path: Path) -> None:
    """Who did not is named."""
    server = MailServer(tmp_path, rcpt={"gone@acme.example": "550 no such user"})

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery(to=f"{TO}, gone@acme.example"))
        assert isinstance(told, Delivered)
        assert "gone@acme.example: 550" in told.detail
        assert told.without == (("gone@acme.example", "localhost: 550 no such user"),)
        assert server.mails[0].recipients == [TO]

    sent(server, play)


def test_a_recipient_who_takes_it_later_gets_it_later_and_the_others_once(tmp_path: Path) -> None:
    """A grey list holds one of two up: the mail is sent again, to that one only."""
    late = "late@acme.example"
    server = MailServer(tmp_path, rcpt={late: "450 4.2.0 greylisted"})

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery(to=f"{TO}, {late}"))
        assert isinstance(told, Postponed)
        assert late in told.reason
        server.rcpt.clear()
        assert isinstance(await channel.send(replace(a_delivery(to=f"{TO}, {late}"), attempts=1)), Delivered)
        assert [one.recipients for one in server.mails] == [[TO], [late]]
        assert len({one.message["Message-ID"] for one in server.mails}) == 1
        assert server.mails[1].message["To"] == f"{TO}, {late}"

    sent(server, play)


def test_a_recipient_who_takes_it_never_after_the_others_have_it_is_named(tmp_path: Path) -> None:
    """First later, then never: those who have it count, and the one who has not is told."""
    late = "late@acme.example"
    server = MailServer(tmp_path, rcpt={late: "450 4.2.0 greylisted"})

    async def play(channel: mail.Mail) -> None:
        await channel.send(a_delivery(to=f"{TO}, {late}"))
        server.rcpt[late] = "550 5.1.1 no such user"
        told = await channel.send(replace(a_delivery(to=f"{TO}, {late}"), attempts=1))
        assert isinstance(told, Delivered)
        assert late in told.detail
        assert [one for one, _ in told.without] == [late]
        assert len(server.mails) == 1

    sent(server, play)


def test_a_text_that_is_never_taken_is_given_up_in_the_end(tmp_path: Path) -> None:
    """A permanent word on the text itself is believed after some hours: it holds up what follows it."""
    server = MailServer(tmp_path, data=["554 5.6.0 too odd"] * 2)

    async def play(channel: mail.Mail) -> None:
        assert isinstance(await channel.send(a_delivery()), Postponed)
        told = await channel.send(replace(a_delivery(), attempts=5))
        assert isinstance(told, Refused)
        assert not told.stale
        assert "554 5.6.0" in told.reason

    sent(server, play)


def test_a_server_that_takes_it_later(tmp_path: Path) -> None:
    """A full queue after the text: tried again."""
    server = MailServer(tmp_path, data=["452 4.3.1 full"])

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery())
        assert isinstance(told, Postponed)
        assert "452" in told.reason
        assert isinstance(await channel.send(a_delivery()), Delivered)

    sent(server, play)


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    """The server is called at its address, and verified by its name: nothing is handed over."""
    server = MailServer(tmp_path, certificate_for="elsewhere.example")

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery())
        assert isinstance(told, Postponed)
        assert server.mails == []

    sent(server, play)


def test_a_server_without_starttls_gets_nothing(tmp_path: Path) -> None:
    """A line that was to be safe is never used bare."""
    server = MailServer(tmp_path, "none")

    async def play(channel: mail.Mail) -> None:
        assert isinstance(await channel.send(a_delivery()), Postponed)
        assert server.mails == []

    sent(server, play, security="starttls")


def test_who_logs_in_is_let_in_and_a_wrong_password_says_what_to_mend(tmp_path: Path) -> None:
    """The password is never told."""
    server = MailServer(tmp_path, login=True)

    async def play(channel: mail.Mail) -> None:
        assert isinstance(await channel.send(a_delivery()), Delivered)

    sent(server, play, user=USER, password=PASSWORD)

    async def wrong(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery())
        assert isinstance(told, Postponed)
        assert "check `user` and `password`" in told.reason
        assert "wrong horse" not in f"{told!r} {channel!r}"

    sent(MailServer(tmp_path, login=True), wrong, user=USER, password="wrong horse")


def test_a_server_that_does_not_answer_is_given_up_in_time(tmp_path: Path) -> None:
    """A try ends within its bounds."""
    server = MailServer(tmp_path, silent=True)

    async def play(channel: mail.Mail) -> None:
        async with asyncio.timeout(30):
            assert isinstance(await channel.send(a_delivery()), Postponed)

    sent(server, play, timeout=0.5)


def test_a_dead_address_of_the_server_does_not_hold_the_mail_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with several addresses, the first of which nobody answers at: the next one is tried."""
    server = MailServer(tmp_path)

    async def play(channel: mail.Mail) -> None:
        async def addresses(_host: str, _port: int) -> list[Address]:
            return [ip_address("127.0.0.99"), ip_address("127.0.0.1")]

        monkeypatch.setattr(channel._door, "addresses", addresses)
        assert isinstance(await channel.send(a_delivery()), Delivered)
        assert len(server.mails) == 1

    sent(server, play)


def test_a_private_address_is_refused_unless_allowed(tmp_path: Path) -> None:
    """The guard is the same as for HTTP."""
    server = MailServer(tmp_path)

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery())
        assert isinstance(told, Postponed)
        assert "outbound.allow_hosts" in told.reason
        assert server.mails == []

    sent(server, play, guard=Guard())


def test_a_header_cannot_be_brought_in(tmp_path: Path) -> None:
    """Line breaks in a title or an address make no header of their own."""
    server = MailServer(tmp_path)

    async def play(channel: mail.Mail) -> None:
        told = await channel.send(a_delivery(title="Broken\r\nBcc: all@acme.example"))
        assert isinstance(told, Delivered)
        assert server.mails[0].message["Bcc"] is None
        told = await channel.send(a_delivery(to="a@acme.example\r\nBcc:b@acme.example"))
        assert isinstance(told, Refused)

    sent(server, play)


def test_a_domains_entry_is_checked() -> None:
    """Nobody, or what is no address, is told with what to write."""
    assert mail.check_route({"to": f"{TO}, lead@acme.example"}) == []
    assert "missing" in mail.check_route({})[0]
    assert "no address" in mail.check_route({"to": "em-checkout"})[0]


@pytest.mark.parametrize("wrong", [{"sender": "watcher"}, {"security": "none", "user": "x", "password": "y"}])
def test_what_cannot_be_sent_from_is_refused(wrong: dict[str, Any]) -> None:
    """A sender that is no address, or a password in the clear."""
    options: dict[str, Any] = {"host": "mail.acme.example", "sender": SENDER, **wrong}
    with pytest.raises(ConfigurationError):
        mail.build(HttpDoor(LOCAL), FixedClock(), compose, **options)
