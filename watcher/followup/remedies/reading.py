"""Options where the guard is lower, a reader's schema fails, or nobody can tell whether a promise holds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from watcher.followup.remedies import schemas
from watcher.followup.remedies.broken import (
    CONSUMER,
    Broken,
    Options,
    Remedy,
)


def guarded(one: Broken) -> Options:
    """A registry that refuses less than it did."""
    was = one.change.get("before") or one.before
    level = was if isinstance(was, str) and was.replace("_", "").isalpha() and was.isupper() else ""
    text = schemas.json_text({"compatibility": level}) if level else ""
    yield Remedy(
        f"Set the registry's compatibility level back{' to ' + level if level else ''}",
        "consumers count on the registry to refuse what would break them",
        ("send this to the registry: `PUT /config/SUBJECT`",) if text else ("set the level that it had",),
        text,
        "json" if text else "",
    )
    yield Remedy(
        "Rely on what you read, instead of the level",
        "clauses about the fields themselves hold under any level",
        ("name your fields and types in the contract", "drop `compatibility` from it"),
        whom=CONSUMER,
    )


def reader(one: Broken) -> Options:
    """A consumer's schema that cannot read what is written."""
    yield Remedy(
        "Write so that the consumer's schema still can read it",
        f"this does not hold any more: {one.wants}",
        (
            "look at what the two schemas disagree on: `watcher compat`",
            "put back what the reader misses; give what is new a default",
        ),
    )
    yield Remedy(
        "Let the consumer move first",
        "where its next reader schema can read both, nobody breaks",
        ("take the change back for now", "ask the consumer to deploy the newer reader, then change again"),
    )
    yield Remedy(
        "Read with a newer schema",
        "a reader that has what is new reads it",
        (
            "take the schema that is written now as the reader's, with defaults for what it adds",
            "name it in the contract",
        ),
        whom=CONSUMER,
    )


def undecided(one: Broken) -> Options:
    """A promise of which nobody can tell whether it holds."""
    title, why, producer, consumer = UNDECIDED[one.rule]
    yield Remedy(title, why, producer)
    yield Remedy("Ask for what can be told", "a clause that nobody can decide protects nobody", consumer, whom=CONSUMER)


UNDECIDED: Mapping[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "schema-unreadable": (
            "Make the schema readable",
            "while it cannot be read, nobody knows who breaks",
            ("read the cause in the ticket", "register a schema that parses, with the references that it names"),
            ("ask the producer for a schema that parses", "hold back jobs that depend on new fields until then"),
        ),
        "type-unrecognised": (
            "Use a type that the platform states",
            "a type that cannot be placed can hold anything",
            (
                "declare a type of the platform or format itself",
                "say in the ticket what the type is, if it cannot change",
            ),
            ("name the type as the platform writes it", "or rely on the field alone, without its type"),
        ),
        "values-unlisted": (
            "List the values in the schema",
            "the contract takes the list as closed, and the schema names none",
            ("declare the values: an enum, or a check",),
            ("check the values where you read", "drop the closed list from the contract"),
        ),
        "constraint-unstated": (
            "State the constraint where the format can",
            "the format has no word for it, so that nobody can tell whether it holds",
            ("declare it where the dataset is a table or has JSON Schema", "or dispute the clause, with that reason"),
            ("check the values where you read", "take the clause out of the contract"),
        ),
        "position-unstated": (
            "Say by name what is read by place",
            "the format gives members no places",
            ("dispute the clause, with that reason",),
            ("read the members by name", "take the place out of the contract"),
        ),
        "key-unstated": (
            "Declare the key",
            "the schema declares no keys, so that nobody can tell whether records are unique",
            ("declare it where the platform can", "or dispute the clause, with that reason"),
            ("make sure of it where you read", "take the key out of the contract"),
        ),
        "compatibility-unknown": (
            "Let the watcher see how the registry guards it",
            "nobody knows the level, so that nobody can tell what the registry refuses",
            ("set a level for the subject, or let the watcher read the registry's own default",),
            ("name fields and types in the contract, which hold under any level",),
        ),
        "reader-undecided": (
            "Make the two schemas comparable",
            "the reader's schema and what is written cannot be compared",
            ("read the cause in the ticket", "register the schema in the format, and with the references, of before"),
            ("name a reader schema of the same format in the contract", "or name the fields that you read"),
        ),
    }
)
