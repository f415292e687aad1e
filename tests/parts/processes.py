"""Servers that tests start: free ports, and a child that does not outlive the run."""

import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; held open together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def tied_to_us(command: Sequence[str], signal: str) -> list[str]:
    """The command, told by the kernel to end when we do, even by SIGKILL.

    The kernel watches the *thread* that starts it, so this is for the main thread only; elsewhere, and off Linux, the
    server is stopped by its fixture alone.
    """
    setpriv = shutil.which("setpriv")
    if sys.platform != "linux" or setpriv is None or threading.current_thread() is not threading.main_thread():
        return list(command)
    return [setpriv, "--pdeathsig", signal, *command]


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll until it holds; a `TimeoutError` says what did not."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in {seconds:.0f} s: {what}")
        time.sleep(0.05)
