"""Hooks under any input: nothing but Refuse is raised, a flipped byte is refused, a copy is the same message."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.web.hooks.sent import BODIES, NOW, SECRET, SIGN, body_of, changed, request, source
from watcher.handlers.ticketing.wishes import Wishes
from watcher.web.hooks.app import READERS
from watcher.web.hooks.wish import Challenge, HookRequest, Ignored, Refuse

KINDS = sorted(BODIES)
SIGNED = ["github", "gitlab", "jira", "linear", "pagerduty", "slack"]
NAMES = sorted({name for kind in KINDS for name in SIGN[kind](b"", SECRET, NOW)} | {"content-type", "authorization"})

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["T-0123456789", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
texts = st.text(max_size=60) | st.sampled_from(["application/json", "application/x-www-form-urlencoded", "Basic Og=="])
headers = st.dictionaries(st.sampled_from(NAMES), texts, max_size=8)
moments = st.integers(0, 2**37).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))


def _read(kind: str, one: HookRequest) -> object:
    """What a message is read into, or its refusal; anything else that is raised fails the test."""
    try:
        found: Any = READERS[kind](one, source(kind))
    except Refuse as refusal:
        found = refusal
    assert isinstance(found, Wishes | Challenge | Ignored) or 400 <= found.status < 500
    return found


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(headers=headers, body=st.binary(max_size=200), query=st.dictionaries(st.just("token"), texts), at=moments)
def test_whatever_comes_is_refused(
    kind: str, headers: dict[str, str], body: bytes, query: dict[str, str], at: dt.datetime
) -> None:
    """What nobody signed is refused, whatever its headers, body and time are."""
    assert isinstance(_read(kind, HookRequest(headers, body, query, at)), Refuse)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(body=st.binary(max_size=200), more=st.dictionaries(st.just("content-type"), texts))
def test_signed_bytes_of_any_kind_are_read_or_refused(kind: str, body: bytes, more: dict[str, str]) -> None:
    """A signature says who sent it, and nothing of what it is."""
    _read(kind, request(kind, body, headers=more))


def _paths(document: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [at] if at else []
    if isinstance(document, dict):
        return found + [path for key, value in document.items() for path in _paths(value, (*at, key))]
    if isinstance(document, list):
        return found + [path for key, value in enumerate(document) for path in _paths(value, (*at, key))]
    return found


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(data=st.data())
def test_a_service_that_changes_its_fields_is_no_fault(kind: str, data: st.DataObject) -> None:
    """Any member may become anything: the message is read as far as it goes, or passed over, or refused."""
    document = BODIES[kind]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_paths(document)))
        document = _set(document, path, data.draw(values))
    body = body_of(kind, document)
    found = _read(kind, request(kind, body))

    if isinstance(found, Wishes):
        for one in found.wishes:
            assert len(one.text) <= 10_000
            one.text.encode()
            one.by.encode()


def _set(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


@pytest.mark.parametrize("kind", SIGNED)
@settings(deadline=None)
@given(data=st.data())
def test_a_flipped_bit_of_the_body_is_refused(kind: str, data: st.DataObject) -> None:
    """Every bit of the body is signed."""
    one = request(kind)
    at, bit = data.draw(st.integers(0, len(one.body) - 1)), data.draw(st.integers(0, 7))
    body = one.body[:at] + bytes([one.body[at] ^ (1 << bit)]) + one.body[at + 1 :]

    assert isinstance(_read(kind, HookRequest(one.headers, body, {}, NOW)), Refuse)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(data=st.data())
def test_a_flipped_letter_of_the_proof_is_refused(kind: str, data: st.DataObject) -> None:
    """Every letter of a signature, or of a secret that comes along, counts."""
    one = request(kind)
    name = next(key for key in one.headers if "signature" in key or key in {"authorization", "x-watcher-token"})
    written = one.headers[name]
    start = written.rindex(",") + 4 if kind == "pagerduty" else 0  # the first of its two signatures is wrong already
    at = data.draw(st.integers(start, len(written) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefABCDEF/+=").filter(lambda letter: letter != written[at]))
    changed_proof = written[:at] + other + written[at + 1 :]
    told = {**one.headers, name: changed_proof}
    if kind == "azure-devops" and _password(changed_proof) == SECRET:
        return  # the user's name is nobody's

    assert isinstance(_read(kind, HookRequest(told, one.body, {}, NOW)), Refuse)


def _password(written: str) -> str | None:
    try:
        return base64.b64decode(written.partition(" ")[2], validate=True).decode().partition(":")[2]
    except ValueError:
        return None


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(seconds=st.integers(0, 30), delivery=st.text("0123456789abcdef-", max_size=40))
def test_a_copy_is_the_same_message(kind: str, seconds: int, delivery: str) -> None:
    """The same bytes are known again, later and under whatever delivery id that is not signed."""
    one = request(kind)
    unsigned = dict.fromkeys(("x-github-delivery", "linear-delivery", "x-atlassian-webhook-identifier"), delivery)
    later = NOW + dt.timedelta(seconds=seconds)
    first, second = _read(kind, one), _read(kind, HookRequest({**one.headers, **unsigned}, one.body, {}, later))

    assert isinstance(first, Wishes)
    assert isinstance(second, Wishes)
    assert first.wishes == second.wishes
    assert set(first.delivery_ids) & set(second.delivery_ids)


@pytest.mark.parametrize("kind", KINDS)
def test_two_messages_are_two(kind: str) -> None:
    """What differs in a byte is another message, so that nothing is taken for a copy."""
    path = {"slack": ("actions", 0, "action_ts"), "servicenow": ("at",), "pagerduty": ("event", "occurred_at")}
    where = path.get(kind, ("more",))
    to = "2026-08-03T11:58:58Z"
    one, other = (_read(kind, request(kind, found)) for found in (None, changed(kind, *where, to=to)))

    assert isinstance(one, Wishes)
    assert isinstance(other, Wishes)
    assert one.delivery_ids[-1] != other.delivery_ids[-1]
