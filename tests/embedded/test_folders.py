"""The folders of contracts: what is in force after files come, change, break and go."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from watcher.feeds.folders import Folders, load
from watcher.feeds.watching import watch
from watcher.formats.contracts.problems import Problem
from watcher.model.catalogue import Catalogue

DEADLINE = 15.0
DOMAIN = "name: checkout\nowns: ['k://orders*']\n"


def contract(name: str, *relies_on: str) -> str:
    return (
        f"name: {name}\nconsumer: {{domain: c}}\ndataset: k://orders\nrelies_on: [{', '.join(relies_on or ('id',))}]\n"
    )


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(folders: Folders) -> list[str]:
    return [str(one.name) for one in folders.catalogue.subscriptions]


def told(folders: Folders) -> list[str]:
    return [f"{Path(one.source).name}:{one.line}:{one.column}: {one.message}" for one in folders.problems]


def fresh(*paths: Path) -> Folders:
    folders = Folders(paths)
    folders.refresh()
    return folders


def test_a_folder_is_read_with_all_below(tmp_path: Path) -> None:
    """Contracts and domains are found in every folder below; other files are left alone."""
    write(tmp_path / "a.yaml", contract("a"))
    write(tmp_path / "team" / "deep" / "b.yml", contract("b") + "---\n" + DOMAIN)
    write(tmp_path / "README.md", "# not: [yaml")
    write(tmp_path / ".hidden.yaml", "not: [yaml")
    write(tmp_path / ".git" / "x.yaml", "not: [yaml")

    catalogue, problems = load([tmp_path])

    assert problems == ()
    assert [one.name for one in catalogue.subscriptions] == ["a", "b"]
    owner = catalogue.owner_of("k://orders_eu")
    assert owner
    assert owner.name == "checkout"


def test_a_single_file_is_a_folder_of_one(tmp_path: Path) -> None:
    """A path may be a file."""
    assert names(fresh(write(tmp_path / "a.yaml", contract("a")))) == ["a"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A missing folder is a problem, not an end."""
    assert told(fresh(tmp_path / "nowhere")) == [
        "nowhere:1:1: is not there: what was read from it before, if anything, stays in force"
    ]


def test_a_bad_file_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """At the first reading a bad file is refused with its place, and the good ones are in force."""
    write(tmp_path / "a.yaml", contract("a"))
    write(tmp_path / "b.yaml", contract("b") + "requird: true\n")

    folders = fresh(tmp_path)

    assert names(folders) == ["a"]
    assert told(folders)[0].startswith("b.yaml:5:1: unknown key `requird`")


def test_the_last_good_version_stays_in_force(tmp_path: Path) -> None:
    """A file that turns bad is refused while what it said before stays; mended, it counts at once."""
    file = write(tmp_path / "a.yaml", contract("a", "id"))
    folders = fresh(tmp_path)
    before = folders.catalogue.subscriptions

    write(file, contract("a", "id", "'x..y'"))
    assert folders.refresh()
    assert folders.catalogue.subscriptions == before
    assert told(folders) == ["a.yaml:4:17: the field path 'x..y' has an empty member before character 4"]

    write(file, contract("a", "id", "total"))
    assert folders.refresh()
    assert [one.path for one in folders.catalogue.subscriptions[0].expectations] == ["id", "total"]
    assert told(folders) == []


def test_whether_all_documents_are_known(tmp_path: Path) -> None:
    """A bad edit leaves its last good version known; what was bad from the start is not."""
    file = write(tmp_path / "a.yaml", contract("a"))
    folders = fresh(tmp_path)
    assert folders.whole

    write(file, "name: [")
    folders.refresh()
    assert folders.whole
    assert not fresh(tmp_path).whole
    assert not fresh(tmp_path / "nowhere").whole


