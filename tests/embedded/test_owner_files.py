"""The files of other systems: read as they change, one bad file never takes the rest, and what was good stays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from watcher.feeds.folders import Folders, Owners
from watcher.feeds.owners import OwnerFiles, OwnerSource
from watcher.model.claim import Claim, Claims

ORDERS = "k://orders"


def lines(texts: Mapping[str, str]) -> Claims:
    """A format for tests: `pattern owner` on each line; what has no owner is a mistake."""
    claims, problems = [], []
    for where, text in texts.items():
        for number, line in enumerate(text.splitlines(), start=1):
            pattern, _, owner = line.partition(" ")
            if owner:
                claims.append(Claim(pattern, owner, "backstage", f"{where}:{number}"))
            else:
                problems.append(f"{where}:{number}: `{line}` names no owner: write one behind it")
    return Claims(tuple(claims), (), tuple(problems))


def source(*roots: Path, lenient: bool = False) -> OwnerSource:
    return OwnerSource("backstage", roots, (".txt",), lines, lenient=lenient)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def rewrite(path: Path, text: str) -> None:
    """A file that is surely another than before, however coarse the disk's clock is."""
    path.write_text(text, encoding="utf-8")
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000))


def owners(files: OwnerFiles) -> dict[str, str]:
    return {one.pattern: one.owner for one in files.claims.claims}


def test_what_is_in_the_files_is_claimed(tmp_path: Path) -> None:
    """Of single files and of folders with all below, hidden ones left out; nothing new is nothing."""
    write(tmp_path / "all" / "deep" / "a.txt", "k://a team-a\n")
    write(tmp_path / "all" / ".git" / "b.txt", "k://b team-b\n")
    write(tmp_path / "all" / "c.md", "k://c team-c\n")
    single = write(tmp_path / "single", "k://d team-d\n")
    files = OwnerFiles([source(tmp_path / "all", single)])
    assert files.refresh()
    assert owners(files) == {"k://a": "team-a", "k://d": "team-d"}
    assert not files.refresh()


def test_a_change_takes_effect_and_a_file_that_goes_takes_its_claims(tmp_path: Path) -> None:
    """Without a restart."""
    path = write(tmp_path / "a.txt", "k://a one\n")
    files = OwnerFiles([source(tmp_path)])
    files.refresh()
    rewrite(path, "k://a two\n")
    assert files.refresh()
    assert owners(files) == {"k://a": "two"}
    path.unlink()
    assert files.refresh()
    assert owners(files) == {}


def test_a_file_that_goes_bad_keeps_its_last_good_text(tmp_path: Path) -> None:
    """The others go on; the problem names the line and says what stays, until it is mended."""
    path = write(tmp_path / "a.txt", "k://a one\n")
    other = write(tmp_path / "b.txt", "k://b one\n")
    files = OwnerFiles([source(tmp_path)])
    files.refresh()
    rewrite(path, "k://a two\nk://c\n")
    rewrite(other, "k://b two\n")
    assert files.refresh()
    assert owners(files) == {"k://a": "one", "k://b": "two"}
    [problem] = files.problems
    assert str(problem).startswith(f"{path}:2:1: `k://c` names no owner")
    assert "what the file said before stays in force" in problem.message
    rewrite(path, "k://a three\n")
    files.refresh()
    assert files.problems == ()
    assert owners(files)["k://a"] == "three"


def test_a_file_that_is_bad_from_the_start_gives_what_can_be_read(tmp_path: Path) -> None:
    """There is nothing better; the problem is told."""
    write(tmp_path / "a.txt", "k://a one\nk://c\n")
    files = OwnerFiles([source(tmp_path)])
    files.refresh()
    assert owners(files) == {"k://a": "one"}
    assert len(files.problems) == 1


def test_the_last_good_text_stays_however_often_a_file_goes_bad(tmp_path: Path) -> None:
    """A second bad version is no better than the first."""
    path = write(tmp_path / "a.txt", "k://a one\n")
    files = OwnerFiles([source(tmp_path)])
    files.refresh()
    rewrite(path, "k://a two\nk://c\n")
    files.refresh()
    rewrite(path, "k://a three\nk://c\nk://d\n")
    files.refresh()
    assert owners(files) == {"k://a": "one"}
    assert len(files.problems) == 2


