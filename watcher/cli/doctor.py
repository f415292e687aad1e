"""`watcher doctor`: what is reachable, what is misconfigured, in words that tell what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.cli import json_text
from watcher.cli.failure import MISUSED, UNDECIDED
from watcher.cli.options import CONFIG, ConfigOption, JsonOption
from watcher.cli.probe import Finding, Findings, State

_EXIT = {State.WRONG: MISUSED, State.AWAY: UNDECIDED}
_STYLES = {State.OK: "green", State.LOOK: "yellow", State.AWAY: "bold yellow", State.WRONG: "bold red"}


def doctor(
    *,
    config: ConfigOption = CONFIG,
    timeout: Annotated[float, typer.Option(min=0.5, max=120, help="Seconds that each question may take.")] = 10.0,
    json_: JsonOption = False,
) -> None:
    """What is reachable, what is misconfigured, and what to do about it. Changes nothing, sends nothing.

    Looks at the settings, the ledger, the cluster with its topics and rights, the folders of
    contracts, the warehouses' databases, the channels' secrets and addresses, and the HTTP port; shows the records that
    could not be read, the dead letters, and the tickets that nobody owns. Safe beside a
    running daemon.

    Examples:
      watcher doctor -c watcher.yaml
      watcher doctor --json --timeout 3

    Exit code: 0 works (look at what is marked `look`), 2 something must be mended,
    3 a part does not answer now.
    """
    from watcher.cli.probe import channels, contracts, follow_up, http, kafka, ledger, warehouses  # noqa: PLC0415 - only when it is asked
    from watcher.settings import load  # noqa: PLC0415

    findings = Findings()
    with findings.asking("settings"):
        settings = load(config)
        findings.ok("settings", f"{config} can be read")
        positions = ledger.probe(settings, findings)
        contracts.probe(settings, findings)
        with findings.asking("outbound.allow_hosts"):
            channels.probe(settings, findings)
        follow_up.probe(settings, findings)
        http.probe(settings, findings, min(timeout, 5.0))
        warehouses.probe(settings, findings, timeout)
        kafka.probe(settings, positions, findings, timeout)
    if json_:
        document = [
            {"state": one.state.value, "about": one.about, "message": one.message, "more": list(one.more)}
            for one in findings.all
        ]
        print(json_text.page({"findings": document}))
    else:
        _show(findings.all)
    raise typer.Exit(_EXIT.get(findings.worst, 0))


def _show(findings: list[Finding]) -> None:
    from rich.text import Text  # noqa: PLC0415 - machines that want JSON do not pay for it

    from watcher.cli.screen import console, safe  # noqa: PLC0415

    out = console()
    for one in findings:
        first, *rest = one.message.split("\n")
        out.print(Text.assemble((f"{one.state.value:<5}", _STYLES[one.state]), f"  {safe(one.about)}: {safe(first)}"))
        for line in (*rest, *one.more):
            out.print(Text(f"         {safe(line)}"))
    wrong = sum(one.state is State.WRONG for one in findings)
    away = sum(one.state is State.AWAY for one in findings)
    if wrong or away:
        told = [f"{wrong} to be mended"] * bool(wrong) + [f"{away} not reachable now"] * bool(away)
        out.print(Text(", ".join(told), "bold"))
    else:
        out.print(Text("nothing stands in the way", "bold green"))
