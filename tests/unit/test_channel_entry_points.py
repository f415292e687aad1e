"""Channels by their `type`: what the settings say of each, and what packages bring by the entry point."""

from __future__ import annotations

import asyncio
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from tests.standins.base import Request, Response, StandIn
from tests.standins.contract import LOCAL, NOW, FixedClock, compose
from watcher.bootstrap import policy
from watcher.cli.probe import Findings
from watcher.cli.probe.channels import probe
from watcher.delivery.http import HttpDoor
from watcher.model.catalogue import Catalogue
from watcher.model.dataset import Domain
from watcher.model.delivery import Delivered, Delivery, DeliveryId, MessageType, Postponed, Refused
from watcher.model.domain import DomainRecord, Rung, Span, TicketRoute
from watcher.model.errors import ConfigurationError
from watcher.settings import Settings, load
from watcher.settings.channel_types import BUILT_IN, build_channel
from watcher.settings.channels import per_second
from watcher.settings.routes import problems_of

PAGE = Path(__file__).parents[2] / "docs/channels/adding-a-channel.md"
TOKEN = "t0p-s3cret-of-the-test"
HOOK = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="

Load = Callable[[str], Settings]
Install = Callable[..., None]

WORKING = """
from pydantic import BaseModel, SecretStr

class Options(BaseModel):
    url: str
    token: SecretStr | None = None

class Kind:
    settings = Options
    route = {"room": True}

    def build(self, door, clock, compose, options, name):
        return Sender(options)

class Sender:
    def __init__(self, options):
        self.options = options

    async def send(self, delivery):
        from watcher.model.delivery import Delivered
        token = self.options.token
        return Delivered(delivery.route.get("room", "") + (token.get_secret_value() if token else ""))
"""


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """Settings with these channels."""

    def loaded(channels: str) -> Settings:
        path = tmp_path / "watcher.yaml"
        path.write_text(
            "kafka: {bootstrap_servers: 'broker:9092'}\nfeeds: [{name: r, namespace: 'kafka://prod'}]\n"
            f"channels:\n{channels}"
        )
        return load(path, {})

    return loaded


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution where installed ones lie: a module, and the metadata that an installer writes."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    made: list[str] = []

    def put(source: str, *, name: str = "acme-rooms", kind: str = "rooms", points_to: str = "Kind") -> None:
        module = f"{name.replace('-', '_')}_{len(made)}"
        made.append(module)
        (site / f"{module}.py").write_text(source)
        info = site / f"{name.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[watcher.channels]\n{kind} = {module}:{points_to}\n")

    yield put
    for module in made:
        sys.modules.pop(module, None)


def built(settings: Settings, name: str, door: Any = None) -> Any:
    return build_channel(name, settings.channels[name], door, FixedClock(), compose)


def delivery(**route: str) -> Delivery:
    return Delivery(DeliveryId("msg_1"), "rooms", MessageType.TICKET_OPENED, "k", {"state": "open"}, NOW, route=route)


class Chat(StandIn):
    """A receiver of the page's channel."""

    def __init__(self) -> None:
        super().__init__()
        self.route("POST", "/messages", self._take)

    def refused(self, request: Request) -> Response | None:
        return None if request.headers.get("authorization") == f"Bearer {TOKEN}" else (401, {}, {"message": "no"})

    def _take(self, _request: Request) -> Response:
        return 202, {}, {}


