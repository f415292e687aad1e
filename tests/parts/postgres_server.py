"""A real PostgreSQL for the tests: Debian's package, in a temporary folder on a free port.

`WATCHER_TEST_POSTGRES=postgresql://…` names a running one instead, whose user may create databases.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.parts.missing import MissingPart
from tests.parts.processes import free_ports, tied_to_us, wait_until

_DEBIAN = Path("/usr/lib/postgresql")
_START_S = 30
_STOP_S = 10
# A test's database need not survive a power cut; without this each commit waits for the disk. It must survive its own
# death, though: what it has confirmed is written out, for some tests kill it and count.
_HASTY = ("fsync=off", "full_page_writes=off", "dynamic_shared_memory_type=mmap")


class PostgresServer:
    """One server, ours or a named one; gives out fresh databases."""

    def __init__(self, named: str | None = None) -> None:
        self.ours = named is None
        self.url = named or ""
        """An administrator's URL, `postgresql://user@host:port/postgres`."""
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make a cluster of databases and start it; about two seconds."""
        binaries, user = find_binaries(), _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="watcher-postgres-"))
        if user is not None:
            shutil.chown(self._folder, user)
        make = [str(binaries / "initdb"), "-D", str(self._data), "-U", "watcher", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*make, "--no-sync", "--locale=C"], capture_output=True, text=True, timeout=_START_S, check=False, user=user
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}\n{done.stderr}")
        (port,) = free_ports(1)
        self.url = f"postgresql://watcher@127.0.0.1:{port}/postgres"
        self._command = [str(binaries / "postgres"), "-D", str(self._data), "-p", str(port), "-k", str(self._folder)]
        self._command += ["-h", "127.0.0.1", *(word for option in _HASTY for word in ("-c", option))]
        self._user = user
        self.restart()

    def restart(self) -> None:
        """Start again after `kill` or `stop`: same port, same data."""
        assert self._folder is not None
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_us(self._command, "INT"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self._user,
                cwd=self._folder,
            )
        try:
            wait_until(self._answers, _START_S, "PostgreSQL answers")
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End in good order, cutting connections; the data stays."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(2)  # "fast": sessions are ended, not waited for
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """SIGKILL, as when the machine is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def remove(self) -> None:
        """End, and take the data away."""
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def create_database(self) -> str:
        """A fresh, empty database's URL, `postgresql://…`."""
        name = f"watcher_{uuid4().hex[:12]}"
        self._administer(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop_database(self, url: str) -> None:
        """Away with it, whoever is still connected."""
        name = urlsplit(url).path.lstrip("/")
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)

    @property
    def _data(self) -> Path:
        assert self._folder is not None
        return self._folder / "data"

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            assert self._folder is not None
            log = (self._folder / "server.log").read_text(errors="replace")
            raise RuntimeError(f"PostgreSQL ended while it started:\n{log[-4000:]}")
        return answers(self.url)


def postgres_server() -> PostgresServer:
    """The server that the environment names, or one of ours, started. Raises `MissingPart`."""
    named = os.environ.get("WATCHER_TEST_POSTGRES")
    if named:
        if not answers(named):
            raise MissingPart("the server that WATCHER_TEST_POSTGRES names does not answer")
        return PostgresServer(named)
    server = PostgresServer()
    try:
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


def answers(url: str) -> bool:
    """Whether the server lets us in."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def find_binaries() -> Path:
    """The folder that holds `postgres` and `initdb`: on PATH, or where Debian puts them off it."""
    found = shutil.which("postgres")
    if found is not None and shutil.which("initdb") is not None:
        return Path(found).parent
    versions = [each for each in _DEBIAN.glob("*/bin") if (each / "postgres").is_file() and (each / "initdb").is_file()]
    if not versions:
        raise MissingPart(
            "no postgres on PATH or under /usr/lib/postgresql: apt-get install postgresql, "
            "or set WATCHER_TEST_POSTGRES=postgresql://user@host/db"
        )
    return max(versions, key=lambda folder: float(folder.parent.name))


def _unprivileged() -> str | None:
    """The user to run as when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise MissingPart("run as root, and there is no user postgres or nobody to run PostgreSQL as")
