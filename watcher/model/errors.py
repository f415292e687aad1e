"""The one error tree; each class says what the reader can do.

WatcherError
├── UsageError              the command line is off: call again, corrected            (exit 2)
│   └── ConfigurationError  a file or setting is off: mend it; names file and line    (exit 2)
├── Undecidable             the question cannot be answered; never taken for "fine"   (exit 3)
│   └── SchemaError         a schema's text cannot be read as its format              (exit 3)
├── Transient               a part is away for now: retried in place with back-off
└── Fatal                   the process can no longer be trusted: ended, restarted by its manager
"""


class WatcherError(Exception):
    """Anything that the watcher itself has to say went wrong."""


class UsageError(WatcherError):
    """The call's words are off: call again, corrected."""


class ConfigurationError(UsageError):
    """A file or setting is off: the message names the place and the mend."""


class Undecidable(WatcherError):  # noqa: N818 - a verdict of its own, not a fault
    """The question cannot be answered from what is known; the cause is in the message."""


class SchemaError(Undecidable):
    """A schema's text cannot be read as its format.

    `kind` is a stable lower-kebab word for machines: `malformed-json`, `invalid-schema`, `too-deep`, `too-large`,
    `not-utf-8`, `unknown-reference`, `unsupported-format`, `too-complex`.
    """

    def __init__(self, message: str, *, kind: str = "invalid-schema") -> None:
        super().__init__(message)
        self.kind = kind


class Transient(WatcherError):  # noqa: N818 - reads as what it is: a passing fault
    """A part is away for now; the same call may succeed later, and is retried where it stands."""


class Fatal(WatcherError):  # noqa: N818 - reads as what it is
    """Going on could lose or double something: the process ends at once and starts anew from the ledger."""