def test_the_pages_own_channel_works(install: Install, read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """What adding-a-channel.md shows is a whole channel: installed and configured by the page, it delivers."""
    source, *_ = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    example = re.findall(r"```yaml\nchannels:\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    install(source, kind="acme-rooms", points_to="Rooms")
    monkeypatch.setenv("ROOMS_TOKEN", TOKEN)

    async def run() -> None:
        async with Chat() as chat, HttpDoor(LOCAL) as door:
            settings = read(example.replace("https://chat.acme.example", chat.url))
            assert settings.channels["rooms"].per_second == 0.5
            channel = built(settings, "rooms", door)
            for route, room in (({}, "data"), ({"room": "checkout"}, "checkout"), ({"to": "leads"}, "leads")):
                told = await channel.send(delivery(**route))
                assert isinstance(told, Delivered), told
                assert chat.requests[-1].json["room"] == room
                assert chat.requests[-1].json["text"].startswith("## Breaking change in ")
                assert "The field total became a string" in chat.requests[-1].json["text"]
            chat.secret = chat.url
            settings = read("  rooms: {type: acme-rooms, url: '" + chat.url + "/messages', token: wrong-one}\n")
            assert isinstance(await built(settings, "rooms", door).send(delivery(room="x")), Postponed)
            assert isinstance(await built(settings, "rooms", door).send(delivery()), Refused)

    asyncio.run(run())


def test_the_page_shows_it_in_forty_lines() -> None:
    """The example stays as short as the page promises: forty lines that say something."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len([one for one in source.splitlines() if one.strip()]) <= 40


def test_a_packages_secret_is_read_at_build_and_shown_nowhere(
    install: Install, read: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`env:NAME` is filled in when the channel is built; the settings hold and show neither it nor a written secret."""
    install(WORKING)
    monkeypatch.setenv("ROOM_TOKEN", TOKEN)
    settings = read(
        "  rooms: {type: rooms, url: u, token: 'env:ROOM_TOKEN', defaults: {room: a}}\n"
        f"  plain: {{type: rooms, url: u, token: {TOKEN}}}\n"
    )
    assert TOKEN not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert asyncio.run(built(settings, "rooms").send(delivery())) == Delivered("a" + TOKEN)
    assert [type(one) for one in settings.channels["rooms"].secrets_of()] == [SecretStr]


def test_programs_hear_what_no_item_is_made_of(install: Install, read: Load) -> None:
    """A webhook and a package's channel sort what they hear themselves; a tracker of ours makes an item of it."""
    install(WORKING)
    settings = read(
        "  rooms: {type: rooms, url: https://rooms.example}\n"
        f"  hook: {{url: https://hook.example, secrets: [{HOOK}]}}\n"
        "  github: {type: github, token: t}\n"
    )

    found = policy(settings)

    assert found.programs == {"rooms", "hook"}
    assert found.trackers == {"rooms", "hook", "github"}


@pytest.mark.parametrize(
    ("url", "state", "said"),
    [
        ("http://127.0.0.1:9/x", "wrong", "outbound.allow_hosts"),
        ("the-room", "look", "where it calls was not checked"),
    ],
)
def test_doctor_looks_at_a_packages_address(install: Install, read: Load, url: str, state: str, said: str) -> None:
    """What reads as an address in a package's keys is checked as one of ours; where nothing does, that is said."""
    install(WORKING)
    findings = Findings()

    probe(read(f"  rooms: {{type: rooms, url: '{url}', token: t}}\n"), findings)

    [found] = [one for one in findings.all if one.about == "channel rooms"]
    assert found.state.value == state
    assert said in found.message


def test_a_secret_that_is_not_there_names_the_channel(install: Install, read: Load) -> None:
    """A package's secret whose variable is not set is told with the channel and the variable."""
    install(WORKING)
    settings = read("  rooms: {type: rooms, url: u, token: 'env:NOT_SET_ANYWHERE'}\n")
    with pytest.raises(ConfigurationError, match=r"channels\.rooms: .*NOT_SET_ANYWHERE"):
        built(settings, "rooms")


def test_mistakes_in_a_packages_keys_have_their_place(install: Install, read: Load) -> None:
    """A missing, an unknown and a wrong key of a package's channel, and a wrong common one: each has its place."""
    install(WORKING)
    with pytest.raises(ConfigurationError) as told:
        read(f"  rooms:\n    type: rooms\n    tokn: {TOKEN}\n    rate: often\n    hook: {{secrets: [a]}}\n")
    text = str(told.value)
    assert re.search(r":6:5: unknown key `channels\.rooms\.tokn` \(did you mean `token`\?\)", text), text
    assert re.search(r":7:11: `channels\.rooms\.rate`: 'often' is no rate", text), text
    assert "missing key `channels.rooms.url`" in text
    assert "unknown key `channels.rooms.hook`" in text
    assert TOKEN not in text


_BROKEN = {
    "import": ("import a_module_that_is_nowhere\n", "cannot be loaded (ModuleNotFoundError: No module named"),
    "raises": (f"raise RuntimeError('{TOKEN}')\n", "cannot be loaded (RuntimeError)"),
    "exits": ("raise SystemExit(3)\n", "cannot be loaded (SystemExit)"),
    "nothing": ("Other = 1\n", "cannot be loaded (AttributeError)"),
    "no class": ("class Kind:\n    def __init__(self, x): pass\n", "cannot be made (TypeError)"),
    "no settings": ("class Kind:\n    route = {}\n", "has no `settings`"),
    "no route": (WORKING.replace("route =", "rout ="), "needs `route`"),
    "taken": (WORKING.replace("    url: str", "    url: str\n    rate: str = ''"), "has a key `rate`"),
}


@pytest.mark.parametrize("fault", _BROKEN)
def test_a_broken_package_is_named_and_breaks_nothing_else(install: Install, read: Load, fault: str) -> None:
    """What fails at import is told with channel, package and version; without such a channel it is not imported."""
    source, words = _BROKEN[fault]
    install(source)
    fine = read("  hook: {url: 'https://x.example', secrets: ['env:HOOK']}\n")
    assert list(fine.channels) == ["hook"]
    with pytest.raises(ConfigurationError) as told:
        read("  rooms: {type: rooms, url: u}\n")
    assert "channels.rooms.type" in str(told.value)
    assert "'rooms' of acme-rooms 1.2" in str(told.value)
    assert words in str(told.value)
    assert TOKEN not in str(told.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (f"raise ValueError('{TOKEN}')", "cannot be built (ValueError)"),
        ("raise SystemExit(1)", "cannot be built (SystemExit)"),
        ("return None", "has no `send`"),
    ],
    ids=["raises", "exits", "nothing"],
)
def test_a_package_that_cannot_build_is_named(install: Install, read: Load, change: str, words: str) -> None:
    """What fails while the channel is built is told with channel and package, and without what it was given."""
    install(WORKING.replace("return Sender(options)", change))
    settings = read(f"  rooms: {{type: rooms, url: u, token: {TOKEN}}}\n")
    with pytest.raises(ConfigurationError) as told:
        built(settings, "rooms")
    assert str(told.value).startswith("channels.rooms: the channel type 'rooms' of acme-rooms 1.2")
    assert words in str(told.value)
    assert TOKEN not in str(told.value)


def test_two_packages_with_one_type_are_refused(install: Install, read: Load) -> None:
    """Which of two would be taken is nobody's guess: both are named."""
    install(WORKING)
    install(WORKING, name="other-rooms")
    with pytest.raises(ConfigurationError, match=r"acme-rooms 1\.2 and other-rooms 1\.2"):
        read("  rooms: {type: rooms, url: u}\n")


def test_no_package_takes_the_name_of_a_type_of_ours(install: Install, read: Load) -> None:
    """A package that brings `webhook` is never imported: ours stays ours."""
    install("raise RuntimeError\n", kind="webhook")
    assert read("  h: {type: webhook, url: 'https://x.example', secrets: [a]}\n").channels["h"].type == "webhook"


def test_an_unknown_type_names_the_nearest_installed_ones_too(install: Install, read: Load) -> None:
    """A slip in a type is answered with what was meant, be it ours or a package's."""
    install(WORKING)
    for slip, meant in (("jirra", "jira"), ("romms", "rooms")):
        with pytest.raises(ConfigurationError, match=f"channels.x.type.*did you mean `{meant}`"):
            read(f"  x: {{type: {slip}}}\n")


_MINIMAL = {
    "webhook": "url: 'https://x.example', secrets: [SECRET]",
    "jira": "url: 'https://acme.atlassian.net', token: SECRET, email: bot@acme.example",
    "github": "token: SECRET, hook: {secrets: [SECRET]}",
    "gitlab": "token: SECRET",
    "servicenow": "url: 'https://acme.service-now.com', user: bot, token: SECRET",
    "linear": "token: SECRET",
    "azure-devops": "url: 'https://dev.azure.com/acme', token: SECRET",
    "pagerduty": "routing_key: SECRET",
    "opsgenie": "api_key: SECRET",
    "slack": "token: SECRET",
    "teams": "url: SECRET",
    "mail": "host: mail.acme.example, from: watcher@acme.example, user: w, password: SECRET",
}


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_type_of_ours_reads_its_least_settings_and_hides_its_secrets(kind: str, read: Load) -> None:
    """Each type takes what it needs at least; no secret is in anything that the settings show."""
    settings = read(f"  c: {{type: {kind}, {_MINIMAL[kind].replace('SECRET', TOKEN)}}}\n")
    channel = settings.channels["c"]
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert TOKEN not in shown
    assert {one.get_secret_value() for one in channel.secrets_of()} == {TOKEN}
    with pytest.raises(ConfigurationError) as told:
        read(f"  c: {{type: {kind}, nonsense: 1, {_MINIMAL[kind].replace('SECRET', TOKEN)}}}\n")
    assert "unknown key `channels.c.nonsense`" in str(told.value)
    assert TOKEN not in str(told.value)


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_type_of_ours_is_built_from_its_settings(kind: str, read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings hold is what the service's own file asks for; the secret is read from where it is."""
    secret = "https://t.example/" + TOKEN if kind == "teams" else TOKEN
    monkeypatch.setenv("CHANNEL_SECRET", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" if kind == "webhook" else secret)
    settings = read(f"  c: {{type: {kind}, {_MINIMAL[kind].replace('SECRET', 'env:CHANNEL_SECRET')}}}\n")

    async def run() -> None:
        async with HttpDoor(LOCAL) as door:
            channel = built(settings, "c", door)
            assert callable(channel.send)
            assert TOKEN not in repr(channel)
            monkeypatch.delenv("CHANNEL_SECRET")
            with pytest.raises(ConfigurationError, match=r"channels\.c: .*CHANNEL_SECRET is not set"):
                built(settings, "c", door)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("written", "rate"), [("2", 2.0), ("80/min", 80 / 60), ("0.5", 0.5), ("90 / h", 0.025), ("3/s", 3.0)]
)
def test_rates_are_read_as_people_write_them(written: str, rate: float) -> None:
    """A number is how many a second; with a unit, how many in one."""
    assert per_second(written) == pytest.approx(rate)


@pytest.mark.parametrize("written", ["0", "0/min", "-1", "often", "1/day", "nan", "inf", "1e9", "", "9999999"])
def test_rates_that_say_nothing_are_refused(written: str) -> None:
    """Zero, and what is no number, would stop the channel or not hold it back at all."""
    with pytest.raises(ValueError, match="is no rate"):
        per_second(written)


def test_routes_are_held_against_what_each_channel_takes(install: Install, read: Load) -> None:
    """A channel that is not there, a key that must be said, one that means nothing: each with the document's name."""
    install(WORKING)
    settings = read("  rooms: {type: rooms, url: u}\n  house: {type: rooms, url: u, defaults: {room: data}}\n")
    domain = DomainRecord(
        Domain("checkout"),
        ("*",),
        tickets=(
            TicketRoute("rooms", (("room", "checkout"),)),
            TicketRoute("house"),
            TicketRoute("rooms", (("rom", "x"),)),
            TicketRoute("house", (("rom", "x"),)),
        ),
        ladder=(Rung(Span(), "rooms:leads"), Rung(Span(), "room:leads")),
        source="checkout.yaml",
    )
    unknown = (
        "checkout.yaml: the channel `room` is not in the settings, which have house, rooms (did you mean `rooms`?); "
        "what is for it waits"
    )
    assert problems_of(Catalogue(domains=[domain]), settings) == [
        unknown,
        "checkout.yaml: `ladder`, for the channel `rooms`: `room` is missing",
        "checkout.yaml: `ladder`, for the channel `rooms`: `to` means nothing to this channel: known are `room`",
        "checkout.yaml: `tickets`, for the channel `house`: `rom` means nothing to this channel: did you mean `room`?",
        "checkout.yaml: `tickets`, for the channel `rooms`: `room` is missing",
        "checkout.yaml: `tickets`, for the channel `rooms`: `rom` means nothing to this channel: did you mean `room`?",
    ]


def _blocks(page: Path) -> list[dict[str, Any]]:
    """The page's YAML, without the indentation of the list that it stands in; what is only begun (…) is left out."""
    found = re.findall(r"^( *)```yaml\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE)
    return [yaml.safe_load(textwrap.dedent(text)) for _, text in found if "…" not in text]


@pytest.mark.parametrize("page", sorted(PAGE.parent.glob("*.md")), ids=lambda page: page.stem)
def test_what_the_pages_show_is_what_the_settings_and_the_channels_take(
    page: Path, install: Install, tmp_path: Path
) -> None:
    """Each page's settings are read, and each entry of a domain on it is one that its channel takes."""
    install(WORKING, kind="acme-rooms")
    blocks = _blocks(page)
    channels = {name: one for block in blocks for name, one in block.get("channels", {}).items()}
    assert channels, "the page shows no settings"
    path = tmp_path / "watcher.yaml"
    head = {"kafka": {"bootstrap_servers": "broker:9092"}, "feeds": [{"name": "r", "namespace": "kafka://prod"}]}
    path.write_text(yaml.safe_dump({**head, "channels": channels}))
    settings = load(path, {})
    entries = [one for block in blocks for one in block.get("tickets", ())]
    routes = tuple(
        TicketRoute(one["channel"], tuple((key, str(value)) for key, value in one.items() if key != "channel"))
        for one in entries
    )
    domain = DomainRecord(Domain("checkout"), ("*",), tickets=routes, source="page")
    assert problems_of(Catalogue(domains=[domain]), settings) == []
