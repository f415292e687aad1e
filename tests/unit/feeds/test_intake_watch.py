"""The watchdog's judgement, second by second."""

from watcher.feeds.watch import Watch
from watcher.kafka.reader import Place

A, B = Place("t", 0), Place("t", 1)


def reading(now: float = 0) -> Watch:
    """A watch over one partition, read from 0, ten records before its end."""
    watch = Watch(now, patience=25, work_patience=120)
    watch.assigned({A: 0}, now)
    watch.ended({A: 10}, now)
    return watch


def test_a_start_that_assigns_nothing_is_doubted() -> None:
    """Twenty-five seconds, not one more."""
    watch = Watch(0, patience=25)

    assert watch.doubt(25) is None
    assert watch.doubt(25.1) == "the group has assigned nothing for 25 s"


def test_a_member_without_a_partition_is_in_its_place() -> None:
    """A standby has joined, is caught up, and is never doubted."""
    watch = Watch(0)
    watch.assigned({}, 1)

    assert watch.doubt(1000) is None
    assert watch.status(1000).joined
    assert watch.status(1000).caught_up


def test_a_partition_that_does_not_move_is_doubted() -> None:
    """Behind its end, and nothing read: the doubt names the partition and how far it is."""
    watch = reading()

    assert watch.doubt(25) is None
    doubt = watch.doubt(26)
    assert doubt is not None
    assert doubt.startswith("t/0 stands at 0, 10 records before its end")


def test_progress_renews_the_patience() -> None:
    """However slow, as long as it moves."""
    watch = reading()
    for second in range(0, 200, 20):
        watch.reached(A, second // 20 + 1, second)
        assert watch.doubt(second + 20) is None


def test_a_partition_at_its_end_may_rest_for_ever() -> None:
    """And when records come after a long rest, the patience begins then."""
    watch = reading()
    watch.reached(A, 10, 1)
    watch.ended({A: 10}, 1000)
    assert watch.doubt(1000) is None
    watch.ended({A: 11}, 1001)

    assert watch.doubt(1020) is None
    assert watch.doubt(1027) is not None


def test_a_transaction_has_a_patience_of_its_own() -> None:
    """While one is under way the client need not move; a ledger that is away may take any time."""
    watch = reading()
    watch.working(1)
    assert watch.doubt(100) is None
    assert watch.doubt(122) == "one transaction has not ended for 120 s"
    watch.waiting()
    assert watch.doubt(10_000) is None
    watch.rested(10_000)

    assert watch.doubt(10_020) is None
    assert watch.doubt(10_026) is not None


def test_a_rebalance_that_does_not_end_is_doubted() -> None:
    """The first sign of it counts, not the last; its end clears it."""
    watch = reading()
    watch.unsettled(10)
    watch.unsettled(30)
    watch.lost({A})

    assert watch.doubt(36) == "the group's rebalance has not ended for 25 s"
    assert not watch.status(36).joined
    watch.assigned({B: 5}, 37)
    assert watch.doubt(38) is None
    assert watch.places() == (B,)


def test_caught_up_is_measured_one_look_ago() -> None:
    """What was the end at the last look but one has been read; a partition that nobody has looked at is not."""
    watch = Watch(0)
    watch.assigned({A: 0}, 0)
    assert not watch.status(0).caught_up
    watch.ended({A: 10}, 0)
    assert not watch.status(0).caught_up
    watch.reached(A, 10, 1)
    watch.ended({A: 12}, 1)

    status = watch.status(1)

    assert status.caught_up
    assert status.behind == {A: 2}


def test_a_look_that_is_long_ago_proves_nothing() -> None:
    """When the broker cannot be asked, nobody knows whether we are caught up."""
    watch = reading()
    watch.reached(A, 10, 1)

    assert watch.status(20).caught_up
    assert not watch.status(30).caught_up


def test_what_is_not_ours_moves_nothing() -> None:
    """News of a partition that was lost is passed over."""
    watch = reading()
    watch.reached(B, 7, 1)
    watch.ended({B: 9}, 1)

    assert watch.position(B) is None
    assert watch.position(A) == 0
