"""Texts, numbers, enums and constants: bounds and lists, compared as the registry does."""

from __future__ import annotations

from fractions import Fraction

from watcher.compat.jsonschema.found import Found
from watcher.model.json_schema import Choice, Constant, Number, Text


def bound(found: Found, keyword: str, kind: str, original: float | None, update: float | None) -> None:
    """A bound that came, went, or moved; the same number written otherwise is no change."""
    if original is None and update is None:
        return
    if original is None or update is None:
        found.add(f"{kind}_ADDED" if original is None else f"{kind}_REMOVED", keyword)
    elif original != update:
        found.add(f"{kind}_INCREASED" if original < update else f"{kind}_DECREASED", keyword)


def compare_texts(found: Found, original: Text, update: Text) -> None:
    """Lengths and pattern; patterns are compared as they are written, formats not at all."""
    bound(found, "maxLength", "MAX_LENGTH", original.max_length, update.max_length)
    bound(found, "minLength", "MIN_LENGTH", original.min_length, update.min_length)
    if original.pattern != update.pattern:
        word = "ADDED" if original.pattern is None else "REMOVED" if update.pattern is None else "CHANGED"
        found.add(f"PATTERN_{word}", "pattern")


def compare_numbers(found: Found, original: Number, update: Number) -> None:
    """Bounds, multiples, and whether it must be whole."""
    bound(found, "maximum", "MAXIMUM", original.maximum, update.maximum)
    bound(found, "minimum", "MINIMUM", original.minimum, update.minimum)
    bound(found, "exclusiveMaximum", "EXCLUSIVE_MAXIMUM", original.exclusive_maximum, update.exclusive_maximum)
    bound(found, "exclusiveMinimum", "EXCLUSIVE_MINIMUM", original.exclusive_minimum, update.exclusive_minimum)
    if original.multiple_of != update.multiple_of:
        found.add(f"MULTIPLE_OF_{_multiple(original.multiple_of, update.multiple_of)}", "multipleOf")
    if original.integer is not update.integer:
        found.add("TYPE_EXTENDED" if original.integer else "TYPE_NARROWED")


def _multiple(original: float | None, update: float | None) -> str:
    """By the numbers as they are written: a registry takes their whole parts, and fails at 0.01."""
    if original is None or update is None:
        return "ADDED" if original is None else "REMOVED"
    was, now = Fraction(str(original)), Fraction(str(update))
    if was and now % was == 0:
        return "EXPANDED"
    return "REDUCED" if now and was % now == 0 else "CHANGED"


def compare_choices(found: Found, original: Choice, update: Choice) -> None:
    """Enums as sets."""
    was, now = original.set, update.set
    if was != now:
        word = "EXTENDED" if was < now else "NARROWED" if now < was else "CHANGED"
        found.add(f"ENUM_ARRAY_{word}", "enum")


def compare_constants(found: Found, original: Constant, update: Constant) -> None:
    """Constants, by value."""
    if original.value != update.value:
        found.add("ENUM_ARRAY_CHANGED", "const")
