"""A real MariaDB for the tests: Debian's program, in a temporary folder on a free port.

`WATCHER_TEST_MARIADB=mysql://…` names a running one instead, whose user may create databases and users.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

import pymysql

from tests.parts.missing import MissingPart
from tests.parts.processes import free_ports, tied_to_us, wait_until

_START_S = 60
_STOP_S = 20
_SCRIPTS = Path("/usr/share/mysql")
_TABLES = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
_SMALL = ("--no-defaults", "--skip-name-resolve", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M")


class MariaDbServer:
    """One server, ours or a named one; gives out fresh databases."""

    def __init__(self, named: str | None = None) -> None:
        self.ours = named is None
        self.url = named or ""
        """An administrator's URL, `mysql://user@host:port`."""
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make its own tables and start it; about two seconds."""
        program, user = find_program(), _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="watcher-mariadb-"))
        data = self._folder / "data"
        data.mkdir()
        beginning = self._folder / "init.sql"
        beginning.write_text(
            "CREATE OR REPLACE USER watcher@'%' IDENTIFIED BY '';\nGRANT ALL ON *.* TO watcher@'%' WITH GRANT OPTION;\n"
        )
        for path in (self._folder, data, beginning):
            if user is not None:
                shutil.chown(path, user)
        # The package's own script wants programs of other packages; the server makes its tables itself.
        made = "".join(f"{(_SCRIPTS / name).read_text(encoding='utf-8')}\n" for name in _TABLES)
        done = subprocess.run(
            [str(program), *_SMALL, "--bootstrap", f"--datadir={data}"],
            input=f"CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n{made}",
            capture_output=True,
            text=True,
            timeout=_START_S,
            check=False,
            user=user,
            cwd=self._folder,
        )
        if done.returncode:
            raise RuntimeError(f"MariaDB could not make its tables:\n{done.stderr[-4000:]}")
        (port,) = free_ports(1)
        self.url = f"mysql://watcher@127.0.0.1:{port}"
        command = [str(program), *_SMALL, f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1"]
        command += [f"--socket={self._folder}/s", f"--pid-file={self._folder}/pid", f"--init-file={beginning}"]
        command += ["--innodb-flush-log-at-trx-commit=0"]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_us(command, "TERM"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                cwd=self._folder,
            )
        try:
            wait_until(self._answers, _START_S, "MariaDB answers")
        except BaseException:
            self.remove()
            raise

    def stop(self) -> None:
        """End in good order."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def remove(self) -> None:
        """End, and take the data away."""
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def create_database(self) -> str:
        """A fresh, empty database's URL, `mysql://…/name`."""
        name = f"watcher_{uuid4().hex[:12]}"
        with connected(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop_database(self, url: str) -> None:
        """Away with it."""
        with connected(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{urlsplit(url).path.lstrip('/')}`")

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            assert self._folder is not None
            log = (self._folder / "server.log").read_text(errors="replace")
            raise RuntimeError(f"MariaDB ended while it started:\n{log[-4000:]}")
        return answers(self.url)


def mariadb_server() -> MariaDbServer:
    """The server that the environment names, or one of ours, started. Raises `MissingPart`."""
    named = os.environ.get("WATCHER_TEST_MARIADB")
    if named:
        if not answers(named):
            raise MissingPart("the server that WATCHER_TEST_MARIADB names does not answer")
        return MariaDbServer(named)
    server = MariaDbServer()
    try:
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


def connected(url: str) -> Any:
    """A connection of the tests' own, each statement of which is committed."""
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/") or None,
        autocommit=True,
        connect_timeout=10,
        charset="utf8mb4",
    )


def answers(url: str) -> bool:
    """Whether the server lets us in."""
    try:
        connected(url).close()
    except pymysql.MySQLError:
        return False
    return True


def find_program() -> Path:
    """`mariadbd`: on PATH, or where Debian puts it."""
    found = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    if found is None or not all((_SCRIPTS / name).is_file() for name in _TABLES):
        raise MissingPart(
            "no mariadbd on PATH or in /usr/sbin: apt-get install mariadb-server-core, "
            "or set WATCHER_TEST_MARIADB=mysql://user@host"
        )
    return Path(found)


def _unprivileged() -> str | None:
    """The user to run as when we are root, which MariaDB refuses to be."""
    if os.geteuid() != 0:
        return None
    for name in ("mysql", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise MissingPart("run as root, and there is no user mysql or nobody to run MariaDB as")
