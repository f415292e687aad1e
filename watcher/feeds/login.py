"""The login for faust's client, from the one set of options that the settings have: librdkafka's names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from watcher.model.errors import ConfigurationError

_PROTOCOLS = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_KNOWN = frozenset(
    {
        "security.protocol",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.username",
        "sasl.password",
        "ssl.ca.location",
        "ssl.ca.pem",
        "ssl.certificate.location",
        "ssl.key.location",
        "ssl.key.password",
        "ssl.endpoint.identification.algorithm",
        "enable.ssl.certificate.verification",
    }
)


@dataclass(frozen=True, slots=True)
class Login:
    """How the client makes itself known: TLS where `context` is set, SASL where `mechanism` is."""

    context: ssl.SSLContext | None = None
    mechanism: str | None = None
    username: str | None = None
    password: str | None = None


def login(options: Mapping[str, str]) -> Login:
    """The login that the options ask for; ConfigurationError where faust's client cannot do it."""
    strange = sorted(set(options) - _KNOWN)
    if strange:
        raise ConfigurationError(
            f"kafka.options: the faust runtime does not know {', '.join(strange)}: "
            "remove it, or set `runtime: confluent` for the feed"
        )
    protocol = options.get("security.protocol", "plaintext").lower()
    if protocol not in _PROTOCOLS:
        raise ConfigurationError(
            f"kafka.options: security.protocol is {protocol!r}, not one of {', '.join(_PROTOCOLS)}"
        )
    context = _context(options) if protocol.endswith("ssl") else None
    if not protocol.startswith("sasl"):
        return Login(context)
    mechanism = (options.get("sasl.mechanism") or options.get("sasl.mechanisms") or "").upper()
    if mechanism not in _MECHANISMS:
        raise ConfigurationError(
            f"kafka.options: the faust runtime does not log in with sasl.mechanism {mechanism or '(none)'}: it can do "
            f"{', '.join(_MECHANISMS)}; set `runtime: confluent` for the feed to use another"
        )
    return Login(context, mechanism, options.get("sasl.username"), options.get("sasl.password"))


def _context(options: Mapping[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.get("ssl.ca.location"), cadata=options.get("ssl.ca.pem"))
        if options.get("ssl.certificate.location"):
            context.load_cert_chain(
                options["ssl.certificate.location"], options.get("ssl.key.location"), options.get("ssl.key.password")
            )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"kafka.options: the files of ssl.* cannot be used: {error}") from error
    if options.get("ssl.endpoint.identification.algorithm", "https").lower() == "none":
        context.check_hostname = False
    if options.get("enable.ssl.certificate.verification", "true").lower() == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
