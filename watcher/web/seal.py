"""Seal: tokens that this watcher signed for one purpose and reads again; whoever holds one has the right that it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from watcher.model.errors import ConfigurationError, UsageError

_ALGORITHM = "HS256"
_SHORTEST_KEY = 32
_LONGEST_TOKEN = 4_000


class Seal:
    """Signs with the first key; any of them may have signed what is read, so that one can be replaced."""

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        if not keys or any(len(one.encode()) < _SHORTEST_KEY for one in keys):
            raise ConfigurationError(
                f"links in mail are signed with a key of {_SHORTEST_KEY} characters or more: `watcher announce keygen` "
                "makes one; name it as env:NAME or file:/path"
            )
        # Derived, so that the same secret may serve elsewhere, and may be of any form: a PEM file is one as well.
        self._keys = tuple(hashlib.sha256(b"links in mail\x00" + one.encode()).digest() for one in keys)
        self._purpose = purpose

    def sign(self, claims: Mapping[str, Any], expires: dt.datetime) -> str:
        """A token of these claims, until a moment; the same claims give the same one."""
        whole = {"aud": self._purpose, **claims, "exp": int(expires.timestamp())}
        return jwt.encode(whole, self._keys[0], algorithm=_ALGORITHM)

    def read(self, token: str, required: Sequence[str]) -> dict[str, Any]:
        """The claims of a token for this purpose, also of one that is over; raises UsageError where it is none."""
        # Whether it is still valid is decided by our own clock: who reads it can say when it ended.
        options: Any = {"verify_exp": False, "require": ["exp", *required]}
        for key in self._keys if len(token) <= _LONGEST_TOKEN else ():
            try:
                found = jwt.decode(token, key, algorithms=[_ALGORITHM], audience=self._purpose, options=options)
            except jwt.PyJWTError:
                continue
            return dict(found)
        raise UsageError("this link is not one of ours, or is damaged: open it from the message again")
