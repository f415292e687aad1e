"""Arrays: the schema of all items, tuples, and what may follow them, as the registry compares them."""

from __future__ import annotations

from watcher.compat.jsonschema.found import Comparison, Found
from watcher.compat.jsonschema.leaves import bound
from watcher.compat.jsonschema.objects import rest, unevaluated
from watcher.model.json_schema import Anything, Listing, Node, Nothing


def compare_lists(found: Found, original: Listing, update: Listing) -> Comparison:
    """All that the registry looks at in two arrays."""
    if original.each is not None or update.each is not None:
        found.nest("items", (yield original.each, update.each))
    yield from _tuples(found, original, update)
    if original.rest is not update.rest:
        yield from rest(found, "additionalItems", "ADDITIONAL_ITEMS", original.rest, update.rest)
    if original.unevaluated is not update.unevaluated:
        pair = original.unevaluated, update.unevaluated
        yield from unevaluated(found, "unevaluatedItems", "UNEVALUATED_ITEMS", *pair)
    bound(found, "maxItems", "MAX_ITEMS", original.max_items, update.max_items)
    bound(found, "minItems", "MIN_ITEMS", original.min_items, update.min_items)
    if original.unique is not update.unique:
        found.add("UNIQUE_ITEMS_REMOVED" if original.unique else "UNIQUE_ITEMS_ADDED", "uniqueItems")
    bound(found, "maxContains", "MAX_CONTAINS", original.max_contains, update.max_contains)
    bound(found, "minContains", "MIN_CONTAINS", original.min_contains, update.min_contains)


def _tuples(found: Found, original: Listing, update: Listing) -> Comparison:
    both = min(len(original.items), len(update.items))
    for at in range(both):
        found.nest(f"items/{at}", (yield original.items[at], update.items[at]))
    for at in range(both, len(original.items)):
        yield from _removed(found, f"items/{at}", original.items[at], update)
    for at in range(both, len(update.items)):
        yield from _added(found, f"items/{at}", update.items[at], original)


def _removed(found: Found, path: str, was: Node, update: Listing) -> Comparison:
    if _is_open(update):
        found.add("ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL", path)
        return
    covering = _covering(update)
    if covering is not None:
        inner = yield was, covering
        found.nest(path, inner)
        found.add(f"ITEM_REMOVED_{'NOT' if inner.bad else 'IS'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", path)
    elif isinstance(was, Nothing):
        found.add("ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL", path)
    else:
        found.add("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", path)


def _added(found: Found, path: str, now: Node, original: Listing) -> Comparison:
    if _is_open(original):
        empty = isinstance(now, Anything)
        found.add(f"ITEM_{'WITH_EMPTY_SCHEMA_' if empty else ''}ADDED_TO_OPEN_CONTENT_MODEL", path)
        return
    covering = _covering(original)
    if covering is None:
        found.add("ITEM_ADDED_TO_CLOSED_CONTENT_MODEL", path)
        return
    inner = yield covering, now
    found.nest(path, inner)
    found.add(f"ITEM_ADDED_{'NOT' if inner.bad else 'IS'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", path)


def _is_open(node: Listing) -> bool:
    return node.rest is True and (node.unevaluated is None or isinstance(node.unevaluated, Anything))


def _covering(node: Listing) -> Node | None:
    if not isinstance(node.rest, bool):
        return node.rest
    spare = node.unevaluated
    return spare if node.rest and not isinstance(spare, Anything | Nothing) else None
