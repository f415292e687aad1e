"""The root of the command line: the list of commands, each imported only when it is called, and how it all ends."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated, Any, Final, TextIO

import typer
from typer.core import TyperCommand, TyperGroup

from watcher import __version__
from watcher.cli.bulk import answer_lines
from watcher.cli.failure import INTERRUPTED, told

COMMANDS: Final = {
    "run": "Watch: the long-lived daemon on a real cluster.",
    "demo": "See it work: an embedded broker, a story of five changes, nothing to install.",
    "check": "Whom this schema would break, and why: the gate for a pipeline.",
    "compat": "Whether a schema may be registered under a compatibility level; --bulk for many.",
    "diff": "What changed between two schemas: facts, no judgement; --bulk for many.",
    "ddl": "What each statement of a SQL script changes; --bulk for what many scripts build.",
    "send": "Tell a running daemon of DDL: a script that ran, or tables as they stand now.",
    "contracts": "Check contracts and domains for mistakes, and find contracts that need care.",
    "domains": "Who answers for which dataset, what decided it, and what nobody owns.",
    "rules": "The catalogue of rules: list them, or show one with its smallest example.",
    "announce": "Plan a change with those who would break, and get the token that lets it through.",
    "tickets": "What is broken, whose work it is, and which messages did not arrive.",
    "scorecard": "How each domain kept its promises, and how often the watcher was right.",
    "replay": "Which tickets there would have been: history, judged again under today's contracts.",
    "simulate": "What a ladder would have done over recorded history, before it is switched on.",
    "audit": "Whether the record of what was done is whole: a chain of hashes, walked.",
    "blind-spots": "What can only have been missed, since when, and what ended it.",
    "witness": "The proof of a break: the smallest records that show it, run again with the format's library.",
    "migrate": "Bring the ledger's database to this version's tables.",
    "doctor": "What is reachable, what is misconfigured, and what to do about it.",
}
"""Every command with its one line, in reading order; `watcher.cli.<name>` has its function, or an `app` of several."""

UNREAD = 141
"""128 and SIGPIPE, as a shell tells that a program's reader went away."""

_BULK = ("compat", "ddl", "diff")

_EPILOG = """Exit codes:
  0 fine, 1 something breaks, 2 the call or a configuration is off,
  3 could not be decided (never taken for fine)

Begin with:
  watcher demo
  watcher check order.avsc --dataset kafka://prod/orders --contracts ./contracts
  watcher run -c watcher.yaml"""


class _Deferred(TyperCommand):
    """A command that stands in the list by its one line, and is imported when it is called."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        return load(str(self.name)).make_context(*args, **kwargs)


class _Root(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, line in COMMANDS.items():
            self.add_command(_Deferred(name=name, help=line, short_help=line))


def load(name: str) -> Any:
    """The real command of this name."""
    function = name.replace("-", "_")
    module = importlib.import_module(f"watcher.cli.{function}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name)(getattr(module, function))
    command = typer.main.get_command(app)
    command.name = name
    for one in (command, *getattr(command, "commands", {}).values()):
        one.help = _kept(one.help or "")
    return command


def build() -> Any:
    """The root command; no command's own module is imported."""
    app = typer.Typer(
        cls=_Root,
        epilog=_kept(_EPILOG),
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True)(_root)
    return typer.main.get_command(app)


def _kept(text: str) -> str:
    """The text with each paragraph that holds an example marked to be printed as it stands."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(f"\b\n{one.lstrip()}" if "\n " in one else one for one in paragraphs)


def run(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code, and lets no traceback out."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    out = sys.stdout
    try:
        code = _called(arguments)
        out.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _unread(out)
    except SystemExit as end:
        # typer turns a broken pipe into the exit code that says "something breaks".
        if isinstance(end.__context__, BrokenPipeError):
            return _unread(out)
        raise
    except Exception as error:  # noqa: BLE001 - the last door: nobody gets a traceback who did not ask for it
        return told(error, debug=_wants_debug(arguments))
    return code if isinstance(code, int) else 0


def _called(arguments: list[str]) -> object:
    if len(arguments) == 2 and arguments[0] in _BULK and arguments[1] == "--bulk":
        # Pipelines call this for every pair of schemas: to parse these two words takes longer than a thousand lines.
        solve = importlib.import_module(f"watcher.cli.{arguments[0]}").solve
        answer_lines(sys.stdin.buffer, sys.stdout.buffer, solve)
        return 0
    return build().main(args=arguments, prog_name="watcher", standalone_mode=False)


def _unread(out: TextIO) -> int:
    """Whoever read us has gone, as `head` does: what is still buffered must not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
    return UNREAD


def _wants_debug(arguments: list[str]) -> bool:
    return "--debug" in arguments or bool(os.environ.get("WATCHER_DEBUG"))


def _root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version, and stop.")] = False,
    debug: Annotated[  # noqa: ARG001 - looked at where an error ends the program
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error (also: WATCHER_DEBUG=1).")
    ] = False,
) -> None:
    """Hear every schema change, judge it for everyone who relies on it, and tell the team that made it."""
    if version:
        print(f"watcher {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)
