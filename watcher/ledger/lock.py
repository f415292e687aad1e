"""One daemon to one SQLite ledger: a lock that the kernel gives back however the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from watcher.model.errors import ConfigurationError


class LedgerLock:
    """Held from creation to `close`, or to the end of the process; raises ConfigurationError where another holds it.

    The file beside the ledger stays behind on purpose: to remove it would let two processes lock two files of one name.
    """

    def __init__(self, ledger: Path) -> None:
        path = ledger.with_name(ledger.name + ".lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise ConfigurationError(f"the ledger's lock {path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise ConfigurationError(
                f"the ledger {ledger} is in use by another watcher (process {holder}): "
                "stop that one first, or give this one a ledger of its own"
            ) from error
        os.truncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """Let others have the ledger."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
