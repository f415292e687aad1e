"""Contract and domain documents: what they are read as, and how each mistake is told."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from watcher.formats.contracts.problems import DocumentError
from watcher.formats.contracts.read import read
from watcher.model.compatibility import Level
from watcher.model.contract import (
    At,
    AtMost,
    Classified,
    ClosedShape,
    Criticality,
    Defaulted,
    Exists,
    Guarded,
    HasType,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Subscription,
    Unique,
    Values,
)
from watcher.model.domain import Budget, Calendar, Deadline, Digest, DomainRecord, Rung, Span, TicketRoute
from watcher.model.errors import ConfigurationError
from watcher.model.path import ROOT
from watcher.model.types import Constraint, Decimal, Default, String, Timestamp

SAMPLE = """\
apiVersion: watcher/v1
kind: Subscription
name: revenue-close-orders
consumer: {domain: finance, team: revenue-analytics, contact: "#finance-data"}
purpose: Daily revenue close
dataset: kafka://prod/orders
criticality: high              # low | normal | high | critical: weighs the ticket
notice: 14d                    # how long before a planned break we want to hear
until: 2027-06-30
shape: open
relies_on:
  - order_id: {type: string, required: true, unique: true}
  - status:   {values: [placed, paid, shipped]}
  - total.amount: {type: "decimal(12,2)"}
  - lines[].sku
  - placed_at: {type: timestamp, unit: ms, default: any}
"""

DOMAIN = """\
apiVersion: watcher/v1
kind: Domain
name: checkout
owns: ["kafka://prod/orders*", "snowflake://acme-prod/RAW.CHECKOUT.*"]
owners: {accountable: head-of-checkout@acme.example, oncall: "@checkout-oncall"}
tickets: [{channel: jira-main, project: CHK}]
ladder:
  - {after: 4h,  to: "slack:#checkout"}
  - {after: 2d,  to: "mail:em-checkout@acme.example"}
deadlines: {critical: {acknowledge: 1h, fix: 1d}, normal: {acknowledge: 1d, fix: 10d}}
calendar: {timezone: Europe/Berlin, hours: "09:00-17:00", days: mon-fri}
budget: {breaking_changes: 3, per: 90d, when_spent: "escalate"}
"""

MINIMAL = "consumer: {domain: a}\ndataset: d\nrelies_on: [id]\n"


def subscription(text: str, load: Callable[[str], str] | None = None) -> Subscription:
    (found,) = read(text, "s.yaml", load) if load else read(text, "s.yaml")
    assert isinstance(found, Subscription)
    return found


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(text, "f.yaml")
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return str(caught.value).splitlines()


def relying(entry: str) -> str:
    return f"consumer: {{domain: a}}\ndataset: d\nrelies_on:\n  - {entry}\n"


def test_a_contract_is_read() -> None:
    """The contract of the manual becomes a subscription, each clause an expectation."""
    found = subscription(SAMPLE)

    assert (found.name, found.dataset, found.criticality) == ("revenue-close-orders", "kafka://prod/orders", "high")
    assert str(found.consumer) == "finance/revenue-analytics"
    assert (found.notice, found.until) == (dt.timedelta(days=14), dt.date(2027, 6, 30))
    assert found.source == "s.yaml"
    assert [(one.kind, one.path) for one in found.expectations] == [
        ("exists", "order_id"),
        ("type", "order_id"),
        ("required", "order_id"),
        ("unique", ROOT),
        ("exists", "status"),
        ("values", "status"),
        ("exists", "total.amount"),
        ("type", "total.amount"),
        ("exists", "lines[].sku"),
        ("exists", "placed_at"),
        ("type", "placed_at"),
        ("default", "placed_at"),
    ]
    assert HasType("total.amount", Decimal(12, 2), "decimal(12,2)") in found.expectations  # type: ignore[arg-type]
    assert HasType("placed_at", Timestamp("ms", None), "timestamp(ms)") in found.expectations  # type: ignore[arg-type]


def test_a_domain_is_read() -> None:
    """The domain of the manual becomes a record of it."""
    (found,) = read(DOMAIN, "d.yaml")

    assert found == DomainRecord(
        name="checkout",  # type: ignore[arg-type]
        owns=("kafka://prod/orders*", "snowflake://acme-prod/RAW.CHECKOUT.*"),
        accountable="head-of-checkout@acme.example",
        oncall="@checkout-oncall",
        tickets=(TicketRoute("jira-main", (("project", "CHK"),)),),
        ladder=(
            Rung(Span(time=dt.timedelta(hours=4)), "slack:#checkout"),
            Rung(Span(days=2), "mail:em-checkout@acme.example"),
        ),
        deadlines=(
            ("critical", Deadline(Span(time=dt.timedelta(hours=1)), Span(days=1))),
            ("normal", Deadline(Span(days=1), Span(days=10))),
        ),
        calendar=Calendar("Europe/Berlin"),
        budget=Budget(3, dt.timedelta(days=90)),
        source="d.yaml",
        said=frozenset(
            {"apiVersion", "kind", "name", "owns", "owners", "tickets", "ladder", "deadlines", "calendar", "budget"}
        ),
    )


def test_a_domain_says_what_it_is_part_of_and_how_others_call_it() -> None:
    """A larger domain, the team's names elsewhere, and what it takes when nobody else does."""
    text = """\
name: checkout
owns: []
owns_unclaimed: ["kafka://prod/*"]
also_known_as: ["group:default/payments", "@acme/payments"]
part_of: commerce
"""
    (found,) = read(text, "d.yaml")

    assert isinstance(found, DomainRecord)
    assert found.owns_unclaimed == ("kafka://prod/*",)
    assert found.also_known_as == ("group:default/payments", "@acme/payments")
    assert found.part_of == "commerce"


