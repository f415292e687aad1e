"""Turns the settings of owners into sources that can be read: which files there are, and which format each is in."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from watcher.feeds.folders import Owners
from watcher.feeds.owners import OwnerFiles, OwnerSource, Texts
from watcher.formats.owners import backstage, codeowners, datahub, dbt, odcs, openmetadata
from watcher.model.claim import Claims
from watcher.settings.owners import CodeownersOwners, OdcsOwners, OwnersSettings

MOST_FILES = 50_000
"""So many files of a repository are looked at for those that CODEOWNERS may own."""
_HOMES = frozenset({".github", ".gitlab", "docs"})
_YAML = (".yaml", ".yml")
_JSON = (".json", ".jsonl", ".ndjson")


def owners(settings: OwnersSettings) -> Owners:
    """The sources, nothing of them read yet."""
    sources = [
        *(OwnerSource("odcs", one.paths, _YAML, partial(_odcs, one)) for one in settings.odcs),
        *(
            OwnerSource(
                "backstage",
                one.paths,
                (*_YAML, ".json"),
                partial(backstage.read, datasets=one.datasets, annotation=one.annotation),
            )
            for one in settings.backstage
        ),
        *(
            OwnerSource(
                "datahub",
                one.paths,
                _JSON,
                partial(datahub.read, names=one.names, environment=one.environment),
            )
            for one in settings.datahub
        ),
        *(
            OwnerSource("openmetadata", one.paths, _JSON, partial(openmetadata.read, names=one.names))
            for one in settings.openmetadata
        ),
        *(OwnerSource("dbt", (one.manifest,), (), partial(dbt.read, namespace=one.namespace)) for one in settings.dbt),
        *(_codeowners(one) for one in settings.codeowners),
    ]
    return Owners(OwnerFiles(sources), settings.mail)


def _odcs(one: OdcsOwners, texts: Texts) -> Claims:
    return odcs.read(texts, one.datasets, dt.datetime.now(dt.UTC).date().isoformat())


def _codeowners(one: CodeownersOwners) -> OwnerSource:
    """CODEOWNERS, with the files that it may own: those that the settings name, and the models of a manifest."""
    home = one.path.parent
    repository = home.parent if home.name in _HOMES else home
    patterns = [(_pattern(path), _beginning(path), dataset) for path, dataset in one.files.items()]

    def files() -> tuple[tuple[str, str], ...]:
        found: dict[str, str] = {}
        for pattern, beginning, dataset in patterns:
            for path in _below(repository / beginning, repository):
                if match := pattern.fullmatch(path):
                    found.setdefault(path, dataset.replace("{name}", match.groupdict().get("name") or ""))
        return tuple(sorted(found.items()))

    def read(texts: Mapping[str, str]) -> Claims:
        owned, problems = dict(files()), []
        if one.manifest is not None and str(one.manifest) in texts:
            models, problem = dbt.files(texts[str(one.manifest)], str(one.manifest), one.namespace or "")
            owned = {**models, **owned}
            problems = [problem] if problem else []
        if str(one.path) not in texts:
            return Claims(problems=tuple(problems))
        lines = codeowners.read(texts[str(one.path)], str(one.path), one.flavour)
        found = codeowners.claims(lines, owned)
        remarks = tuple(
            f"{one.path}: no file of {repository} is named as `{written}`, so it claims nothing: "
            "have the repository's files beside it, or correct `files`"
            for written, (pattern, _, _) in zip(one.files, patterns, strict=True)
            if not any(pattern.fullmatch(path) for path in owned)
        )
        return Claims(found.claims, found.teams, (*problems, *found.problems), remarks)

    roots = (one.path,) if one.manifest is None else (one.path, one.manifest)
    return OwnerSource("codeowners", roots, (), read, lenient=True, beside=files)


def _pattern(path: str) -> re.Pattern[str]:
    """A path with `{name}`, which is any text within one step of it."""
    before, name, after = path.strip("/").partition("{name}")
    return re.compile(re.escape(before) + (r"(?P<name>[^/]+)" if name else "") + re.escape(after))


def _beginning(path: str) -> str:
    """The folder that is sure, before the step that holds the name."""
    return path.strip("/").partition("{name}")[0].rpartition("/")[0]


def _below(folder: Path, repository: Path) -> Iterator[str]:
    seen = 0
    for at, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith(".") and name != "node_modules")
        for name in sorted(names):
            seen += 1
            if seen > MOST_FILES:
                return
            yield Path(at, name).relative_to(repository).as_posix()
