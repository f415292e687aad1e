"""Go: the signed word that all who would break have agreed, as a token that a pipeline verifies without the watcher.

The only file that knows how tokens and keys are written.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from jwt.types import Options

from watcher.followup.consent import Says, Standing
from watcher.handlers.planning.gate import Go
from watcher.model.announcement import Announcement, AnnouncementState, NewSchema
from watcher.model.errors import ConfigurationError, UsageError
from watcher.model.schema import Fingerprint

ISSUER = "watcher"
ALGORITHM = "EdDSA"
LONGEST = dt.timedelta(days=365)
"""How long the token of a deprecation counts, which has no end of its own."""
LARGEST = 256 * 1024
"""Characters of a token, or of a key, that are looked at."""

_SEED = 32
_UNCHECKED: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""What is held against the caller's clock and words, not against the machine's."""
_CLAIMS = ("iss", "sub", "dataset", "names", "domain", "window", "for", "iat", "nbf", "exp", "jti")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that tokens are verified with; `id` is the beginning of its SHA-256, and stands in each token's header."""

    id: str
    key: Ed25519PublicKey

    def document(self) -> dict[str, str]:
        """As a JSON Web Key, with its PEM beside it: what `GET /v1/go/key` answers."""
        raw = self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        pem = self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return {"kty": "OKP", "crv": "Ed25519", "alg": ALGORITHM, "use": "sig", "kid": self.id, "x": x, "pem": pem}


class Signer:
    """What signs tokens; the key itself is never shown."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = _named(key.public_key())

    def __repr__(self) -> str:
        return f"Signer({self.public.id})"

    def go(self, announcement: Announcement, standing: Standing, now: dt.datetime) -> str:
        """The token of an announcement that is agreed; raises UsageError where it is not, or is over."""
        if announcement.state is not AnnouncementState.AGREED:
            told = "; ".join(standing.sentences[:5])
            raise UsageError(f"there is no go for {announcement.id}, it is {announcement.state}: {told}")
        until = announcement.until or max(announcement.since, standing.start, now) + LONGEST
        if now >= until:
            raise UsageError(f"the window of {announcement.id} ended on {until:%Y-%m-%d}: announce the change anew")
        agreed = sorted(one.name for one in standing.voices if one.says not in {Says.MISSING, Says.OBJECTS})
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": announcement.id,
            "dataset": str(announcement.dataset),
            "names": sorted(announcement.names),
            "domain": str(announcement.domain),
            "window": [_seconds(standing.start), None if announcement.until is None else _seconds(until)],
            "for": agreed,
            "iat": _seconds(now),
            "nbf": _seconds(standing.start),
            "exp": _seconds(until),
        }
        if isinstance(announcement.planned, NewSchema):
            claims["schema"] = str(announcement.planned.address)
        else:
            claims["paths"] = [str(one) for one in announcement.planned.paths]
        identity = json.dumps([self.public.id, claims], sort_keys=True).encode("utf-8", "surrogatepass")
        claims["jti"] = hashlib.sha256(identity).hexdigest()[:24]
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": self.public.id})


def verify(token: str, public_keys: Sequence[PublicKey], now: dt.datetime) -> Go:
    """What a token says, once its signature and its time are found good; raises UsageError, which says what to do."""
    token = token.strip()
    if len(token) > LARGEST:
        raise UsageError(f"this is no go token: it has more than {LARGEST // 1024} KB")
    claims = _signed(token, public_keys)
    if claims.get("iss") != ISSUER or any(name not in claims for name in _CLAIMS):
        raise UsageError("this token is signed, but it is no go token: `watcher announce go ID` gives one")
    try:
        go = _go(claims)
        begins = dt.datetime.fromtimestamp(int(claims["nbf"]), dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError, KeyError) as error:
        raise UsageError(f"this go token cannot be read ({error}): `watcher announce go ID` gives another") from error
    if now < begins:
        raise UsageError(
            f"the go token of {go.announcement} counts from {begins:%Y-%m-%d %H:%M} UTC on: "
            "wait for the day that was agreed, or announce an earlier one"
        )
    if now >= go.until:
        raise UsageError(
            f"the go token of {go.announcement} ended on {go.until:%Y-%m-%d %H:%M} UTC: announce the change anew, "
            "or, where its window is still open, get a fresh token by `watcher announce go`"
        )
    return go


def generate() -> tuple[str, str]:
    """A new pair: the private key as base64 of its seed, the public one as PEM."""
    key = Ed25519PrivateKey.generate()
    seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return base64.b64encode(seed).decode(), _named(key.public_key()).document()["pem"]


def signer(text: str) -> Signer:
    """What signs with this private key, PEM or base64 of its seed; raises ConfigurationError, and never shows it."""
    return Signer(_private(text))


def public_keys(text: str) -> tuple[PublicKey, ...]:
    """The public keys of a file or an answer: PEM, a JSON Web Key or a set of them, or base64 of the 32 bytes."""
    text = text.strip()
    try:
        return tuple(map(_named, _public(text[:LARGEST])))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm) as error:
        raise UsageError(
            "the key for go tokens cannot be read: it is a public Ed25519 key as PEM, as JSON Web Key "
            "or as base64; a running watcher has it at /v1/go/key"
        ) from error


def _public(text: str) -> list[Ed25519PublicKey]:
    if text.startswith("-----BEGIN"):
        key = load_pem_public_key(text.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise TypeError("a key of another kind")
        return [key]
    written = [text]
    if text.startswith("{"):
        document = json.loads(text)
        written = [one["x"] for one in document.get("keys", [document])]
    return [Ed25519PublicKey.from_public_bytes(_bytes(one)) for one in written]


def _private(text: str) -> Ed25519PrivateKey:
    text = text.strip()
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.encode(), None)
            if isinstance(key, Ed25519PrivateKey):
                return key
        else:
            return Ed25519PrivateKey.from_private_bytes(_bytes(text))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        pass  # what is wrong with a secret is not repeated
    raise ConfigurationError(
        "`follow_up.signing.key` is no private Ed25519 key: it is a PEM without password, or base64 of the 32 bytes; "
        "`watcher announce keygen` makes one"
    ) from None


def _bytes(text: str) -> bytes:
    """The 32 bytes of a key, in either alphabet of base64."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if len(raw) != _SEED:
        raise ValueError(f"{len(raw)} bytes, not {_SEED}")
    return raw


