"""The table of agreement: what each suite came to is collected while it runs, and printed as one table at the end."""

import pytest

from tests.conformance.suites import Table

_TABLE = pytest.StashKey[Table]()


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Table:
    """Where a test notes what came of its suite."""
    return request.config.stash.setdefault(_TABLE, Table())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One table, whatever failed."""
    table = config.stash.get(_TABLE, None)
    if table is None:
        return
    terminalreporter.section("agreement with the suites of others")
    for line in table.lines():
        terminalreporter.write_line(line)
    for row in table.rows:
        for case in sorted(row.new):
            terminalreporter.write_line(f"NEW DISAGREEMENT {row.suite} {case}")
        for case in sorted(row.stale):
            terminalreporter.write_line(f"STALE WAIVER {row.suite} {case}")
