"""Sizes: bodies cut so that receivers take them, and cleaned of what neither JSON nor a database holds."""

from __future__ import annotations

import json
import math
import re
from typing import Any

Body = dict[str, Any]

LARGEST_BODY = 256 * 1024
"""Bytes of JSON. Brokers take 1 MiB as they come, many receivers far less; a body that nobody takes tells nobody."""

LARGEST_PAGE = 8 * 1024 * 1024
"""Bytes of JSON of which a ticket's page is made; it shows less of them, and says so."""

LARGEST_VALUE = 2_000
"""Characters of one value's JSON in a body that had to be cut; enough to recognise it by."""

_LISTS = ("changes", "violations", "versions_in_use", "remedies", "history")
"""The parts of a body that lose their tails where it is too large."""

_UNSAFE = re.compile("[\x00\ud800-\udfff]")


def bounded(body: Body) -> Body:
    """A body that lists things of one kind, cut as a whole where it is too large: the longest list loses its tail."""
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    cut = dict(body)
    while _size(cut) > LARGEST_BODY and lists:
        longest = max(lists, key=lambda name: _size(lists[name]))
        if len(lists[longest]) < 2:
            break
        lists[longest] = lists[longest][: len(lists[longest]) // 2]
        cut[longest] = lists[longest]
        cut["cut"] = True
    return {name: _clean(value) for name, value in cut.items()}


def fitted(body: Body, limit: int = LARGEST_BODY) -> Body:
    """The body, cut so that its JSON fits `limit` bytes; `omitted` then counts what is missing.

    First the witnesses go, then the largest values, then the tails of the lists: it is better told in part than refused
    as a whole.
    What a schema's text may hold but JSON over the wire or a database may not is replaced.
    """
    try:
        plain = "\\u0000" not in json.dumps(body, allow_nan=False) and _size(body) >= 0
    except ValueError:  # a number without end, half of a surrogate pair
        plain = False
    if not plain:
        body = {name: _clean(value) for name, value in body.items()}
    if _size(body) <= limit:
        return body
    omitted: dict[str, int] = dict(body["omitted"])
    cut: Body
    cut, unproven = _without_witnesses(body)
    if unproven and _size(cut) + 40 <= limit:  # room for the count
        return {**cut, "omitted": {**omitted, "values": unproven}}
    cut, shortened = _shortened(cut)
    omitted["values"] = unproven + shortened
    cut["omitted"] = omitted
    while _size(cut) > limit:
        lists = _lists(cut)
        longest = max(lists, key=lambda name: _size(lists[name]))
        if len(lists[longest]) == 0:
            break
        keep = len(lists[longest]) // 2
        omitted[longest] += len(lists[longest]) - keep
        del lists[longest][keep:]
    return cut


def _lists(body: Body) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: body[name] for name in _LISTS if name in body}
    if body.get("registry"):
        found["incompatibilities"] = body["registry"]["incompatibilities"]
    return found


def _without_witnesses(body: Body) -> tuple[Body, int]:
    """The body without the proofs, which anyone can ask for, and how many there were."""
    there = body.get("violations", [])
    count = sum(one.get("witness") is not None for one in there)
    return ({**body, "violations": [{**one, "witness": None} for one in there]} if count else body), count


def _shortened(node: Any) -> tuple[Any, int]:
    """A copy in which long texts are cut, and long `before` and `after` are the beginning of their own JSON."""
    if isinstance(node, str):
        return (node[:LARGEST_VALUE] + "…", 1) if len(node) > LARGEST_VALUE else (node, 0)
    if isinstance(node, list):
        items = [_shortened(one) for one in node]
        return [one for one, _ in items], sum(count for _, count in items)
    if not isinstance(node, dict):
        return node, 0
    short: Body = {}
    total = 0
    for key, value in node.items():
        if key in {"before", "after", "proof"} and not isinstance(value, str):
            text = json.dumps(value, ensure_ascii=False)
            short[key], count = (text[:LARGEST_VALUE] + "…", 1) if len(text) > LARGEST_VALUE else (value, 0)
        else:
            short[key], count = _shortened(value)
        total += count
    return short, total


def _clean(node: Any) -> Any:
    if isinstance(node, str):
        return _UNSAFE.sub("\ufffd", node)
    if isinstance(node, float) and not math.isfinite(node):
        return str(node)
    if isinstance(node, list | tuple):
        return [_clean(one) for one in node]
    if isinstance(node, dict):
        return {_clean(key): _clean(value) for key, value in node.items()}
    return node


def _size(node: Any) -> int:
    return len(json.dumps(node, ensure_ascii=False).encode())
