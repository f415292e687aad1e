"""Remedies: concrete ways to mend a broken promise, in the words of the dataset's own platform; nothing false is said.

An option that would break another clause of the same ticket, as far as that can be seen, is not offered. A text that
is ready to use is offered only where all that stands in it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from watcher.followup.remedies.broken import (
    ADDS,
    APPENDS,
    CONSUMER,
    Broken,
    Options,
    Remedy,
    short,
)
from watcher.followup.remedies.fields import dropped, gone, loosened, numbered, renamed, typed
from watcher.followup.remedies.reading import UNDECIDED, guarded, reader, undecided
from watcher.followup.remedies.registry import level_of, unsure
from watcher.followup.remedies.shapes import added, keyed, opened, ordered
from watcher.followup.remedies.values import classified, constrained, defaulted, values
from watcher.formats.sql.dialects import dialect_of
from watcher.model.compatibility import Policy
from watcher.model.schema import Format

MOST = 12
"""So many options stand in one ticket."""

MOST_LOOKED_AT = 200
"""So many violations of one ticket are looked at: what many have in common is mended once."""

MOST_ALIKE = 3

MOST_LISTED = 10
"""So many options that differ in their field only are told each, and so many fields are named after them."""

LONGEST_TEXT = 2_000
"""Characters of a text that can be used as it is."""

_CLOSED = frozenset({"field-added", "shape-opened", "shape-narrowed", "fields-reordered"})

_PLACED = frozenset({"fields-reordered", "position-moved"})


def remedies(
    violation: Mapping[str, Any],
    dataset: str,
    format_: Format | None = None,
    registry: Mapping[str, Any] | None = None,
) -> tuple[Remedy, ...]:
    """The ways to mend one violation, the best first. Total: what is not known of it is left out.

    `registry` is its verdict beside ours: by its level it takes or refuses what mends.
    """
    rule = str(violation.get("rule") or "")
    one = _broken(violation, rule, dataset, format_, registry or {})
    found = list(_RULES[rule](one)) if rule in _RULES else []
    if found and not found[0].text and rule in _REVERTED and one.level is not None:
        found[0] = replace(found[0], steps=(*found[0].steps, unsure(one.level)))
    return (*found, *_common(one)) if rule in _RULES else tuple(_common(one))


def options(
    violations: Sequence[Mapping[str, Any]],
    dataset: str,
    format_: Format | None = None,
    *,
    whom: str | None = None,
    registry: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The ways to mend all that a ticket holds, each once; `whom` leaves out what is another's to do.

    For a producer, what consumers can do comes last; for a consumer only that is told.
    """
    looked_at = violations[:MOST_LOOKED_AT]
    rules = {str(one.get("rule")) for one in looked_at}
    found: dict[tuple[str, str], tuple[Remedy, str]] = {}
    for violation in looked_at:
        path = short(str(violation.get("path") or ""))
        for one in remedies(violation, dataset, format_, registry):
            if (whom is None or one.whom == whom) and not _hurts(one, rules):
                found.setdefault((one.title, one.text), (one, path))
    ordered = sorted(_folded(found.values()), key=lambda one: (one.whom == CONSUMER, one.title in _LAST))
    return [_held(one).document() for one in ordered[:MOST]]


def _folded(found: Iterable[tuple[Remedy, str]]) -> list[Remedy]:
    """The options in their order; of many that differ in their field only, the first few and which others there are."""
    alike: dict[tuple[str, str], list[tuple[Remedy, str]]] = {}
    for one, path in found:
        alike.setdefault((one.title.replace(f"`{path}`", ""), one.whom), []).append((one, path))
    folded: list[Remedy] = []
    for group in alike.values():
        folded += [one for one, _ in group[:MOST_ALIKE]]
        paths = list(dict.fromkeys(f"`{path}`" for _, path in group[MOST_ALIKE:] if path))
        if paths:
            more = f" and {len(paths) - MOST_LISTED} more" if len(paths) > MOST_LISTED else ""
            title = f"The same for {', '.join(paths[:MOST_LISTED])}{more}"
            steps_ = ("do as with those before, for each of them",)
            folded.append(Remedy(title, "they broke in the same way", steps_, whom=group[0][0].whom))
    return folded


