"""One set of options for both clients: what faust's can do of librdkafka's."""

import ssl

import pytest

from watcher.feeds.login import Login, login
from watcher.model.errors import ConfigurationError


def test_no_options_are_no_login() -> None:
    """A cluster in the open needs none."""
    assert login({}) == Login()


def test_a_password_over_tls() -> None:
    """SASL_SSL gives a context that checks the broker, and the mechanism as faust spells it."""
    found = login(
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanisms": "scram-sha-512",
            "sasl.username": "watcher",
            "sasl.password": "s3cret",
        }
    )

    assert (found.mechanism, found.username, found.password) == ("SCRAM-SHA-512", "watcher", "s3cret")
    assert found.context is not None
    assert found.context.verify_mode is ssl.CERT_REQUIRED
    assert found.context.check_hostname


def test_checks_can_be_turned_off_by_name() -> None:
    """As librdkafka's options say it."""
    found = login({"security.protocol": "ssl", "ssl.endpoint.identification.algorithm": "none"})
    blind = login({"security.protocol": "ssl", "enable.ssl.certificate.verification": "false"})

    assert found.context is not None
    assert blind.context is not None
    assert not found.context.check_hostname
    assert blind.context.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sasl.oauthbearer.config": "x"}, "runtime: confluent"),
        ({"security.protocol": "tls"}, "security.protocol is 'tls', not one of"),
        ({"security.protocol": "sasl_ssl", "sasl.mechanism": "GSSAPI"}, "GSSAPI"),
        ({"security.protocol": "sasl_plaintext"}, r"\(none\)"),
        ({"security.protocol": "ssl", "ssl.ca.location": "/nowhere.pem"}, "cannot be used"),
    ],
)
def test_what_faust_cannot_do_is_said(options: dict[str, str], words: str) -> None:
    """Never an option that is passed over in silence."""
    with pytest.raises(ConfigurationError, match=words):
        login(options)
