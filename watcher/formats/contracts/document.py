"""The documents' form, once: what a contract and a domain may say. The JSON Schemas in `schemas/` come from it.

Only form is judged here, exactly as the JSON Schemas judge it. What the texts mean (paths, types, dates) is read in
`read.py`, where a mistake can be told with its place.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from watcher.formats.contracts.clause import LEFT_OUT, ClausePart, Form, Text, Value
from watcher.formats.contracts.scalars import (
    DATASET_PATTERN,
    DAYS_PATTERN,
    HOLIDAY_PATTERN,
    HOURS_PATTERN,
    SPAN_PATTERN,
    TIME_PATTERN,
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]
Span = Annotated[str, Field(pattern=SPAN_PATTERN, description="A span of time: `30m`, `4h`, `14d`, `2w`.")]
LevelWord = Literal[
    "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"
]  # NONE guards against nothing: to ask for it says nothing
CriticalityWord = Literal["low", "normal", "high", "critical"]


class ConsumerPart(Form):
    """Who relies."""

    domain: Name
    """The consumer's own domain."""
    team: Text | None = None
    contact: Text | None = None
    """Where a person of the team can be reached."""


def _form(entry: Any) -> str | None:
    return "(path)" if isinstance(entry, str) else "(field)" if isinstance(entry, dict) else None


Reliance = Annotated[
    Annotated[Text, Tag("(path)")]
    | Annotated[
        Annotated[dict[str, ClausePart | None], Field(min_length=1, max_length=1)],
        Tag("(field)"),
    ],
    Discriminator(_form, custom_error_type="reliance", custom_error_message="write a field's path, or `path: {…}`"),
]


def _schema_form(value: Any) -> str | None:
    kinds = ((str, "(text)"), (dict, "(mapping)"), (list, "(list)"))
    return next((tag for kind, tag in kinds if isinstance(value, kind)), None)


class ReaderPart(Form):
    """The consumer's own reader schema, or the registered version that it reads with."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["format", "schema"], "maxProperties": 2},
                {"required": ["version"], "maxProperties": 1},
            ]
        }
    )

    format: Literal["avro", "json", "protobuf"] = LEFT_OUT
    """The format of our own schema; it goes with `schema`."""
    schema_: Annotated[
        Annotated[Text, Tag("(text)")]
        | Annotated[dict[str, Any], Tag("(mapping)")]
        | Annotated[list[Any], Tag("(list)")],
        Discriminator(
            _schema_form, custom_error_type="reader", custom_error_message="must be a file's name, or the schema itself"
        ),
    ] = Field(default=cast("Any", None), alias="schema")
    """A file beside the contract, or the schema itself."""
    version: Annotated[int, Field(ge=1)] = LEFT_OUT
    """In place of a schema: the version of the dataset's own subject that we read with."""

    @model_validator(mode="after")
    def _complete(self) -> ReaderPart:
        if self.model_fields_set not in ({"format", "schema_"}, {"version"}):
            raise PydanticCustomError("reader_form", "write either `format` and `schema`, or `version`")
        return self


class SubscriptionDocument(Form):
    """A contract: what one consumer relies on about one dataset."""

    apiVersion: Literal["watcher/v1"] = "watcher/v1"  # noqa: N815 - the document's own spelling
    kind: Literal["Subscription"] = "Subscription"
    name: Name | None = None
    """Unique; made of consumer and dataset where it is left out."""
    consumer: ConsumerPart
    purpose: Annotated[str, Field(max_length=5000)] = ""
    """What it is for, in words."""
    dataset: Annotated[str, Field(pattern=DATASET_PATTERN, max_length=1000)]
    """Namespace and name: `kafka://prod/orders`. No wildcards: one contract, one dataset."""
    criticality: CriticalityWord = "normal"
    """How much hangs on it: weighs the ticket."""
    notice: Span | None = None
    """How long before a planned break we want to hear."""
    until: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    """The last day in force; afterwards the contract blames nobody, and is listed as stale."""
    shape: Literal["open", "closed"] = "open"
    """`closed`: we read by position, or everything, so that an added field breaks us too."""
    primary_key: Annotated[list[Text], Field(min_length=1)] = LEFT_OUT
    """The members that make the primary key, in whatever order."""
    unique: list[Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=list)
    """Lists of members: no two records share the values of all members of a list."""
    compatibility: LevelWord = LEFT_OUT
    """The registry guards the dataset by this level, or by one that refuses all that this one refuses."""
    relies_on: list[Reliance]
    """The fields that we use, and how. An empty list relies on the dataset being there."""
    reads_with: ReaderPart | None = None
    """Our actual reader schema, resolved as the format does, or the registered version that we read with."""
    notify: list[Text] = Field(default_factory=list)
    """Channels on which we are told ourselves."""


class OwnersPart(Form):
    """The people who answer for the domain."""

    accountable: Text | None = None
    oncall: Text | None = None