def test_a_file_that_is_empty_for_a_moment_takes_nothing_out_of_force(tmp_path: Path) -> None:
    """A file that is being written is empty at first: what it said stays."""
    file = write(tmp_path / "a.yaml", contract("a"))
    folders = fresh(tmp_path)

    write(file, "")
    folders.refresh()

    assert names(folders) == ["a"]


def test_nothing_new_is_no_change(tmp_path: Path) -> None:
    """A look that finds nothing, or the same in other words, says so."""
    file = write(tmp_path / "a.yaml", contract("a"))
    folders = fresh(tmp_path)

    assert not folders.refresh()
    write(file, contract("a") + "# a remark\n")
    assert not folders.refresh()


def test_a_deleted_file_is_out_of_force_after_a_second_look(tmp_path: Path) -> None:
    """A patient look waits for a file to come back; the next one takes it as gone."""
    file = write(tmp_path / "a.yaml", contract("a"))
    folders = fresh(tmp_path)

    file.unlink()
    assert not folders.refresh(patient=True)
    assert (folders.waits, names(folders)) == (True, ["a"])

    assert folders.refresh()
    assert (folders.waits, names(folders)) == (False, [])


def test_a_file_that_comes_back_in_time_was_never_gone(tmp_path: Path) -> None:
    """An editor that saves by delete and create changes only what it wrote."""
    file = write(tmp_path / "a.yaml", contract("a"))
    folders = fresh(tmp_path)

    file.unlink()
    folders.refresh(patient=True)
    write(file, contract("a"))

    assert not folders.refresh(patient=True)
    assert names(folders) == ["a"]


def test_a_vanished_folder_leaves_all_in_force(tmp_path: Path) -> None:
    """A folder that is gone as a whole (an unmounted disk) is told, and its contracts stay."""
    write(tmp_path / "c" / "a.yaml", contract("a"))
    folders = fresh(tmp_path / "c")

    shutil.rmtree(tmp_path / "c")
    folders.refresh()

    assert names(folders) == ["a"]
    assert told(folders) == ["c:1:1: is not there: what was read from it before, if anything, stays in force"]


def test_a_newcomer_that_claims_a_taken_name_is_refused(tmp_path: Path) -> None:
    """Of two contracts of one name the established one stays; the other counts once the name is free."""
    first = write(tmp_path / "z.yaml", contract("a", "id"))
    folders = fresh(tmp_path)

    second = write(tmp_path / "a.yaml", contract("a", "total"))
    folders.refresh()
    assert [one.source for one in folders.catalogue.subscriptions] == [str(first)]
    assert told(folders) == [f"a.yaml:1:1: the subscription name `a` is taken already by {first}"]

    first.unlink()
    folders.refresh()
    assert [one.source for one in folders.catalogue.subscriptions] == [str(second)]
    assert told(folders) == []


def test_a_changed_file_that_claims_a_taken_pattern_stays_as_it_was(tmp_path: Path) -> None:
    """A domain that comes to claim what another owns is refused, and keeps what it owned."""
    write(tmp_path / "a.yaml", DOMAIN)
    other = write(tmp_path / "b.yaml", "name: other\nowns: ['k://other*']\n")
    folders = fresh(tmp_path)

    write(other, "name: other\nowns: ['k://orders*']\n")
    folders.refresh()

    owners = {name: folders.catalogue.owner_of(name) for name in ("k://orders", "k://other")}
    assert {name: owner and owner.name for name, owner in owners.items()} == {
        "k://orders": "checkout",
        "k://other": "other",
    }
    assert "fit the same datasets equally well" in told(folders)[0]


READER = '{"type": "record", "name": "O", "fields": [{"name": "id", "type": "string"}]}'


def test_a_clash_names_both_lines(tmp_path: Path) -> None:
    """Where the two patterns stand, in the message and before it."""
    write(tmp_path / "a.yaml", "name: checkout\nowns:\n  - 'k://a*'\n  - 'k://orders*'\n")
    write(tmp_path / "b.yaml", "name: stock\nowns: ['k://orders*']\n")

    [problem] = told(fresh(tmp_path))

    assert problem.startswith("b.yaml:2:8: the pattern `k://orders*` of domain `stock`")
    assert "a.yaml:4:5) fit the same datasets equally well" in problem


