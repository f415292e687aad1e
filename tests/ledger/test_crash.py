"""A process that is killed leaves whole transactions, or nothing of them."""

import signal
import subprocess
import sys

import pytest

from watcher.ledger import SqlLedger

_WRITE = """
import sys
from tests.ledger.build import *
from watcher.ledger import open_ledger

def write(tx, first):
    tx.add_schemas([a_schema(str(first + number), "x" * 2000) for number in range(2000)])
    tx.put_entries("registry", [(f"key-{first + number}", b"1") for number in range(2000)])
    tx.add_events([an_event(first + number) for number in range(2000)])
    tx.put_datasets([a_dataset(f"topic-{first + number}") for number in range(2000)])
    open_ticket(tx, f"T-{first}", dataset=DatasetName(f"topic-{first}"))
    tx.add_violations([a_violation(f"violation-{first}", f"T-{first}")])
    tx.add_deliveries([a_delivery(f"delivery-{first}")], NOW)
    assert tx.advance("registry", 0, expected=first, next_offset=first + 2000)

ledger = open_ledger(sys.argv[1], exclusive=False)
with ledger.begin() as tx:
    begun(tx)
    write(tx, 0)
if sys.argv[2] == "inside":
    with ledger.begin() as tx:
        write(tx, 2000)
        print("written", file=sys.stderr, flush=True)
        sys.stdin.read()
print("written", file=sys.stderr, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("moment", ["inside", "after"])
def test_a_killed_process_leaves_whole_transactions(ledger: SqlLedger, ledger_url: str, moment: str) -> None:
    """What was committed is there, what was not is not, and the ledger works on."""
    command = [sys.executable, "-c", _WRITE, ledger_url, moment]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == b"written\n"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
    with ledger.begin() as tx:
        counts = tx.counts()
        entries = sum(1 for _ in tx.entries("registry"))
        moved_on = tx.advance("registry", 0, expected=2000, next_offset=2001)
    facts = {name: count for name, count in counts.items() if count}

    assert facts == {
        "events": 2000, "datasets": 2000, "tickets": 1, "unsettled_tickets": 1, "deliveries": 1, "pending": 1,
    }  # fmt: skip
    assert (entries, moved_on) == (2000, True)
