"""The watcher's own HTTP interface: a daemon that answers and says how it is, or a port that is free for one."""

from __future__ import annotations

import socket
from typing import Any

from watcher.cli.daemon_client import ask
from watcher.cli.probe import Findings
from watcher.model.errors import WatcherError
from watcher.settings import Settings


def probe(settings: Settings, findings: Findings, timeout: float) -> None:
    """Ask the port."""
    host, port = settings.http.host, settings.http.port
    if port == 0:
        findings.ok("http", "a free port is taken at each start")
        return
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not listened on
    base = f"http://[{reach}]:{port}" if ":" in reach else f"http://{reach}:{port}"
    if _free(host, port):
        findings.ok("http", f"port {port} is free: no daemon runs here")
        return
    try:
        status, document = ask(base, "GET", "/readyz", timeout=timeout)
    except WatcherError as error:
        findings.wrong("http", f"port {port} is taken, and not by a watcher ({error}): set http.port, or end the other")
        return
    if not isinstance(document, dict) or "ready" not in document:
        taken = f"port {port} is taken by another program (it answered {status}): set http.port, or end the other"
        findings.wrong("http", taken)
        return
    if document["ready"]:
        findings.ok("http", f"a daemon answers at {base}, and is ready")
    else:
        findings.away("http", f"a daemon answers at {base}, and is not ready:", tuple(_why(document)))
    for problem in document.get("problems") or ():
        findings.look("http", f"the daemon at {base} says: {problem}")


def _why(document: dict[str, Any]) -> list[str]:
    told = []
    if not document.get("started", True):
        told.append("it has not finished its start: its log says what it waits for")
    if document.get("stopping"):
        told.append("it is stopping")
    if not document.get("ledger", True):
        told.append("its ledger does not answer")
    for feed in document.get("feeds") or ():
        if not feed.get("assigned", True):
            told.append(f"feed {feed.get('name')}: no partition is assigned to it yet")
        elif not feed.get("caught_up", True):
            told.append(f"feed {feed.get('name')}: {feed.get('lag')} records behind")
    return told


def _free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return False
    return True
