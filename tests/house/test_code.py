"""The house rules of the code: every file says why it exists, nothing grows without end, no event is undeclared."""

import ast
from collections.abc import Iterator

from tests.house.tree import functions, modules
from watcher.model.delivery import MessageType
from watcher.telemetry import EVENTS

LONGEST_FILE = 300
LONGEST_FUNCTION = 60
TELLS_WHY = 12
"""The first lines, in which a longer file says `Longer than 300 lines: …`."""

LONG_FUNCTIONS = {
    "watcher/ledger/migrations/versions/v0001_the_first_tables.py:upgrade": "a list of tables, in the order of making",
}
"""`path:name` → why it is longer and better so."""

COMPUTED_EVENTS = {
    "watcher/handlers/ticketing/tickets.py": {
        one.value for one in (MessageType.TICKET_OPENED, MessageType.TICKET_UPDATED, MessageType.TICKET_REOPENED)
    },
}
"""Files that log an event whose name is a value, and the names that it can have."""

_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def test_every_file_says_why_it_exists() -> None:
    """A module's first line is the first line of its docstring, and ends in one sentence."""
    silent = [
        name
        for folder in ("watcher", "bench", "tests/parts", "tests/house")
        for name, text, tree in modules(folder)
        if text.strip() and (not ast.get_docstring(tree) or not text.startswith(('"""', 'r"""')))
    ]

    assert silent == []


def test_no_file_is_long_without_a_reason() -> None:
    """A file of the package stops at 300 lines, or says in its first lines why it does not."""
    long = [
        f"{name}: {text.count(chr(10))} lines"
        for name, text, _ in modules()
        if text.count("\n") > LONGEST_FILE
        and f"onger than {LONGEST_FILE} lines" not in "\n".join(text.splitlines()[:TELLS_WHY])
    ]

    assert long == [], "split it, or write into its docstring: Longer than 300 lines: <why it is better so>."


def test_no_function_is_long_without_a_reason() -> None:
    """A function of the package has 60 lines at most, its docstring apart; exemptions are listed with their reason."""
    long = {
        f"{name}:{function.name}": lines
        for name, _, tree in modules()
        for function in functions(tree)
        if (lines := _lines(function)) > LONGEST_FUNCTION
    }

    assert long.keys() == LONG_FUNCTIONS.keys(), long


def test_every_event_is_declared() -> None:
    """What is logged stands in `telemetry.EVENTS`, so that it is explained and counted."""
    undeclared = {name: where for name, where in _logged() if name not in EVENTS}

    assert undeclared == {}


def test_every_declared_event_is_used() -> None:
    """`telemetry.EVENTS` has no name that nothing logs any more."""
    assert EVENTS.keys() - {name for name, _ in _logged()} == set()


def test_events_are_named_by_words() -> None:
    """A log call names its event by a constant of the form `noun.verb`; files that compute one are listed."""
    computed = {
        name
        for name, _, tree in modules()
        for call in _log_calls(tree)
        if not (call.args and isinstance(call.args[0], ast.Constant))
    }

    assert computed == COMPUTED_EVENTS.keys()
    assert [name for name, _ in _logged() if name.count(".") != 1 or name != name.lower()] == []


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    body = function.body
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


def _logged() -> Iterator[tuple[str, str]]:
    """Every event's name, with the file that logs it."""
    for name, _, tree in modules():
        for call in _log_calls(tree):
            if call.args and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value), name
        for event in COMPUTED_EVENTS.get(name, ()):
            yield event, name


def _log_calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=attr)) if attr in _LEVELS:
                # `log.log(level, event)` has its event second.
                yield ast.Call(func=node.func, args=node.args[1:], keywords=node.keywords) if attr == "log" else node
