"""A mail server on this machine: `MailServer()` speaks SMTP, keeps each mail, and misbehaves when told."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "watcher", "correct horse battery staple"


@dataclass(slots=True)
class Received:
    """One mail as it was handed over: the envelope's parties, and the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass(slots=True)
class MailServer:
    """`async with MailServer(folder) as server`: `port`, `authorities` (its certificate), `mails`.

    `rcpt` answers for recipients by address; `data` for the next mails, `drop` breaks off after that many mails were
    taken and before it is said so. `certificate_for` is the name that its certificate has.
    """

    folder: Path
    security: Literal["starttls", "tls", "none"] = "starttls"
    login: bool = False
    certificate_for: str = "localhost"
    rcpt: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    drop: int = 0
    silent: bool = False
    mails: list[Received] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        context = self._context()
        tls = context if self.security == "tls" else None

        def session() -> asyncio.Protocol:
            return cast("asyncio.Protocol", _Smtp(
                self,
                hostname="localhost",
                tls_context=context if self.security == "starttls" else None,
                require_starttls=self.security == "starttls",
                auth_required=self.login,
                authenticator=_authenticate,
                auth_require_tls=self.security != "tls",
                enable_SMTPUTF8=True,
                loop=asyncio.get_running_loop(),
            ))  # fmt: skip

        self._server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    @property
    def authorities(self) -> str:
        """The file with its certificate, for those who are to trust it."""
        return str(self.folder / "certificate.pem")

    async def handle_RCPT(  # noqa: N802 - the library's own shape
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        said = self.rcpt.get(address, "250 OK")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.silent:
            await asyncio.sleep(300)
        if self.data:
            said = self.data.pop(0)
            if not said.startswith("250"):
                return said
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = cast("EmailMessage", message_from_bytes(content, policy=cast("Any", policy.default)))
        self.mails.append(Received(str(envelope.mail_from), list(map(str, envelope.rcpt_tos)), message))
        if self.drop:
            self.drop -= 1
            cast("asyncio.Transport", server.transport).abort()
        return "250 OK"

    def _context(self) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.certificate_for)])
        begun = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        names: list[x509.GeneralName] = [x509.DNSName(self.certificate_for)]
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begun)
            .not_valid_after(begun + dt.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (self.folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
        plain = serialization.NoEncryption()
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        (self.folder / "key.pem").write_bytes(private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "certificate.pem", self.folder / "key.pem")
        return context


class _Smtp(SMTP):
    """The library's server; a client that breaks off in the middle is no fault of the test's."""

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(None if isinstance(error, ssl.SSLError | OSError) else error)


def _authenticate(_server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
    given = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=given and mechanism in {"LOGIN", "PLAIN"}, handled=given)
