"""Options where a member, or the whole dataset, is gone, has another name, type or number, or may be absent."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.followup.remedies import registry, schemas, sql
from watcher.followup.remedies.broken import (
    ADDS,
    APPENDS,
    CONSUMER,
    Broken,
    Options,
    Remedy,
    flat,
    member,
    short,
)
from watcher.model.schema import Format


def gone(one: Broken) -> Options:
    """A member that is not there any more."""
    put = f"Put {one.name} back"
    was = f" as `{short(one.was)}`" if one.was else ""
    why = f"everything that relies on it works again{f'; it was `{short(one.was)}`' if one.was else ''}"
    text, language = _field_text(one)
    stays = "keep filling it until the last consumer has left it"
    if text and one.format is Format.SQL:
        yield Remedy(
            put,
            why,
            ("run the statement", "fill it for the records that are there", stays),
            text,
            language,
            effects=frozenset({APPENDS}),
        )
    elif text:
        told = ""
        if one.level is not None:
            text, told = registry.put_back(text, one.format, one.level, one.policy)
        added = "add this to the record that held it, and register the schema"
        yield Remedy(put, why, (added, *((told,) if told else ()), stays), text, language)
    else:
        yield Remedy(put, why, (f"declare it again{was}, with the name and the place that it had", stays))
    if one.format is Format.PROTOBUF and one.member:
        yield Remedy(
            f"If {one.name} is to stay gone, reserve it",
            "a later field of its name or number would misread old data; this does not heal the ticket",
            ("add the number that it had to the same line of the message", "announce the removal"),
            schemas.reserved(one.member),
            "protobuf",
        )
    yield Remedy(
        f"Read without {one.name}",
        "a consumer that can do without it is no longer concerned",
        ("change the jobs that read it", "take the clause out of the contract, so that nobody is blamed for it again"),
        whom=CONSUMER,
    )


def _field_text(one: Broken) -> tuple[str, str]:
    """The field as it was, in the dataset's own words; empty where not all of it is known."""
    declared = one.change.get("before")
    if one.rule != "field-removed" or one.change.get("kind") != "field-removed" or not isinstance(declared, Mapping):
        return "", ""
    if one.format is Format.SQL and one.column and one.dialect:
        return sql.add(one.dataset, one.dialect, one.column, one.was), "sql"
    if one.format is Format.AVRO and one.member:
        return schemas.avro_field(one.member, declared), "json"
    if one.format is Format.JSON and one.member:
        return schemas.json_property(one.member, declared), "json"
    return "", ""


def renamed(one: Broken) -> Options:
    """A member that has another name."""
    old, new = one.change.get("before") or one.path, one.change.get("after") or one.change.get("path")
    old_name, new_name = member(str(old)), member(str(new or ""))
    if new is None or new == old or old_name is None or new_name is None:
        yield from gone(one)
        return
    text = sql.rename(one.dataset, one.dialect, new_name, old_name) if flat(str(old), str(new)) else ""
    yield Remedy(
        f"Give `{short(str(old))}` its name back",
        f"it is the same field under another name: `{short(str(new))}`",
        ("rename it back",) if not text else ("run the statement",),
        text,
        "sql" if text else "",
    )
    yield Remedy(
        f"Carry both names for a while: `{short(str(old))}` and `{short(str(new))}`",
        "consumers move one after another, and nobody breaks (expand, migrate, contract)",
        (
            f"expand: declare `{short(str(old))}` again, and write the same value to both",
            "migrate: each consumer reads the new name, and says so in its contract",
            f"contract: announce the removal of `{short(str(old))}`, and remove it on that day",
        ),
        effects=frozenset({ADDS}),
    )
    view = sql.view(one.dataset, one.dialect, new_name, old_name) if flat(str(old), str(new)) else ""
    if view:
        yield Remedy(
            "Offer a view with the old name",
            "consumers that cannot move at once read the view; the ticket stays open until their contracts name it",
            ("run the statement", "tell the consumers its name"),
            view,
            "sql",
            effects=frozenset({ADDS}),
        )
    if one.format is Format.AVRO:
        yield Remedy(
            "Read the new name by an alias",
            "an alias in the reader's own schema lets Avro fill the old field from the new one",
            ("add it to the field in your reader schema", "name that schema in the contract as `reads_with`"),
            schemas.avro_alias(old_name, new_name),
            "json",
            CONSUMER,
        )
    yield Remedy(
        f"Read `{short(str(new))}`",
        "it is the same field",
        ("change the jobs that read the old name", "name the new one in the contract"),
        whom=CONSUMER,
    )


