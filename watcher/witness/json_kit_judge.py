"""The judge of JSON values: the `jsonschema` package on a schema and its references, kept from never ending.

The package follows references and tries patterns as they come, and a schema comes from anyone. Its keywords are
counted, strings are held against patterns only where that surely ends soon, and nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_specifications  # type: ignore[import-untyped]
from jsonschema import Draft4Validator, Draft6Validator, Draft7Validator, Draft201909Validator, Draft202012Validator
from jsonschema.exceptions import SchemaError as NoSchema
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing import jsonschema as dialects

from watcher.formats.jsonschema import parse
from watcher.formats.jsonschema.documents import Spot as Place
from watcher.formats.jsonschema.documents import join, rebased
from watcher.formats.jsonschema.keywords import Draft, draft_of
from watcher.formats.jsonschema.text import read_tree
from watcher.model.errors import SchemaError
from watcher.model.schema import SchemaText
from watcher.witness.case import Refused
from watcher.witness.json_kit_tries import MAX_TRIES, patterns, shapes

MAX_TEXT = 200_000
"""Characters of a schema with all that it refers to: the package is slow, and a witness is small."""

MAX_STEPS = 50_000
"""Keywords that are held against values in one question: half a second, a few where each refers to the next."""

_TOLD = 300
_FAILED = 2_000
"""Keywords that a question counts for which ended in an error: such as one that never ends by itself."""

_DATA = frozenset({"enum", "const", "default", "examples"})
_LEFT: ContextVar[list[int] | None] = ContextVar("keywords_left", default=None)

_DRAFTS: Mapping[Draft, tuple[Any, Any]] = {
    Draft.D4: (Draft4Validator, dialects.DRAFT4),
    Draft.D6: (Draft6Validator, dialects.DRAFT6),
    Draft.D7: (Draft7Validator, dialects.DRAFT7),
    Draft.D2019: (Draft201909Validator, dialects.DRAFT201909),
    Draft.D2020: (Draft202012Validator, dialects.DRAFT202012),
}


class Spent(Exception):  # noqa: N818 - an end, not a fault
    """As many keywords were looked at as one question may take."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A schema inside a document: its tree, and what its references are resolved by."""

    tree: Any
    resolver: Any


class Judge:
    """One schema, ready to be asked. Raises Refused where the package, or we, cannot judge by it."""

    def __init__(self, schema: SchemaText) -> None:
        self.draft, self._trees = _trees(schema)
        checker, self._dialect = _DRAFTS[self.draft]
        root = self._trees[0][1]
        try:
            for _, tree in self._trees:
                checker.check_schema(tree)
            registry = jsonschema_specifications.REGISTRY.with_resources(
                (name, self._dialect.create_resource(tree)) for name, tree in self._trees[1:]
            )
            self._validator = _counted(self.draft)(root, registry=registry, format_checker=checker.FORMAT_CHECKER)
            resource = self._dialect.create_resource(root)
            self.root = Spot(root, registry.resolver_with_root(resource))
        except NoSchema as error:
            raise Refused(in_one_line(f"the schema is refused: {error.message}")) from None
        except Exception as error:  # noqa: BLE001 - whatever the package makes of a hostile schema is its answer
            raise _given_up(error) from None
        self._patterns = shapes(pattern for _, tree in self._trees for pattern in patterns(tree))

    def fault(self, value: Any) -> str | None:
        """What the package has against a value, in one line; None where it is valid. Raises Refused."""
        self._guard(value)
        token = _LEFT.set([MAX_STEPS])
        try:
            worst = best_match(self._validator.iter_errors(value))
        except Spent:
            raise Refused("the validator would need too many steps for this value") from None
        except Exception as error:  # noqa: BLE001 - as above
            raise _given_up(error) from None
        finally:
            _LEFT.reset(token)
        return None if worst is None else _told(worst)

    def takes(self, spot: Spot, value: Any, left: list[int]) -> bool:
        """Whether a value is valid for a schema inside; `left` are the keywords that may still be asked.

        Raises Spent when there are none left; what cannot be judged is not taken.
        """
        token = _LEFT.set(left)
        try:
            self._guard(value)
            return next(self._validator.descend(value, spot.tree, resolver=spot.resolver), None) is None
        except Spent:
            raise
        except Exception:  # noqa: BLE001 - as above
            left[0] -= _FAILED
            return False
        finally:
            _LEFT.reset(token)

    def inside(self, spot: Spot, tree: Any) -> Spot:
        """A schema that stands inside the one at a spot."""
        try:
            return Spot(tree, spot.resolver.in_subresource(self._dialect.create_resource(tree)))
        except Exception:  # noqa: BLE001 - as above
            return Spot(tree, spot.resolver)

    def referred(self, spot: Spot, reference: Any) -> Spot | None:
        """What a reference at a spot leads to; None where it leads nowhere."""
        try:
            found = spot.resolver.lookup(reference)
        except Exception:  # noqa: BLE001 - as above
            return None
        return self.inside(Spot(None, found.resolver), found.contents)

    def _guard(self, value: Any) -> None:
        if not self._patterns:
            return
        longest = max(map(len, _strings(value)), default=0)
        if any(pattern.tries(longest) > MAX_TRIES for pattern in self._patterns):
            raise Refused("a pattern of the schema may take the validator too long for strings as long as this one has")


