"""Settings: every mistake is told with its place, in words that say what belongs there."""

from pathlib import Path

import pytest

from watcher.model.errors import WatcherError
from watcher.settings import load

KAFKA = 'kafka: {bootstrap_servers: "broker:9092"}\n'
FEEDS = 'feeds: [{name: registry, topic: _schemas, namespace: "kafka://prod"}]\n'
WHOLE = KAFKA + FEEDS

A_LIST = "must be a list, also of one: begin each of its items with `- `, on a line of its own"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE + "contracts: contracts", f"3:12: `contracts` {A_LIST}"),
        (WHOLE + "contracts:", "3:11: `contracts` is empty where a list should be"),
        (WHOLE + "outbound: {allow_hosts: inside}", f"3:25: `outbound.allow_hosts` {A_LIST}"),
        (WHOLE + "follow_up: {arbiters: architect}", f"3:23: `follow_up.arbiters` {A_LIST}"),
        (WHOLE + "owners: {codeowners: {path: x}}", f"3:22: `owners.codeowners` {A_LIST}"),
        (KAFKA + "feeds: {name: registry}", f"2:8: `feeds` {A_LIST}"),
        (KAFKA + "feeds: [registry]", "2:9: `feeds[0]` must be a mapping"),
        (KAFKA + "feeds: []", "2:8: `feeds` is empty where something has to stand"),
        (FEEDS + "kafka: broker:9092", "2:8: `kafka` must be a mapping"),
        (FEEDS + "kafka: {bootstrap_servers: 9092}", "2:28: `kafka.bootstrap_servers` must be text: put it in quotes"),
        (FEEDS + "kafka: {bootstrap_servers: [broker]}", "2:28: `kafka.bootstrap_servers` must be text"),
        (FEEDS, "1:1: missing key `kafka`"),
        (WHOLE + "http: {port: all}", "3:14: `http.port` must be a whole number"),
        (WHOLE + "http: {port: 99999}", "3:14: `http.port` must be 65535 or less"),
        (WHOLE + "log: {style: xml}", "3:14: `log.style` must be 'auto', 'console' or 'json'"),
        (WHOLE + "channels: [slack]", "3:11: `channels` must be a mapping"),
        (WHOLE + "fallback: [slack]", "3:11: `fallback` must be text"),
        (WHOLE + "settle: soon", "3:9: `settle`: 'soon' is not a duration"),
        (WHOLE + "fallbck: slack", "3:1: unknown key `fallbck` (did you mean `fallback`?)"),
        (
            WHOLE + "channels: {a: {type: mail, host: h, from: a@acme.example, port: x}}",
            "`channels.a.port` must be a whole",
        ),
    ],
)
def test_a_mistake_is_told_in_our_words(tmp_path: Path, text: str, said: str) -> None:
    """Where it is, what belongs there; never in the words of the library that reads it."""
    file = tmp_path / "watcher.yaml"
    file.write_text(text)

    with pytest.raises(WatcherError) as told:
        load(file, {})

    assert said in str(told.value)
    assert "Input should" not in str(told.value)


def test_a_secret_in_a_wrong_form_is_not_repeated(tmp_path: Path) -> None:
    """A token that is a number to YAML stands in no message."""
    file = tmp_path / "watcher.yaml"
    file.write_text(WHOLE + "channels: {chat: {type: slack, token: 1234567890}}")

    with pytest.raises(WatcherError, match=r"3:39: `channels\.chat\.token` must be text: put it in quotes") as told:
        load(file, {})

    assert "1234567890" not in str(told.value)
