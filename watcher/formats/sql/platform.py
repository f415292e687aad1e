"""A platform: the table that says what its types are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.formats.sql.makers import Maker, plain
from watcher.model.types import Boolean, Date, Duration, Integer, Type, Unknown, Uuid

_ANY = Unknown("any")


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform's types: `types` by the parser's name for a kind, `words` by how they are written.

    `words` holds what the parser does not know, or takes for something else. `nullable`: a member of a struct may be
    null unless it says otherwise. `untyped` is what an array or object without types holds.
    """

    parser: str
    types: Mapping[str, Maker]
    words: Mapping[str, Maker] = field(default_factory=dict)
    nullable: bool = True
    untyped: Type = _ANY
    affinity: bool = False


COMMON: Mapping[str, Maker] = {
    "BOOLEAN": plain(Boolean()),
    "TINYINT": plain(Integer(8)),
    "SMALLINT": plain(Integer(16)),
    "MEDIUMINT": plain(Integer(24)),
    "INT": plain(Integer(32)),
    "BIGINT": plain(Integer(64)),
    "UTINYINT": plain(Integer(8, signed=False)),
    "USMALLINT": plain(Integer(16, signed=False)),
    "UMEDIUMINT": plain(Integer(24, signed=False)),
    "UINT": plain(Integer(32, signed=False)),
    "UBIGINT": plain(Integer(64, signed=False)),
    "DATE": plain(Date()),
    "UUID": plain(Uuid()),
    "INTERVAL": plain(Duration()),
}
"""What the names mean wherever they exist, save where a platform's own table says otherwise."""
