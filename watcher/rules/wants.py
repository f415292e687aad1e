"""Wants: an expectation in words, as tickets and pages tell it."""

from __future__ import annotations

from typing import assert_never

from watcher.model.contract import ClosedShape, Exists, Expectation, HasType, ReadsWith, Required, Values
from watcher.model.path import ROOT


def wants(expectation: Expectation) -> str:
    """What the consumer relies on, as a sentence without its end: `order_id` is there."""
    path = expectation.path
    match expectation:
        case Exists():
            return "the dataset is there" if path == ROOT else f"`{path}` is there"
        case HasType():
            return f"`{path}` is {'exactly ' if expectation.exact else ''}{expectation.text}"
        case Required():
            return f"`{path}` is in every record and never null"
        case Values():
            listed = ", ".join(expectation.values)
            return f"`{path}` may be any of {listed}" if expectation.at_least else f"`{path}` is only one of {listed}"
        case ClosedShape():
            return f"{place_words(path)} keeps its members as they are"
        case ReadsWith():
            return f"the reader schema {expectation.source} reads what is written"
        case _:
            assert_never(expectation)


def place_words(path: str) -> str:
    """A path in words; the root is the record itself."""
    return "the record" if path == ROOT else f"`{path}`"
