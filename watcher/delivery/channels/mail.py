"""E-mail: each news is a mail, text and HTML; all of one ticket stand in one thread.

A mail's id comes of the delivery's, so that a mail which is sent twice (the line broke after the server had it) is one
to the programs that read it. The server is called at an address that was checked, and its certificate is its name's.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import OrderedDict
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from watcher.delivery.api import line, strange
from watcher.delivery.http import HttpDoor
from watcher.delivery.letters import html, plain
from watcher.delivery.letters.letter import Letter
from watcher.delivery.letters.visible import visible
from watcher.delivery.replies import PATIENCE, redacted
from watcher.delivery.tracker import Compose, Route
from watcher.model.delivery import Answer, Delivered, Delivery, DeliveryId, Postponed, Refused, Remote, addressees
from watcher.model.errors import ConfigurationError, Transient
from watcher.ports import Clock

RATE = "5"
_KEYS = ("to",)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SUBJECT = 200
_MOST = 50
"""So many recipients of one mail."""
_NOBODY = frozenset({550, 551, 553, 556})
"""Codes by which a server says that there is nobody of that name."""
_ADDRESSES, _NEXT = 3, 5.0
"""So many of a server's addresses are tried, and so many seconds each but the last."""
_ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")
_REMEMBERED = 1_000
"""Deliveries that are known to have reached some of their recipients."""
_SAID = 200


class _Named(ssl.SSLContext):
    """TLS with a server that is called by its address, and verified by its name."""

    name: str

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As it is asked for, with the name in place of the address."""
        del server_hostname
        return super().wrap_bio(incoming, outgoing, server_side, self.name, session)


def build(  # noqa: PLR0913 - what an installation differs by
    door: HttpDoor,
    clock: Clock,
    compose: Compose,
    *,
    host: str,
    sender: str,
    port: int = 587,
    security: Literal["starttls", "tls", "none"] = "starttls",
    user: str | None = None,
    password: str | None = None,
    list_id: str | None = None,
    name: str = "mail",
    timeout: float = 15.0,
    authorities: str | None = None,
) -> Mail:
    """The channel; `authorities` is a file of certificates that are trusted beside the machine's own."""
    if not _ADDRESS.fullmatch(sender):
        raise ConfigurationError(f"the channel `{name}` sends from {sender!r}, which is no address: write name@host")
    if user is not None and security == "none":
        raise ConfigurationError(f"the channel `{name}` would send a password in the clear: set `security: starttls`")
    return Mail(
        door, clock, compose, Server(host, port, security, user, password, authorities), sender, list_id, timeout
    )


def check_route(route: Route) -> list[str]:
    """What is wrong with a domain's `tickets` entry for this channel."""
    if not route.get("to"):
        return ["`to` is missing: write who gets the mail, team@acme.example", *strange(route, _KEYS)]
    wrong = [one for one in _recipients(route) if not _ADDRESS.fullmatch(one)]
    return [*(f"`{one}` is no address: write name@host" for one in wrong), *strange(route, _KEYS)]


class Server:
    """The server that takes our mail; shows its password to nobody."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a server differs by
        self, host: str, port: int, security: str, user: str | None, password: str | None, authorities: str | None
    ) -> None:
        self.host, self.port, self.security, self.user = host, port, security, user
        self.password = password
        self._authorities = authorities

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    def context(self) -> ssl.SSLContext:
        """How its certificate is verified: by its name, against the machine's authorities."""
        context = _Named(ssl.PROTOCOL_TLS_CLIENT)
        context.name = self.host
        context.load_default_certs()
        if self._authorities is not None:
            context.load_verify_locations(self._authorities)
        return context


