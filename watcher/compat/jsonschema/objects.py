"""Objects: properties under an open, partially open or closed content model, as the registry compares them.

Closed is an object that takes no other members, open one that takes any; partially open one that says of others, by a
pattern or a schema, what they must be. A new property is free only where no old record can hold its name already.
"""

from __future__ import annotations

from collections.abc import Generator

from watcher.compat.jsonschema.found import Comparison, Found, Pair
from watcher.compat.jsonschema.leaves import bound
from watcher.compat.jsonschema.pattern import matches
from watcher.model.json_schema import Anything, Composite, Node, Nothing


def compare_objects(found: Found, original: Composite, update: Composite) -> Comparison:
    """All that the registry looks at in two objects; patterns and names' schemas are not among it."""
    _required(found, original, update)
    for name in {**original.properties, **update.properties}:
        was, now = original.properties.get(name), update.properties.get(name)
        if was is now:
            continue  # the same property: see the reader
        path = f"properties/{name}"
        if was is not None and now is not None:
            found.nest(path, (yield was, now))
        elif was is not None:
            yield from _removed(found, path, name, was, update)
        elif now is not None:
            what = _what(name, now, update)
            yield from _added(found, what, (name, now), original)
    if original.needs or update.needs or original.needs_schema or update.needs_schema:
        yield from _dependencies(found, original, update)
    if original.rest is not update.rest:
        yield from rest(found, "additionalProperties", "ADDITIONAL_PROPERTIES", original.rest, update.rest)
    if original.unevaluated is not update.unevaluated:
        pair = original.unevaluated, update.unevaluated
        yield from unevaluated(found, "unevaluatedProperties", "UNEVALUATED_PROPERTIES", *pair)
    bound(found, "maxProperties", "MAX_PROPERTIES", original.max_properties, update.max_properties)
    bound(found, "minProperties", "MIN_PROPERTIES", original.min_properties, update.min_properties)


def _required(found: Found, original: Composite, update: Composite) -> None:
    """Of properties that both have; what is required without a property of that name is not compared."""
    if original.required == update.required:
        return
    for name in original.properties:
        now = update.properties.get(name)
        if now is None or (name in original.required) is (name in update.required):
            continue
        if name in original.required:
            found.add("REQUIRED_ATTRIBUTE_REMOVED", f"required/{name}")
        else:
            eased = now.notes.default is not None
            found.add(
                "REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED" if eased else "REQUIRED_ATTRIBUTE_ADDED", f"required/{name}"
            )


def _removed(found: Found, path: str, name: str, was: Node, update: Composite) -> Comparison:
    """A property that is gone: it depends on what the update takes beside its properties."""
    if _is_open(update):
        found.add("PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL", path)
        return
    covering = _covering(update, name)
    if covering is not None:
        covered = yield from _covered(found, path, (was, covering))
        found.add(f"PROPERTY_REMOVED_{covered}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", path)
    elif isinstance(was, Nothing):
        found.add("PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL", path)
    else:
        found.add("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", path)


def _what(name: str, now: Node, update: Composite) -> str:
    if name not in update.required:
        return "OPTIONAL_PROPERTY"
    return "REQUIRED_PROPERTY" if now.notes.default is None else "REQUIRED_PROPERTY_WITH_DEFAULT"


def _added(found: Found, what: str, entry: tuple[str, Node], original: Composite) -> Comparison:
    """A property that has come: it depends on what the original took beside its properties."""
    name, now = entry
    path = f"properties/{name}"
    if _is_open(original):
        empty = isinstance(now, Anything)
        found.add(f"{'PROPERTY_WITH_EMPTY_SCHEMA' if empty else what}_ADDED_TO_OPEN_CONTENT_MODEL", path)
        return
    covering = _covering(original, name)
    if covering is not None:
        covered = yield from _covered(found, path, (covering, now))
        found.add(f"PROPERTY_ADDED_{covered}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", path)
    found.add(f"{what}_ADDED_TO_UNOPEN_CONTENT_MODEL", path)


def _covered(found: Found, path: str, pair: Pair) -> Generator[Pair, Found, str]:
    inner = yield pair
    found.nest(path, inner)
    return "NOT" if inner.bad else "IS"


def _is_open(node: Composite) -> bool:
    return (
        node.rest is True and not node.patterns and (node.unevaluated is None or isinstance(node.unevaluated, Anything))
    )


def _covering(node: Composite, name: str) -> Node | None:
    """What an object that is not open says of a member of this name; None where it takes none."""
    for pattern, schema in node.patterns:
        if matches(pattern, name):
            return schema
    if not isinstance(node.rest, bool):
        return node.rest
    spare = node.unevaluated
    return spare if node.rest and not isinstance(spare, Anything | Nothing) else None


def _dependencies(found: Found, original: Composite, update: Composite) -> Comparison:
    for name in {**original.needs, **update.needs}:
        was, now = original.needs.get(name), update.needs.get(name)
        if was != now:
            if now is None or was is None:
                word = "REMOVED" if now is None else "ADDED"
            else:
                word = "EXTENDED" if was < now else "NARROWED" if now < was else "CHANGED"
            found.add(f"DEPENDENCY_ARRAY_{word}", f"dependencies/{name}")
    for name in {**original.needs_schema, **update.needs_schema}:
        one, other = original.needs_schema.get(name), update.needs_schema.get(name)
        path = f"dependencies/{name}"
        if one is None or other is None:
            found.add("DEPENDENCY_SCHEMA_ADDED" if one is None else "DEPENDENCY_SCHEMA_REMOVED", path)
        else:
            found.nest(path, (yield one, other))


def rest(found: Found, keyword: str, kind: str, original: Node | bool, update: Node | bool) -> Comparison:
    """What else an object or array takes: nothing, what a schema says, anything."""
    if (original is False) is not (update is False):
        found.add(f"{kind}_ADDED" if original is False else f"{kind}_REMOVED", keyword)
    elif not isinstance(original, bool) and not isinstance(update, bool):
        found.nest(keyword, (yield original, update))
    elif original is not update:
        found.add(f"{kind}_NARROWED" if isinstance(original, bool) else f"{kind}_EXTENDED", keyword)


def unevaluated(found: Found, keyword: str, kind: str, original: Node | None, update: Node | None) -> Comparison:
    """The same for what no other keyword has looked at; a schema that is missing takes anything."""
    if original is None and update is None:
        return
    was, now = isinstance(original, Nothing), isinstance(update, Nothing)
    if was is not now:
        found.add(f"{kind}_ADDED" if was else f"{kind}_REMOVED", keyword)
    elif original is None or (
        isinstance(original, Anything) and update is not None and not isinstance(update, Anything)
    ):
        found.add(f"{kind}_NARROWED", keyword)
    elif update is None or (isinstance(update, Anything) and not isinstance(original, Anything)):
        found.add(f"{kind}_EXTENDED", keyword)
    else:
        found.nest(keyword, (yield original, update))