@lru_cache(maxsize=32)
def judge(schema: SchemaText) -> Judge:
    """The judge of a schema; the latest ones are kept. Raises Refused."""
    return Judge(schema)


def in_one_line(text: str) -> str:
    """A message of the package's, without its line breaks, and not longer than anyone reads."""
    line = " ".join(text[: 10 * _TOLD].split())
    return line if len(line) <= _TOLD else f"{line[:_TOLD]}…"


def _told(error: ValidationError) -> str:
    return in_one_line(f"{in_one_line(error.message)} (at {error.json_path})")


def _given_up(error: Exception) -> Refused:
    return Refused(in_one_line(f"the validator gave up: {type(error).__name__}: {error}"))


def _trees(schema: SchemaText) -> tuple[Draft, list[tuple[str, Any]]]:
    """The documents by the names that references have for them, the schema itself first; its draft."""
    if len(schema.text) + sum(len(text) for _, text in schema.references) > MAX_TEXT:
        raise Refused(f"the schema is larger than the {MAX_TEXT} characters that a validator is given")
    try:
        parse(schema.text, schema.references)
        root = read_tree(schema.text)
        draft = draft_of(root)
        base = rebased(Place(root, "", draft)).base
        found = [("", _of_draft(root, draft))]
        for name, text in schema.references:
            tree = _of_draft(read_tree(text), draft)
            names = dict.fromkeys((name, join(base, name), name.removeprefix("./"), f"./{name}"))
            found += [(address, tree) for address in (one.partition("#")[0] for one in names) if address]
    except SchemaError as error:
        raise Refused(in_one_line(str(error))) from None
    except RecursionError:
        raise Refused("the schema is nested too deeply for the validator") from None
    return draft, found


def _of_draft(tree: Any, draft: Draft) -> Any:
    """The tree without the words that name its draft: at each of them the package would start anew, and uncounted."""
    if isinstance(tree, list):
        return [_of_draft(one, draft) for one in tree]
    if not isinstance(tree, dict):
        return tree
    if draft_of(tree, draft) is not draft:
        raise Refused("the schema mixes drafts, and the validator is asked with one of them at a time")
    return {
        key: value if key in _DATA else _of_draft(value, draft)
        for key, value in tree.items()
        if key != "$schema" or not isinstance(value, str)
    }


@lru_cache(maxsize=len(_DRAFTS))
def _counted(draft: Draft) -> Any:
    """The package's validator of a draft, its keywords counted."""
    base = _DRAFTS[draft][0]
    keywords = {word: _counting(keyword) for word, keyword in base.VALIDATORS.items()}
    return extend(base, keywords)  # type: ignore[no-untyped-call]


def _counting(keyword: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        left = _LEFT.get()
        if left is not None:
            left[0] -= 1
            if left[0] < 0:
                raise Spent
        yield from keyword(validator, value, instance, schema) or ()

    return counted


def _strings(value: Any) -> Iterator[str]:
    """All strings of a value, names of members too."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            stack += one
        elif isinstance(one, dict):
            yield from one
            stack += one.values()
