"""Two lists, walked side by side."""

from operator import is_not, ne

import pytest

from watcher.model.alongside import alongside


@pytest.mark.parametrize(
    ("mine", "at", "its", "place", "expected"),
    [
        ("abc", 0, "abc", 0, 3),
        ("abc", 0, "abx", 0, 2),
        ("abc", 0, "xbc", 0, 0),
        ("abc", 1, "xbcd", 1, 2),
        ("abc", 2, "c", 0, 1),
        ("abc", 3, "abc", 0, 0),
        ("", 0, "abc", 0, 0),
    ],
)
def test_run(mine: str, at: int, its: str, place: int, expected: int) -> None:
    """The run ends where two differ, or one list ends."""
    assert alongside(mine, at, its, place, ne) == expected
    assert alongside(list(mine), at, list(its), place, is_not) == expected