def test_a_domain_is_no_part_of_itself() -> None:
    """It is told at its place."""
    with pytest.raises(DocumentError, match=r"d.yaml:3:\d+: a domain is no part of itself"):
        read("name: checkout\nowns: []\npart_of: checkout\n", "d.yaml")


def test_a_domain_says_when_its_people_are_told() -> None:
    """Holidays become days, by date and by country; quiet hours, digest, rungs and go tokens are read as written."""
    text = """\
name: checkout
owns: [a]
calendar:
  hours: "08:00-24:00"
  holidays: [2026-12-24, DE-BE]
  quiet: "20:00-08:00"
  around_the_clock: [critical]
digest: {severities: [low, normal], at: "08:30", days: mon}
ladder: [{after: 1w2d3h, to: "slack:#checkout", when: unacknowledged}]
budget: {breaking_changes: 3, per: 90d, when_spent: go-token}
"""
    (found,) = read(text, "d.yaml")

    assert isinstance(found, DomainRecord)
    christmas_eve, womens_day, assumption = dt.date(2026, 12, 24), dt.date(2027, 3, 8), dt.date(2026, 8, 15)
    assert {christmas_eve, womens_day, dt.date(2045, 12, 25)} <= found.calendar.holidays
    assert assumption not in found.calendar.holidays, "a holiday elsewhere in the country"
    assert found.calendar.hours == (dt.time(8), dt.time(0))
    assert found.calendar.quiet == (dt.time(20), dt.time(8))
    assert found.calendar.around_the_clock == {Criticality.CRITICAL}
    assert found.digest == Digest(frozenset({Criticality.LOW, Criticality.NORMAL}), dt.time(8, 30), ("mon",))
    assert found.ladder == (Rung(Span(1, 2, dt.timedelta(hours=3)), "slack:#checkout", "unacknowledged"),)
    assert found.budget == Budget(3, dt.timedelta(days=90), "go-token")


def test_the_holidays_of_the_whole_world_are_refused() -> None:
    """A calendar joins a bounded number of countries: working them out takes its time."""
    countries = [a + b for a in "ABCD" for b in "EFGHIJKLMNOPQR"]

    told = problems(f"name: d\nowns: [a]\ncalendar: {{holidays: [{', '.join(countries)}]}}")

    assert "f.yaml:3:123: the holidays of more than 25 countries: those are nobody's working days" in told


def test_a_file_may_hold_several_documents() -> None:
    """Documents of both kinds stand in one file; empty ones between them are nothing."""
    found = read(f"{SAMPLE}---\n---\n{DOMAIN}", "both.yaml")

    assert [type(one) for one in found] == [Subscription, DomainRecord]


