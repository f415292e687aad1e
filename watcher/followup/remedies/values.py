"""Options where the values of a field are others: lists, constraints, defaults, and tags on how they are handled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.followup.remedies import registry, schemas, sql
from watcher.followup.remedies.broken import (
    ADDS,
    CONSUMER,
    Broken,
    Options,
    Remedy,
    short,
)
from watcher.model.schema import Format


def values(one: Broken) -> Options:
    """A list of values that is another, or open."""
    value = one.change.get("after") if one.rule == "enum-value-added" else one.change.get("before")
    named = f"`{short(value)}`" if isinstance(value, str) and value else "the value"
    match one.rule:
        case "enum-value-added":
            yield Remedy(
                f"Take {named} out again until consumers are ready",
                "their decisions cover the old list only",
                (f"write no record with {named}", "take it out of the list", "announce it with a day"),
            )
            yield Remedy(
                "Write the new case to a field of its own",
                "the list stays as it was",
                ("keep the old value in the old field", "say the new one in a new field"),
                effects=frozenset({ADDS}),
            )
        case "enum-value-removed":
            yield Remedy(
                f"List {named} again",
                "a listed value costs nothing, and who counts on it finds it",
                ("add it to the list, at the place that it had", "announce the day after which it never comes"),
            )
        case _:
            yield Remedy(
                f"Close the list of {one.name} again",
                "consumers rely on an end of the list",
                ("declare the values one by one, as they were", "announce each new one before it is written"),
            )
    yield Remedy(
        f"Handle values of {one.name} that are not known",
        "a consumer with a branch for the rest is no longer concerned",
        ("send what is not known to a branch of its own, and count it", "drop the closed list from the contract"),
        whom=CONSUMER,
    )


def constrained(one: Broken) -> Options:
    """A constraint that is not stated any more."""
    was = one.change.get("before")
    said = ", ".join(f"{key} {value}" for key, value in was.items()) if isinstance(was, Mapping) else short(one.before)
    text = schemas.json_constraints(was) if one.format is Format.JSON and isinstance(was, Mapping) else ""
    yield Remedy(
        f"State the constraint of {one.name} again",
        f"consumers rely on it: {one.wants}",
        ("add it to the schema", *_constraint_told(one, was))
        if text
        else (f"declare it as it was{': ' + short(said) if said else ''}",),
        text,
        "json" if text else "",
    )
    yield Remedy(
        "Check the values yourself",
        "a consumer that does is no longer concerned",
        (f"refuse, or set aside, records in which {one.name} is outside", "take the clause out of the contract"),
        whom=CONSUMER,
    )


def _constraint_told(one: Broken, was: Any) -> tuple[str, ...]:
    """Where the registry refuses a constraint that is stated again, that."""
    if one.level is None:
        return ()
    now = one.change.get("after")
    type_ = schemas.json_kind(was)
    before = {"type": type_, **(now if isinstance(now, Mapping) else {})}
    taken = registry.takes_json(before, {**before, **was}, one.level, one.policy)
    return () if taken else (registry.refused(one.level),)


def defaulted(one: Broken) -> Options:
    """A default that is another, or gone."""
    was = one.change.get("before", one.before)
    text = sql.default(one.dataset, one.dialect, one.column, was) if one.column and one.dialect else ""
    language = "sql" if text else ""
    if not text and one.format is Format.AVRO and one.member and one.rule in {"default-removed", "default-changed"}:
        text, language = schemas.json_text({"default": was}), "json" if was is not None else ""
    if was is None:
        text = language = ""
    shown = f": {short(was)}" if was is not None else ""
    yield Remedy(
        f"Give {one.name} the default back that it had{shown}",
        "who writes or reads without the field gets that value",
        ("run the statement",) if language == "sql" else ("set it on the field, and register the schema",),
        text,
        language,
    )
    yield Remedy(
        f"Say yourself what {one.name} is where there is none",
        "a consumer that needs no default of the producer's is no longer concerned",
        ("set a default in your own reader schema, or job", "take the clause out of the contract"),
        whom=CONSUMER,
    )


def classified(one: Broken) -> Options:
    """A tag that says how a field is to be handled."""
    tag = one.change.get("after") if one.rule == "classification-added" else one.change.get("before")
    named = f"`{short(tag)}`" if isinstance(tag, str) and tag else "the tag"
    if one.rule == "classification-added":
        yield Remedy(
            f"Check whether {one.name} really is {named}",
            "a tag that is true stays; one that is wrong is taken off",
            ("if it is wrong, take it off", "if it is true, ask the consumers to handle the field accordingly"),
        )
        yield Remedy(
            f"Keep what is {named} out of {one.name}",
            "then the tag can go, and the field is what it was",
            ("write a masked or shortened value to it", "write the whole value to a tagged field of its own"),
            effects=frozenset({ADDS}),
        )
    else:
        yield Remedy(
            f"Tag {one.name} with {named} again",
            "consumers choose by it how the field is handled",
            ("set the tag as it was, where tags are kept",),
        )
    yield Remedy(
        f"Handle {one.name} by its tags as they are",
        "a consumer that does is no longer concerned",
        ("check with whoever answers for data protection", "name the tags that you accept in the contract"),
        whom=CONSUMER,
    )
