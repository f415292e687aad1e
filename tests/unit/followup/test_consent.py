"""Consent: what answers and silence come to, and from when on all are ready."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.parts.announcements import MADE, ORDERS, SINCE, UNTIL, announcement, days, invited, said
from watcher.followup.consent import Says, affected, deprecated, next_look, reminders_due, standing
from watcher.formats.contracts.read import read
from watcher.formats.read import read_schema
from watcher.model.announcement import Deprecation, Silence, Word
from watcher.model.catalogue import Catalogue
from watcher.model.contract import Subscription
from watcher.model.errors import UsageError
from watcher.model.path import FieldPath
from watcher.model.schema import Format, Schema, SchemaText
from watcher.model.verdict import DatasetState

BEFORE = '{"type":"record","name":"O","fields":[{"name":"id","type":"string"},{"name":"amount","type":"long"}]}'
AFTER = '{"type":"record","name":"O","fields":[{"name":"id","type":"string"}]}'


def schema(text: str) -> Schema:
    return read_schema(SchemaText(Format.AVRO, text))


def catalogue(*texts: str) -> Catalogue:
    found = [one for text in texts for one in read(text, "contract.yaml")]
    return Catalogue([one for one in found if isinstance(one, Subscription)])


def reader(name: str, field: str, more: str = "") -> str:
    return (
        f'{{"kind": "Subscription", "name": "{name}", "consumer": {{"domain": "{name}"}},'
        f' "dataset": "{ORDERS}", "relies_on": ["{field}"]{more}}}'
    )


def asks(found: Catalogue, before: str, after: str) -> list[str]:
    states = DatasetState(schema(before)), DatasetState(schema(after))
    return [str(one.subscription.name) for one in affected(found, ORDERS, *states, MADE.date())]


def test_only_those_who_would_break_are_asked() -> None:
    """A consumer of a field that stays is not troubled, and one whose contract is over neither."""
    found = catalogue(
        reader("finance", "amount"), reader("search", "id"), reader("old", "amount", ', "until": "2026-11-01"')
    )

    assert asks(found, BEFORE, AFTER) == ["finance"]


def test_who_is_broken_already_is_not_asked() -> None:
    """What does not hold now cannot be broken by what is planned."""
    assert asks(catalogue(reader("finance", "tax")), BEFORE, AFTER) == []


def test_a_deprecated_field_breaks_those_who_read_it() -> None:
    """What is left once the field is gone is judged as any other schema is."""
    left = deprecated(schema(BEFORE), Deprecation((FieldPath("amount"),)))

    assert left == schema(AFTER)


NESTED = (
    '{"type":"record","name":"O","fields":[{"name":"id","type":"string"},{"name":"lines","type":{"type":"array","items":'
    '{"type":"record","name":"L","fields":[{"name":"sku","type":"string"},{"name":"note","type":["null","string"]}]}}}]}'
)


@pytest.mark.parametrize(
    ("paths", "asked"),
    [(("lines[].sku",), ["sku"]), (("lines[].note",), []), (("lines",), ["sku"]), (("lines", "lines[].sku"), ["sku"])],
)
def test_a_field_within_others_can_be_deprecated(paths: tuple[str, ...], asked: list[str]) -> None:
    """In a list's items too; and with what it stands in, named beside it or not."""
    before = schema(NESTED)
    left = deprecated(before, Deprecation(tuple(FieldPath(one) for one in paths)))
    found = affected(
        catalogue(reader("sku", "lines[].sku")), ORDERS, DatasetState(before), DatasetState(left), MADE.date()
    )

    assert [str(one.subscription.name) for one in found] == asked


def test_a_deprecated_path_must_lead_to_a_field() -> None:
    """A slip of the pen is told at once, not at the sunset."""
    for path in ("amonut", "id.amount", "", "amount[]"):
        with pytest.raises(UsageError):
            deprecated(schema(BEFORE), Deprecation((FieldPath(path),)))


def test_nobody_to_ask_means_agreed() -> None:
    """A change that breaks nobody may come in its window without a word from anyone."""
    stands = standing(announcement(), [], MADE)

    assert stands.agreed
    assert stands.earliest == SINCE.date()


def test_all_who_are_asked_must_have_answered() -> None:
    """One open answer holds the change up; the last word of each counts."""
    one = announcement(invited("finance"), invited("search"))

    assert not standing(one, [said(Word.ACCEPT, "finance")], MADE).agreed
    answers = [said(Word.OBJECT, "finance", reason="no"), said(Word.ACCEPT, "search"), said(Word.ACCEPT, "finance")]
    assert standing(one, answers[:2], MADE).objected == ("finance",)
    assert standing(one, answers, MADE).agreed


