"""A planned change as people read it: what is asked of a consumer by when; for the producer, who said what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watcher.delivery.letters.letter import Action, Facts, Items, Letter, Line, Section
from watcher.delivery.letters.parts import capped
from watcher.delivery.letters.wording import Body, code, consumer_name, declared, line, listed, said, strong, when

MOST = 30

_STATES = {
    "proposed": "is proposed",
    "agreed": "is agreed",
    "objected": "has an objection",
    "lapsed": "has lapsed: its window is over",
    "withdrawn": "was withdrawn",
    "done": "is done, as announced",
}
_ENDED = ("lapsed", "withdrawn", "done")
_SAID = {"accept": "accepts", "need-until": "needs until", "object": "objects to"}


def asked(body: Body) -> Letter:
    """A consumer is asked whether it can bear a change; the same again, as a reminder."""
    one, you = body["announcement"], body["asked"]
    again = "Reminder: " if body.get("reminder") else ""
    silence = {
        "accepts": "Who says nothing accepts.",
        "objects": "Who says nothing objects.",
    }.get(str(you.get("silence")), "")
    sure = "breaks" if you.get("certain", True) else "may break"
    lead = line(
        again,
        strong(one["domain"]),
        " plans to change ",
        code(one["dataset"]),
        f" from {when(one['since'])}",
        f" to {when(one['until'])}" if one.get("until") else "",
        f": {one['reason']}" if one.get("reason") else "",
        f". That {sure} what ",
        strong(consumer_name(you["consumer"])),
        " relies on. ",
        "Say by ",
        strong(when(you["answer_by"])),
        " whether you accept it, need more time, or object. ",
        silence,
    )
    clauses = [said(each) for each in you.get("clauses") or ()]
    sections = [Section("What breaks for you", (Items(tuple(capped(clauses, MOST))),), brief=True)] if clauses else []
    sections += [*_changes(body), _how(one, you)]
    return Letter(
        title=f"{again}{one['dataset']}: a change is planned; your word by {when(you['answer_by'])}",
        lead=lead,
        facts=Facts(tuple(_facts(one, you))),
        sections=tuple(sections),
        actions=_open(body),
        footer=line("You are asked because the contract ", code(you["subscription"]), " names this address."),
        severity=str(you.get("criticality") or "normal"),
    )


def answered(body: Body) -> Letter:
    """A consumer's word, for the producer, and what it comes to."""
    one, answer = body["announcement"], body["answer"]
    what = _SAID.get(str(answer.get("answer")), str(answer.get("answer")))
    until = f" {answer['until']}" if answer.get("until") else ""
    lead = line(
        strong(answer.get("by", "")),
        " answers for ",
        code(answer["subscription"]),
        f": {what}{until or ' ' + str(one['id'])}",
        f": {answer['reason']}" if answer.get("reason") else "",
        ".",
    )
    return Letter(
        title=f"{one['dataset']}: {answer['subscription']} {what}{until or ' the planned change'}",
        lead=lead,
        facts=Facts(tuple(_facts(one, None))),
        sections=tuple(_standing(body)),
        actions=_open(body),
        footer=line(f"Announcement {one['id']}, by {one.get('by', '')}."),
        severity="high" if answer.get("answer") == "object" else "normal",
    )


def decided(body: Body) -> Letter:
    """Where a planned change stands now, for everyone concerned."""
    one = body["announcement"]
    state = str(one.get("state"))
    what = _STATES.get(state, f"is {state}")
    by = body.get("by")
    lead = line(
        "The change of ",
        code(one["dataset"]),
        f" that {one['domain']} announced for {when(one['since'])} ",
        strong(what),
        "" if by in {None, "", "watcher"} else f", by {by}",
        f": {body['reason']}" if body.get("reason") else "",
        ".",
    )
    more: list[Section] = []
    if state == "agreed":
        go = line("The producer gets its token with ", code(f"watcher announce go {one['id']}"), ".")
        more.append(Section("What comes next", (Items((go,)),), brief=True))
    return Letter(
        title=f"{one['dataset']}: the planned change {what}",
        lead=lead,
        facts=Facts(tuple(_facts(one, None))),
        sections=(*_standing(body), *more, *_changes(body)),
        actions=_open(body),
        footer=line(f"Announcement {one['id']}, by {one.get('by', '')}."),
        severity="high" if state == "objected" else "normal",
    )