def _held(one: Remedy) -> Remedy:
    """The option, without a text that is longer than people read."""
    if len(one.text) <= LONGEST_TEXT:
        return one
    told = "the text for it is too long for a ticket: take it from the version before"
    return replace(one, text="", language="", steps=(*one.steps, told))


def _hurts(one: Remedy, rules: set[str]) -> bool:
    """Whether an option would break another clause of the same ticket."""
    return (ADDS in one.effects and bool(rules & _CLOSED)) or (APPENDS in one.effects and bool(rules & _PLACED))


def _broken(
    violation: Mapping[str, Any], rule: str, dataset: str, format_: Format | None, registry: Mapping[str, Any]
) -> Broken:
    change = violation.get("change")
    known = change if isinstance(change, Mapping) and change.get("path") == violation.get("path") else {}
    dialect = dialect_of(dataset)
    policy = registry.get("policy")
    return Broken(
        rule=rule,
        path=str(violation.get("path") or ""),
        before=violation.get("before"),
        after=violation.get("after"),
        wants=str(violation.get("wants") or "what the contract asks for"),
        expectation=str(violation.get("expectation") or ""),
        dataset=dataset,
        format=format_ or (Format.SQL if dialect else None),
        dialect=dialect,
        change=known or (change if rule == "field-renamed" and isinstance(change, Mapping) else {}),
        level=level_of(registry.get("level"), format_),
        policy=Policy(policy) if isinstance(policy, str) and policy in set(Policy) else Policy.STRICT,
    )


def _common(one: Broken) -> Options:
    """What helps always: to say it before, and who else can mend it."""
    if one.rule in UNDECIDED:
        return
    yield Remedy(
        _ANNOUNCE,
        "who breaks is asked first, and a change that all accept raises no ticket",
        (
            "take the change back for now",
            "see whom it breaks, and from which day all could bear it: `watcher announce who`",
            "propose it with that day: `watcher announce change`; go on with the token that it gives",
        ),
    )


_ANNOUNCE = "Take it back, and announce it"

_LAST = frozenset({_ANNOUNCE})

_RULES: Mapping[str, Callable[[Broken], Options]] = MappingProxyType(
    {
        **dict.fromkeys(("field-removed", "branch-removed", "shape-narrowed"), gone),
        "field-renamed": renamed,
        "dataset-dropped": dropped,
        **dict.fromkeys(("type-changed", "type-narrowed", "type-widened", "branch-added", "encoding-changed"), typed),
        **dict.fromkeys(("length-grown", "precision-grown", "scale-grown"), typed),
        "tag-changed": numbered,
        "nullability-loosened": loosened,
        **dict.fromkeys(("enum-value-added", "enum-value-removed", "enum-opened"), values),
        "constraint-lost": constrained,
        **dict.fromkeys(("default-removed", "default-changed"), defaulted),
        **dict.fromkeys(("classification-added", "classification-removed"), classified),
        "field-added": added,
        **dict.fromkeys(("fields-reordered", "position-moved"), ordered),
        "shape-opened": opened,
        **dict.fromkeys(("uniqueness-lost", "primary-key-changed"), keyed),
        "compatibility-lowered": guarded,
        "reader-broken": reader,
        **dict.fromkeys(UNDECIDED, undecided),
    }
)

_REVERTED = (
    frozenset(_RULES)
    - frozenset(UNDECIDED)
    - {
        *("dataset-dropped", "classification-added", "classification-removed"),
        *("uniqueness-lost", "primary-key-changed", "compatibility-lowered"),
    }
)
"""Rules whose first option changes the schema back; the registry has its say in that."""


def rules() -> Iterable[str]:
    """The rules whose breaks can be mended in a way that is theirs."""
    return _RULES
