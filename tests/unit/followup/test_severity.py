"""Severity: the heaviest of what is broken, raised step by step, and explained."""

from itertools import pairwise

import pytest

from watcher.followup.planned import Reason
from watcher.followup.severity import BUDGET_SPENT, ORDER, heaviest, outweighs, weigh
from watcher.model.contract import Criticality

LOW, NORMAL, HIGH, CRITICAL = ORDER


def test_the_heaviest_counts() -> None:
    """One consumer on which much hangs outweighs many on which little does."""
    found = weigh([LOW, HIGH, NORMAL, HIGH])

    assert found.severity is HIGH
    assert found.because == ("2 of 4 broken promises have the criticality high",)


@pytest.mark.parametrize(
    ("given", "reasons", "expected"),
    [
        ([LOW], [Reason.EARLY], NORMAL),
        ([LOW], [Reason.EARLY, BUDGET_SPENT], HIGH),
        ([LOW], [Reason.EARLY, Reason.EARLY], NORMAL),
        ([HIGH], [Reason.UNANNOUNCED, BUDGET_SPENT, Reason.OBJECTED], CRITICAL),
        ([CRITICAL], [Reason.EARLY_REMOVAL], CRITICAL),
        ([], [], NORMAL),
        ([], ["because we say so"], HIGH),
    ],
)
def test_each_reason_raises_it_one_step(given: list[Criticality], reasons: list[str], expected: Criticality) -> None:
    """Every reason counts once, and nothing is heavier than critical."""
    assert weigh(given, reasons).severity is expected


def test_the_number_is_explained() -> None:
    """Each step has its sentence, in the order in which it was taken, and so has the step that was not."""
    assert weigh([HIGH], [Reason.EARLY, BUDGET_SPENT]).because == (
        "the contract that is broken has the criticality high",
        "it came before the date that was announced: raised from high to critical",
        "the domain's budget of breaking changes is spent: it is critical already, and goes no higher",
    )


@pytest.mark.parametrize("reason", [*Reason, BUDGET_SPENT])
def test_every_reason_has_its_sentence(reason: str) -> None:
    """No reason is told as a bare word."""
    assert not weigh([LOW], [reason]).because[1].startswith(f"{reason}:")


def test_severities_are_compared_by_weight() -> None:
    """Low is lighter than normal, though it comes later in the alphabet than critical and high."""
    assert all(outweighs(after, before) and not outweighs(before, after) for before, after in pairwise(ORDER))
    assert not outweighs(HIGH, HIGH)
    assert heaviest(reversed(ORDER)) is CRITICAL
    assert set(ORDER) == set(Criticality)