@pytest.mark.parametrize("alias", ["Group:default/Checkout", "Checkout"])
def test_one_team_is_one_domain(tmp_path: Path, alias: str) -> None:
    """Two that claim the same name in another system, or the other's own, are refused with both places."""
    write(tmp_path / "a.yaml", "kind: Domain\nname: checkout\nalso_known_as: ['group:default/checkout']\n")
    write(tmp_path / "b.yaml", f"kind: Domain\nname: stock\nalso_known_as: [{alias}]\n")

    [problem] = told(fresh(tmp_path))

    assert problem.startswith("b.yaml:3:17: `also_known_as: ")
    assert "a.yaml:" in problem


def test_a_part_of_nothing_is_told_with_its_line_and_a_way_out(tmp_path: Path) -> None:
    """A slip of the pen is guessed; and a larger domain need not own anything itself."""
    write(tmp_path / "a.yaml", "kind: Domain\nname: commerce\n")
    write(tmp_path / "b.yaml", "name: checkout\nowns: ['k://orders*']\npart_of: comerce\n")
    write(tmp_path / "c.yaml", "name: stock\nowns: ['k://stock*']\npart_of: something-else\n")

    assert told(fresh(tmp_path)) == [
        "b.yaml:3:10: `part_of: comerce` names no domain, and nothing is taken from it: did you mean `commerce`?",
        (
            "c.yaml:3:10: `part_of: something-else` names no domain, and nothing is taken from it: "
            "write a document for it, or take the line out"
        ),
    ]


def test_a_reader_schema_is_followed(tmp_path: Path) -> None:
    """A contract changes when the reader schema beside it does."""
    write(tmp_path / "a.yaml", contract("a") + "reads_with: {format: avro, schema: a.avsc}\n")
    reader = write(tmp_path / "a.avsc", READER)
    folders = fresh(tmp_path)
    assert told(folders) == []

    write(reader, READER.replace('"string"', '"long"'))
    assert folders.refresh()

    assert '"long"' in str(folders.catalogue.subscriptions[0].expectations[-1])


@pytest.mark.parametrize("name", ["../secret.avsc", "/etc/hostname", "link.avsc"])
def test_a_reader_schema_comes_from_the_folder_only(tmp_path: Path, name: str) -> None:
    """No document can have a file outside of its folder read, by path or by link."""
    write(tmp_path / "secret.avsc", READER)
    write(tmp_path / "c" / "a.yaml", contract("a") + f"reads_with: {{format: avro, schema: {name}}}\n")
    (tmp_path / "c" / "link.avsc").symlink_to(tmp_path / "secret.avsc")

    assert told(fresh(tmp_path / "c")) == [f"a.yaml:5:36: the file `{name}` lies outside the folder of contracts"]


def test_what_is_no_plain_file_is_refused_unread(tmp_path: Path) -> None:
    """A pipe by a contract's name is refused, and nobody waits for it."""
    os.mkfifo(tmp_path / "a.yaml")

    assert told(fresh(tmp_path)) == ["a.yaml:1:1: cannot be read: it is no plain file"]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    """Each folder is read once, wherever links lead."""
    write(tmp_path / "a" / "a.yaml", contract("a"))
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)

    assert names(fresh(tmp_path)) == ["a"]


def config_map(folder: Path, number: int, **texts: str) -> None:
    """Mount a config map's version as Kubernetes does: hidden folder, `..data` swapped onto it, links to the files."""
    version = folder / f"..2026_{number}"
    for name, text in texts.items():
        write(version / f"{name}.yaml", text)
    link = folder / "..data_tmp"
    link.symlink_to(version.name, target_is_directory=True)
    link.replace(folder / "..data")
    for name in texts:
        if not (folder / f"{name}.yaml").is_symlink():
            (folder / f"{name}.yaml").symlink_to(f"..data/{name}.yaml")


