"""The ledger as a command beside a running daemon opens it: found by URL or settings, never locked, never migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watcher.ports import Transaction


def ledger_url(config: Path, ledger: str | None) -> str:
    """The ledger's URL: the one that was given, or the one of the settings file."""
    if ledger is not None:
        return ledger
    from watcher.settings import load  # noqa: PLC0415 - quick where the URL is given

    return load(config).ledger


@contextmanager
def transaction(config: Path, ledger: str | None) -> Iterator[Transaction]:
    """One transaction over the ledger."""
    from watcher.ledger import open_ledger  # noqa: PLC0415 - the help of a command needs no database

    opened = open_ledger(ledger_url(config, ledger), exclusive=False)
    try:
        with opened.begin() as tx:
            yield tx
    finally:
        opened.close()
