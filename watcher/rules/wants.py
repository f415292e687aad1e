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
            return f"no two of {place_words(path)} share {_listed(members)}"
        case PrimaryKey(members):
            return f"the primary key of {place_words(path)} is {_listed(members)}"
        case AtMost(facet=facet, most=most):
            return f"the {facet} of `{path}` is {most} at most"
        case Meets(constraint=constraint):
            return f"`{path}` meets {constraint.name} {constraint.value}"
        case Defaulted(expected=expected):
            return f"`{path}` has {'a default' if expected is None else f'the default {json.dumps(expected.value)}'}"
        case At(position=position):
            return f"`{path}` is number {position} of its record's members"
        case Classified(classes=classes):
            return f"`{path}` is classified {_listed(classes)}" if classes else f"`{path}` is not classified"
        case Guarded(level=level):
            return f"the registry guards the dataset by {level} or more"
        case ReadsVersion(version=version):
            return f"version {version} of the schema reads what is written"
        case ReadsWith():
            return f"the reader schema {expectation.source} reads what is written"
        case _:
            assert_never(expectation)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def place_words(path: str) -> str:
    """A path in words; the root is the record itself."""
    return "the record" if path == ROOT else f"`{path}`"
