"""Documents of a YAML or JSON file as plain values, each with the line on which it begins."""

from __future__ import annotations

from typing import Any, NamedTuple

from watcher.formats.contracts.yaml_tree import YamlError, parse, plain
from watcher.formats.owners.rows import read_rows


class Document(NamedTuple):
    """One document, and its place: `file:line`."""

    where: str
    fields: dict[str, Any]


class Documents(NamedTuple):
    """What could be read, and what could not, in words."""

    found: list[Document]
    problems: list[str]


def read_documents(text: str, where: str) -> Documents:
    """The mappings of a file; never raises."""
    if text.lstrip()[:1] in ("{", "["):
        rows = read_rows(text, where)
        if rows.found:
            return Documents([Document(*row) for row in rows.found], rows.problems)
    try:
        nodes = parse(text)
    except YamlError as error:
        return Documents([], [f"{where}:{error.mark.line}: {error.message}"])
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        return Documents([], [f"{where}:{line}: a character is none of Unicode's: save the file as UTF-8"])
    found: list[Document] = []
    problems: list[str] = []
    for node in nodes:
        value = plain(node)
        if isinstance(value, dict):
            found.append(Document(f"{where}:{node.mark.line}", value))
        elif value is not None:
            problems.append(
                f"{where}:{node.mark.line}: a document is a mapping of keys, this is none: mend or remove it"
            )
    return Documents(found, problems)
