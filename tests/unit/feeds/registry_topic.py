"""A registry's topic for tests: records as the registry writes them, and a feed that hears them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from watcher.feeds.registry.feed import RegistryFeed
from watcher.feeds.registry.naming import Naming
from watcher.model.dataset import Position, RawRecord
from watcher.model.errors import SchemaError
from watcher.model.observation import DatasetGone, DatasetSeen, GuardChanged, Heard, Observation, StoredSchema
from watcher.model.schema import SchemaText

Pair = tuple[bytes | None, bytes | None]


def text(*fields: str, name: str = "Order") -> str:
    members = [{"name": one, "type": "string"} for one in fields]
    return json.dumps({"type": "record", "name": name, "fields": members})


def schema(
    subject: str,
    version: int,
    id_: int,
    schema_text: str,
    *,
    deleted: bool = False,
    references: Sequence[tuple[str, str, int]] = (),
    **more: Any,
) -> Pair:
    value: dict[str, Any] = {"subject": subject, "version": version, "id": id_, **more}
    if references:
        value["references"] = [{"name": name, "subject": of, "version": at} for name, of, at in references]
    value |= {"schema": schema_text, "deleted": deleted}
    return key("SCHEMA", subject=subject, version=version, magic=1), dump(value)


def tombstone(subject: str, version: int, value: bytes | None = None) -> Pair:
    return key("SCHEMA", subject=subject, version=version, magic=1), value


def delete_subject(subject: str, version: int | None) -> Pair:
    return key("DELETE_SUBJECT", subject=subject, magic=0), dump({"subject": subject, "version": version})


def clear_subject(subject: str | None) -> Pair:
    return key("CLEAR_SUBJECT", subject=subject, magic=0), dump({"subject": subject})


def config(scope: str | None, level: str | None = None, **more: Any) -> Pair:
    value = {"subject": scope, **({"compatibilityLevel": level} if level else {}), **more}
    return key("CONFIG", subject=scope, magic=0), dump(value)


def config_removed(scope: str | None, value: bytes | None = None) -> Pair:
    return key("CONFIG", subject=scope, magic=0), value


def key(keytype: str, **parts: Any) -> bytes:
    return dump({"keytype": keytype, **parts})


def dump(document: Any) -> bytes:
    return json.dumps(document).encode()


def raw(pair: Pair, offset: int = 0) -> RawRecord:
    return RawRecord(Position("prod", 0, offset), pair[0], pair[1], 1_700_000_000_000 + offset)


def refuse_broken(schema_text: SchemaText) -> None:
    """A format in which every text that says so is broken."""
    if "broken" in schema_text.text:
        raise SchemaError("the text says that it is broken", kind="invalid-schema")


class Topic:
    """A feed, and the topic that it hears; what it said, and what it asked to be kept."""

    def __init__(self, naming: Naming | None = None, *, parse: bool = False) -> None:
        self.naming = naming or Naming("kafka://prod")
        self.parse = refuse_broken if parse else None
        self.feed = self.new_feed()
        self.offset = 0
        self.entries: dict[str, bytes] = {}
        self.texts: dict[str, StoredSchema] = {}

    def new_feed(self) -> RegistryFeed:
        return RegistryFeed("prod", self.naming, self.parse)

    def hear(self, pair: Pair) -> Heard:
        heard = self.feed.hear(raw(pair, self.offset))
        self.offset += 1
        self.texts |= {one.fingerprint: one for one in heard.schemas}
        for one in heard.schemas:
            for _, below in one.references:
                assert below in self.texts, "a text goes out with all that it refers to"
        for seen in heard.observations:
            if isinstance(seen, DatasetSeen) and not seen.blocked:
                assert seen.schema in self.texts, "a dataset's text has gone out"
        for name, data in self.feed.drain():
            if data is None:
                self.entries.pop(name, None)
            else:
                self.entries[name] = data
        return heard

    def say(self, *pairs: Pair) -> list[Observation]:
        """What all these records together say."""
        return [observation for pair in pairs for observation in self.hear(pair).observations]

    def restart(self) -> None:
        self.feed = self.new_feed()
        self.feed.restore(self.entries.items())


def brief(observations: Iterable[Observation]) -> list[str]:
    """Observations in a line each: what is seen at which version, and what stands in the way."""
    lines = []
    for one in observations:
        match one:
            case DatasetSeen():
                blocked = f" blocked: {one.blocked}" if one.blocked else ""
                lines.append(f"{one.dataset} v{one.version}{blocked}")
            case DatasetGone():
                lines.append(f"{one.dataset} gone")
            case GuardChanged():
                how = "lowered" if one.lowered else "raised"
                lines.append(f"{one.scope} {how} {one.before} to {one.after}")
    return lines
