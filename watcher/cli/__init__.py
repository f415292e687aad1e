"""The command line: where a person, or a pipeline, meets the watcher."""

import sys


def main() -> None:
    """Run the command line, and leave with its exit code.

    0: fine. 1: something breaks. 2: the call or a configuration is off. 3: could not be decided. 70: a fault of the
    watcher's own. 130: interrupted.
    """
    from watcher.cli.app import run  # noqa: PLC0415 - importing a command's module must not build the whole

    sys.exit(run(sys.argv[1:]))
