"""Checks about the registry: how it guards the subject against changes."""

from __future__ import annotations

from watcher.model.compatibility import guards_less
from watcher.model.contract import Guarded
from watcher.rules.rule import Asked, Finding


def lowered(asked: Asked) -> Finding | None:
    """The registry lets changes pass that the expected level would have refused."""
    expectation, level = asked.expectation, asked.state.level
    if not isinstance(expectation, Guarded) or level is None or not guards_less(expectation.level, level):
        return None
    return Finding(level.value, f"it is guarded by {level.value}, which lets pass what {expectation.level.value} stops")


def unstated(asked: Asked) -> Finding | None:
    """Nobody can say how the registry guards the subject."""
    if not isinstance(asked.expectation, Guarded) or asked.state.level is not None:
        return None
    return Finding(None, "its compatibility level is not known")
