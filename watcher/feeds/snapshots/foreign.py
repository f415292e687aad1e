"""Foreign errors, translated at the door: away for now, or something that someone must mend; never anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from watcher.feeds.snapshots.platform import Platform
from watcher.model.errors import ConfigurationError, Transient, WatcherError

_AWAY_STATES = ("08", "40", "53", "57", "58", "55", "25", "XX000")
"""SQLSTATE: connection, serialisation, resources, operator's hand and timeouts, input/output, locks, a standby; and
PostgreSQL's XX000, which says that what the catalogue listed was dropped while it was read."""

_AWAY_CODES = frozenset({1040, 1053, 1077, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1317, 1684, 1927,
                         1969, 3024, 4031})  # fmt: skip
"""MySQL and MariaDB: too many connections, shutting down, cut off, locks, interrupted, taking too long."""

_CLOSED_CODES = frozenset({2026, 2054, 2059, 2061})
"""Of the client's own, which otherwise say that the server is away: TLS, and logins that this client cannot do."""

_CLOSED = re.compile(
    r"authentication|password|credential|pg_hba|permission|access denied|not authori[sz]ed|unauthori[sz]ed|forbidden"
    r"|not a valid|insufficient privilege|does not exist|cannot be found|not found|no such|\b40[134]\b|invalid"
    r"|syntax error",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"could not set lock|conflicting lock|timed? ?out|timeout|refused|unreachable|unavailable|reset by peer"
    r"|name resolution"
    r"|temporarily|try again|too many|rate limit|quota|\b(?:429|50[0234])\b|name or service not known|lost connection"
    r"|catalogue? .*changed|cancel",
    re.IGNORECASE,
)


@contextmanager
def translated(where: str, platform: Platform, secret: str | None = None) -> Iterator[None]:
    """Raise the watcher's own error for each of a driver's.

    `where` names the database, without its password; `secret` is that, which some drivers put into their messages.
    """
    try:
        yield
    except WatcherError:
        raise
    except Exception as error:  # drivers of warehouses raise what their HTTP and login libraries do
        raise translate(error, where, platform, secret) from error


def translate(error: Exception, where: str, platform: Platform, secret: str | None = None) -> WatcherError:
    """The error that says what the reader can do."""
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig
    words = " ".join(str(cause).split())
    words = words.replace(secret, "***") if secret else words
    said = f"{where}: {words[:500] or type(cause).__name__}"
    if _is_away(cause, words):
        return Transient(f"{said}; the look is tried again")
    return ConfigurationError(f"{said}; check URL, user and rights: a look needs {platform.grant}")


def _is_away(cause: BaseException, words: str) -> bool:
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str) and state and type(cause).__module__.startswith("psycopg"):
        return state.startswith(_AWAY_STATES)
    number = cause.args[0] if cause.args else None
    if isinstance(number, int) and type(cause).__module__.startswith("pymysql"):
        return number in _AWAY_CODES or (2000 <= number < 3000 and number not in _CLOSED_CODES)
    if isinstance(cause, OSError):
        return not isinstance(cause, PermissionError | FileNotFoundError)
    if isinstance(cause, SQLAlchemyError):
        return False
    return bool(_AWAY.search(words)) or not (_CLOSED.search(words) or _is_ours(cause))


def _is_ours(cause: BaseException) -> bool:
    """A call that is off stays off, however often it is made."""
    return isinstance(cause, TypeError | ValueError | LookupError | AttributeError | ImportError) or type(
        cause
    ).__name__ in ("ProgrammingError", "NotSupportedError", "CatalogException", "BinderException", "ParserException")
