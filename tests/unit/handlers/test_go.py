"""Go tokens: signed, bounded in time, for one schema of one dataset and those who agreed."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.parts.announcements import (
    MADE,
    ORDERS,
    PLANNED,
    SINCE,
    TEXT,
    UNTIL,
    announcement,
    days,
    invited,
    removal,
    said,
)
from watcher.followup.consent import standing
from watcher.handlers.planning.gate import Go, applied, demanding, demands_token
from watcher.handlers.planning.go import LONGEST, Signer, generate, public_keys, signer, verify
from watcher.model.address import address_of
from watcher.model.announcement import Announcement, AnnouncementState, Answer, Deprecation, Word
from watcher.model.dataset import Domain
from watcher.model.domain import Budget, DomainRecord
from watcher.model.errors import ConfigurationError, UsageError
from watcher.model.path import FieldPath
from watcher.model.schema import Format, SchemaText

SEED, PEM = generate()
SIGNER = signer(SEED)
KEYS = public_keys(PEM)


def agreed(**more: Any) -> Announcement:
    return announcement(invited(), state=AnnouncementState.AGREED, **more)


def token(one: Announcement | None = None, *, signed_by: Signer = SIGNER, answers: list[Answer] | None = None) -> str:
    one = one or agreed()
    heard = [said(Word.ACCEPT)] if answers is None else answers
    return signed_by.go(one, standing(one, heard, MADE), MADE)


def go(one: Announcement | None = None) -> Go:
    return verify(token(one), KEYS, SINCE)


def refusal(token_: str, now: dt.datetime = SINCE, **keys: Any) -> str:
    with pytest.raises(UsageError) as caught:
        verify(token_, keys.get("keys", KEYS), now)
    return str(caught.value)


def forged(**claims: Any) -> str:
    """A token with other claims, under the right key."""
    told = jwt.decode(token(), options={"verify_signature": False})
    changed = {key: value for key, value in {**told, **claims}.items() if value is not ...}
    return jwt.encode(changed, Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED)), "EdDSA")


def test_a_token_says_what_was_agreed() -> None:
    """Which announcement, which schema of which dataset, until when, and who agreed."""
    found = go()

    assert (found.announcement, found.dataset, found.domain) == ("A-1", ORDERS, "checkout")
    assert (found.until, found.subscriptions, found.address) == (UNTIL, frozenset({"finance"}), PLANNED.address)
    found.require(ORDERS, address_of(TEXT))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (SINCE - days(1), "counts from 2026-12-01"),
        (UNTIL, "ended on 2026-12-08"),
        (UNTIL + days(900), "announce the change anew"),
    ],
)
def test_a_token_counts_in_its_window_only(now: dt.datetime, told: str) -> None:
    """By the moment that the caller names, and not by the machine's own clock."""
    assert told in refusal(token(), now)


def test_a_token_begins_when_the_slowest_is_ready() -> None:
    """Who needs until the third is not broken on the second."""
    late = [said(Word.NEED_UNTIL, until=dt.date(2026, 12, 3))]

    assert "counts from 2026-12-03" in refusal(token(answers=late), SINCE + days(1))
    assert verify(token(answers=late), KEYS, SINCE + days(2)).announcement == "A-1"


def test_another_key_is_told_with_what_to_do() -> None:
    """A rotated key and a forged token look the same: fetch the key anew."""
    other = signer(generate()[0])

    assert "fetch the key anew" in refusal(token(signed_by=other))
    assert verify(token(signed_by=other), (*KEYS, other.public), SINCE).announcement == "A-1"
    assert "--go-key" in refusal(token(), keys=())


