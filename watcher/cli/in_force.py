"""The contracts and domains of the settings, as a command that reckons with them needs them: all, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.model.errors import ConfigurationError

if TYPE_CHECKING:
    from watcher.feeds.folders import Folders
    from watcher.settings import Settings

_MOST = 20


def documents_in_force(settings: Settings, instead: Sequence[Path] = ()) -> Folders:
    """The settings' folders, or others in their place; raises ConfigurationError where a document cannot be read.

    A daemon goes on with a document's last good version; who reckons without one would reckon wrongly, and not know.
    """
    from watcher.bootstrap import contract_folders  # noqa: PLC0415 - the help of a command needs none of it

    folders = contract_folders(settings, instead)
    folders.refresh()
    if folders.problems:
        told = [str(one) for one in folders.problems[:_MOST]]
        more = [f"and {len(folders.problems) - _MOST} more"] if len(folders.problems) > _MOST else []
        raise ConfigurationError(
            "not all contracts and domains can be read: mend these first\n" + "\n".join(told + more)
        )
    return folders
