"""Datasets: what stands, what was judged, and whose settle window ends when."""

from tests.ledger.build import NOW, ORDERS, SECOND, a_change, a_dataset, a_move, open_ticket
from watcher.ledger import SqlLedger
from watcher.model.dataset import DatasetName
from watcher.model.ticket import TicketState


def test_a_dataset_comes_back_as_it_was_put(ledger: SqlLedger) -> None:
    """With everything that is known of it, and with nothing of it known."""
    full = a_dataset("kafka://prod/full", due_at=NOW, blocked="no b", judged_blocked="no a")
    bare = a_dataset(
        "kafka://prod/bare", current=None, current_version=None, judged=None, judged_version=None, level=None
    )
    with ledger.begin() as tx:
        tx.put_datasets([full, bare])
    with ledger.begin() as tx:
        known = tx.datasets({full.dataset, bare.dataset, DatasetName("kafka://prod/unknown")})

    assert {full.dataset: full, bare.dataset: bare} == dict(known)


def test_a_dataset_has_one_row(ledger: SqlLedger) -> None:
    """The last word about it counts."""
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset(), a_dataset(current_version=3)])
        tx.put_datasets([a_dataset(current_version=4)])
        known = tx.datasets([ORDERS])

    assert {ORDERS: a_dataset(current_version=4)} == dict(known)


def test_thousands_of_datasets_are_asked_for_at_once(ledger: SqlLedger) -> None:
    """A batch may touch more datasets than a statement takes values."""
    names = [DatasetName(f"kafka://prod/topic-{number}") for number in range(3_500)]
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset(name) for name in names])

        assert set(tx.datasets(names)) == set(names)


def test_a_name_beyond_all_measure_is_found_again(ledger: SqlLedger) -> None:
    """No index takes it, yet it is one dataset, and asked for by its own name."""
    long = DatasetName("kafka://prod/" + "x" * 10_000)
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset(long), a_dataset(long + "y")])
        tx.put_datasets([a_dataset(long, current_version=9)])
        known = tx.datasets([long])

    assert [known[long].current_version] == [9]


def test_due_datasets_come_oldest_first(ledger: SqlLedger) -> None:
    """Those whose window has ended, at most so many; those without a window never."""
    with ledger.begin() as tx:
        tx.put_datasets(
            [
                a_dataset("later", due_at=NOW + SECOND),
                a_dataset("second", due_at=NOW),
                a_dataset("first", due_at=NOW - SECOND),
                a_dataset("never"),
            ]
        )
        due = [row.dataset for row in tx.due_datasets(NOW, 10)]
        one = [row.dataset for row in tx.due_datasets(NOW, 1)]
        next_ = tx.next_due_dataset()

    assert (due, one, next_) == (["first", "second"], ["first"], NOW - SECOND)


def test_no_window_is_no_next_moment(ledger: SqlLedger) -> None:
    """Nothing waits to be judged."""
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset()])

        assert tx.next_due_dataset() is None


def test_a_change_is_recorded_once(ledger: SqlLedger) -> None:
    """Judging the same step twice adds nothing, and says so."""
    with ledger.begin() as tx:
        first = tx.add_change(a_change())
        again = tx.add_change(a_change(subject="another"))
    with ledger.look() as views:
        listed = views.list_changes()
        found = views.change(a_change().id), views.change("none")

    assert (True, False, [a_change()]) == (first, again, list(listed))
    assert found == (a_change(), None)


def test_changes_are_listed_newest_first(ledger: SqlLedger) -> None:
    """Of all datasets, or of one."""
    other = DatasetName("kafka://prod/other")
    bare = a_change("2", dataset=other, before=None, after=None, before_version=None, after_version=None)
    with ledger.begin() as tx:
        for change in (a_change("1"), bare, a_change("3")):
            tx.add_change(change)
        listed = [row.id for row in tx.list_changes(2)]
        of_one = tx.list_changes(dataset=other)

    assert (["3", "2"], [bare]) == (listed, list(of_one))


def test_datasets_of_unsettled_tickets_are_looked_up(ledger: SqlLedger) -> None:
    """A dataset with a settled ticket only, or with none, is not among them."""
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset("open"), a_dataset("resolved"), a_dataset("calm")])
        open_ticket(tx, "T-1", dataset=DatasetName("open"))
        open_ticket(tx, "T-2", dataset=DatasetName("resolved"))
        tx.add_move(a_move("T-2", TicketState.OPEN, TicketState.RESOLVED))
        found = tx.datasets_with_open_tickets()

    assert [a_dataset("open")] == list(found)


def test_datasets_are_listed_by_their_last_move(ledger: SqlLedger) -> None:
    """The one that moved last comes first."""
    with ledger.begin() as tx:
        tx.put_datasets([a_dataset("old", moved_at=NOW - SECOND), a_dataset("new", moved_at=NOW)])

        assert [row.dataset for row in tx.list_datasets(2)] == ["new", "old"]
        assert [row.dataset for row in tx.list_datasets(1)] == ["new"]
