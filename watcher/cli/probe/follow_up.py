"""Following up: whether what signs links and go tokens can, and whether anybody may decide a dispute."""

from __future__ import annotations

from watcher.cli.probe import Findings
from watcher.settings import Settings, secret


def probe(settings: Settings, findings: Findings) -> None:
    """Read the key as the daemon would, which does not start without it."""
    follow_up = settings.follow_up
    if follow_up.signing is not None:
        from watcher.handlers.planning.go import signer  # noqa: PLC0415 - only where there is a key to look at
        from watcher.web.links import Signer  # noqa: PLC0415

        with findings.asking("follow_up"):
            key = secret(follow_up.signing.key)
            Signer([key])
            signer(key)
            findings.ok("follow_up", "`signing.key` signs links and go tokens")
    if not follow_up.arbiters:
        findings.look("follow_up", "`arbiters` names nobody: a dispute can be raised, and never decided")
