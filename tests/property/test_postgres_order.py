"""The order of PostgreSQL's outbox under any interleaving: no committed row is passed over, each is taken once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.feeds.postgres.outbox import Order, Row

SESSIONS = 3
WORK = [(step, session) for step in ("lock", "write", "commit", "rollback") for session in range(SESSIONS)]
STEPS = [*WORK, *[("ask", 0)] * 4, *[("read", 0)] * 4, ("restart", 0)]


@dataclass
class Server:
    """Sessions that hold the outbox's lock from before an id is given out until after their commit."""

    next_id: int = 1
    begun: int = 0
    open: dict[int, tuple[str, list[int]]] = field(default_factory=dict)
    committed: set[int] = field(default_factory=set)

    def do(self, step: str, session: int) -> None:
        if step in ("lock", "write") and session not in self.open:
            self.begun += 1
            self.open[session] = (f"{session}/{self.begun}", [])
        if step == "write":
            self.open[session][1].append(self.next_id)
            self.next_id += 1
        elif step in ("commit", "rollback") and session in self.open:
            _, written = self.open.pop(session)
            if step == "commit":
                self.committed.update(written)

    @property
    def writing(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.open.values())


@dataclass
class Reader:
    """Asks who writes before it reads, as the tail does; others work in between."""

    server: Server
    batch: int
    order: Order = field(default_factory=Order)
    asked: frozenset[str] | None = None
    taken: list[int] = field(default_factory=list)

    def ask(self) -> None:
        self.asked = self.server.writing

    def read(self) -> bool:
        after = self.taken[-1] if self.taken else 0
        seen = sorted(one for one in self.server.committed if one > after)[: self.batch]
        rows = [Row(one, 1, 0, "loader", None, None, {}) for one in seen]
        taken = self.order.settled(rows, after, self.asked)
        self.asked = None
        self.taken.extend(one.id for one in taken)
        return bool(taken) or self.order.waits

    def restart(self) -> None:
        self.order, self.asked = Order(), None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_no_committed_row_is_passed_over(seed: int, batch: int) -> None:
    """Whatever was taken is in the order of ids, each once; in the end all that was committed has been taken."""
    server = Server()
    reader = Reader(server, batch)
    for step, session in random.Random(seed).choices(STEPS, k=150):  # a long walk: lists that shrink stay too short
        if step == "ask":
            reader.ask()
        elif step == "read":
            reader.read()
        elif step == "restart":
            reader.restart()
        else:
            server.do(step, session)
    for session in range(SESSIONS):
        server.do("commit", session)
    rounds = 0
    reader.ask()
    while reader.read():
        reader.ask()
        rounds += 1
        assert rounds <= 3 * server.next_id + 3

    assert reader.taken == sorted(server.committed)


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(1, 300), min_size=1, max_size=60), st.integers(1, 50))
def test_old_gaps_hold_nothing_up(committed: set[int], batch: int) -> None:
    """After a start among many rolled-back rows, each batch takes two looks at most."""
    reader = Reader(Server(committed=committed), batch)
    rounds = 0
    while len(reader.taken) < len(committed):
        reader.ask()
        reader.read()
        rounds += 1

    assert reader.taken == sorted(committed)
    assert rounds <= 3 * (len(committed) // batch + 1)
