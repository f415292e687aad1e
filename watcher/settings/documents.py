"""What all parts of the settings are made of: closed, frozen documents, and durations as people write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


def duration(value: object) -> dt.timedelta:
    """A duration from a number of seconds or a number and its unit; ValueError says how to write one."""
    if isinstance(value, dt.timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return dt.timedelta(seconds=value)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?", str(value).strip())
    if match is None:
        raise ValueError(f"{value!r} is not a duration: write a number and ms, s, m, h, d or w, such as 5s or 14d")
    unit = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}[match[2] or "s"]
    return dt.timedelta(seconds=float(match[1]) * unit)


Duration = Annotated[dt.timedelta, BeforeValidator(duration)]


class Document(BaseModel):
    """A mapping of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