def test_what_the_settings_do_not_name_is_told_and_keeps_nothing_back(tmp_path: Path) -> None:
    """It is no fault of the file: the file takes effect, and is protected like any other."""

    def read(texts: Mapping[str, str]) -> Claims:
        told = lines(texts)
        return Claims(told.claims, (), told.problems, tuple(f"{where}:1: not named" for where in texts))

    path = write(tmp_path / "a.txt", "k://a one\n")
    files = OwnerFiles([OwnerSource("datahub", (tmp_path,), (".txt",), read)])
    files.refresh()
    rewrite(path, "k://a two\n")
    files.refresh()
    assert owners(files) == {"k://a": "two"}
    assert [one.message for one in files.remarks] == ["not named"]
    assert files.problems == ()
    rewrite(path, "k://a\n")
    files.refresh()
    assert owners(files) == {"k://a": "two"}


def test_lines_that_their_own_system_passes_over_freeze_nothing(tmp_path: Path) -> None:
    """As in CODEOWNERS: the file is taken as it is, and the line is told."""
    path = write(tmp_path / "a.txt", "k://a one\n")
    files = OwnerFiles([source(tmp_path, lenient=True)])
    files.refresh()
    rewrite(path, "k://a two\nk://c\n")
    files.refresh()
    assert owners(files) == {"k://a": "two"}
    assert len(files.problems) == 1


def test_what_is_no_text_is_told_and_keeps_what_was_good(tmp_path: Path) -> None:
    """Neither UTF-8, nor a plain file, nor there."""
    path = write(tmp_path / "a.txt", "k://a one\n")
    (tmp_path / "b.txt").mkdir()
    files = OwnerFiles([source(tmp_path, tmp_path / "nowhere")])
    files.refresh()
    assert [one.message for one in files.problems] == [
        "`owners.backstage`: is not there: correct the path, or let the export write it"
    ]
    path.write_bytes(b"\xff\xfe\x00")
    files.refresh()
    assert owners(files) == {"k://a": "one"}
    assert any("is no UTF-8 text; what the file said before" in one.message for one in files.problems)


def test_a_folder_that_is_not_mounted_takes_nothing_with_it(tmp_path: Path) -> None:
    """What was read stays in force until the folder is back."""
    folder = tmp_path / "all"
    write(folder / "a.txt", "k://a one\n")
    files = OwnerFiles([source(folder)])
    files.refresh()
    folder.rename(tmp_path / "away")
    files.refresh()
    assert owners(files) == {"k://a": "one"}
    assert len(files.problems) == 1
    (tmp_path / "away").rename(folder)
    files.refresh()
    assert not files.problems


def test_domains_and_other_systems_make_one_catalogue(tmp_path: Path) -> None:
    """A team without a document is a domain; once it has one, that one is meant; a domain's own pattern decides."""
    write(tmp_path / "catalog" / "a.txt", "k://orders group:default/payments\n")
    files = OwnerFiles([source(tmp_path / "catalog")])
    folders = Folders([tmp_path / "contracts"], owners=Owners(files, "mail"))
    (tmp_path / "contracts").mkdir()
    assert folders.refresh()
    first = folders.catalogue.ownership(ORDERS)
    assert (first.domain and first.domain.name, first.source) == ("payments", "backstage")

    write(tmp_path / "contracts" / "p.yaml", "name: payments\nowns: []\nowners: {oncall: '@pay'}\n")
    assert folders.refresh()
    owner = folders.catalogue.owner_of(ORDERS)
    assert owner is not None
    assert owner.oncall == "@pay"

    write(tmp_path / "contracts" / "c.yaml", "name: checkout\nowns: ['k://*']\n")
    assert folders.refresh()
    assert folders.catalogue.ownership(ORDERS).source == "domain"


def test_what_other_systems_get_wrong_refuses_none_of_our_own(tmp_path: Path) -> None:
    """It is a remark, not a problem of the documents."""
    write(tmp_path / "catalog" / "a.txt", "k://orders\n")
    write(tmp_path / "contracts" / "c.yaml", "name: checkout\nowns: ['k://*']\n")
    folders = Folders([tmp_path / "contracts"], owners=Owners(OwnerFiles([source(tmp_path / "catalog")])))
    folders.refresh()
    assert folders.problems == ()
    assert folders.whole
    assert len(folders.remarks) == 1
