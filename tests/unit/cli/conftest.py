"""What the tests of the command line stand on."""

from pathlib import Path

import pytest

from tests.unit.cli.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
