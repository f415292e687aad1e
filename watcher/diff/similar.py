"""Similar: how likely two names are one name written in two ways. The measure is the same both ways round."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAME_WORDS, OTHER_ORDER, CLOSE_WORDS, MORE_WORDS = 0.8, 0.75, 0.7, 0.6

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_COMMON = frozenset(
    {
        *("at", "by", "code", "count", "date", "desc", "description", "flag", "from", "id", "ids", "is", "key", "kind"),
        *("list", "name", "no", "number", "of", "on", "ref", "status", "text", "time", "timestamp", "to", "ts", "type"),
        *("unit", "uri", "url", "uuid", "value", "version"),
    }
)
"""Words that members have in common without being the same: alone they say nothing."""

_NEGATIONS = ("in", "un", "non", "no", "de", "dis", "im", "ex")
MIN_TYPO, MAX_TYPO = 5, 24
"""Letters of a word in which a slip is looked for: in a shorter one it makes another word, a longer one costs much."""

MAX_LENGTH = 120
"""A longer name is like another only where it has the same words."""


@dataclass(frozen=True, slots=True)
class Words:
    """A name as its words, in lower case: `customerId`, `CUSTOMER_ID` and `customer-id` are one."""

    name: str
    words: tuple[str, ...]
    initials: frozenset[str]

    @classmethod
    def of(cls, name: str) -> Words:
        """The words of a name."""
        words = tuple(word.lower() for word in _WORD.findall(name[:MAX_LENGTH]))
        if len(name) > MAX_LENGTH:
            words += (name[MAX_LENGTH:],)
        return cls(name, words, frozenset(word[0] for word in words))


def likeness(one: Words, other: Words) -> float:
    """How alike two names are, 0 to 0.8; 0 where nothing says that they are one."""
    mine, its = one.words, other.words
    if not mine or not its or one.initials.isdisjoint(other.initials):
        return 0.0
    if "".join(mine) == "".join(its):
        return SAME_WORDS
    if sorted(mine) == sorted(its):
        return OTHER_ORDER
    if max(len(one.name), len(other.name)) > MAX_LENGTH:
        return 0.0
    few, many = (mine, its) if len(mine) <= len(its) else (its, mine)
    return _close(few, many) if len(few) == len(many) else _within(few, many)


def _close(mine: tuple[str, ...], its: tuple[str, ...]) -> float:
    """Word for word the same, but for what is short for, or a slip of, the other."""
    if all(one == other or _one_word(one, other) for one, other in zip(mine, its, strict=True)):
        return CLOSE_WORDS
    return 0.0


def _within(few: tuple[str, ...], many: tuple[str, ...]) -> float:
    """The one with something put before or after it, as in `amount` and `amount_cents`."""
    if len(many) - len(few) > len(few) or _COMMON.issuperset(few):
        return 0.0
    if any(word.isdigit() for word in many[len(few) :] + many[: -len(few)]):
        return 0.0  # `line` and `line_2` are two lines
    return MORE_WORDS if few in (many[: len(few)], many[-len(few) :]) else 0.0


def _one_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=lambda word: (len(word), word))
    if short.isdigit() or long.isdigit():
        return False
    if _is_short_for(short, long):
        return True
    if len(short) < MIN_TYPO or len(long) > MAX_TYPO or any(long == negation + short for negation in _NEGATIONS):
        return False
    return short[0] == long[0] and _slips(short, long, 1 if len(short) < MIN_TYPO + 3 else 2)


def _is_short_for(short: str, long: str) -> bool:
    """`cust` for `customer`, `qty` for `quantity`, `addr` for `address`."""
    if len(short) < 2 or len(long) - len(short) < 2 or short[0] != long[0]:
        return long == short + "s" and len(short) > 2
    if long.startswith(short):
        return len(short) > 2
    letters = iter(long)
    return short[-1] == long[-1] and not set(short[1:-1]) & set("aeiou") and all(letter in letters for letter in short)


def _slips(one: str, other: str, most: int) -> bool:
    """Whether at most so many letters are missing, added, changed, or swapped with their neighbour."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        row = [at]
        for place, its in enumerate(other, 1):
            cost = min(last[place] + 1, row[-1] + 1, last[place - 1] + (letter != its))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == its:
                cost = min(cost, before[place - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1] <= most
