"""Options of a whole ticket: few enough to be read, none crowded out, and no stranger's name ends a statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from watcher.followup.remedies.broken import CONSUMER
from watcher.followup.remedies.options import LONGEST_TEXT, MOST, options
from watcher.formats.sql.dialects import PLATFORMS
from watcher.model.path import ROOT, member
from watcher.model.schema import Format

TOPIC = "kafka://prod/orders"


def violation(rule: str, path: str, change: Any) -> dict[str, Any]:
    """One broken clause, as messages tell it."""
    return {"rule": rule, "path": path, "wants": f"`{path}` is there", "outcome": "broken", "change": change}


def removed(path: str = "amount", was: str = "long", **more: Any) -> dict[str, Any]:
    """A field is gone."""
    declared = {"name": path, "type": was, **more}
    change = {"kind": "field-removed", "path": path, "before": declared, "after": None}
    return violation("field-removed", path, change)


def renamed(old: str, new: str) -> dict[str, Any]:
    """A field has another name."""
    return violation("field-renamed", old, {"kind": "field-renamed", "path": old, "before": old, "after": new})


def texts(found: list[dict[str, Any]]) -> list[str]:
    """What can be used as it is."""
    return [one["text"] for one in found if one["text"]]


def test_a_rule_that_is_not_known_can_at_least_be_announced() -> None:
    """A third party's rule, or one of another version, leaves nobody without a word."""
    found = options([violation("acme-own-rule", "amount", None)], TOPIC)

    assert [one["title"] for one in found] == ["Take it back, and announce it"]


def test_an_avro_default_decides_the_first_branch() -> None:
    """A default is of the union's first branch, or the schema does not parse."""
    found = options([removed(was="long | null", default=0)], TOPIC, Format.AVRO)

    assert json.loads(texts(found)[0])["type"] == ["long", "null"]


def test_a_type_that_the_text_does_not_tell_whole_is_described() -> None:
    """A record of which only the name is known is not guessed at."""
    found = options([removed(was="record acme.Address")], TOPIC, Format.AVRO)

    assert not texts(found)
    assert "record acme.Address" in str(found[0]["steps"])


def test_a_protobuf_field_that_stays_gone_is_reserved() -> None:
    """Said with it: that alone heals nothing."""
    found = [one for one in options([removed()], TOPIC, Format.PROTOBUF) if "reserve" in one["title"]]

    assert found[0]["text"] == 'reserved "amount";'
    assert "does not heal the ticket" in found[0]["why"]


@pytest.mark.parametrize("dialect", sorted(PLATFORMS))
@pytest.mark.parametrize(
    "name", ['a"; DROP TABLE t; --', "a`; DROP TABLE t; --", "a]; DROP TABLE t; --", "a\nDROP", "a\\"]
)
def test_a_strangers_name_ends_no_statement(dialect: str, name: str) -> None:
    """A name stays one identifier, with its quote doubled; what cannot be one is not written at all."""
    path = member(ROOT, name)
    broken = [removed(path, was="date | null"), renamed(path, "b"), renamed("b", path)]
    for one in texts(options(broken, f"{dialect}://h/d.s.t")):
        assert "DROP" not in _unquoted(one), one


def _unquoted(text: str) -> str:
    """What of a statement stands outside of quoted identifiers."""
    bare, quote, letters = "", "", iter(text)
    for letter in letters:
        if not quote:
            quote = letter if letter in '"`' else ""
            bare += letter
        elif letter == quote:
            following = next(letters, "")
            if following != quote:
                bare += following
                quote = ""
    return bare


def test_the_consumers_own_ways_come_last() -> None:
    """Whoever broke it is to mend it."""
    whom = [one["for"] for one in options([removed(), renamed("a", "b")], TOPIC)]

    assert CONSUMER in whom
    assert whom == sorted(whom, key=lambda one: one == CONSUMER)


def test_many_fields_that_broke_alike_are_mended_alike() -> None:
    """A release that removes forty fields is not told in forty options, and none of the other ways is crowded out."""
    found = options([removed(f"field_{number}") for number in range(40)], TOPIC, Format.AVRO)
    titles = [one["title"] for one in found]

    assert len(found) <= MOST
    assert titles[:3] == [f"Put `field_{number}` back" for number in range(3)]
    assert titles[3].startswith("The same for `field_3`, `field_4`")
    assert titles[3].endswith("and 27 more")
    assert "Take it back, and announce it" in titles
    assert any(one["for"] == CONSUMER for one in found)


def test_a_text_that_nobody_would_read_is_left_out() -> None:
    """And where it is to be found instead is said."""
    found = options([removed(was="string", default="x" * (LONGEST_TEXT + 1))], TOPIC, Format.AVRO)

    assert not texts(found)
    assert "too long" in found[0]["steps"][-1]


def test_a_body_that_was_cut_still_names_ways() -> None:
    """Where a value is only the beginning of its own JSON, nothing is made of it."""
    cut = violation("field-removed", "amount", '{"kind": "field-removed", "before": {"ty…')

    assert not texts(options([cut], TOPIC, Format.AVRO))
    assert options([cut], TOPIC, Format.AVRO)[0]["title"] == "Put `amount` back"
