"""How much a compatibility level guards: which directions it checks, and against how many versions."""

from __future__ import annotations

from watcher.model.compatibility import Level


def guards_less(before: str, after: str) -> bool:
    """Whether something that was guarded before is not guarded any more; a move sideways loses one direction."""
    return bool(_guards(before) - _guards(after))


def _guards(level: str) -> frozenset[str]:
    try:
        known = Level(level)
    except ValueError:  # a server's default that the watcher's settings name wrongly guards nothing that we know of
        return frozenset()
    directions = {name for name, guarded in (("backward", known.backward), ("forward", known.forward)) if guarded}
    return frozenset(directions | {f"{name} to all" for name in directions if known.transitive})
