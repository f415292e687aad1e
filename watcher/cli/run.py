"""`watcher run`: the long-lived daemon on a real cluster."""

from __future__ import annotations

import sys

from watcher.cli.options import CONFIG, ConfigOption
from watcher.settings import load
from watcher.telemetry import Metrics, configure


def run(
    config: ConfigOption = CONFIG,
) -> None:
    """Hear, judge, tell, and follow up, until SIGTERM.

    Exits with 0 when asked to stop, 2 where something is misconfigured or cannot be reached at the start, and 70 when
    in doubt: then let your service manager start it again, it goes on from the ledger.

    Example: watcher run -c watcher.yaml
    """
    from watcher.daemon.life import live  # noqa: PLC0415 - heavy, and of no use to `--help`

    settings = load(config)
    metrics = Metrics()
    configure(metrics=metrics, style=settings.log.style, level=settings.log.level)
    live(settings, metrics, lambda message: print(f"watcher: {message}", file=sys.stderr))
