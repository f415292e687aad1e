"""Who sent a message: each service's signature over the raw bytes, its secrets, its time."""

from __future__ import annotations

import base64
import datetime as dt

import pytest

from tests.unit.web.hooks.sent import BODIES, NOW, OLD, SECRET, SIGN, body_of, hexed, reading, request, source
from watcher.handlers.ticketing.wishes import Wishes
from watcher.model.errors import ConfigurationError
from watcher.web.hooks import verify
from watcher.web.hooks.app import READERS
from watcher.web.hooks.wish import HookRequest, HookSource, Refuse

KINDS = sorted(BODIES)
SIGNED = ["github", "gitlab", "jira", "linear", "pagerduty", "slack"]


def _refused(kind: str, one: HookRequest, by: HookSource | None = None) -> Refuse:
    with pytest.raises(Refuse) as caught:
        READERS[kind](one, by or source(kind))
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_signed_is_read(kind: str) -> None:
    """A service's own way to prove itself is enough."""
    assert isinstance(reading(kind), Wishes)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_unsigned_is_refused(kind: str) -> None:
    """Without any proof of its sender, no message is read."""
    body = body_of(kind, BODIES[kind])
    kept = {
        key: value for key, value in SIGN[kind](body, SECRET, NOW).items() if key.startswith(("content", "x-github-e"))
    }

    assert _refused(kind, HookRequest(kept, body, {}, NOW)).status == 401


@pytest.mark.parametrize("kind", KINDS)
def test_another_secret_is_refused(kind: str) -> None:
    """Who signs with a secret that is none of ours is somebody else; the reason says nothing of the secret."""
    refusal = _refused(kind, request(kind, secret=OLD))

    assert refusal.status == 401
    assert SECRET not in refusal.reason
    assert OLD not in refusal.reason


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_any_of_several_secrets_will_do(kind: str, secret: str) -> None:
    """While a secret is replaced, both the old and the new one hold."""
    assert isinstance(READERS[kind](request(kind, secret=secret), source(kind, SECRET, OLD)), Wishes)


@pytest.mark.parametrize("kind", SIGNED)
def test_the_raw_bytes_are_what_is_signed(kind: str) -> None:
    """The same document in other bytes is another message."""
    one = request(kind)
    spaced = one.body.replace(b"payload=", b"payload=+") if kind == "slack" else one.body.replace(b"{", b"{ ", 1)

    assert _refused(kind, HookRequest(one.headers, spaced, {}, NOW)).status == 401


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_signs_nothing(kind: str) -> None:
    """Where no secret is known, nobody can prove anything: not with the empty one either."""
    assert _refused(kind, request(kind, secret="whsec_"), HookSource(kind, ())).status == 401


def test_an_empty_secret_is_a_configuration_error() -> None:
    """With an empty secret anybody could sign."""
    with pytest.raises(ConfigurationError, match="empty"):
        HookSource("github", (SECRET, " "))


def test_a_source_does_not_show_its_secrets() -> None:
    """What is printed of a source can be read by anybody."""
    assert SECRET not in repr(source("github"))


@pytest.mark.parametrize(
    ("kind", "seconds", "taken"),
    [
        ("slack", 299, True),
        ("slack", 301, False),
        ("slack", -301, False),
        ("gitlab", 299, True),
        ("gitlab", 301, False),
        ("gitlab", -301, False),
    ],
)
def test_a_signed_time_is_now(kind: str, seconds: int, taken: bool) -> None:
    """Slack and Standard Webhooks sign their time: five minutes either way, for clocks differ."""
    one = request(kind, at=NOW - dt.timedelta(seconds=seconds))

    if taken:
        assert isinstance(READERS[kind](one, source(kind)), Wishes)
    else:
        assert _refused(kind, one).status == 401


def test_another_time_is_another_signature() -> None:
    """An old message does not become a new one by another time in its header."""
    old = request("slack", at=NOW - dt.timedelta(hours=1))
    headers = {**old.headers, "x-slack-request-timestamp": str(int(NOW.timestamp()))}

    assert _refused("slack", HookRequest(headers, old.body, {}, NOW)).status == 401


