"""The schema registry as readers and writers need it: a schema's id by its text, and its text by its id."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from watcher.delivery.http import HttpDoor, check_url, place
from watcher.delivery.replies import Reply, redacted
from watcher.model.errors import ConfigurationError, Transient, Undecidable

_MEDIA = "application/vnd.schemaregistry.v1+json"
_PASSING = {408, 425, 429}


class SchemaRegistry:
    """A client of the registry's REST interface; ids are asked for once and kept, since they never change.

    `register` False only looks a schema up, for registries where others do the registering. A user and password in the
    URL are sent as Basic credentials; `authorization` is a whole header value instead.
    """

    def __init__(self, door: HttpDoor, url: str, *, register: bool = True, authorization: str | None = None) -> None:
        check_url(url)
        parts = urlsplit(url)
        if parts.username and authorization is None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self._door = door
        self._url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        self._register = register
        self._authorization = authorization
        self._ids: dict[tuple[str, str], int] = {}
        self._asking = asyncio.Lock()

    def schema_url(self, schema_id: int) -> str:
        """Where a schema can be read: an absolute URI, without credentials."""
        return f"{self._url}/schemas/ids/{schema_id}"

    async def schema(self, schema_id: int) -> str:
        """The text of the schema of an id. Raises Undecidable where there is none, Transient where it is away."""
        url = f"{self._url}/schemas/ids/{schema_id}"
        reply = await self._door.request("GET", url, headers=self._headers(), limit=8 * 1024 * 1024)
        document = _document(reply)
        if reply.status == 200 and isinstance(document.get("schema"), str):
            return str(document["schema"])
        code, message = document.get("error_code", reply.status), redacted(str(document.get("message", "")))[:500]
        if reply.status >= 500 or reply.status in _PASSING:
            raise Transient(f"the registry at {place(self._url)} is not able to answer: {code} {message}")
        if reply.status in {401, 403}:
            raise ConfigurationError(f"the registry at {place(self._url)} refuses us: {code} {message}{_mend(code)}")
        raise Undecidable(f"the registry at {place(self._url)} gives no schema {schema_id}: {code} {message}")

    async def schema_id(self, subject: str, schema: str) -> int:
        """The id of an Avro schema under a subject, registered if it is not there.

        Raises ConfigurationError where the registry says no (its message has the registry's code and words), Transient
        where it is away.
        """
        known = self._ids.get((subject, schema))
        if known is not None:
            return known
        async with self._asking:
            if (subject, schema) not in self._ids:
                self._ids[subject, schema] = await self._asked(subject, schema)
            return self._ids[subject, schema]

    async def _asked(self, subject: str, schema: str) -> int:
        path = f"/subjects/{quote(subject, safe='')}"
        reply = await self._door.request(
            "POST",
            f"{self._url}{path}/versions" if self._register else f"{self._url}{path}",
            headers=self._headers(),
            content=json.dumps({"schema": schema, "schemaType": "AVRO"}).encode(),
            limit=4 * 1024 * 1024,
        )
        document = _document(reply)
        if reply.status == 200 and isinstance(document.get("id"), int):
            return int(document["id"])
        code, message = document.get("error_code", reply.status), redacted(str(document.get("message", "")))[:500]
        if reply.status >= 500 or reply.status in _PASSING:
            raise Transient(f"the registry at {place(self._url)} is not able to answer: {code} {message}")
        raise ConfigurationError(
            f"the registry at {place(self._url)} does not give an id for {subject}: {code} {message}{_mend(code)}"
        )

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": _MEDIA, "accept": f"{_MEDIA}, application/vnd.schemaregistry+json, application/json"}
        if self._authorization is not None:
            headers["authorization"] = self._authorization
        return headers


def _mend(code: Any) -> str:
    match code:
        case 401 | 403 | 40101 | 40301:
            return "; check the credentials of events.registry_url, and that they may write this subject"
        case 409 | 40901:
            return "; the subject holds an incompatible schema: is the topic shared with something else?"
        case 404 | 40401 | 40403:
            return "; register schemas/breaking-change.v1.avsc there, or let the watcher register it"
        case 42205:
            return "; the registry or the subject is read-only"
        case _:
            return ""


def _document(reply: Reply) -> dict[str, Any]:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
