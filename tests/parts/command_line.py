"""The command line, called in the test's own process: what it says, and how it ends."""

import io
import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from watcher.cli.app import run


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def lines(self) -> list[Any]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def json(self) -> Any:
        return json.loads(self.out)


class _Stream(io.TextIOWrapper):
    def isatty(self) -> bool:
        return False


def call(*arguments: object, stdin: bytes = b"") -> Ended:
    """Run the command line with these words."""
    with pytest.MonkeyPatch.context() as patch:
        out, err = (_Stream(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
        patch.setattr(sys, "stdin", _Stream(io.BytesIO(stdin), encoding="utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        was, set_up = structlog.get_config(), structlog.is_configured()
        try:
            code = run([str(one) for one in arguments])
        finally:  # a command sets its process's log up, and this process is everyone's
            structlog.configure(**was) if set_up else structlog.reset_defaults()
        told = []
        for stream in (out, err):
            stream.flush()
            told.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return Ended(code, *told)
