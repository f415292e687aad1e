"""Links: what follows what, as it was fetched, whatever becomes of it on the way."""

from watcher.feeds.links import Links
from watcher.kafka.reader import Place

HERE = Place("topic", 0)


def fetched(*offsets: int, at: int = 0) -> Links:
    links = Links()
    links.begin(HERE, at)
    links.fetched(HERE, offsets)
    return links


def test_records_in_their_order_are_taken() -> None:
    """All of them, and what comes next goes on behind the last."""
    assert fetched(0, 1, 2).following(HERE, 0, [0, 1, 2]) == ([0, 1, 2], 3)


def test_holes_of_the_topic_are_no_miss() -> None:
    """Compaction and transaction marks leave holes: nothing was fetched in them, so nothing was dropped."""
    links = fetched(4, 9, 17, at=2)

    assert links.following(HERE, 2, [4, 9, 17]) == ([0, 1, 2], 18)
    assert links.stands(HERE) == 18


def test_what_stands_behind_a_miss_is_not_taken() -> None:
    """A record that was fetched and did not come keeps back all after it, in this batch and the next."""
    links = fetched(0, 1, 2, 3)

    assert links.following(HERE, 0, [0, 2, 3]) == ([0], 1)
    assert links.following(HERE, 1, [2, 3]) == ([], 1)


def test_a_miss_that_comes_again_goes_on() -> None:
    """Leftovers of an earlier fetch, then the same records in their order: each is taken once."""
    links = fetched(5, 6, 7, at=5)

    assert links.following(HERE, 5, [6, 7, 5, 6, 7]) == ([2, 3, 4], 8)
    assert links.following(HERE, 5, [5, 6, 5, 6, 7]) == ([0, 1, 4], 8)


def test_what_was_handed_over_is_not_taken_again() -> None:
    """Records before the place to go on from are there already."""
    links = fetched(0, 1, 2)
    links.handed_over(HERE, [0, 1])

    assert links.following(HERE, 2, [0, 1, 2]) == ([2], 3)


def test_an_assignment_makes_everything_unknown() -> None:
    """What is fetched before the fetch was told where to stand follows nothing."""
    links = fetched(0, 1)
    links.forget([HERE])
    links.fetched(HERE, [0, 1])

    assert links.following(HERE, 0, [0, 1]) == ([], 0)
    assert links.stands(HERE) is None
    links.begin(HERE, 1)
    links.fetched(HERE, [1, 2])
    assert links.following(HERE, 1, [0, 1, 2]) == ([1, 2], 3)


def test_a_place_that_nobody_reads() -> None:
    """Nothing follows there."""
    assert Links().following(HERE, 0, [0]) == ([], 0)
