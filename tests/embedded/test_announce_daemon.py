"""`watcher announce` and `watcher check --go`, over real HTTP, against the daemon's own routes and a real ledger."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import uvicorn
from structlog.testing import capture_logs

from tests.parts.command_line import Ended, call
from tests.parts.processes import free_ports, wait_until
from tests.story.world import CHECKOUT, ORDER, World, record, reliance, without
from watcher.bootstrap import Parts
from watcher.daemon.ledger_thread import LedgerThread
from watcher.daemon.planning import Planning
from watcher.handlers.planning.go import generate
from watcher.handlers.planning.preview import preview, proposal
from watcher.settings.follow_up import FollowUpSettings, SigningSettings
from watcher.web.api import Backstage, build_app

FINANCE = reliance(
    "finance",
    "amount",
    consumer={"domain": "finance", "contact": "#finance-data"},
    notice="1d",
    notify=["finance-hook"],
)
SEED, PEM = generate()
TODAY = dt.datetime.now(dt.UTC).date()


class Site:
    """The routes of a daemon over one world."""

    def __init__(self, world: World, *, key: str | None = SEED) -> None:
        self.world = world
        self._thread = LedgerThread(world.ledger)
        signing = None if key is None else SigningSettings(key=key)
        settings = SimpleNamespace(follow_up=FollowUpSettings(signing=signing))
        clock = SimpleNamespace(now=lambda: world.now)
        parts = SimpleNamespace(judgement=world.judgement, clock=clock, settings=settings)
        planning = Planning(cast(Parts, parts), self._thread)
        backstage = Backstage(
            status=self._nothing, metrics=self._nothing, look=self._nothing, check=self._check, send=self._nothing,
            plans=planning,
        )  # fmt: skip
        [port] = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(build_app(backstage), port=port, log_config=None, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._running = threading.Thread(target=self._server.run, daemon=True)
        self._running.start()
        wait_until(lambda: self._server.started, 20, "the routes answer")

    async def _nothing(self, *_: Any) -> Any:
        raise NotImplementedError

    async def _check(self, dataset: str, format_: str, schema: str, references: list[tuple[str, str]]) -> Any:
        asked, world = proposal(format_, schema, references), self.world
        return await self._thread(lambda tx: preview(tx, world.judgement, dataset, asked, world.now))

    def announce(self, *words: object) -> Ended:
        return call("announce", *words, "--daemon", self.url)

    def close(self) -> None:
        self._server.should_exit = True
        self._running.join()
        self._thread.close()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The routes run in this process: what they log is not the command's to print."""
    with capture_logs():
        yield


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, CHECKOUT, FINANCE)
    made.now = dt.datetime.now(dt.UTC)
    made.orders(ORDER)
    made.live()
    (tmp_path / "planned.avsc").write_text(record(without(ORDER, "amount")))
    (tmp_path / "worse.avsc").write_text(record(without(ORDER, "amount", "note")))
    (tmp_path / "go.pem").write_text(PEM)
    return made


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    made = Site(world)
    yield made
    made.close()


def planned(site: Site, folder: Path, *more: object) -> dict[str, Any]:
    words = ("--dataset", "kafka://prod/orders", "--schema", folder / "planned.avsc", "--on", TODAY.isoformat())
    ended = site.announce("change", *words, "--reason", "cents", "--by", "orders-lead", "--json", *more)
    assert ended.code == 0, ended.err
    return dict(ended.json())


def token(site: Site, folder: Path) -> str:
    one = planned(site, folder)
    assert site.announce("answer", one["id"], "accept", "--subscription", "finance").code == 0
    ended = site.announce("go", one["id"])
    assert ended.code == 0, ended.err
    return ended.out.strip()


def check(folder: Path, name: str, *more: object) -> Ended:
    return call("check", folder / name, "--dataset", "kafka://prod/orders", *more)


def test_who_would_break_is_printed_with_whom_to_ask(site: Site, tmp_path: Path) -> None:
    """The people, their clauses, and the first day that all could accept."""
    ended = site.announce("who", "--dataset", "kafka://prod/orders", "--schema", tmp_path / "planned.avsc")

    assert ended.code == 0
    assert "finance  (finance)  #finance-data  normal  has not answered" in ended.out
    assert "amount" in ended.out
    assert f"\n  the first day that all could accept: {TODAY + dt.timedelta(days=2)}\n" in ended.out
    assert "\\n" not in ended.out
    assert site.announce("list", "--all").out == "nothing is announced\n"


