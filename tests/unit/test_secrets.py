"""Secrets: where they are read from, and what is told where they cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.model.errors import ConfigurationError
from watcher.settings.secrets import LARGEST, secret


def test_a_secret_is_read_from_where_it_is(tmp_path: Path) -> None:
    """The environment, a file without its last line break, or the text itself."""
    file = tmp_path / "token"
    file.write_text("from-a-file\n")

    assert secret("env:TOKEN", {"TOKEN": "from-the-environment"}) == "from-the-environment"
    assert secret(f"file:{file}") == "from-a-file"
    assert secret("as-it-stands") == "as-it-stands"


@pytest.mark.parametrize("content", [b"\xffhunter22", b"hunter22" * LARGEST])
def test_a_file_that_holds_no_secret_is_told_by_its_name_alone(tmp_path: Path, content: bytes) -> None:
    """What is no text, or far too long, is a mistake: it is not cut into something that would be sent."""
    file = tmp_path / "token"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError) as caught:
        secret(f"file:{file}")
    assert str(file) in str(caught.value)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("value", ["env:", "env:NOBODY_SET_THIS", "file:", "file:/no/such/file"])
def test_a_secret_that_is_not_there_is_told(value: str) -> None:
    """The name of what is missing is told, so that it can be set."""
    with pytest.raises(ConfigurationError):
        secret(value, {})
