"""Parts that several letters have: who is hit and why, ways to mend it, the ladder, what a reader can do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from watcher.delivery.letters.letter import Action, Block, Items, Line, Listing, Paragraph
from watcher.delivery.letters.visible import shortened
from watcher.delivery.letters.wording import Body, code, consumer_name, line, listed, plain, said, strong, when, zone_of
from watcher.model.ticket import LIFE

_BUTTONS = {
    "acknowledge": "Acknowledge",
    "start": "Start work",
    "resolve": "It is fixed",
    "dispute": "Dispute",
    "reopen": "Open again",
}
_REASONED = frozenset(verb.value for verb, rule in LIFE.items() if rule.reason)
_UNTIL = {"snooze": "3d", "waive": "30d"}
LONGEST_HEADLINE = 120
"""Characters of a headline in a title: whom it breaks is still to be seen after it."""

_HEAD = re.compile(r"^((?:[^`:]|`[^`]*`|:(?!\s))*)")


def violations_of(body: Body) -> list[Body]:
    """What is broken (or was), the decided ones first."""
    told: list[Body] = list(body.get("violations") or ())
    return sorted(told, key=lambda one: one.get("outcome") == "unknown")


def headline(told: Sequence[Body]) -> str:
    """What happened, in a few words: the first message without its details."""
    if not told:
        return "nothing is broken any more"
    found = _HEAD.match(str(told[0].get("message") or ""))
    return (found[1].strip() if found else "") or str(told[0].get("rule") or "a promise is broken")


def titled(told: Sequence[Body]) -> str:
    """The headline as a title has it: nothing is set apart there."""
    return shortened(plain(said(headline(told))), LONGEST_HEADLINE)


def rest(told: Sequence[Body]) -> str:
    """How much more there is than the headline says."""
    others = (
        {(one.get("rule"), one.get("path")) for one in told[1:]} - {(told[0].get("rule"), told[0].get("path"))}
        if told
        else set()
    )
    return f", and {len(others)} more" if others else ""


def consumers(told: Iterable[Body]) -> list[str]:
    """Whom it hits, each once."""
    return list(dict.fromkeys(consumer_name(one.get("consumer")) for one in told))


def hit(one: Body) -> Line:
    """One clause: whose, what it relies on, and why it does not hold."""
    consumer = one.get("consumer") or {}
    contact = consumer.get("contact") if not isinstance(consumer, str) else None
    details = ", ".join(str(each) for each in (one.get("subscription"), one.get("criticality"), contact) if each)
    unsure = "it cannot be told: " if one.get("outcome") == "unknown" else ""
    return line(
        strong(consumer_name(consumer)),
        f" ({details}) relies on: " if details else " relies on: ",
        said(one.get("wants", "")),
        f". {unsure[:1].upper()}{unsure[1:]}" if unsure else ". ",
        said(one.get("message", "")),
        " [",
        code(one.get("rule", "")),
        "]",
    )


def remedies(options: Iterable[Body], *, mine: str = "producer") -> Iterator[tuple[Line, list[Block]]]:
    """Each way to mend it: in a line, and step by step with what can be used as it is; `mine` is who reads it."""
    for one in options:
        title, whom = said(one.get("title", "")), str(one.get("for") or mine)
        others = "" if whom == mine else f" (for the {whom}s)"
        blocks: list[Block] = []
        steps = tuple(said(each) for each in one.get("steps") or ())
        if steps:
            blocks.append(Items(steps, numbered=True))
        if one.get("text"):
            blocks.append(Listing(str(one["text"]), str(one.get("language") or "")))
        yield line(strong(plain(title)), others, ": ", said(plain_end(one.get("why", "")))), [Paragraph(title), *blocks]


def plain_end(text: object) -> str:
    """A sentence with its end."""
    told = str(text).strip()
    return told if not told or told[-1] in ".!?" else f"{told}."


def ladder(body: Body) -> list[Line]:
    """Who hears of it next, and when; who was told already, and when."""
    zone, lines = zone_of(body), []
    heard = body["ticket"]["state"] in {"acknowledged", "in_progress"}
    for rung in body.get("ladder") or ():
        told = rung.get("told_at")
        if heard and not told and rung.get("when") == "unacknowledged":
            continue  # it is not told any more
        when_ = {"unacknowledged": ", while nobody acknowledged", "unfixed": ", while it is not fixed"}
        until = when_.get(str(rung.get("when")), "")
        lines.append(
            line(
                f"after {rung.get('after')}{until}: ",
                code(rung.get("to", "")),
                f", told {when(told, zone)}" if told else "",
            )
        )
    return lines


def actions(body: Body) -> tuple[Action, ...]:
    """What can be done at once: to look, and what the state table allows and a button can carry."""
    links = body.get("links") or {}
    verbs = [str(one) for one in body.get("verbs") or ()]
    found = [Action("Open the ticket", str(links["ticket"]))] if links.get("ticket") else []
    if links.get("dataset"):
        found.append(Action("The dataset", str(links["dataset"])))
    return (*found, *(Action(_BUTTONS[verb], verb=verb) for verb in verbs if verb in _BUTTONS))


def footer(body: Body) -> Line:
    """How a reader moves the ticket, in words that every channel shows."""
    verbs = [str(one) for one in body.get("verbs") or ()]
    ticket = body["ticket"]["id"]
    if not verbs:
        return line(f"Ticket {ticket}.")
    return line(f"Ticket {ticket}. What can be done: {listed(verbs, 10)}, as in ", code(_written(verbs[0], ticket)))


def _written(verb: str, ticket: object) -> str:
    """The command as it can be given; between quotation marks stands what its reader is to write."""
    if verb == "comment":
        return f'watcher tickets comment {ticket} "what is to be known"'
    until = f" --until {_UNTIL[verb]}" if verb in _UNTIL else ""
    reason = ' --reason "why"' if verb in _REASONED else ""
    return f"watcher tickets {verb} {ticket}{until}{reason}"


def capped(lines: Iterable[Line], most: int) -> list[Line]:
    """The first of many, and how many more there are."""
    known = list(lines)
    return known if len(known) <= most else [*known[:most], line(f"and {len(known) - most} more")]
