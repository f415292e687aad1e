"""`watcher migrate`: bring the ledger's tables to this version, when the operator says so."""

from __future__ import annotations

from watcher.cli.ledger import ledger_url
from watcher.cli.options import CONFIG, ConfigOption, LedgerOption


def migrate(*, config: ConfigOption = CONFIG, ledger: LedgerOption = None) -> None:
    """Bring the ledger's database to this version's tables; forwards only, and safe to call again.

    An SQLite ledger is migrated by the daemon itself when it starts. On PostgreSQL, which
    workers share, call this once before the first worker of a new version starts.

    Examples:
      watcher migrate -c watcher.yaml
      watcher migrate --ledger postgresql://watcher@db.example/watcher
    """
    from watcher.ledger import migrate as bring_up  # noqa: PLC0415 - the help of a command needs no database

    before, after = bring_up(ledger_url(config, ledger))
    if before == after:
        print(f"the ledger is at version {after} already: nothing to do")
    else:
        print(f"the ledger is at version {after} now; it was {'empty' if before is None else f'at {before}'}")
