"""A service's API, as the channels use it: what is read of its refusals, and what is never shown."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest

from watcher.delivery.api import Credential, basic, bearer, header, line, listed, member, part
from watcher.delivery.complaints import said, until, wished
from watcher.delivery.http import check_url
from watcher.delivery.replies import Reply
from watcher.model.errors import ConfigurationError, Transient

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
TOKEN = "abcDEF123-very-secret/+="


@pytest.mark.parametrize(
    "credential", [bearer(TOKEN), basic("bot@acme.example", TOKEN), header("private-token", TOKEN)], ids=repr
)
def test_a_credential_shows_itself_to_nobody(credential: Credential) -> None:
    """Neither printed nor quoted back by a service, plain or encoded, does a secret get into words."""
    pair = base64.b64encode(f"bot@acme.example:{TOKEN}".encode()).decode()
    echo = f"you sent {TOKEN}, which is {part(TOKEN)}, with {next(iter(credential.headers.values()))}"
    for text in (repr(credential), str(credential), credential.scrubbed(echo)):
        assert TOKEN not in text
        assert part(TOKEN) not in text
        assert pair not in text


@pytest.mark.parametrize("token", ["two\nlines", "no\x00thing", "smörgås"])
def test_a_credential_that_no_header_carries_is_told_without_quoting_it(token: str) -> None:
    """A token file with a stray line break is found when the channel is built, not when it is used."""
    with pytest.raises(ConfigurationError) as caught:
        bearer(token)
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"errorMessages": ["No."], "errors": {"summary": "Too long."}}, "No.; summary: Too long."),
        (
            {"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing"}]},
            "title: missing; Validation Failed",
        ),
        ({"message": {"title": ["is too long"]}}, "title: is too long"),
        ({"error": "title is missing"}, "title is missing"),
        ({"error": {"message": "Invalid query", "detail": None}, "status": "failure"}, "Invalid query"),
        ({"errors": [{"message": "Entity not found", "extensions": {"code": "X"}}], "data": None}, "Entity not found"),
        ({"status": 7}, "status: 7"),
        ("plain", "plain"),
        ([], "[]"),
    ],
)
def test_what_services_say_is_read_in_their_own_shapes(document: object, words: str) -> None:
    """Each has another document for what went wrong: its words are told, and where they belong."""
    assert said(json.dumps(document).encode()) == words


@pytest.mark.parametrize("body", [b"<html>\n<b>Bad   gateway</b>", b"\xff\xfe", b"[" * 50_000, b"1" * 5000, b""])
def test_what_is_no_document_is_told_as_it_stands(body: bytes) -> None:
    """A proxy's page, bytes that are no text, a bomb: one printable line, or nothing."""
    assert said(body).isprintable()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (str(int(NOW.timestamp()) + 90), 90),
        (str((int(NOW.timestamp()) + 90) * 1000), 90),
        ("2026-08-01T12:01:30Z", 90),
        ("2026-08-01T14:01:30+02:00", 90),
        ("2026-08-01T11:00:00Z", 0),
        ("2036-08-01T11:00:00Z", 24 * 3600),
        ("9" * 15, 24 * 3600),
        ("soon", None),
        ("", None),
    ],
)
def test_a_moment_is_read_as_services_write_it(value: str, seconds: int | None) -> None:
    """Seconds, a time of the epoch in seconds or milliseconds, ISO 8601; never more than a day, never the past."""
    assert until(value, NOW) == (None if seconds is None else dt.timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "5", "x-ratelimit-reset": "100"}, 5),
        (503, {"retry-after": "5"}, 5),
        (429, {"x-ratelimit-reset": "100"}, 100),
        (429, {"x-ratelimit-reset": "100", "x-ratelimit-remaining": "12"}, None),
        (429, {"ratelimit-reset": "100", "ratelimit-remaining": "0"}, 100),
        (403, {"x-ratelimit-reset": "100", "x-ratelimit-remaining": "0"}, 100),
        (403, {"x-ratelimit-reset": "100", "x-ratelimit-remaining": "12"}, None),
        (403, {"x-ratelimit-reset": "100"}, None),
        (503, {"x-ratelimit-reset": "100"}, None),
        (500, {"retry-after": "5"}, None),
        (429, {}, None),
    ],
)
def test_a_wish_to_wait_is_read_where_the_reply_is_about_limits(
    status: int, headers: dict[str, str], seconds: int | None
) -> None:
    """Retry-After first; else the moment at which what is spent is new; a limit that is not spent says nothing."""
    wish = wished(Reply(status, headers), NOW)
    assert wish == (None if seconds is None else dt.timedelta(seconds=seconds))


def test_a_title_is_one_line_of_its_length() -> None:
    """Line breaks become spaces, and what is too long ends in an ellipsis within the limit."""
    assert line("a\n b\r\n c", 10) == "a b c"
    assert line("x" * 300, 255) == "x" * 254 + "…"


def test_an_answer_without_what_is_needed_is_doubt() -> None:
    """A member that is not there says where it is missed, and that the answer is not understood."""
    with pytest.raises(Transient, match=r"issue\.id"):
        member({"issue": {}}, "issue", "id")
    with pytest.raises(Transient):
        member("text", "id")
    with pytest.raises(Transient):
        member(None, "id")
    assert member({"issues": [{"id": 4}]}, "issues", 0, "id") == 4


@pytest.mark.parametrize(
    "url", ["https://bot:hunter22@host:port/x", "https://bot:hunter22@[::1/x", "http://hunter22\x00", "hunter22://"]
)
def test_a_url_that_cannot_be_called_is_not_quoted(url: str) -> None:
    """A URL may hold a credential: what is told of a broken one is what to write instead."""
    with pytest.raises(ConfigurationError) as caught:
        check_url(url)
    assert "hunter22" not in str(caught.value).removeprefix("hunter22://")
    assert "https://" in str(caught.value)


@pytest.mark.parametrize("answer", [None, {}, "x", 7, {"issues": None}, {"issues": {}}, {"issues": [1]}])
def test_what_is_no_list_is_not_taken_for_an_empty_one(answer: object) -> None:
    """Who looks for an item and is told something else has not been told that there is none."""
    with pytest.raises(Transient, match="it is not understood"):
        listed(answer, "issues")
    assert listed({"issues": []}, "issues") == []
    assert listed({"issues": [None, {"id": 1}]}, "issues", holes=True) == [{"id": 1}]