def test_a_planned_change_from_the_question_to_the_pipeline(site: Site, tmp_path: Path) -> None:
    """Announced, answered, and let through by its token: the key is a file, a URL, or the daemon's that is asked."""
    given = token(site, tmp_path)

    for keys in (("--go-key", tmp_path / "go.pem"), ("--go-key", site.url), ("--go-key", f"{site.url}/v1/go/key"), ()):
        ended = check(tmp_path, "planned.avsc", "--daemon", site.url, "--go", given, *keys)
        assert ended.code == 0, ended.err
        assert "1 agreed to it beforehand (A-" in ended.out
        assert "agreed   finance (finance)" in ended.out
    assert check(tmp_path, "planned.avsc", "--daemon", site.url).code == 1


def test_the_token_is_verified_without_a_daemon(site: Site, tmp_path: Path) -> None:
    """A pipeline with the contracts and the key beside it calls nobody."""
    given = token(site, tmp_path)
    (tmp_path / "now.avsc").write_text(record(ORDER))
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "finance.yaml").write_text(FINANCE)
    offline = (
        "--against",
        tmp_path / "now.avsc",
        "--contracts",
        tmp_path / "contracts",
        "--go-key",
        tmp_path / "go.pem",
    )

    ended = check(tmp_path, "planned.avsc", *offline, "--go", given, "--format", "json")
    assert (ended.code, ended.json()["go"]["covers"]) == (0, ["finance"])
    for style, word in (("github", "::notice "), ("junit", 'failures="0"'), ("text", "agreed   finance")):
        ended = check(tmp_path, "planned.avsc", *offline, "--go", given, "--format", style)
        assert (ended.code, word in ended.out) == (0, True)

    (tmp_path / "contracts" / "late.yaml").write_text(reliance("late", "amount"))
    ended = check(tmp_path, "planned.avsc", *offline, "--go", given, "--format", "json")
    assert (ended.code, ended.json()["go"]["uncovered"]) == (1, ["late"])


def test_a_token_for_another_schema_is_refused(site: Site, tmp_path: Path) -> None:
    """What was agreed is what may come: one field more is another change."""
    ended = check(tmp_path, "worse.avsc", "--daemon", site.url, "--go", token(site, tmp_path))

    assert ended.code == 2
    assert "for another schema than this one" in ended.err


def test_a_token_needs_a_key_and_a_key_a_token(site: Site, tmp_path: Path) -> None:
    """Each mistake is told with what to do."""
    _, other = generate()
    (tmp_path / "other.pem").write_text(other)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "finance.yaml").write_text(FINANCE)
    (tmp_path / "now.avsc").write_text(record(ORDER))
    given, folder = token(site, tmp_path), ("--contracts", tmp_path / "contracts", "--against", tmp_path / "now.avsc")

    assert "--go-key FILE or URL" in check(tmp_path, "planned.avsc", *folder, "--go", given).err
    assert "give that by --go" in check(tmp_path, "planned.avsc", *folder, "--go-key", tmp_path / "go.pem").err
    forged = check(tmp_path, "planned.avsc", *folder, "--go", given, "--go-key", tmp_path / "other.pem")
    assert (forged.code, "fetch the key anew" in forged.err) == (2, True)