def test_only_three_keys_are_needed() -> None:
    """Kind and name go without saying where the keys show them."""
    found = subscription(MINIMAL)

    assert found.name == "a-d"
    assert found.expectations == (Exists("id"),)  # type: ignore[arg-type]


def test_relying_on_nothing_relies_on_the_dataset() -> None:
    """A contract without a field still has the clause that the dataset is there."""
    assert subscription("consumer: {domain: a}\ndataset: d\nrelies_on: []").clauses == (Exists(ROOT),)


@pytest.mark.parametrize("entry", ["id", "id:", "id: null", "id: ~", "id: {}"])
def test_a_field_alone_only_has_to_exist(entry: str) -> None:
    """A plain path, and a path with nothing after it, mean the same."""
    assert [one.kind for one in subscription(relying(entry)).expectations] == ["exists"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("a: {required: true}", Required("a")),  # type: ignore[arg-type]
        ("a: {type: string, exact: true}", HasType("a", String(), "string", exact=True)),  # type: ignore[arg-type]
        ("a: {values: [x], at_least: true}", Values("a", ("x",), at_least=True)),  # type: ignore[arg-type]
        ("a: {shape: closed}", ClosedShape("a")),  # type: ignore[arg-type]
        ("a: {unique: true}", Unique(("a",))),
        ("lines[].sku: {unique: true}", Unique(("sku",), "lines[]")),  # type: ignore[arg-type]
        ("a: {max_length: 20}", AtMost("a", "length", 20)),  # type: ignore[arg-type]
        ("a: {precision: 12}", AtMost("a", "precision", 12)),  # type: ignore[arg-type]
        ("a: {scale: 0}", AtMost("a", "scale", 0)),  # type: ignore[arg-type]
        ("a: {minimum: 0}", Meets("a", Constraint("minimum", 0))),  # type: ignore[arg-type]
        ("a: {maximum: 1.5}", Meets("a", Constraint("maximum", 1.5))),  # type: ignore[arg-type]
        ("a: {exclusive_minimum: -1}", Meets("a", Constraint("exclusiveMinimum", -1))),  # type: ignore[arg-type]
        ("a: {exclusive_maximum: 9}", Meets("a", Constraint("exclusiveMaximum", 9))),  # type: ignore[arg-type]
        ("a: {multiple_of: 5}", Meets("a", Constraint("multipleOf", 5))),  # type: ignore[arg-type]
        ("a: {min_length: 1}", Meets("a", Constraint("minLength", 1))),  # type: ignore[arg-type]
        ("a: {pattern: '^[A-Z]+$'}", Meets("a", Constraint("pattern", "^[A-Z]+$"))),  # type: ignore[arg-type]
        ("a: {format: email}", Meets("a", Constraint("format", "email"))),  # type: ignore[arg-type]
        ("a: {min_items: 1}", Meets("a", Constraint("minItems", 1))),  # type: ignore[arg-type]
        ("a: {max_items: 9}", Meets("a", Constraint("maxItems", 9))),  # type: ignore[arg-type]
        ("a: {unique_items: true}", Meets("a", Constraint("uniqueItems", True))),  # type: ignore[arg-type]
        ("a: {min_properties: 1}", Meets("a", Constraint("minProperties", 1))),  # type: ignore[arg-type]
        ("a: {max_properties: 9}", Meets("a", Constraint("maxProperties", 9))),  # type: ignore[arg-type]
        ("a: {default: any}", Defaulted("a")),  # type: ignore[arg-type]
        ("a: {default: 0}", Defaulted("a", Default(0))),  # type: ignore[arg-type]
        ("a: {default: null}", Defaulted("a", Default(None))),  # type: ignore[arg-type]
        ("a: {default: [x, {y: 1}]}", Defaulted("a", Default(["x", {"y": 1}]))),  # type: ignore[arg-type]
        ("a: {position: 3}", At("a", 3)),  # type: ignore[arg-type]
        ("a: {classification: [PII, GDPR]}", Classified("a", ("GDPR", "PII"))),  # type: ignore[arg-type]
        ("a: {classification: []}", Classified("a", ())),  # type: ignore[arg-type]
    ],
)
def test_each_clause_is_an_expectation(entry: str, expected: object) -> None:
    """Each key of a clause gives the expectation of its kind."""
    assert expected in subscription(relying(entry)).expectations


