"""Asks a daemon that runs already, over its own HTTP interface: no redirect, a bounded answer, a bounded time."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import orjson

from watcher.model.errors import Transient, Undecidable, UsageError, WatcherError

TIMEOUT_S = 30.0
LARGEST = 64 * 1024 * 1024
"""Bytes of an answer that is read."""


_ANSWER = {"dataset", "domain", "level", "registry", "changes", "verdicts", "breaking"}
_TAKEN = {"position", "outcome", "datasets", "unreadable"}


def ask(base: str, method: str, path: str, body: Any = None, *, timeout: float = TIMEOUT_S) -> tuple[int, Any]:
    """The status and the JSON of one request to the daemon at `base`; raises Transient where nobody answers."""
    connection, prefix = _connection(base, timeout)
    try:
        payload = None if body is None else orjson.dumps(body)
        connection.request(method, prefix + path, payload, {"content-type": "application/json", "connection": "close"})
        response = connection.getresponse()
        return response.status, _json(response, base)
    except TimeoutError as error:
        raise Transient(f"the daemon at {base} did not answer within {timeout:.0f} s: is it still starting?") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Transient(f"no watcher answers at {base} ({reason}): start it, or mend the URL") from error
    finally:
        connection.close()


def check(base: str, question: dict[str, Any]) -> dict[str, Any]:
    """The daemon's answer to `check`; raises what it could not do with the question."""
    status, document = ask(base, "POST", "/v1/check", question)
    if status == 200 and isinstance(document, dict) and document.keys() >= _ANSWER:
        return document
    raise _refusal(base, status, document)


def send(base: str, event: dict[str, Any]) -> dict[str, Any]:
    """The daemon's answer to an event of DDL; raises what it could not do with it."""
    status, document = ask(base, "POST", "/v1/ddl", event)
    if status == 200 and isinstance(document, dict) and document.keys() >= _TAKEN:
        return document
    raise _refusal(base, status, document)


def call(base: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON of a request that the daemon carried out; raises what it could not do with it."""
    status, document = ask(base, method, path, body)
    if status in {200, 201} and isinstance(document, dict | list):
        return document
    raise _refusal(base, status, document)


def _refusal(base: str, status: int, document: Any) -> WatcherError:
    """What an answer that is not the one asked for amounts to."""
    told = document.get("error") if isinstance(document, dict) else None
    message = f"the daemon at {base} answered {status}: {told or 'not what a watcher answers'}"
    if status >= 500:
        return Transient(message)
    if isinstance(document, dict) and document.get("kind"):
        return Undecidable(message)
    return UsageError(message)


def _connection(base: str, timeout: float) -> tuple[HTTPConnection, str]:
    try:
        url = urlsplit(base if "://" in base else f"http://{base}")
        host, port = url.hostname, url.port
    except ValueError as error:
        raise UsageError(f"{base} is not a URL: {error}") from error
    if url.scheme not in {"http", "https"} or not host or url.query or url.fragment or "@" in url.netloc:
        raise UsageError(f"{base} is not the URL of a daemon: write http://host:port")
    made = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return made(host, port, timeout=timeout), url.path.rstrip("/")


def _json(response: HTTPResponse, base: str) -> Any:
    data = response.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Undecidable(f"the daemon at {base} answered with more than {LARGEST // 1024 // 1024} MB")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