class TicketPart(BaseModel):
    """A channel on which the domain is told, and the channel's own options."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, Value]

    channel: Text

    @property
    def options(self) -> dict[str, str | float | bool]:
        """All but the channel."""
        return self.__pydantic_extra__


class RungPart(Form):
    """One step of the ladder."""

    after: Span
    """Working time since the ticket was opened, in which nobody took it in hand."""
    to: Text
    """A channel and an address in it: `slack:#checkout`."""
    when: Literal["always", "unacknowledged", "unfixed"] = "always"
    """Only while nobody acknowledged, or only once the time to fix is over."""


class DeadlinePart(Form):
    """How soon a ticket is to be acknowledged and fixed."""

    acknowledge: Span
    fix: Span


class CalendarPart(Form):
    """When the domain works; deadlines and the ladder count these hours only. A day is one working day."""

    timezone: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$")] = "UTC"
    hours: Annotated[str, Field(pattern=HOURS_PATTERN)] = "09:00-17:00"
    """Within one day, from `00:00` to `24:00`."""
    days: Annotated[str, Field(pattern=DAYS_PATTERN)] = "mon-fri"
    holidays: Annotated[list[Annotated[str, Field(pattern=HOLIDAY_PATTERN)]], Field(max_length=2000)] = Field(
        default_factory=list
    )
    """Days, `2026-12-24`, and countries or parts of them, `DE`, `DE-BE`, whose public holidays are meant."""
    quiet: Annotated[str, Field(pattern=HOURS_PATTERN)] | None = None
    """Hours in which people are not told, `20:00-08:00`."""
    around_the_clock: list[CriticalityWord] = Field(default_factory=list)
    """Severities for which neither hours nor quiet hold."""


def _low() -> list[CriticalityWord]:
    return ["low"]


class DigestPart(Form):
    """What is told together, once a day, in place of one by one."""

    severities: Annotated[list[CriticalityWord], Field(min_length=1)] = Field(default_factory=_low)
    at: Annotated[str, Field(pattern=TIME_PATTERN)] = "09:00"
    """In the calendar's time zone."""
    days: Annotated[str, Field(pattern=DAYS_PATTERN)] = "mon-fri"


class BudgetPart(Form):
    """An error budget for promises."""

    breaking_changes: Annotated[int, Field(ge=0)]
    per: Span
    when_spent: Literal["escalate", "go-token", "report"] = "escalate"
    """`go-token`: `check` then lets only those changes pass to which everyone agreed."""


class DomainDocument(Form):
    """A domain: who produces datasets and answers for them."""

    apiVersion: Literal["watcher/v1"] = "watcher/v1"  # noqa: N815 - the document's own spelling
    kind: Literal["Domain"] = "Domain"
    name: Name
    owns: list[Annotated[str, Field(pattern=r"^\S+$", max_length=1000)]] = Field(default_factory=list)
    """Datasets, with `*` for any text; of several domains the most specific pattern wins. None: it only has parts."""
    owns_unclaimed: list[Annotated[str, Field(pattern=r"^\S+$", max_length=1000)]] = Field(default_factory=list)
    """Datasets that nobody else claims: no domain's `owns`, and no imported catalogue."""
    also_known_as: list[Text] = Field(default_factory=list)
    """How other systems write this team's name: `group:default/checkout`, `@acme/checkout`."""
    part_of: Name | None = None
    """The larger domain, from which everything is taken that is not said here."""
    owners: OwnersPart = OwnersPart()
    tickets: list[TicketPart] = Field(default_factory=list)
    ladder: list[RungPart] = Field(default_factory=list)
    deadlines: dict[CriticalityWord, DeadlinePart] = Field(default_factory=dict)
    calendar: CalendarPart = CalendarPart()
    budget: BudgetPart | None = None
    digest: DigestPart | None = None


Document = SubscriptionDocument | DomainDocument

PARTS: dict[tuple[str, ...], type[BaseModel]] = {
    ("Subscription",): SubscriptionDocument,
    ("Subscription", "consumer"): ConsumerPart,
    ("Subscription", "relies_on", "*", "*"): ClausePart,
    ("Subscription", "reads_with"): ReaderPart,
    ("Domain",): DomainDocument,
    ("Domain", "owners"): OwnersPart,
    ("Domain", "tickets", "*"): TicketPart,
    ("Domain", "ladder", "*"): RungPart,
    ("Domain", "deadlines", "*"): DeadlinePart,
    ("Domain", "calendar"): CalendarPart,
    ("Domain", "budget"): BudgetPart,
    ("Domain", "digest"): DigestPart,
}
"""Where in a document which part stands (`*`: any index or key), so that an unknown key can be told its nearest."""


def keys_at(kind: str, where: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that the mapping at `where` may have."""
    for pattern, part in PARTS.items():
        same_length = len(pattern) == len(where) + 1 and pattern[0] == kind
        if same_length and all(wanted in ("*", step) for wanted, step in zip(pattern[1:], where, strict=True)):
            return tuple(info.alias or name for name, info in part.model_fields.items())
    return ()
