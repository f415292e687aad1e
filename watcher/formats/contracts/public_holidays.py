"""Public holidays: `DE` or `DE-BE` in a domain's calendar as days, as the `holidays` library knows them."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from watcher.model.errors import UsageError

YEARS = range(2015, 2046)
"""For which years a country's holidays are written out; beyond them each working day is one."""


@lru_cache(maxsize=64)
def public_holidays(code: str) -> frozenset[dt.date]:
    """The public holidays of a country, or of a part of it; raises UsageError with the nearest where there is none."""
    import holidays  # noqa: PLC0415 - slow to load, and most calendars name no country

    known = holidays.list_supported_countries(include_aliases=False)
    country, dash, part = code.partition("-")
    if country not in known:
        raise UsageError(f"no holidays are known of a country `{country}`{_near(country, known)}")
    if dash and part not in known[country]:
        if not known[country]:
            raise UsageError(f"the holidays of `{country}` differ nowhere within it: write `{country}` alone")
        codes = [f"{country}-{one}" for one in known[country]]
        raise UsageError(f"no holidays are known of `{code}`{_near(code, codes)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some calendars are known for fewer years
        found = holidays.country_holidays(country, subdiv=part or None, years=YEARS)
    return frozenset(found)


def _near(code: str, known: Iterable[str]) -> str:
    near = [f"`{one}`" for one in get_close_matches(code, known, 3, cutoff=0.5)]
    if near:
        return f" (did you mean {' or '.join(near)}?)"
    return ": write a country's two letters, as in `DE`, or a part of it, as in `DE-BE`"
