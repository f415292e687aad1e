"""Probes: one question a file to a part of a working watcher; each answer says what to do about it."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from watcher.model.errors import Transient, WatcherError


class State(enum.StrEnum):
    """What a finding is: well; worth a look; a part that does not answer; or something to be mended."""

    OK = "ok"
    LOOK = "look"
    AWAY = "away"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: what it is about, and a sentence; `more` are its particulars, one a line."""

    state: State
    about: str
    message: str
    more: tuple[str, ...] = ()


class Findings:
    """The answers so far, in the order of the questions."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def ok(self, about: str, message: str, more: tuple[str, ...] = ()) -> None:
        """It is well."""
        self.all.append(Finding(State.OK, about, message, more))

    def look(self, about: str, message: str, more: tuple[str, ...] = ()) -> None:
        """Somebody should look at it; the watcher itself works."""
        self.all.append(Finding(State.LOOK, about, message, more))

    def away(self, about: str, message: str, more: tuple[str, ...] = ()) -> None:
        """It does not answer now."""
        self.all.append(Finding(State.AWAY, about, message, more))

    def wrong(self, about: str, message: str, more: tuple[str, ...] = ()) -> None:
        """It must be mended."""
        self.all.append(Finding(State.WRONG, about, message, more))

    @contextmanager
    def asking(self, about: str) -> Iterator[None]:
        """Turn what is raised while asking into an answer."""
        try:
            yield
        except Transient as error:
            self.away(about, str(error))
        except WatcherError as error:
            self.wrong(about, str(error))

    @property
    def worst(self) -> State:
        """The state that the exit code is about."""
        for state in (State.WRONG, State.AWAY, State.LOOK):
            if any(one.state is state for one in self.all):
                return state
        return State.OK