def shown(found: Body) -> Letter:
    """A planned change as it stands, for whoever looks it up: who is asked, what breaks for them, what they say."""
    gone = "deprecation" in found["planned"]
    one = {**found, "kind": "deprecation" if gone else "change", "paths": found["planned"].get("deprecation") or ()}
    what = _STATES.get(str(found["state"]), f"is {found['state']}")
    lead = line(
        strong(found["domain"]),
        " lets something of " if gone else " plans to change ",
        code(found["dataset"]),
        f" go from {when(found['since'])} on" if gone else f" from {when(found['since'])}",
        f" to {when(found['until'])}" if found.get("until") else "",
        f": {found['reason']}" if found.get("reason") else "",
        ".",
    )
    ended = found["state"] in _ENDED
    voices = [_voice(each, ended=ended) for each in found.get("voices") or ()]
    answer = line("Answer with ", code(f"watcher announce answer {found['id']} accept --subscription NAME"), ".")
    asked_ = Section("Who is asked", (Items(tuple(voices) or (line("Nobody: it breaks no contract."),)),), brief=True)
    body = {"changes": found.get("facts"), "standing": found}
    return Letter(
        title=f"{found['dataset']}: the planned change {what}",
        lead=lead,
        facts=Facts(tuple(_facts(one, None))),
        sections=(asked_, *_standing(body), *_changes(body)),
        footer=() if ended else answer,
        severity="high" if found["state"] == "objected" else "normal",
    )


def _voice(one: Body, *, ended: bool) -> Line:
    """What one consumer says, and what breaks for it."""
    waits = one["says"] == "has not answered" and not ended
    by = f", says {one['by']}" if one.get("by") else f"; it may until {when(one['answer_by'])}" if waits else ""
    contact = f", {one['contact']}" if one.get("contact") else ""
    return line(
        strong(consumer_name(one["consumer"])),
        f" ({one['subscription']}, {one['criticality']}{contact}) ",
        strong(str(one["says"])),
        by,
        f": {one['reason']}. " if one.get("reason") else ". ",
        "What breaks: ",
        said("; ".join(str(each) for each in one.get("clauses") or ("nothing any more",))),
    )


def _facts(one: Body, you: Body | None) -> Iterator[tuple[str, Line]]:
    yield "Announcement", line(code(one["id"]))
    yield "Dataset", line(code(one["dataset"]))
    yield "Producer", line(str(one["domain"]), f" ({one['by']})" if one.get("by") else "")
    yield "From", line(when(one["since"]))
    if one.get("until"):
        yield "Until", line(when(one["until"]))
    if one.get("kind") == "deprecation":
        yield "What goes", line(code(listed(one.get("paths") or ()) or "the dataset"))
    if you is not None:
        yield "Your contract", line(code(you["subscription"]))
        yield "Answer by", line(when(you["answer_by"]))
        if you.get("notice_days") is not None:
            yield "Notice you asked for", line(f"{you['notice_days']} days")


def _how(one: Body, you: Body) -> Section:
    command, name = f"watcher announce answer {one['id']}", f"--subscription {you['subscription']}"
    return Section(
        "How to answer",
        (
            Items(
                (
                    line("accept: ", code(f"{command} accept {name}")),
                    line("more time: ", code(f"{command} need-until YYYY-MM-DD {name}")),
                    line("object: ", code(f'{command} object "why" {name}')),
                )
            ),
        ),
        brief=True,
    )


def _changes(body: Body) -> Iterator[Section]:
    lines = []
    for fact in body.get("changes") or ():
        before, after = fact.get("before"), fact.get("after")
        lines.append(
            line(
                code(fact.get("path") or "the dataset"),
                f", {str(fact.get('kind')).replace('-', ' ')}: ",
                code(declared(before)) if before is not None else "nothing",
                " → ",
                code(declared(after)) if after is not None else "gone",
            )
        )
    if lines:
        yield Section("What is to change", (Items(tuple(capped(lines, MOST))),), brief=True)


def _standing(body: Body) -> Iterator[Section]:
    stands: Any = body.get("standing") or {}
    lines = [said(one) for one in stands.get("sentences") or ()]
    if stands.get("earliest"):
        lines.append(line(f"The earliest day that suits all who answered: {stands['earliest']}"))
    if lines:
        yield Section("Where it stands", (Items(tuple(capped(lines, MOST))),), brief=True)


def _open(body: Body) -> tuple[Action, ...]:
    return (Action("Open the announcement", str(body["url"])),) if body.get("url") else ()
