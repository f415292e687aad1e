"""Places: the texts of a document are read one by one, and each that means nothing is told with where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from watcher.formats.contracts.yaml_tree import Mark, Node, place
from watcher.model.errors import WatcherError

T = TypeVar("T")
Where = tuple[str | int, ...]


class Places:
    """One document while it is read; `problems` are the places and sentences of what is wrong."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.problems: list[tuple[Mark, str]] = []

    def read(self, reader: Callable[[str], T], text: str | None, *where: str | int) -> T | None:
        """What a text means; None where there is none, or where it means nothing, which is told."""
        if text is not None:
            with self.telling(place(self._node, where)):
                return reader(text)
        return None

    @contextmanager
    def telling(self, mark: Mark) -> Iterator[None]:
        """Tell what goes wrong inside as a problem of this place."""
        try:
            yield
        except WatcherError as error:
            self.problems.append((mark, str(error)))

    def at(self, *where: str | int) -> Mark:
        """Where something stands."""
        return place(self._node, where)

    def tell(self, where: Where, message: str) -> None:
        """Tell a problem."""
        self.problems.append((place(self._node, where), message))
