"""The contracts: what of them is in force, what is refused and where, whose datasets are whose, and which channels."""

from __future__ import annotations

from watcher.bootstrap import contract_folders, unknown_channels
from watcher.cli.probe import Findings
from watcher.cli.screen import counted
from watcher.model.catalogue import Catalogue
from watcher.settings import Settings


def probe(settings: Settings, findings: Findings) -> None:
    """Read the folders as the daemon would."""
    folders = [one for one in settings.contracts if one.exists()]
    for one in settings.contracts:
        if one not in folders:
            findings.wrong("contracts", f"the folder {one} is not there: make it, or correct `contracts`")
    if not folders:
        return
    known = contract_folders(settings, folders)
    known.refresh()
    catalogue, problems = known.catalogue, known.problems
    if problems:
        mistakes = counted(len(problems), "mistake")
        message = f"{mistakes}; the last good version of each file stays in force while the daemon runs:"
        findings.wrong("contracts", message, tuple(map(str, problems)))
    parts = counted(len(catalogue.subscriptions), "contract"), counted(len(catalogue.domains), "domain")
    told = f"{', '.join(parts)} can be in force"
    if problems:
        findings.look("contracts", f"{told} beside them")
    elif catalogue.subscriptions:
        findings.ok("contracts", told)
    else:
        findings.look("contracts", f"{told}: nothing will ever break, because nobody says what they rely on")
    _channels(catalogue, settings, findings)
    if known.remarks:
        message = f"{counted(len(known.remarks), 'mistake')} in the files of other systems; the rest of them counts:"
        findings.wrong("owners", message, tuple(map(str, known.remarks)))
    elif settings.owners.sources:
        made = sum(1 for one in catalogue.domains if one.made_of)
        findings.ok("owners", f"{len(known.imported)} claims are read; {made} teams have no domain's document")
    if known.passed_over:
        findings.look(
            "owners",
            "these mean no dataset, or no one team, as the settings and documents are:",
            tuple(map(str, known.passed_over)),
        )
    unowned = [str(name) for name in catalogue.datasets if catalogue.owner_of(name) is None]
    if unowned:
        route = "their tickets go to the fallback channel" if settings.fallback else "their tickets reach nobody"
        findings.look("ownership", f"no domain owns these, and {route}:", tuple(unowned))


def _channels(catalogue: Catalogue, settings: Settings, findings: Findings) -> None:
    strange = unknown_channels(catalogue, settings)
    if strange:
        findings.wrong(
            "contracts", "routes that the settings cannot follow; what is for them waits, or goes astray:", strange
        )
