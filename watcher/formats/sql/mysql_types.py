"""MySQL's and MariaDB's other words for their types, as the server itself writes them down."""

from __future__ import annotations

import re

from watcher.formats.sql.makers import Args, Maker
from watcher.model.types import Binary, String, Type

_OTHER = {
    "int1": "tinyint",
    "int2": "smallint",
    "int3": "mediumint",
    "int4": "int",
    "int8": "bigint",
    "middleint": "mediumint",
    "nvarchar": "varchar",
    "nchar": "char",
}
_BYTES = {
    "char": "binary",
    "character": "binary",
    "varchar": "varbinary",
    "tinytext": "tinyblob",
    "text": "blob",
    "mediumtext": "mediumblob",
    "long": "mediumblob",
    "longtext": "longblob",
}
_VARYING = re.compile(r"\A(?:national )?(?:char(?:acter)?|nchar) (?:varying|varchar(?:acter)?)\b")
_SIZES = (255, 65_535, 16_777_215)
_LETTER = 4
"""Bytes of a character in utf8mb4, the character set where none is named."""


def in_the_servers_words(text: str) -> str:
    """A type's text in the words of the server's own catalogue."""
    plain = _VARYING.sub("varchar", " ".join(text.lower().split())).removeprefix("national ")
    if plain.endswith(" zerofill") or " zerofill " in plain:
        plain = plain.replace(" zerofill", "")
        plain += "" if " unsigned" in plain else " unsigned"
    head = re.match(r"\w*", plain)
    word = head.group() if head else ""
    if plain.endswith(" byte") and word in _BYTES:
        return _BYTES[word] + plain[len(word) : -len(" byte")]
    return _OTHER[word] + plain[len(word) :] if word in _OTHER else plain


def sized(made: type[String | Binary], *, letter: int = 1) -> Maker:
    """TEXT and BLOB: a size in brackets makes it the smallest of the four that has room."""

    def make(args: Args) -> Type | None:
        size = args[0] if args else None
        if size is None:
            return made(_SIZES[1])
        if not isinstance(size, int) or size < 0:
            return None
        return made(next((one for one in _SIZES if size * letter <= one), None))

    return make


TEXT = sized(String, letter=_LETTER)
BLOB = sized(Binary)
