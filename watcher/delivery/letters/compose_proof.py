"""Proof: what shows that a break is one: a record, the registry's verdict, what readers read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from watcher.delivery.letters.letter import Block, Items, Listing, Paragraph, Section
from watcher.delivery.letters.parts import capped
from watcher.delivery.letters.wording import Body, code, line, listed, said, value
from watcher.formats.sql.dialects import dialect_of

LONGEST_RECORD = 2_000
"""Characters of a record in a proof: enough for a wide one, whose missing field may be its last."""


def witness(body: Body, told: Sequence[Body]) -> Iterator[Section]:
    """The smallest record that shows the break, before and after; or why there is none."""
    proven = next((one["witness"] for one in told if (one.get("witness") or {}).get("after")), None)
    if proven is None:
        absent = next((one["witness"]["absent"] for one in told if (one.get("witness") or {}).get("absent")), None)
        if absent:
            yield Section("Proof", (Paragraph(line("There is no proof by a record: ", said(absent), ".")),))
        return
    lines = []
    for label in ("before", "after"):
        side = proven.get(label)
        if side:
            lines += [f"{label:<7} {value(side['record'], LONGEST_RECORD)}", f"{'':<7} {side['outcome']}"]
    ticket = body.get("ticket")
    again = ticket["id"] if isinstance(ticket, Mapping) else ticket
    yield Section(
        "Proof",
        (
            Listing("\n".join(lines)),
            Paragraph(
                line(f"Written and read with {proven['library']}.")
                if not again
                else line(
                    f"Written and read with {proven['library']}; run it again: ", code(f"watcher witness {again}")
                )
            ),
        ),
    )


def registry(body: Body, told: Sequence[Body]) -> Iterator[Section]:
    """What the registry's own check says of the same change; a table has none, and nothing is said of it."""
    verdict = body.get("registry")
    if verdict is None:
        return
    compatible, level = verdict.get("compatible"), verdict.get("level")
    broken = any(one.get("outcome") != "unknown" for one in told)
    if compatible is None:
        if dialect_of(str(body["ticket"]["dataset"])) is None and (verdict.get("reason") or level):
            reason = verdict.get("reason") or "it was not asked"
            yield Section(
                "The registry's verdict", (Paragraph(line("Its check says nothing here: ", said(reason), ".")),)
            )
        return
    blocks: list[Block] = []
    guard = line("Under ", code(level or "its level"), " the registry ")
    if compatible:
        but = "; it compares schemas, and does not ask who relies on what" if broken else ""
        blocks.append(Paragraph(line(guard, "lets this change pass", but, ".")))
    else:
        against = f" against version {verdict['against']}" if verdict.get("against") is not None else ""
        blocks.append(Paragraph(line(guard, f"finds it incompatible{against}:")))
        reasons = [
            line(code(one["kind"]), " at ", code(one.get("path") or "/"), ": ", value(one.get("message", "")))
            for one in verdict.get("incompatibilities") or ()
        ]
        blocks.append(Items(tuple(capped(reasons, 10))))
    yield Section("The registry's verdict", tuple(blocks))


def in_use(one: Body) -> str:
    """Whether a version that consumers read with can still read what is written."""
    named = (
        f"version {one['version']}" if one.get("version") is not None else f"the reader schema `{one.get('reader')}`"
    )
    who = listed(one.get("consumers") or ())
    if one.get("readable") is None:
        return f"{named} ({who}): it cannot be told whether it reads what is written: {one.get('reason')}"
    if one["readable"]:
        return f"{named} ({who}) reads what is written"
    reasons = "; ".join(f"{each['kind']} at {each['path'] or '/'}" for each in one.get("incompatibilities") or ())
    return f"{named} ({who}) fails: {value(reasons)}"
