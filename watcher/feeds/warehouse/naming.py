"""Which dataset a table is, as OpenLineage names it, and which tables are watched at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from watcher.feeds.warehouse.facts import Name
from watcher.model.dataset import DatasetName

_GLUE = "arn:aws:glue:"


@dataclass(frozen=True, slots=True)
class Naming:
    """A feed's datasets: `include` and `exclude` are patterns of names without the namespace, in any case."""

    namespace: str
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def dataset(self, name: Name, namespace: str | None = None) -> DatasetName:
        """The dataset of a table: `snowflake://acme/DB.SCHEMA.TABLE`; a part with a dot in it stands in quotes."""
        where = namespace or self.namespace
        if where.startswith(_GLUE):
            return DatasetName(f"{where}/table/{'/'.join(name)}")
        return DatasetName(f"{where}/{called(name)}")

    def watched(self, name: Name) -> bool:
        """Whether the table is among those that the settings ask for."""
        text = called(name).casefold()
        if any(fnmatchcase(text, one.casefold()) for one in self.exclude):
            return False
        return not self.include or any(fnmatchcase(text, one.casefold()) for one in self.include)


def called(name: Name) -> str:
    """A table's name in one text."""
    if len(name) == 1:  # a source that names tables in one piece, as OpenLineage does, means its dots
        return name[0]
    return ".".join(f'"{part}"' if "." in part else part for part in name)