def test_an_answer_to_another_announcement_or_of_a_stranger_counts_nothing() -> None:
    """Consent is given to one plan, by those whom it breaks."""
    stands = standing(announcement(invited()), [said(Word.ACCEPT, "stranger")], MADE)

    assert stands.missing == ("finance",)


@pytest.mark.parametrize(
    ("day", "agreed", "start"), [("2026-11-20", True, SINCE), ("2026-12-03", True, None), ("2026-12-08", False, None)]
)
def test_who_needs_until_a_day_moves_the_beginning(day: str, agreed: bool, start: dt.datetime | None) -> None:
    """Within the window the change waits for the slowest; behind it there is no agreement, but a day to plan for."""
    stands = standing(
        announcement(invited(), invited("search")),
        [said(Word.NEED_UNTIL, until=dt.date.fromisoformat(day)), said(Word.ACCEPT, "search")],
        MADE,
    )

    assert stands.agreed is agreed
    assert stands.start == (start or dt.datetime.fromisoformat(f"{day}T00:00:00+00:00"))
    assert stands.earliest == stands.start.date()


@pytest.mark.parametrize(("notice", "waits"), [(None, 14), (30, 30), (3, 3)])
def test_silence_accepts_once_the_notice_is_over(notice: float | None, waits: float) -> None:
    """A consumer has its own notice to answer, or fourteen days; then its silence is an answer."""
    one = announcement(invited(notice=notice))

    assert standing(one, [], MADE + days(waits) - days(0.01)).missing == ("finance",)
    [voice] = standing(one, [], MADE + days(waits)).voices
    assert voice.says is Says.SILENT


def test_silence_may_count_as_an_objection() -> None:
    """Where the settings say so, nothing goes through that nobody looked at."""
    stands = standing(announcement(invited(), silence=Silence.OBJECTS), [], MADE + days(14))

    assert stands.objected == ("finance",)
    assert stands.earliest is None


def test_the_silence_of_somebody_who_could_not_be_asked_means_nothing() -> None:
    """Without an address there was no question; the sentence says whom to go to."""
    one = announcement(invited(told=False, contact="#finance-data"))
    stands = standing(one, [], MADE + days(365))

    assert stands.missing == ("finance",)
    assert "ask #finance-data" in stands.sentences[0]


def test_a_notice_that_is_too_short_is_said_until_it_is_accepted() -> None:
    """Thirty days were asked for and twenty-eight given: only the consumer's own word makes that good."""
    one = announcement(invited(notice=30))

    assert standing(one, [], MADE).short == ("finance",)
    assert "finance asks for 30 days of notice, and got 28 days" in standing(one, [], MADE).sentences
    assert standing(one, [said(Word.ACCEPT)], MADE).short == ()


def test_the_earliest_day_is_the_slowest_consumers() -> None:
    """Who has not answered is counted with the notice that it asks for, from when it was asked."""
    one = announcement(invited(notice=45), invited("search"))

    assert standing(one, [], MADE).earliest == (MADE + days(46)).date()
    assert standing(one, [said(Word.OBJECT, "search", reason="no")], MADE).earliest is None


def test_who_asks_for_no_notice_may_still_take_its_time() -> None:
    """Asked on the eve of the change, a consumer has fourteen days; before they are over nobody knows."""
    eve = SINCE - days(1)

    assert standing(announcement(invited(at=eve)), [], eve).earliest == (SINCE + days(13)).date()


def test_the_clock_looks_at_reminders_at_the_end_of_silence_and_at_the_windows_end() -> None:
    """Halfway, near the end, at the end; a late look finds all that was due."""
    one = announcement(invited())

    assert next_look(one, [], MADE) == MADE + days(7)
    assert reminders_due(one.asked[0], MADE + days(7)) == 1
    assert reminders_due(one.asked[0], MADE + days(13)) == 2
    assert next_look(announcement(invited(reminded=2)), [], MADE + days(13)) == MADE + days(14)
    assert next_look(one, [said(Word.ACCEPT)], MADE) == UNTIL


def test_sentences_say_what_stands_in_the_way_first() -> None:
    """An objection is read before a yes."""
    one = announcement(invited(), invited("search"))
    stands = standing(one, [said(Word.ACCEPT), said(Word.OBJECT, "search", reason="the year's end")], MADE)

    assert stands.sentences == (
        "search objects, says search-lead: the year's end",
        "finance accepts, says finance-lead",
    )
