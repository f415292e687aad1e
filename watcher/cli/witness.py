"""`watcher witness`: the proof of a break, sought and run again with the format's own library."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli import json_text
from watcher.cli.failure import BREAKING, UNDECIDED
from watcher.cli.ledger import transaction
from watcher.cli.options import CONFIG, ConfigOption, JsonOption, LedgerOption, ReferenceOption
from watcher.cli.schemas import file_text, format_of, referenced
from watcher.cli.screen import safe
from watcher.model.errors import Undecidable, UsageError

if TYPE_CHECKING:
    from watcher.model.compatibility import Incompatibility
    from watcher.model.contract import ReadsVersion, ReadsWith
    from watcher.model.schema import Schema, SchemaText
    from watcher.witness.case import Witness


def witness(
    ticket: Annotated[str | None, typer.Argument(metavar="[TICKET]", help="The ticket's id.")] = None,
    *,
    old: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Without a ticket: the schema before the change.")
    ] = None,
    new: Annotated[Path | None, typer.Option(metavar="FILE", help="The schema after it.")] = None,
    contract: Annotated[Path | None, typer.Option(metavar="FILE", help="The contracts that are asked about.")] = None,
    schema_format: Annotated[
        str | None,
        typer.Option(
            "--schema-format", metavar="FORMAT", help="avro, json or protobuf; otherwise by the file's ending."
        ),
    ] = None,
    reference: ReferenceOption = None,
    json_: JsonOption = False,
    config: ConfigOption = CONFIG,
    ledger: LedgerOption = None,
) -> None:
    """The proof of a break: the smallest records that show it.

    For each violation: a record that the schema before wrote and the consumer could use, and
    what happens under the schema after. Both are written and read by the format's own library.

    Examples:
      watcher witness T-3f2a9c01b7 -c watcher.yaml
      watcher witness --old order-now.avsc --new order.avsc --contract contracts/finance.yaml

    Exit code: 0 the proofs hold; 1 one of them no longer does; 2 the call is off; 3 there is
    none, and each violation says why.
    """
    files = (old, new, contract)
    if (ticket is None) is (None in files) or (ticket is not None and any(files)):
        raise UsageError("name a ticket, or else --old, --new and --contract together")
    if ticket is not None:
        found = _of_ticket(ticket, config, ledger)
    else:
        assert old is not None and new is not None and contract is not None  # noqa: S101, PT018 - as asked above
        texts = [_text(path, schema_format, reference or []) for path in (old, new)]
        found = _of_files(texts[0], texts[1], contract)
    if json_:
        print(json_text.page(found))
    else:
        print(
            "\n".join(line for one in found for line in _lines(one)) or "nothing is broken: there is nothing to prove"
        )
    if any(one["fault"] for one in found):
        raise typer.Exit(BREAKING)
    if found and not any(one["witness"]["after"] for one in found):
        raise typer.Exit(UNDECIDED)


def _of_ticket(ticket: str, config: Path, ledger: str | None) -> list[dict[str, Any]]:
    from watcher.formats.read import read_registered  # noqa: PLC0415 - the help needs none of this
    from watcher.handlers.judging.proof import case_of, prove  # noqa: PLC0415
    from watcher.handlers.judging.shelf import Shelf  # noqa: PLC0415
    from watcher.model.ticket import TicketId  # noqa: PLC0415

    shelf = Shelf(read_registered)
    with transaction(config, ledger) as tx:
        if tx.ticket(TicketId(ticket)) is None:
            raise UsageError(f"there is no ticket {ticket}: `watcher tickets list --all` names them")
        cases = [(case_of(tx, shelf, row), row) for row in tx.ticket_violations(TicketId(ticket))]
    found = [prove(case, row) for case, row in cases]
    return [
        _document(
            one.witness,
            one.violation.subscription,
            one.violation.document["message"],
            one.violation.document["wants"],
            one.fault,
        )
        for one in found
    ]


def _of_files(old: SchemaText, new: SchemaText, contract: Path) -> list[dict[str, Any]]:
    from watcher.diff import diff  # noqa: PLC0415 - as above
    from watcher.formats.contracts.read import read  # noqa: PLC0415
    from watcher.formats.read import read_schema  # noqa: PLC0415
    from watcher.handlers.judging.proof import pinned  # noqa: PLC0415
    from watcher.model.contract import Subscription  # noqa: PLC0415
    from watcher.model.verdict import DatasetState  # noqa: PLC0415
    from watcher.rules.evaluate import flips  # noqa: PLC0415
    from watcher.witness.case import Case  # noqa: PLC0415
    from watcher.witness.kits import kit_of  # noqa: PLC0415
    from watcher.witness.search import witness as seek  # noqa: PLC0415

    before, after = read_schema(old), read_schema(new)
    kit = kit_of(new.format)
    if kit is None or old.format is not new.format:
        raise UsageError("both schemas must be of one format that has records: avro, json or protobuf")
    documents = []
    today = dt.datetime.now(dt.UTC).date()
    for one in read(contract.read_text(encoding="utf-8"), str(contract)):
        if not isinstance(one, Subscription) or not one.in_force(today):
            continue
        states = (
            DatasetState(before, reads=lambda clause: _reads(clause, before)),
            DatasetState(after, reads=lambda clause: _reads(clause, after)),
        )
        for violation in flips(one, one.dataset, *states, diff(before, after)):
            clause = pinned(violation.expectation, violation.before)
            found = seek(Case(old, new, clause, violation.rule), kit)
            documents.append(_document(found, str(one.name), violation.message, violation.wants, ""))
    return documents


def _reads(clause: ReadsWith | ReadsVersion, writer: Schema) -> tuple[Incompatibility, ...]:
    from watcher.compat.levels import check  # noqa: PLC0415 - as above
    from watcher.formats.read import read_schema  # noqa: PLC0415

    reader = getattr(clause, "reader", None)
    if reader is None:
        raise Undecidable("which version a consumer reads with is in a ledger only: name a ticket")
    return check(read_schema(reader), writer)


def _text(path: Path, format_: str | None, reference: list[str]) -> SchemaText:
    from watcher.model.schema import SchemaText  # noqa: PLC0415 - as above

    return SchemaText(format_of(format_, path), file_text(path), tuple(referenced(reference)))


def _document(found: Witness, subscription: str, message: str, wants: str, fault: str) -> dict[str, Any]:
    sides = {
        name: side and {"record": side.record, "encoded": side.encoded, "outcome": side.outcome, "fails": side.fails}
        for name, side in (("before", found.before), ("after", found.after))
    }
    return {
        "subscription": subscription,
        "rule": found.rule,
        "path": str(found.path),
        "message": message,
        "wants": wants,
        "witness": {"library": found.library, **sides, "absent": found.absent},
        "fault": fault,
    }


def _lines(one: dict[str, Any]) -> list[str]:
    told = one["witness"]
    lines = [f"{one['subscription']}: {one['message']} [{one['rule']}]", f"  relies on  {one['wants']}"]
    for name in ("before", "after"):
        side = told[name]
        if side is None:
            continue
        lines.append(f"  {name:9}  {json_text.line(side['record']).decode()}")
        if side["encoded"] is not None:
            lines.append(f"             as bytes: {side['encoded'] or 'none'}")
        lines.append(f"             {'it fails' if side['fails'] else 'it is used'}: {side['outcome']}")
    if one["fault"]:
        lines.append(f"  the proof of the ticket no longer holds: {one['fault']}")
    lines.append(f"  no proof by a record: {told['absent']}" if told["absent"] else f"  proven with {told['library']}")
    return [*(safe(line) for line in lines), ""]
