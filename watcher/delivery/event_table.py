"""The breaking-change document as a table: its members, what each is, and the words that describe it to receivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scalar = Literal["string", "int", "boolean", "any"]


@dataclass(frozen=True, slots=True)
class Record:
    """An object with named members."""

    name: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """A list of objects, or of texts."""

    of: Record | Literal["string"]


@dataclass(frozen=True, slots=True)
class Field:
    """A member; `nullable` says that it may be null, never that it may be missing.

    `later` says that it came after v1 was published: who reads an event from before then finds a list or count empty.
    """

    name: str
    type: Scalar | Record | Each
    doc: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    later: bool = False


_CHANGE = Record(
    "Change",
    "One fact about the two schemas.",
    (
        Field("kind", "string", "What kind of fact, such as field-removed."),
        Field("path", "string", "The field's path; empty for the dataset itself."),
        Field("before", "any", "What stood there; null where nothing did."),
        Field("after", "any", "What stands there now; null where nothing does."),
    ),
)

_CONSUMER = Record(
    "Consumer",
    "Who relies on it.",
    (
        Field("domain", "string", "The consumer's domain."),
        Field("team", "string", "The team in it.", nullable=True),
        Field("contact", "string", "Where to reach it.", nullable=True),
    ),
)

_WITNESS_SIDE = Record(
    "WitnessSide",
    "One record, and what the consumer makes of it.",
    (
        Field("record", "any", "The record; bytes in it are 0x and hexadecimal digits."),
        Field(
            "encoded",
            "string",
            "Its bytes in hexadecimal digits; null where it is JSON, or cannot be written.",
            nullable=True,
        ),
        Field("outcome", "string", "What the consumer gets, for people."),
        Field("fails", "boolean", "Whether that is not what it needs."),
    ),
)

_WITNESS = Record(
    "Witness",
    "A proof: the smallest records that show the break, written and read by the format's own library.",
    (
        Field("library", "string", "The library and its version."),
        Field("before", _WITNESS_SIDE, "A record of the schema before, which the consumer could use.", nullable=True),
        Field("after", _WITNESS_SIDE, "A record under the schema after, which it cannot.", nullable=True),
        Field("absent", "string", "Why a side is missing; empty where none is."),
    ),
)

_ORIGIN = Record(
    "Origin",
    "How the change that broke it came about, as far as its source tells.",
    (
        Field("by", "string", "Who did it.", nullable=True),
        Field("query", "string", "The id of the query or commit that did it.", nullable=True),
        Field("because", "string", "The dataset whose change this one only follows, as a view.", nullable=True),
        Field("missed_since", "string", "The moment since which the feed may have missed it: RFC 3339.", nullable=True),
        Field("note", "string", "A sentence more, for people.", nullable=True),
    ),
)

_VIOLATION = Record(
    "Violation",
    "One expectation that no longer holds, or can no longer be told.",
    (
        Field("fingerprint", "string", "The violation's stable name: the same break has the same one."),
        Field("consumer", _CONSUMER, "Who relies on it."),
        Field("subscription", "string", "The contract that says so."),
        Field("criticality", "string", "How much hangs on it for them.", one_of=("low", "normal", "high", "critical")),
        Field("expectation", "string", "What kind of expectation, such as type or required."),
        Field("path", "string", "The field's path; empty for the dataset itself."),
        Field("wants", "string", "The expectation in words."),
        Field("outcome", "string", "unknown: it cannot be told.", one_of=("broken", "unknown")),
        Field("rule", "string", "The id of the rule that says so."),
        Field("message", "string", "Why, for people."),
        Field("before", "any", "What stood at the path."),
        Field("after", "any", "What stands there now."),
        Field("change", _CHANGE, "The change that caused it; null where none can be named.", nullable=True),
        Field(
            "agreement",
            "string",
            "How the registry's verdict on the causing step stands beside ours, such as compatible-yet-breaking.",
            nullable=True,
            later=True,
        ),
        Field("witness", _WITNESS, "Its proof; null where none was sought yet.", nullable=True, later=True),
        Field(
            "origin", _ORIGIN, "How the change came about; null where no source tells it.", nullable=True, later=True
        ),
    ),
)

_INCOMPATIBILITY = Record(
    "Incompatibility",
    "One reason why a reader cannot read what a writer wrote.",
    (
        Field("kind", "string", "The format's own name for it."),
        Field("path", "string", "Where, as a JSON pointer."),
        Field("message", "string", "Why, for people."),
    ),
)

_VERSION = Record(
    "Version",
    "The subject's versions on either side of the step.",
    (
        Field("before", "int", "The version that was judged last.", nullable=True),
        Field("after", "int", "The version that stands now.", nullable=True),
    ),
)

_REGISTRY = Record(
    "Registry",
    "What the schema registry's own check says of the same step.",
    (
        Field("level", "string", "The compatibility level in force.", nullable=True),
        Field("compatible", "boolean", "Null where it cannot be told.", nullable=True),
        Field("incompatibilities", Each(_INCOMPATIBILITY), "Why it is not."),
        Field("policy", "string", "How strictly it reads open content models.", nullable=True, later=True),
        Field("against", "int", "The version that it is incompatible with.", nullable=True, later=True),
        Field("reason", "string", "Why it was not asked, or cannot be told.", nullable=True, later=True),
    ),
)

_VERSION_IN_USE = Record(
    "VersionInUse",
    "A registered version, or a reader schema, that contracts in force read with.",
    (
        Field("version", "int", "The version; null for a reader schema.", nullable=True),
        Field("reader", "string", "Where the reader schema is from; null for a version.", nullable=True),
        Field("consumers", Each("string"), "Who reads with it; the first of them."),
        Field("consumer_count", "int", "How many they are."),
        Field("readable", "boolean", "Whether it reads what is written now; null: it cannot be told.", nullable=True),
        Field("incompatibilities", Each(_INCOMPATIBILITY), "Why it does not; the first of them."),
        Field("reason", "string", "Why it cannot be told.", nullable=True),
    ),
)

_CONSUMERS = Record(
    "Consumers",
    "How many contracts in force there are on the dataset.",
    (Field("asked", "int", "All of them."), Field("affected", "int", "Those with a violation.")),
)

_OMITTED = Record(
    "Omitted",
    "How much was left out because the event would have been too large to be taken; all 0 in most events.",
    (
        Field("values", "int", "Values that were cut."),
        Field("changes", "int", "Changes that are missing."),
        Field("violations", "int", "Violations that are missing."),
        Field("incompatibilities", "int", "Incompatibilities that are missing."),
        Field("versions_in_use", "int", "Versions in use that are missing.", later=True),
    ),
)

DOCUMENT = Record(
    "BreakingChange",
    "A schema change that breaks what consumers rely on: what changed, whom it breaks, and why.",
    (
        Field("id", "string", "The judged step; the same step has the same id."),
        Field("dataset", "string", "What consumers read: namespace and name."),
        Field("domain", "string", "Who produces it, and answers for it."),
        Field("subject", "string", "The name under which the registry versions its schema."),
        Field("ticket", "string", "The domain's ticket.", nullable=True),
        Field(
            "severity",
            "string",
            "The highest criticality of those affected.",
            one_of=("low", "normal", "high", "critical"),
        ),
        Field("at", "string", "When the change was made: RFC 3339, UTC."),
        Field("position", "string", "Where it was read: source/partition@offset."),
        Field("version", _VERSION, "The subject's versions."),
        Field("registry", _REGISTRY, "The registry's own verdict."),
        Field("changes", Each(_CHANGE), "The facts."),
        Field("violations", Each(_VIOLATION), "Whom it breaks, and why."),
        Field("consumers", _CONSUMERS, "How many were asked."),
        Field("omitted", _OMITTED, "What was left out."),
        Field(
            "agreement",
            "string",
            "How the registry's verdict stands beside ours: compatible, incompatible or unchecked; and, or yet; "
            "breaking, harmless or undecided.",
            nullable=True,
            later=True,
        ),
        Field("versions_in_use", Each(_VERSION_IN_USE), "Who reads with which version, and still can.", later=True),
    ),
)