@pytest.mark.parametrize(
    "entry",
    ["a: {required: false}", "a: {type: any}", "a: {shape: open}", "a: {unique: false}", "a: {unique_items: false}"],
)
def test_a_clause_that_asks_for_nothing_is_none(entry: str) -> None:
    """What leaves everything open adds no expectation."""
    assert [one.kind for one in subscription(relying(entry)).expectations] == ["exists"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("primary_key: [b, a]", PrimaryKey(("b", "a"))),
        ("primary_key: ['`odd.name`']", PrimaryKey(("odd.name",))),
        ("unique: [[a, b], [c]]", Unique(("a", "b"))),
        ("unique: [[a, b], [c]]", Unique(("c",))),
        ("compatibility: FULL_TRANSITIVE", Guarded(Level.FULL_TRANSITIVE)),
        ("reads_with: {version: 3}", ReadsVersion(3)),
    ],
)
def test_what_is_said_of_the_whole_dataset_is_an_expectation(written: str, expected: object) -> None:
    """Keys, level and version stand beside the fields, and each gives the expectation of its kind."""
    assert expected in subscription(f"{MINIMAL}{written}\n").expectations


@pytest.mark.parametrize(
    ("format_", "schema"),
    [
        ("avro", '{"type": "record", "name": "O", "fields": []}'),
        ("json", '{"type": "object"}'),
        ("protobuf", "message O { optional string id = 1; }"),
    ],
)
def test_a_reader_schema_may_be_of_each_format(format_: str, schema: str) -> None:
    """A reader schema is read by its format, whichever a registry carries."""
    found = subscription(f"{MINIMAL}reads_with: {{format: {format_}, schema: '{schema}'}}")

    (reader,) = (one for one in found.expectations if isinstance(one, ReadsWith))
    assert reader.reader.format == format_.upper()


def test_a_whole_number_stays_one() -> None:
    """A bound is the number that was written, whatever its size."""
    found = subscription(relying("a: {maximum: 9007199254740993}"))

    (meets,) = (one for one in found.expectations if isinstance(one, Meets))
    assert meets.constraint.value == 9007199254740993


def test_values_are_texts_as_written() -> None:
    """`no`, `on`, dates and numbers in a list of values are what they look like."""
    found = subscription(relying("a: {values: [no, yes, on, true, 1, 1.0, 0x10, 2024-01-01, 'null']}"))

    (values,) = (one for one in found.expectations if isinstance(one, Values))
    assert values.values == ("no", "yes", "on", "true", "1", "1.0", "0x10", "2024-01-01", "null")


def test_a_quoted_path_is_the_same_field() -> None:
    """Paths are written one way in the model, however the document writes them."""
    assert subscription(relying('"`order`.id"')).expectations == (Exists("order.id"),)  # type: ignore[arg-type]


READER = '{"type": "record", "name": "O", "fields": [{"name": "id", "type": "string"}]}'


@pytest.mark.parametrize("written", [READER, f"'{READER}'", "reader.avsc"])
def test_a_reader_schema_is_a_file_or_stands_in_the_document(written: str) -> None:
    """A mapping, a text and a file's name all give the reader's text."""
    found = subscription(
        f"{MINIMAL}reads_with: {{format: avro, schema: {written}}}", {"reader.avsc": READER}.__getitem__
    )

    (reader,) = (one for one in found.expectations if isinstance(one, ReadsWith))
    assert '"name": "O"' in reader.reader.text
    assert reader.source == ("reader.avsc" if written == "reader.avsc" else "s.yaml")


def test_a_broken_reader_schema_is_refused_at_once() -> None:
    """A reader schema that cannot be read is a mistake of the contract, told with its place."""
    (told,) = problems(f"{MINIMAL}reads_with: {{format: avro, schema: {{type: record, name: O}}}}\n")

    assert told.startswith("f.yaml:4:36: the reader schema in `f.yaml` cannot be read: ")