def test_a_token_alone_lets_nothing_through(site: Site, tmp_path: Path) -> None:
    """Without what stands now nobody can say what breaks: it is refused, with what to add, and never passed."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "finance.yaml").write_text(FINANCE)
    offline = ("--contracts", tmp_path / "contracts", "--go-key", tmp_path / "go.pem")

    ended = check(tmp_path, "planned.avsc", *offline, "--go", token(site, tmp_path))

    assert (ended.code, ended.out) == (2, "")
    assert "add --against FILE" in ended.err
    assert "--daemon URL" in ended.err


def test_the_format_of_a_schema_is_named_alike_everywhere(site: Site, tmp_path: Path) -> None:
    """What `check` calls --schema-format is called so by `announce`, `diff` and `compat`, too."""
    (tmp_path / "planned.txt").write_text(record(without(ORDER, "amount")))
    schema, how = tmp_path / "planned.txt", ("--schema-format", "avro")

    told = site.announce("who", "--dataset", "kafka://prod/orders", "--schema", schema, *how)
    asked = check(tmp_path, "planned.txt", "--daemon", site.url, *how)

    assert (told.code, told.err) == (0, "")
    assert (asked.code, asked.err) == (1, "")
    assert call("diff", schema, schema, *how).code == 0
    assert call("compat", schema, schema, *how).code == 0


def test_no_token_while_somebody_has_not_answered(site: Site, tmp_path: Path) -> None:
    """The refusal names who stands in the way."""
    one = planned(site, tmp_path)
    ended = site.announce("go", one["id"])

    assert ended.code == 2
    assert "finance has not answered" in ended.err


def test_a_watcher_without_a_key_gives_no_tokens(world: World, tmp_path: Path) -> None:
    """Everything else works; the answer says how one is made."""
    site = Site(world, key=None)
    try:
        one = planned(site, tmp_path)
        ended = site.announce("go", one["id"])
        assert (ended.code, "announce keygen" in ended.err) == (2, True)
        assert "gives no key" in check(tmp_path, "planned.avsc", "--daemon", site.url, "--go", "x").err
    finally:
        site.close()


def test_every_answer_that_a_consumer_can_give(site: Site, tmp_path: Path) -> None:
    """Each is shown in the words in which it was said; the last one counts."""
    one = planned(site, tmp_path)["id"]
    name = ("--subscription", "finance", "--by", "finance-lead")

    ended = site.announce("answer", one, "object", "the audit", "runs", *name)
    assert f"{one} is objected" in ended.out
    assert "finance objects, says finance-lead: the audit runs" in ended.out
    later = (TODAY + dt.timedelta(days=3)).isoformat()
    ended = site.announce("answer", one, "need-until", later, *name)
    assert f"{one} is agreed" in ended.out
    assert f"finance needs until {later}, says finance-lead" in ended.out
    assert "needs a reason" in site.announce("answer", one, "object", *name).err
    assert "no date" in site.announce("answer", one, "need-until", "spring", *name).err
    assert site.announce("answer", one, "maybe", *name).code == 2


def test_a_deprecation_is_listed_and_withdrawn(site: Site) -> None:
    """What is over is listed on demand only."""
    words = ("--dataset", "kafka://prod/orders", "--path", "amount", "--sunset", (TODAY + dt.timedelta(days=30)))
    one = site.announce("deprecate", *words, "--reason", "cents", "--json").json()["id"]

    assert "amount goes" in site.announce("list").out
    ended = site.announce("withdraw", one, "--reason", "it can wait")
    assert f"{one} is withdrawn" in ended.out
    assert site.announce("list").out == "nothing is announced\n"
    assert [each["id"] for each in site.announce("list", "--all", "--json").json()] == [one]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "A-nowhere"), "no announcement A-nowhere"),
        (("show", "../v1/tickets"), "no announcement's id"),
        (("who", "--dataset", "d"), "--whole-dataset"),
        (("who", "--dataset", "kafka://prod/x", "--path", "amount"), "not known"),
        (("who", "--dataset", "kafka://prod/orders", "--path", "amuont"), "no field amuont"),
        (("deprecate", "--dataset", "d", "--path", "a", "--sunset", "soon", "--reason", "r"), "no day"),
    ],
)
def test_a_call_that_is_off_says_what_to_do(site: Site, words: tuple[str, ...], told: str) -> None:
    """Exit code 2, and a sentence that can be followed."""
    ended = site.announce(*words)

    assert ended.code == 2
    assert told in ended.err


def test_keys_are_made_once_and_never_shown_twice(tmp_path: Path) -> None:
    """The private key is its owner's alone, and is not written over."""
    path = tmp_path / "signing.key"
    ended = call("announce", "keygen", "--to", path)

    assert ended.code == 0
    assert ended.out.startswith("-----BEGIN PUBLIC KEY-----")
    assert path.read_text().strip() not in ended.out
    assert path.stat().st_mode & 0o777 == 0o600
    again = call("announce", "keygen", "--to", path)
    assert (again.code, "there already" in again.err) == (2, True)


def test_the_key_is_served_as_pipelines_read_it(site: Site) -> None:
    """A JSON Web Key Set, with the PEM beside it."""
    import urllib.request  # noqa: PLC0415 - the only test that asks by itself

    with urllib.request.urlopen(f"{site.url}/v1/go/key", timeout=20) as answer:
        [key] = json.load(answer)["keys"]
    assert (key["kty"], key["crv"], key["pem"]) == ("OKP", "Ed25519", PEM)