def dropped(one: Broken) -> Options:
    """A dataset that is not there any more."""
    text = sql.undrop(one.dataset, one.dialect)
    if text:
        yield Remedy(
            "Undrop the table",
            "it comes back with its records, within the time that it is kept",
            ("run the statement",),
            text,
            "sql",
        )
    yield Remedy(
        "Make the dataset again, as it was",
        "everything that relies on it works again",
        ("declare it under the name that it had, with the members that it had", "bring its records back"),
    )
    yield Remedy(
        "Offer its successor under the old name",
        "where the records live on elsewhere, nobody need move at once",
        ("make a view, or a copy, under the old name that has the members the contracts ask for",),
    )
    yield Remedy(
        "Move to the successor",
        "what is gone for good has to be read elsewhere",
        ("ask the producer what takes its place", "name that dataset in the contract"),
        whom=CONSUMER,
    )


def typed(one: Broken) -> Options:
    """A member of another type."""
    was = short(one.was)
    to = f" to {was}" if was else ""
    text = ""
    if one.column and one.dialect and one.rule not in {"branch-added", "encoding-changed"}:
        text = sql.retype(one.dataset, one.dialect, one.column, one.was)
    yield Remedy(
        f"Set the type of {one.name} back{to}",
        f"consumers rely on this: {one.wants}",
        ("run the statement, once no value is outside of it",)
        if text
        else (f"declare it as it was{': ' + was if was else ''}",),
        text,
        "sql" if text else "",
    )
    yield Remedy(
        "Give the new type a name of its own",
        "both stand side by side until everyone has moved (expand, migrate, contract)",
        (
            f"expand: keep {one.name} as it was, and write the new values to another field",
            "migrate: each consumer reads the new field, and says so in its contract",
            f"contract: announce the removal of {one.name}, and remove it on that day",
        ),
        effects=frozenset({ADDS}),
    )
    yield Remedy(
        f"Convert {one.name} where you read it",
        "a consumer that takes the new values is no longer concerned",
        (
            "read it as the new type, and decide what to do with values that do not fit",
            "name that type in the contract",
        ),
        whom=CONSUMER,
    )


def numbered(one: Broken) -> Options:
    """A member of another number, by which the data knows it."""
    yield Remedy(
        f"Give {one.name} the number back that it had",
        "data that is written already, and programs that are built already, know it by that number alone",
        ("set the old number in the message", "use a fresh number for whatever took it"),
    )
    yield Remedy(
        "Build again with the new message, and read old data with the old one",
        "for readers there is no other way while both numbers are in the data",
        ("take the new message into the build", "choose the message by when a record was written"),
        whom=CONSUMER,
    )


def loosened(one: Broken) -> Options:
    """A member that may be absent, or null."""
    text = sql.not_null(one.dataset, one.dialect, one.column, one.was) if one.column and one.dialect else ""
    if text:
        first = ("fill the records in which it is null", "run the statement")
    else:
        first = ("declare it as required, without null", "fill the records that were written without it")
    yield Remedy(f"Require {one.name} again", "no record without it may come", first, text, "sql" if text else "")
    yield Remedy(
        f"Write a value where there is none for {one.name}",
        "records hold one in any case; the schema is to say so too, or the ticket stays open",
        ("choose a value that consumers can tell apart, and agree on it with them", "require the field again"),
    )
    yield Remedy(
        f"Take null, or none, for {one.name}",
        "a consumer that can is no longer concerned",
        ("decide what its absence means for you, and handle it", "drop `required` from the clause in the contract"),
        whom=CONSUMER,
    )
