"""Failure: what an error says to the person in front of it, and with which code the program ends."""

from __future__ import annotations

import traceback

import typer

from watcher.cli.screen import complain
from watcher.model.errors import Fatal, Transient, Undecidable, UsageError, WatcherError

BREAKING = 1
MISUSED = 2
UNDECIDED = 3
INTERRUPTED = 130
FAULT = 70
"""EX_SOFTWARE of sysexits: not among the answers, so that a pipeline cannot take a fault for a verdict."""


def told(error: BaseException, *, debug: bool = False) -> int:
    """Say the error on standard error, and give the exit code for it."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, WatcherError):
        complain(error)
        return exit_code(error)
    if isinstance(error, typer.TyperException):
        complain(error.format_message(), also=_hint(error))
        return MISUSED
    if isinstance(error, typer.Abort):
        complain("interrupted")
        return INTERRUPTED
    complain(
        f"a fault of the watcher's own ({type(error).__name__}: {error}): please report it with the call that led here",
        also="" if debug else "Call it again as `watcher --debug …` for the traceback that belongs in the report.",
    )
    return FAULT


def exit_code(error: WatcherError) -> int:
    """The code that says what kind of error it was."""
    match error:
        case UsageError():
            return MISUSED
        case Undecidable() | Transient():
            return UNDECIDED
        case Fatal():
            return FAULT
        case _:
            return FAULT


def _hint(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` shows how it is called." if context is not None else ""


__all__ = ["BREAKING", "FAULT", "INTERRUPTED", "MISUSED", "UNDECIDED", "exit_code", "told"]
