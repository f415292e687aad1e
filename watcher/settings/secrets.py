"""Secrets: where a setting says that one is, and the text itself, which nothing else of the settings ever shows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from watcher.model.errors import ConfigurationError

LARGEST = 64 * 1024
"""Bytes of a secret's file; a larger one is a mistake."""


def secret(value: str, environment: Mapping[str, str] = os.environ) -> str:
    """A secret from where its setting says: `env:NAME`, `file:/path`, or the value itself."""
    kind, _, rest = value.partition(":")
    if kind == "env":
        found = environment.get(rest)
        if not found:
            raise ConfigurationError(f"the environment variable {rest} is not set: a secret is to be read from it")
        return found
    if kind == "file":
        try:
            with Path(rest).open("rb") as file:
                read = file.read(LARGEST + 1)
            text = read.decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"  # else it would quote it
            raise ConfigurationError(f"the secret file {rest} cannot be read: {reason}") from None
        if len(read) > LARGEST:
            raise ConfigurationError(f"the secret file {rest} is larger than {LARGEST} bytes: is it the right one?")
        return text
    return value


def revealed(value: SecretStr) -> str:
    """The text of a masked setting, for whoever sends it; raises ConfigurationError where it cannot be had."""
    found = secret(value.get_secret_value())
    if not found:
        raise ConfigurationError("a secret is empty")
    return found
