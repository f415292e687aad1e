"""The go token that `watcher check` is given, and the keys that verify it: files, URLs, or the daemon asked anyway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from watcher.cli.daemon_client import ask
from watcher.cli.schemas import file_text
from watcher.handlers.planning.gate import applied
from watcher.handlers.planning.go import PublicKey, public_keys, verify
from watcher.model.address import address_of
from watcher.model.errors import UsageError
from watcher.model.schema import SchemaText

PATH = "/v1/go/key"


def admitted(  # noqa: PLR0917 - the answer, the token with its keys, and what it must be for
    document: dict[str, Any], token: str, keys: Sequence[str], daemon: str | None, dataset: str, asked: SchemaText
) -> dict[str, Any]:
    """The answer of `check` with what the token covers told apart.

    Raises UsageError where the token is not good, or not for this dataset, as it was named here, or this schema.
    """
    go = verify(token, fetched(keys, daemon), dt.datetime.now(dt.UTC))
    go.require(dataset if dataset in go.names else document["dataset"], address_of(asked))
    return applied(document, go)


def fetched(places: Sequence[str], daemon: str | None) -> tuple[PublicKey, ...]:
    """The keys at these places; of a daemon where none is named. Raises UsageError where there is none to be had."""
    if not places and daemon is None:
        raise UsageError("a go token is verified with the watcher's public key: name it by --go-key FILE or URL")
    found: list[PublicKey] = []
    for place in places:
        found += _at_url(place) if place.startswith(("http://", "https://")) else public_keys(file_text(Path(place)))
    if not places and daemon is not None:
        found += _from(daemon, PATH)
    return tuple(found)


def _at_url(url: str) -> tuple[PublicKey, ...]:
    """The keys at a URL; a daemon's own address stands for the key's place on it."""
    parts = urlsplit(url)
    return _from(f"{parts.scheme}://{parts.netloc}", parts.path if parts.path not in {"", "/"} else PATH)


def _from(base: str, path: str) -> tuple[PublicKey, ...]:
    status, document = ask(base, "GET", path)
    if status != 200 or not isinstance(document, dict):
        told = document.get("error") if isinstance(document, dict) else None
        raise UsageError(f"{base}{path} gives no key for go tokens: it answered {status}{f', {told}' if told else ''}")
    return public_keys(orjson.dumps(document).decode())