class Mail:
    """Mails by one server, from one sender."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the channel is made of
        self,
        door: HttpDoor,
        clock: Clock,
        compose: Compose,
        server: Server,
        sender: str,
        list_id: str | None,
        timeout: float,
    ) -> None:
        self._door = door
        self._clock = clock
        self._compose = compose
        self._server = server
        self._sender = sender
        self._list_id = list_id
        self._timeout = timeout
        self._reached: OrderedDict[DeliveryId, tuple[str, ...]] = OrderedDict()

    def __repr__(self) -> str:
        return f"Mail({self._server!r})"

    async def send(self, delivery: Delivery) -> Answer:
        """Send one mail; the same delivery gives the same mail."""
        to = _recipients(delivery.route)
        wrong = [one for one in to if not _ADDRESS.fullmatch(one)]
        if not to or wrong:
            named = ", ".join(wrong) or "nobody"
            return Refused(f"the mail is for {named[:_SAID]}: write `to: name@host` in the document", stale=True)
        letter = self._compose(delivery)
        message = self._message(letter, delivery, to)
        subject = {"subject": str(message["Subject"])}
        remote = delivery.remote or (Remote(str(message["Message-ID"]), None, subject) if delivery.ticket else None)
        try:
            async with asyncio.timeout(2 * self._timeout):
                addresses = await self._door.addresses(self._server.host, self._server.port)
                return await self._handed_over([str(one) for one in addresses], message, to, delivery, remote)
        except Transient as error:
            return Postponed(str(error))
        except TimeoutError:
            return Postponed(f"the mail server {self._server.host} took longer than {2 * self._timeout:g} s")

    async def _connected(self, addresses: Sequence[str]) -> aiosmtplib.SMTP:
        """A line to the first of the server's addresses that answers."""
        server = self._server
        for number, address in enumerate(addresses, start=1):
            client = aiosmtplib.SMTP(
                hostname=address,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=None if server.security == "none" else server.context(),
                timeout=self._timeout,
                local_hostname=self._sender.partition("@")[2],
            )
            last = number == len(addresses)
            try:
                await client.connect(timeout=self._timeout if last else min(self._timeout, _NEXT))
            except aiosmtplib.SMTPConnectError:
                client.close()
                if last:
                    raise
            except BaseException:
                client.close()
                raise
            else:
                return client
        raise aiosmtplib.SMTPConnectError("no address")

    async def _handed_over(
        self, addresses: Sequence[str], message: EmailMessage, to: list[str], delivery: Delivery, remote: Remote | None
    ) -> Answer:
        server, client = self._server, None
        reached = self._reached.get(delivery.id, ())
        left = [one for one in to if one not in reached]
        try:
            client = await self._connected(addresses[:_ADDRESSES])
            if server.user is not None:
                await client.login(server.user, server.password or "")
            refused, _ = await client.send_message(message, sender=self._sender, recipients=left)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return self._refusal(error, delivery, reached, remote)
        finally:
            if client is not None:
                client.close()
        named = "; ".join(f"{who}: {code} {_line(said)}" for who, (code, said) in refused.items())
        if any(code < 500 for code, _ in refused.values()):
            self._remember(delivery.id, (*reached, *(one for one in left if one not in refused)))
            return Postponed(f"{server.host} took it for others, and takes it later for {named}", remote=remote)
        self._reached.pop(delivery.id, None)
        without = tuple((who, f"{server.host}: {code} {_line(said)}") for who, (code, said) in refused.items())
        return Delivered(f"sent, but not to {named}" if named else "sent", remote, without)

    def _remember(self, delivery: DeliveryId, reached: tuple[str, ...]) -> None:
        """Who has a mail already is not sent it again; after a restart they are, under the same id."""
        self._reached[delivery] = reached
        while len(self._reached) > _REMEMBERED:
            self._reached.popitem(last=False)

    def _refusal(self, error: Exception, delivery: Delivery, reached: tuple[str, ...], remote: Remote | None) -> Answer:
        """What an error means for the delivery; the server's words are told, what was sent to it is not."""
        where = self._server.host
        match error:
            case aiosmtplib.SMTPRecipientsRefused():
                codes = [one.code for one in error.recipients]
                named = "; ".join(f"{one.recipient}: {one.code} {_line(one.message)}" for one in error.recipients)
                if all(code >= 500 for code in codes) and reached:
                    self._reached.pop(delivery.id, None)
                    each = ((one.recipient, f"{where}: {one.code} {_line(one.message)}") for one in error.recipients)
                    return Delivered(f"sent, but not to {named}", remote, tuple(each))
                if all(_nobody(one.code, one.message) for one in error.recipients):
                    return Refused(f"{where} knows nobody there: {named}", stale=True)
                if all(code >= 500 for code in codes):
                    return Refused(f"{where} refuses: {named}")
                return Postponed(f"{where} takes it later: {named}")
            case aiosmtplib.SMTPDataError() if error.code >= 500 and delivery.attempts + 1 >= PATIENCE:
                return Refused(f"{where} refuses it: {error.code} {_line(error.message)}; said {PATIENCE} times")
            case aiosmtplib.SMTPAuthenticationError():
                return Postponed(
                    f"{where} refuses the login ({error.code}): check `user` and `password` of the channel"
                )
            case aiosmtplib.SMTPResponseException() if error.code >= 500 and error.code != 530:
                return Postponed(f"{where} refuses it: {error.code} {_line(error.message)}")
            case aiosmtplib.SMTPResponseException():
                return Postponed(f"{where} takes it later: {error.code} {_line(error.message)}")
            case aiosmtplib.SMTPTimeoutError() | TimeoutError():
                return Postponed(f"{where} did not answer in time")
            case ssl.SSLError():
                return Postponed(f"{where} cannot be trusted: {_line(str(error))}")
            case _:
                return Postponed(
                    f"{where} cannot be reached, or broke off ({type(error).__name__}: {_line(str(error))})"
                )

    def _message(self, letter: Letter, delivery: Delivery, to: list[str]) -> EmailMessage:
        host = self._sender.partition("@")[2]
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(to)
        # Some programs make a thread only of mails that have one subject: it stays the first one's.
        first = delivery.remote.data.get("subject") if delivery.remote is not None else None
        message["Subject"] = f"Re: {first}" if first else line(visible(letter.title), _SUBJECT)
        message["Message-ID"] = f"<{delivery.id}@{host}>"
        message["Date"] = format_datetime(delivery.created_at)
        thread = delivery.remote.id if delivery.remote is not None else None
        if thread is None and letter.marker:
            thread = f"<{letter.marker}@{host}>"  # no mail has it: programs make a thread of those that name it
        if thread is not None and thread != str(message["Message-ID"]):
            message["In-Reply-To"] = thread
            message["References"] = thread
        message["Auto-Submitted"] = "auto-generated"
        message["Precedence"] = "bulk"
        message["X-Watcher-Delivery"] = str(delivery.id)
        if letter.marker:
            message["X-Watcher-Ticket"] = letter.marker
        if self._list_id is not None:
            message["List-Id"] = f"<{line(self._list_id, 200).strip('<>')}>"
        message.set_content(plain.render(letter, title=False))
        message.add_alternative(html.render(letter), subtype="html")
        return message


def _recipients(route: Route) -> list[str]:
    return list(addressees(route.get("to", "")))[:_MOST]


def _nobody(code: int, said: str) -> bool:
    """Whether a refusal is about who is there, and not about who asks: 5.7.1 is, behind 550 too."""
    told = _ENHANCED.search(said)
    if told is None:
        return code in _NOBODY
    return told[1] == "1" or told.groups() == ("2", "1")


def _line(text: str) -> str:
    return redacted(line(visible(text), _SAID))
