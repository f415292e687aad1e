"""Wants: an expectation in words, as tickets and pages tell it."""

from __future__ import annotations

import json
from typing import assert_never

from watcher.model.contract import (
    At,
    AtMost,
    Classified,
    ClosedShape,
    Defaulted,
    Exists,
    Expectation,
    Guarded,
    HasType,
    Meets,
    PrimaryKey,
    ReadsVersion,
    ReadsWith,
    Required,
    Unique,
    Values,
)
from watcher.model.path import ROOT
from watcher.model.types import Constraint


def wants(expectation: Expectation) -> str:  # noqa: PLR0912 - one line a kind
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
        case Unique(members):
            return f"no two records{_within(path)} share {_listed(members)}"
        case PrimaryKey(members):
            return f"the primary key{_within(path)} is {_listed(members)}"
        case AtMost(facet=facet, most=most):
            return f"the {facet} of `{path}` is at most {most}"
        case Meets(constraint=constraint):
            return f"`{path}` {_meets(constraint)}"
        case Defaulted(expected=expected):
            return f"`{path}` has {'a default' if expected is None else f'the default {json.dumps(expected.value)}'}"
        case At(position=position):
            return f"`{path}` stands at place {position} of its record"
        case Classified(classes=classes):
            return (
                f"`{path}` is tagged {_listed(classes)} and no more"
                if classes
                else f"`{path}` has no classification tag"
            )
        case Guarded(level=level):
            return f"the registry guards the dataset by {level.value} or more"
        case ReadsVersion(version=version):
            return f"a reader with version {version} of the schema can read what is written"
        case ReadsWith():
            return f"the reader schema {expectation.source} reads what is written"
        case _:
            assert_never(expectation)


def aspect(expectation: Expectation) -> str:
    """What tells a clause apart from others of its kind at its path; nothing where there can be only one."""
    match expectation:
        case Unique(members):
            return ",".join(members)
        case AtMost(facet=facet):
            return facet
        case Meets(constraint=constraint):
            return constraint.name
        case _:
            return ""


_SENTENCES = {
    "minimum": "is at least",
    "maximum": "is at most",
    "exclusiveMinimum": "is more than",
    "exclusiveMaximum": "is less than",
    "multipleOf": "is a multiple of",
    "pattern": "matches the pattern",
    "format": "has the format",
}
_COUNTS = {
    "minLength": "has at least {} characters",
    "maxLength": "has at most {} characters",
    "minItems": "has at least {} items",
    "maxItems": "has at most {} items",
    "minProperties": "has at least {} members",
    "maxProperties": "has at most {} members",
}


def _meets(constraint: Constraint) -> str:
    value = constraint.value if isinstance(constraint.value, str) else json.dumps(constraint.value)
    if constraint.name in _COUNTS:
        return _COUNTS[constraint.name].format(value)
    if constraint.name in _SENTENCES:
        return f"{_SENTENCES[constraint.name]} {value}"
    return "has no item twice" if constraint.name == "uniqueItems" else f"meets {constraint.name} {value}"


def _within(path: str) -> str:
    return "" if path == ROOT else f" of `{path}`"


def _listed(names: tuple[str, ...]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last


def place_words(path: str) -> str:
    """A path in words; the root is the record itself."""
    return "the record" if path == ROOT else f"`{path}`"