def test_a_config_map_is_read_once(tmp_path: Path) -> None:
    """The files of a mounted config map are read through their links, and in no other place."""
    config_map(tmp_path, 1, a=contract("a"), b=contract("b"))
    folders = fresh(tmp_path)
    assert (names(folders), told(folders)) == (["a", "b"], [])

    config_map(tmp_path, 2, a=contract("a", "id", "total"), b=contract("b"))
    assert folders.refresh()

    assert len(folders.catalogue.subscriptions[0].expectations) == 2


class Heard:
    """What a watch has told so far, to wait for."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.problems: tuple[Problem, ...] = ()
        self.calls = 0
        self._news = asyncio.Condition()

    async def take(self, catalogue: Catalogue, problems: tuple[Problem, ...]) -> None:
        async with self._news:
            self.catalogue, self.problems = catalogue, problems
            self.calls += 1
            self._news.notify_all()

    async def until(self, done: Callable[["Heard"], bool]) -> None:
        async with asyncio.timeout(DEADLINE), self._news:
            await self._news.wait_for(lambda: done(self))

    def names(self) -> list[str]:
        return [str(one.name) for one in self.catalogue.subscriptions]


@asynccontextmanager
async def watching(path: Path) -> AsyncIterator[Heard]:
    heard, stop = Heard(), asyncio.Event()
    task = asyncio.create_task(watch(Folders([path]), heard.take, stop, rescan=0.5))
    try:
        yield heard
    finally:
        stop.set()
        async with asyncio.timeout(DEADLINE):
            await task


def test_a_change_takes_effect_without_a_restart(tmp_path: Path) -> None:
    """A watched folder tells of what is there, comes, changes, breaks and goes."""

    async def story() -> None:
        file = write(tmp_path / "a.yaml", contract("a"))
        async with watching(tmp_path) as heard:
            await heard.until(lambda h: h.names() == ["a"])
            other = write(tmp_path / "new" / "b.yaml", contract("b"))
            await heard.until(lambda h: h.names() == ["a", "b"])
            write(file, contract("a", "id", "total"))
            await heard.until(lambda h: len(h.catalogue.subscriptions[0].expectations) == 2)
            write(file, "name: [")
            await heard.until(lambda h: bool(h.problems))
            assert heard.names() == ["a", "b"]
            other.unlink()
            await heard.until(lambda h: h.names() == ["a"])

    asyncio.run(story())


def test_an_editors_rename_takes_effect(tmp_path: Path) -> None:
    """A file replaced by rename, as editors and config maps do it, is read anew."""

    async def story() -> None:
        file = write(tmp_path / "a.yaml", contract("a"))
        config_map(tmp_path / "map", 1, m=contract("m"))
        async with watching(tmp_path) as heard:
            await heard.until(lambda h: h.names() == ["a", "m"])
            write(tmp_path / "a.yaml~", contract("renamed")).replace(file)
            await heard.until(lambda h: h.names() == ["m", "renamed"])
            config_map(tmp_path / "map", 2, m=contract("n"))
            await heard.until(lambda h: h.names() == ["n", "renamed"])

    asyncio.run(story())


def test_a_folder_that_comes_late_or_is_replaced_is_watched(tmp_path: Path) -> None:
    """A folder that is not there at first is read when it comes; one that takes its place is watched as well."""

    async def story() -> None:
        folder = tmp_path / "c"
        async with watching(folder) as heard:
            await heard.until(lambda h: bool(h.problems))
            write(folder / "a.yaml", contract("a"))
            await heard.until(lambda h: h.names() == ["a"] and not h.problems)
            folder.rename(tmp_path / "old")
            write(folder / "b.yaml", contract("b"))
            await heard.until(lambda h: h.names() == ["b"])
            write(folder / "c.yaml", contract("c"))
            await heard.until(lambda h: h.names() == ["b", "c"])

    asyncio.run(story())
