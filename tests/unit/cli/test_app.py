"""How the program is called, and how it ends."""

import pytest
import typer

from tests.parts.command_line import call
from watcher import __version__
from watcher.cli import app, failure
from watcher.model.errors import ConfigurationError, Fatal, SchemaError, Transient, Undecidable, UsageError


def test_version() -> None:
    """`--version` says the version and ends well."""
    ended = call("--version")

    assert (0, f"watcher {__version__}\n") == (ended.code, ended.out)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_names_every_command(words: list[str]) -> None:
    """The help has a line for each command and the exit codes; without a command it is shown too, as misuse."""
    ended = call(*words)

    assert (0 if words else 2) == ended.code
    for name, line in app.COMMANDS.items():
        assert f"  {name} " in ended.out
        assert line.split(":")[0].split()[0] in ended.out
    assert "could not be decided" in ended.out


@pytest.mark.parametrize("name", [one for one in app.COMMANDS if one not in ("run", "demo")])
def test_each_command_teaches(name: str) -> None:
    """Each command's help has an example that begins with its own name."""
    ended = call(name, "--help")

    assert ended.code == 0
    assert f"\n    watcher {name}" in ended.out


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("rules", "list"),
        ("rules", "show"),
        ("contracts", "check"),
        ("tickets", "list"),
        ("tickets", "show"),
        ("tickets", "dead"),
        ("tickets", "deliveries"),
        ("tickets", "redrive"),
    ],
)
def test_each_command_of_a_group_teaches(group: str, name: str) -> None:
    """So does the help of each command that stands in a group."""
    ended = call(group, name, "--help")

    assert ended.code == 0
    assert f"\n    watcher {group} {name}" in ended.out


def test_misspelt_command_is_told_its_nearest() -> None:
    """A command that is not there is answered with the nearest one, on standard error alone."""
    ended = call("dif")

    assert (ended.code, ended.out) == (2, "")
    assert "Did you mean 'diff'?" in ended.err


def test_unknown_option_is_one_line_and_a_hint() -> None:
    """A wrong option is told in one line, with the way to the right ones."""
    ended = call("compat", "--lvel", "FULL")

    assert ended.code == 2
    assert [
        ended.err.splitlines()[0][:31],
        ended.err.splitlines()[1][:23],
    ] == ["watcher: No such option: --lvel", "`watcher compat --help`"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("call it right"), 2),
        (ConfigurationError("mend line 3"), 2),
        (Undecidable("nobody knows"), 3),
        (SchemaError("no schema"), 3),
        (Transient("away"), 3),
        (Fatal("in doubt"), 70),
        (RuntimeError("a bug"), 70),
        (typer.Abort(), 130),
    ],
)
def test_exit_codes(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each kind of error has its exit code, and no traceback."""
    assert code == failure.told(error)
    assert "Traceback" not in capsys.readouterr().err


def test_fault_asks_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault of the watcher's own says so, and how to get the traceback; `--debug` shows it."""
    error = RuntimeError("a bug")
    failure.told(error)
    plain = capsys.readouterr().err
    failure.told(error, debug=True)
    full = capsys.readouterr().err

    assert "please report it" in plain
    assert "--debug" in plain
    assert "RuntimeError: a bug" in full


def test_error_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What a schema brought into an error's message is written out, not obeyed; the lines of several mistakes stay."""
    failure.told(ConfigurationError("first \x1b[31m\nsecond \u202e"))

    assert capsys.readouterr().err.splitlines() == ["first \\x1b[31m", "second \\u202e"]
