"""What the compiler finds wrong first."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - what is wrong with a text, not with us
    """The compiler's message, the file that it is about, and the byte in it where there is one."""

    def __init__(self, message: str, name: str, at: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.name = name
        self.at = at