def test_a_changed_token_is_refused() -> None:
    """Not one claim can be changed, and no other algorithm is taken."""
    head, body, signature = token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    changed = base64.urlsafe_b64encode(json.dumps({**claims, "exp": 2**33}).encode()).decode().rstrip("=")

    assert "another key" in refusal(f"{head}.{changed}.{signature}")
    assert "no go token" in refusal(jwt.encode(claims, "", "none"))
    assert "no go token" in refusal(jwt.encode(claims, b"k" * 64, "HS256"))


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "é.é.é", "." * 1000, "{}", "x" * 300_000])
def test_what_is_no_token_is_refused_in_words(text: str) -> None:
    """Whatever a pipeline's variable holds, the answer says what was meant to be there."""
    assert "no go token" in refusal(text)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "another"},
        {"sub": ...},
        {"exp": "soon"},
        {"exp": 10**30},
        {"nbf": None},
        {"for": None},
        {"schema": ...},
        {"paths": ["amount"]},
    ],
)
def test_a_signed_token_that_is_no_go_is_refused(claims: dict[str, Any]) -> None:
    """The same key may sign other things."""
    assert refusal(forged(**claims))


def test_a_token_is_for_its_dataset_and_its_schema_alone() -> None:
    """The answer names both datasets, or says to announce this schema."""
    with pytest.raises(UsageError, match="not for kafka://prod/users"):
        go().require("kafka://prod/users", PLANNED.address)
    with pytest.raises(UsageError, match="another schema"):
        go().require(ORDERS, address_of(SchemaText(Format.AVRO, '"long"')))


def test_the_layout_of_a_schema_is_no_part_of_it() -> None:
    """A pipeline that formats its files passes all the same; another reference does not."""
    one = address_of(SchemaText(Format.AVRO, '{"type":"string"}'))

    assert one == address_of(SchemaText(Format.AVRO, '{\n  "type": "string"\n}\n'))
    assert one != address_of(SchemaText(Format.JSON, '{"type":"string"}'))
    assert one != address_of(SchemaText(Format.AVRO, '{"type":"string"}', (("a", "b"),)))
    assert address_of(SchemaText(Format.JSON, "[" * 100_000))


def test_there_is_no_token_without_an_agreement() -> None:
    """The refusal says who stands in the way."""
    open_ = announcement(invited())

    with pytest.raises(UsageError, match="finance has not answered"):
        SIGNER.go(open_, standing(open_, [], MADE), MADE)
    with pytest.raises(UsageError, match="ended on 2026-12-08"):
        SIGNER.go(agreed(), standing(agreed(), [], UNTIL), UNTIL)


def test_the_token_of_a_deprecation_has_an_end_of_its_own() -> None:
    """A sunset has none; the token is good for a year, and covers nothing but the removal of these fields."""
    found = go(agreed(planned=Deprecation((FieldPath("amount"),))))

    assert found.until == SINCE + LONGEST
    assert found.covers("finance", [removal("amount")])
    assert not found.covers("finance", [removal("id")])
    found.require(ORDERS, None)


def test_a_deprecations_token_ends_after_it_began() -> None:
    """However far off the day is that a consumer needs until."""
    one = agreed(planned=Deprecation((FieldPath("amount"),)), until=None)
    late = SINCE + LONGEST + dt.timedelta(days=100)
    given = token(one, answers=[said(Word.NEED_UNTIL, until=late.date())])

    begins = dt.datetime.combine(late.date(), dt.time(), dt.UTC)
    assert verify(given, KEYS, begins).until == begins + LONGEST


def verdict(name: str, *paths: str, outcome: str = "broken") -> dict[str, Any]:
    return {
        "subscription": name,
        "outcome": outcome,
        "violations": [{"change": removal(path), "path": path, "message": f"{path} is gone"} for path in paths],
    }


def answered(*verdicts: dict[str, Any], compatible: bool | None = None) -> dict[str, Any]:
    return {
        "verdicts": list(verdicts),
        "changes": [],
        "unknown": [{"subscription": one["subscription"]} for one in verdicts if one["outcome"] == "unknown"],
        "registry": {"compatible": compatible},
        "breaking": True,
    }


def test_a_break_that_all_agreed_to_passes() -> None:
    """It is told apart, and no longer breaking."""
    found = applied(answered(verdict("finance", "amount")), go())

    assert found["breaking"] is False
    assert found["go"]["covers"] == ["finance"]
    assert found["verdicts"][0]["consented"] == "A-1"


