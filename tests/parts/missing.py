"""What the tests need and this machine may lack: said loudly at the end of a run, a failure where it is required."""

import os
from dataclasses import dataclass, field


class MissingPart(Exception):  # noqa: N818 - reads as what it is
    """A part cannot be had here; the message says what would bring it."""


@dataclass
class MissingParts:
    """Which parts were asked for and not there, by name, with the reason."""

    reasons: dict[str, str] = field(default_factory=dict)

    def required(self, part: str) -> bool:
        return part in os.environ.get("REQUIRE", "").replace(",", " ").split()

    def any_required(self) -> bool:
        return any(self.required(part) for part in self.reasons)

    def lines(self) -> list[str]:
        return [
            f"{part}: {'REQUIRED, and ' if self.required(part) else ''}missing: {reason}"
            for part, reason in sorted(self.reasons.items())
        ]
