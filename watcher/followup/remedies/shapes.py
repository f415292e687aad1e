"""Options where a record's members as a whole are others: more of them, in another order, or with other keys."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.followup.remedies import registry, schemas, sql
from watcher.followup.remedies.broken import (
    CONSUMER,
    Broken,
    Options,
    Remedy,
    short,
)
from watcher.model.schema import Format


def added(one: Broken) -> Options:
    """A member that a closed record did not have."""
    yield Remedy(
        f"Take {one.name} out again until consumers are ready",
        "they read the record as closed",
        ("remove it", "announce it with a day"),
    )
    yield Remedy(
        "Offer it as a version of its own",
        "who reads the closed record keeps it, and who wants the new member reads the other",
        ("keep the dataset as it was", "write the record with the new member to another dataset, or view"),
    )
    yield Remedy(
        "Read the members by their names",
        "a consumer that lets others pass is no longer concerned",
        ("ask for the members that you need, instead of all", "drop `closed` from the contract"),
        whom=CONSUMER,
    )


def ordered(one: Broken) -> Options:
    """Members in other places."""
    yield Remedy(
        f"Give the members of {one.name} their old places" if one.path else "Give the members their old places",
        "consumers read them by place",
        ("declare them in the order that they had", "put new ones last"),
    )
    yield Remedy(
        "Read the members by their names",
        "a consumer that does is no longer concerned",
        ("select them by name, in the order that you need", "take the clause out of the contract"),
        whom=CONSUMER,
    )


def opened(one: Broken) -> Options:
    """A record that begins to allow members which it does not name."""
    text = schemas.CLOSED if one.format is Format.JSON else ""
    yield Remedy(
        f"Close {one.name} again",
        "consumers rely on there being no other members",
        ("set this on the object, and register the schema", *_closed_told(one))
        if text
        else ("let the schema allow no other members",),
        text,
        "json" if text else "",
    )
    yield Remedy(
        "Let unknown members pass",
        "a consumer that does is no longer concerned",
        ("read the members that you know, by name", "drop `closed` from the contract"),
        whom=CONSUMER,
    )


def _closed_told(one: Broken) -> tuple[str, ...]:
    """Where the registry refuses an object that is closed again, that."""
    if one.level is None:
        return ()
    now = {"type": "object", "properties": {"held": {"type": "string"}}}
    taken = registry.takes_json(now, {**now, "additionalProperties": False}, one.level, one.policy)
    return () if taken else (registry.refused(one.level),)


def keyed(one: Broken) -> Options:
    """Records that may share what was a key."""
    key = one.change.get("before")
    members = key.get("members") if isinstance(key, Mapping) else one.before
    names = [str(each) for each in members] if isinstance(members, list) else []
    primary = one.rule == "primary-key-changed"
    removed = one.change.get("kind") == "key-removed"
    text = sql.key(one.dataset, one.dialect, names, primary=primary) if removed and one.dialect else ""
    shown = f" ({short(', '.join(names))})" if names else ""
    what = "primary key" if primary else "unique key"
    yield Remedy(
        f"Declare the {what} again{shown}",
        f"consumers rely on it: {one.wants}",
        (
            "look for records that share it, and mend them",
            *(("drop the primary key that stands there now, if there is one",) if primary else ()),
            "run the statement" if text else "declare the key as it was",
        ),
        text,
        "sql" if text else "",
    )
    yield Remedy(
        "Make sure of it yourself",
        "a consumer that does is no longer concerned",
        ("keep one record of each key where you read", "name the key that stands now in the contract"),
        whom=CONSUMER,
    )