def test_a_break_of_somebody_who_was_not_asked_stays_one() -> None:
    """A contract that came later is not bound by what others agreed to."""
    found = applied(answered(verdict("finance", "amount"), verdict("newcomer", "amount")), go())

    assert found["breaking"] is True
    assert found["go"]["uncovered"] == ["newcomer"]


def test_a_deprecations_token_covers_no_other_break() -> None:
    """One violation that it does not cover leaves the whole verdict a break."""
    one = go(agreed(planned=Deprecation((FieldPath("amount"),))))

    assert applied(answered(verdict("finance", "amount")), one)["breaking"] is False
    assert applied(answered(verdict("finance", "amount", "id")), one)["breaking"] is True


def test_what_the_registry_refuses_stays_refused() -> None:
    """Consumers cannot agree on the registry's behalf."""
    assert applied(answered(verdict("finance", "amount"), compatible=False), go())["breaking"] is True


def test_what_could_not_be_judged_is_covered_by_a_word_too() -> None:
    """Who agreed needs no verdict."""
    found = applied(answered(verdict("finance", "amount", outcome="unknown")), go())

    assert (found["breaking"], found["unknown"]) == (False, [])


def test_a_domain_that_spent_its_budget_needs_a_token_where_its_document_says_so() -> None:
    """Otherwise its budget is somebody else's concern."""

    def domain(what: str) -> DomainRecord:
        return DomainRecord(Domain("checkout"), (), budget=Budget(3, days(90), what))

    assert "3 breaking changes in 90 days" in (demands_token(domain("go-token"), spent=True) or "")
    assert demands_token(domain("go-token"), spent=False) is None
    assert demands_token(domain("escalate"), spent=True) is None
    assert demands_token(None, spent=True) is None


def test_where_a_token_is_demanded_what_cannot_be_judged_does_not_pass_either() -> None:
    """A domain without budget has nothing left to guess with; the token of those who agreed lets it through."""
    unknown = {**answered(verdict("finance", "amount", outcome="unknown")), "breaking": False}

    assert demanding(unknown, "spent")["breaking"] is True
    assert demanding(unknown, None)["breaking"] is False
    assert demanding({**answered(), "breaking": False}, "spent")["demands"] is None
    assert applied(demanding(unknown, "spent"), go())["breaking"] is False
    newcomer = answered(verdict("newcomer", "amount", outcome="unknown"))
    assert applied(demanding(newcomer, "spent"), go())["breaking"] is True


def test_keys_are_read_in_every_way_that_they_are_written() -> None:
    """PEM, base64 in both alphabets, a JSON Web Key, a set of them: the same key."""
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED))
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    document = SIGNER.public.document()

    assert signer(pem).public.id == signer(f" {SEED}\n").public.id == SIGNER.public.id
    for text in (base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"="), json.dumps(document).encode()):
        assert [one.id for one in public_keys(text.decode())] == [SIGNER.public.id]
    assert len(public_keys(json.dumps({"keys": [document, document]}))) == 2


def test_a_key_that_is_none_is_refused_without_being_shown() -> None:
    """A secret is repeated nowhere: not in the error, not in what caused it, not in a name."""
    rsa = generate_private_key(65537, 2048)
    pem = rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in ("c2VjcmV0LXRoYXQtaXMtdG9vLXNob3J0", "no base64!", "", pem, "-----BEGIN PRIVATE KEY-----\nAAAA"):
        with pytest.raises(ConfigurationError) as caught:
            signer(text)
        assert "keygen" in str(caught.value)
        assert not text.strip() or text not in str(caught.value)
        assert caught.value.__cause__ is None
    assert SEED not in repr(SIGNER)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": 3}', '{"keys": [{}]}', "-----BEGIN x", "é", "{" * 9999])
def test_a_public_key_that_is_none_is_refused(text: str) -> None:
    """Whatever the file or the answer was, the error says what it should have been."""
    with pytest.raises(UsageError, match="/v1/go/key"):
        public_keys(text)