def test_a_reader_file_that_is_not_there_is_told() -> None:
    """A file that a contract names and that cannot be had is a mistake of the contract."""

    def load(name: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", name)

    with pytest.raises(ConfigurationError, match=r"s\.yaml:4:36: the file `x\.avsc` cannot be read: no such file"):
        subscription(f"{MINIMAL}reads_with: {{format: avro, schema: x.avsc}}", load)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (relying("a: {requird: true}"), "f.yaml:4:9: unknown key `requird` (did you mean `required`?)"),
        ("consumr: {domain: a}\n" + MINIMAL, "f.yaml:1:1: unknown key `consumr` (did you mean `consumer`?)"),
        (MINIMAL + "consumer2: 1\n", "f.yaml:4:1: unknown key `consumer2` (did you mean `consumer`?)"),
        ("dataset: d\nrelies_on: []", "f.yaml:1:1: missing key `consumer`"),
        ("kind: Subscripton", "f.yaml:1:7: unknown kind `Subscripton` (did you mean `Subscription`?): "),
        ("name: x", "f.yaml:1:1: missing key `kind`: Subscription or Domain"),
        ("- a", "f.yaml:1:1: a document is a mapping"),
        (MINIMAL + "criticality: hihg", "f.yaml:4:14: `criticality` must be low, normal, high or critical, not `hihg`"),
        (MINIMAL + "notice: 14 days", "f.yaml:4:9: `notice` must be a span of time, as in"),
        (MINIMAL + "until: 2027-02-30", "f.yaml:4:8: `2027-02-30` is no date: day is out of range"),
        (MINIMAL + "until: soon", "f.yaml:4:8: `until` must be a date, as in `2027-06-30`, not `soon`"),
        (MINIMAL + "apiVersion: watcher/v2", "f.yaml:4:13: `apiVersion` must be watcher/v1, not `watcher/v2`"),
        (MINIMAL + "purpose: 12", "f.yaml:4:10: `purpose` must be text, not `12`: put it in quotes"),
        (MINIMAL + "purpose:", "f.yaml:4:9: `purpose` is empty where text should be"),
        (relying("a..b"), "f.yaml:4:5: the field path 'a..b' has an empty member before character 4"),
        (relying("'lines[.sku': {}"), "f.yaml:4:5: the field path 'lines[.sku' cannot be read at character 6"),
        (relying("''"), "f.yaml:4:5: "),
        (relying("5"), "f.yaml:4:5: `relies_on`: write a field's path, or `path: {…}`"),
        (relying("a\n  - a"), "f.yaml:5:5: the field `a` stands twice, first in line 4"),
        (relying("a: {type: strng}"), "f.yaml:4:15: unknown type `strng` (did you mean `string`?)"),
        (
            relying("a: {type: decimal(12,2)}"),
            "f.yaml:4:26: unknown key `2)`: put a type that has a comma in it in",
        ),
        (relying("a: {type: string, unit: ms}"), "f.yaml:4:15: the unit `ms` does not go with the type `string`"),
        (relying("a: {exact: true}"), "f.yaml:4:8: `a`: `exact` says more about `type`, which is not there"),
        (relying("a: {max_lenght: 3}"), "f.yaml:4:9: unknown key `max_lenght` (did you mean `max_length`?)"),
        (relying("a: {max_length: -1}"), "f.yaml:4:21: `max_length` must be 0 or more, not `-1`"),
        (relying("a: {max_length: null}"), "f.yaml:4:21: `max_length` is empty where a whole number should be"),
        (relying("a: {maximum: x}"), "f.yaml:4:18: `maximum` must be a number, not `x`"),
        (relying("a: {maximum: true}"), "f.yaml:4:18: `maximum` must be a number, not `true`"),
        (relying("a: {maximum: 1e999}"), "f.yaml:4:18: `maximum`"),
        (relying("a: {multiple_of: 0}"), "f.yaml:4:22: `multiple_of` must be more than 0, not `0`"),
        (relying("a: {position: 0}"), "f.yaml:4:19: `position` must be 1 or more, not `0`"),
        (relying("a: {classification: PII}"), "f.yaml:4:25: `classification` must be a list, not `PII`"),
        (relying("a: {classification: [PII, PII]}"), "f.yaml:4:31: the tag `PII` stands twice"),
        (
            relying("'a[]': {position: 1}"),
            "f.yaml:4:13: `position` is said of a member of a record, and `a[]` is none: leave it out",
        ),
        (relying("'a{}': {unique: true}"), "f.yaml:4:13: `unique` is said of a member of a record, and `a{}` is none"),
        (relying("'a<B>': {default: any}"), "f.yaml:4:14: `default` is said of a member of a record"),
        (MINIMAL + "primary_key: [a.b]", "f.yaml:4:15: a key is made of the record's own members, and `a.b` is none"),
        (MINIMAL + "primary_key: [a, a]", "f.yaml:4:18: the member `a` stands twice"),
        (MINIMAL + "primary_key: []", "f.yaml:4:14: `primary_key` is empty where it should name one at least"),
        (MINIMAL + "unique: [a]", "f.yaml:4:10: `unique` must be a list, not `a`"),
        (MINIMAL + "unique: [[a, b], [b, a]]", "f.yaml:4:18: these members stand twice, first in line 4"),
        (MINIMAL + "compatibility: backward", "f.yaml:4:16: `compatibility` must be BACKWARD, "),
        (MINIMAL + "compatibility: NONE", "f.yaml:4:16: `compatibility` must be BACKWARD, "),
        (MINIMAL + "reads_with: {version: 0}", "f.yaml:4:23: `version` must be 1 or more, not `0`"),
        (
            MINIMAL + "reads_with: {version: 1, format: avro}",
            "f.yaml:4:13: `reads_with`: write either `format` and `schema`, or `version`",
        ),
        (MINIMAL + "reads_with: {format: avro}", "f.yaml:4:13: `reads_with`: write either `format` and `schema`, or"),
        (MINIMAL + "reads_with: {versio: 1}", "f.yaml:4:14: unknown key `versio` (did you mean `version`?)"),
        (relying("a: {values: [x, x]}"), "f.yaml:4:21: the value `x` stands twice"),
        (relying("a: {values: [null]}"), "f.yaml:4:18: `values`: must be text or a number"),
        (relying("a: {required: yes}"), "f.yaml:4:19: `required` must be true or false, not `yes`"),
        (
            relying("a:\n    type: string"),
            "f.yaml:5:11: `type` stands beside a field's path where it should stand",
        ),
        (relying("a: {}\n    b: {}"), "f.yaml:4:5: one field for each entry of `relies_on`"),
        ("consumer: {domain: a}\ndataset: 'k://*'\nrelies_on: []", "f.yaml:2:10: `dataset` must be one dataset's name"),
        ("kind: Domain\nname: d\nowns: [a, a]", "f.yaml:3:11: the pattern `a` stands twice"),
        ("name: d\nowns: [a]\nladder: [{after: 2d, to: x}, {after: 1d, to: y}]", "f.yaml:3:38: a later step of the"),
        (
            "name: d\nowns: [a]\ncalendar: {timezone: Europe/Berlyn}",
            "f.yaml:3:22: there is no time zone `Europe/B",
        ),
        ("name: d\nowns: [a]\ncalendar: {holidays: [DE-BX]}", "f.yaml:3:23: no holidays are known of `DE-BX` (did you"),
        ("name: d\nowns: [a]\ncalendar: {holidays: [DX]}", "f.yaml:3:23: no holidays are known of a country `DX`"),
        ("name: d\nowns: [a]\ncalendar: {holidays: [MC-A]}", "f.yaml:3:23: the holidays of `MC` differ nowhere"),
        ("name: d\nowns: [a]\ncalendar: {holidays: [2026-02-30]}", "f.yaml:3:23: `2026-02-30` is no date"),
        ("name: d\nowns: [a]\ncalendar: {holidays: [Germany]}", "f.yaml:3:23: `holidays` must be a day, as in"),
        ("name: d\nowns: [a]\ncalendar: {quiet: '08:00-08:00'}", "f.yaml:3:19: `08:00-08:00` is no time of quiet"),
        ("name: d\nowns: [a]\ncalendar: {quiet: '25:00-08:00'}", "f.yaml:3:19: `25:00-08:00` are no hours"),
        (
            "name: d\nowns: [a]\ncalendar: {hours: '22:00-06:00'}",
            "f.yaml:3:19: `22:00-06:00` end before they begin: ",
        ),
        ("name: d\nowns: [a]\ndigest: {at: '24:10'}", "f.yaml:3:14: `24:10` is no time of the day"),
        ("name: d\nowns: [a]\ndigest: {severities: []}", "f.yaml:3:22: `severities` is empty"),
        ("name: d\nowns: [a]\nladder: [{after: 1d, to: someone}]", "f.yaml:3:26: `someone` names no channel: write"),
        ("name: d\nowns: [a]\nladder: [{after: 999999w, to: 'a:b'}]", "f.yaml:3:18: `999999w` is more than a hundred"),
        (f"name: d\nowns: [a]\nladder: [{{after: {'999999w' * 150}, to: 'a:b'}}]", "f.yaml:3:18: `999999w999999w"),
        (
            "name: d\nowns: [a]\nbudget: {breaking_changes: 1, per: 1d, when_spent: gotoken}",
            "f.yaml:3:52: `when_spent` must be escalate, go-token or report, not `gotoken` (did you mean `go-token`?)",
        ),
        ("name: d\nowns: [a]\ncalendar: {days: mon-fry}", "f.yaml:3:18: `mon-fry` are no days"),
        ("name: d\nowns: [a]\ncalendar: {hours: '17:00-09:00'}", "f.yaml:3:19: `17:00-09:00` end before they begin"),
        ("name: d\nowns: [a]\ndeadlines: {hihg: {acknowledge: 1h, fix: 1d}}", "f.yaml:3:13: "),
        ("name: d\nowns: [a]\ntickets: [{chanel: x}]", "f.yaml:3:11: missing key `channel`"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, told: str) -> None:
    """Each mistake names file, line, column, the offending key, and the nearest valid one."""
    assert [line for line in problems(text) if line.startswith(told)]


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    """One reading tells every mistake, in the order of the file, over all its documents."""
    told = problems("consumer: {domain: a, x: 1}\ndataset: d\nrelies_on: [{a: {type: strng}}]\n---\nkind: Domin\n")

    assert [line.split(": ")[0] for line in told] == ["f.yaml:1:23", "f.yaml:5:7"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: there is no document in this file"),
        ("# only a remark\n", "1:1: there is no document in this file"),
        ("a: [1,\nb: 2", "not YAML: "),
        ("a: 1\nb: 2\na: 3", "3:1: the key `a` stands twice, first in line 1"),
        ("a: &x [*x]", "1:8: the alias `*x` has no complete anchor before it"),
        (
            "a: !!python/object:os.system 1",
            "1:4: tags such as `tag:yaml.org,2002:python/object:os.system` are",
        ),
        ("a: &d {x: 1}\nb: {<<: *d}", "2:5: merge keys"),
        ("? [a]\n: 1", "1:3: a key must be text"),
        ("a: \x00", "not YAML: "),
        (b"a: caf\xe9", "1:7: not UTF-8: byte 0xe9"),
        (b"\xff\xfea\x00", "1:1: not UTF-8"),
        ("[" * 10_000, "1:201: nested more than 200 deep"),
        ("{a: " * 10_000, "nested more than 200 deep"),
        ("x" * (4 * 1024 * 1024 + 1), "1:1: the file is larger than 4 MB"),
        (
            "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)),
            "more than 200000 nodes",
        ),
    ],
)
def test_hostile_text_is_refused(text: str | bytes, told: str) -> None:
    """What is no plain YAML, or would cost more than a contract may, is one clear problem."""
    (line,) = problems(text)
    assert told in line


def test_an_alias_is_read_as_what_it_stands_for() -> None:
    """Anchors save writing; they are read like the text that they repeat."""
    text = "consumer: {domain: a}\ndataset: d\nrelies_on: [a: &key {type: string, required: true}, b: *key]"

    assert [(one.kind, one.path) for one in subscription(text).expectations] == [
        (kind, path) for path in "ab" for kind in ("exists", "type", "required")
    ]


def test_a_json_document_is_a_document() -> None:
    """JSON is YAML, byte order mark and all."""
    found: Any = read(b'\xef\xbb\xbf{"name": "d", "owns": ["a"]}', "d.yaml")

    assert found[0].name == "d"