@pytest.mark.parametrize("at", ["", "now", "-1", "9" * 40, "\uff11\uff17\uff15\uff14", "1.5"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    """A header that holds no time is refused, whatever it holds."""
    body = body_of("slack", BODIES["slack"])
    signature = "v0=" + hexed(SECRET, f"v0:{at}:".encode() + body)
    told = {"x-slack-request-timestamp": at, "x-slack-signature": signature, "content-type": "application/json"}
    refusal = _refused("slack", HookRequest(told, body, {}, NOW))

    assert refusal.status == 401
    assert "when it was sent" in refusal.reason


def test_githubs_own_vector_holds() -> None:
    """The example that GitHub publishes comes out to the byte."""
    told = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    one = HookRequest(told, b"Hello, World!", {}, NOW)
    by = HookSource("github", ("It's a Secret to Everybody",))

    verify.hex_signed(one, by, "x-hub-signature-256", "sha256=")


def test_atlassians_own_vector_holds() -> None:
    """The example that Atlassian publishes comes out to the byte."""
    told = {"x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"}
    one = HookRequest(told, b"Hello World!", {}, NOW)
    by = HookSource("jira", ("It's a Secret to Everybody",))

    verify.hex_signed(one, by, "x-hub-signature", "sha256=")


def test_slacks_own_vector_holds() -> None:
    """The example that Slack publishes comes out to the byte; being no button, it moves nothing."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    told = {
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "content-type": "application/x-www-form-urlencoded",
    }
    at = dt.datetime.fromtimestamp(1531420618, dt.UTC)
    by = HookSource("slack", ("8f742231b10e8888abcd99yyyzzz85a5",))

    assert not isinstance(READERS["slack"](HookRequest(told, body, {}, at), by), Wishes)


def test_standard_webhooks_own_vector_holds() -> None:
    """The published example of Standard Webhooks is taken, among other signatures too."""
    told = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1a,AAAA v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = dt.datetime.fromtimestamp(1614265330, dt.UTC)

    for secret in ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"):
        verify.standard(HookRequest(told, b'{"test": 2432232314}', {}, at), HookSource("gitlab", (secret,)))


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-watcher-token": SECRET}, {}),
        ({"authorization": f"Bearer {SECRET}"}, {}),
        ({"authorization": "Basic " + base64.b64encode(f"anyone:{SECRET}".encode()).decode()}, {}),
        ({}, {"token": SECRET}),
    ],
)
def test_a_shared_secret_has_several_ways(headers: dict[str, str], query: dict[str, str]) -> None:
    """A service that signs nothing sends the secret as it can: our header, Basic, a bearer, or the URL."""
    body = body_of("jira", BODIES["jira"])

    assert isinstance(READERS["jira"](HookRequest(headers, body, query, NOW), source("jira")), Wishes)


@pytest.mark.parametrize(
    "written", ["Basic", "Basic !!", "Basic " + base64.b64encode(b"no-colon").decode(), "Digest x"]
)
def test_basic_credentials_that_are_none_are_refused(written: str) -> None:
    """What is no user and password proves nothing."""
    body = body_of("jira", BODIES["jira"])

    assert _refused("jira", HookRequest({"authorization": written}, body, {}, NOW)).status == 401


def test_gitlabs_plain_token_is_compared() -> None:
    """An older GitLab sends the secret itself."""
    body = body_of("gitlab", BODIES["gitlab"])

    assert isinstance(
        READERS["gitlab"](HookRequest({"x-gitlab-token": SECRET}, body, {}, NOW), source("gitlab")), Wishes
    )
    assert _refused("gitlab", HookRequest({"x-gitlab-token": OLD}, body, {}, NOW)).status == 401


def test_a_wrong_signature_is_not_made_good_by_a_header() -> None:
    """Where a message is signed, the signature decides."""
    one = request("jira", headers={"x-hub-signature": "sha256=" + "0" * 64, "x-watcher-token": SECRET})

    assert _refused("jira", one).status == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_body_that_is_no_document_is_refused(kind: str, body: bytes) -> None:
    """Signed nonsense is refused as malformed, however deep; a form without a payload is passed over."""
    one = request(kind, body, headers={"content-type": "application/json"})

    assert _refused(kind, one).status == 400


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"slack", "gitlab", "linear"}))
def test_a_message_about_long_ago_is_refused(kind: str) -> None:
    """What was taken is remembered for longer than a message is valid: an old one cannot be played again."""
    one = request(kind)
    late = HookRequest(one.headers, one.body, {}, NOW + dt.timedelta(days=8))

    assert "too old" in _refused(kind, late).reason


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"slack", "gitlab", "linear"}))
def test_a_message_from_the_future_counts_as_said_now(kind: str) -> None:
    """A service whose clock jumped does not make all that follows older than itself; a few minutes are let be."""
    one = request(kind)

    for ahead, told in ((dt.timedelta(days=1), True), (dt.timedelta(minutes=5), False)):
        now = NOW - ahead
        found = READERS[kind](HookRequest(one.headers, one.body, {}, now), source(kind))
        assert isinstance(found, Wishes)
        assert all(wish.at is not None and (wish.at == now) is told for wish in found.wishes)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bytes_are_an_id_too(kind: str) -> None:
    """An id in a header is not signed: under another one, the same bytes are still the same message."""
    one, other = (
        READERS[kind](request(kind, headers={"x-github-delivery": at, "linear-delivery": at}), source(kind))
        for at in ("1", "2")
    )

    assert isinstance(one, Wishes)
    assert isinstance(other, Wishes)
    assert set(one.delivery_ids) & set(other.delivery_ids)