def _named(key: Ed25519PublicKey) -> PublicKey:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return PublicKey(hashlib.sha256(raw).hexdigest()[:16], key)


def _signed(token: str, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed. Times are left to the caller: there is no clock here."""
    if not keys:
        raise UsageError("a go token is verified with the watcher's public key: name it by --go-key FILE or URL")
    for one in keys:
        try:
            claims: dict[str, Any] = jwt.decode(token, one.key, algorithms=[ALGORITHM], options=_UNCHECKED)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise UsageError(
                f"this is no go token ({error}): give the whole of what `watcher announce go ID` printed"
            ) from error
        return claims
    known = ", ".join(one.id for one in keys)
    raise UsageError(
        f"the go token is signed by another key than {known}: fetch the key anew from the watcher that gave the token, "
        "at /v1/go/key; if that does not help, the token was changed, or is another watcher's"
    )


def _go(claims: Mapping[str, Any]) -> Go:
    schema, paths = claims.get("schema"), claims.get("paths")
    if (schema is None) is (paths is None):
        raise ValueError("it names neither a schema nor paths, or both")
    return Go(
        announcement=str(claims["sub"]),
        dataset=str(claims["dataset"]),
        names=frozenset(str(one) for one in claims["names"]),
        domain=str(claims["domain"]),
        until=dt.datetime.fromtimestamp(int(claims["exp"]), dt.UTC),
        subscriptions=frozenset(str(one) for one in claims["for"]),
        address=None if schema is None else Fingerprint(str(schema)),
        paths=None if paths is None else tuple(str(one) for one in paths),
    )


def _seconds(at: dt.datetime) -> int:
    """Whole seconds since the epoch, rounded up, as tokens write a moment: nothing counts before it does."""
    return -int(-at.timestamp() // 1)
