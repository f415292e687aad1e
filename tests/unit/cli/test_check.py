"""`watcher check`: whom a schema would break, and how the answer is told."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.parts.command_line import Ended, call
from tests.unit.cli.shop import DATASET, ORDER, Shop, order, without
from watcher.cli.report import Report, text
from watcher.cli.report.github import line_of, lines
from watcher.cli.report.junit import xml

HOSTILE = "x]]>&<b>\n::error::\x1b[31m%0A,:[red]\u202e"


def check(shop: Shop, new: str | Path, *more: object) -> Ended:
    file = shop.write("new.avsc", new) if isinstance(new, str) else new
    return call("check", file, "--dataset", DATASET, "--contracts", shop.contracts, *more)


def outcomes(ended: Ended) -> dict[str, str]:
    return {one["subscription"]: one["outcome"] for one in ended.json()["verdicts"]}


def test_same_schema_breaks_nobody(shop: Shop) -> None:
    """A schema that changes nothing breaks nobody, and the document says all that was asked."""
    ended = check(shop, shop.now, "--against", shop.now, "--format", "json")
    document = ended.json()

    assert ended.code == 0
    assert document.keys() == {
        "dataset", "domain", "level", "registry", "agreement", "changes", "verdicts", "versions_in_use", "unknown",
        "breaking",
    }  # fmt: skip
    assert (document["dataset"], document["domain"]) == (DATASET, "checkout")
    assert document["level"] is None
    assert document["registry"] == {
        "level": None, "policy": None, "compatible": None, "incompatibilities": [], "against": None,
        "reason": "no compatibility level was asked about",
    }  # fmt: skip
    assert document["agreement"] == "unchecked-and-harmless"
    assert (document["changes"], document["unknown"], document["breaking"]) == ([], [], False)
    assert outcomes(ended) == {"dispatcher": "holds", "newsletter": "holds", "revenue-close": "holds"}


def test_removed_field_breaks_who_reads_it(shop: Shop) -> None:
    """A field that goes away breaks the consumer that relies on it, and no other; the cause is named."""
    ended = check(shop, without("amount"), "--against", shop.now, "--format", "json", "--level", "BACKWARD")
    document = ended.json()
    first = document["verdicts"][0]

    assert ended.code == 1
    assert document["breaking"]
    assert outcomes(ended) == {"revenue-close": "broken", "dispatcher": "holds", "newsletter": "holds"}
    assert [one["rule"] for one in first["violations"]] == ["field-removed"]
    assert first["violations"][0]["change"]["kind"] == "field-removed"
    assert document["registry"]["compatible"] is True
    assert document["agreement"] == first["violations"][0]["agreement"] == "compatible-yet-breaking"


def test_change_that_nobody_relies_on(shop: Shop) -> None:
    """A change is told even where nobody relies on what it changes, and breaks nothing."""
    ended = check(shop, without("note"), "--against", shop.now, "--format", "json")

    assert ended.code == 0
    assert [one["kind"] for one in ended.json()["changes"]] == ["field-removed"]


def test_level_alone_breaks(shop: Shop) -> None:
    """What the registry would refuse under the level that is asked about fails the gate, whoever relies on it."""
    new = order(*ORDER, {"name": "added", "type": "string"})

    assert check(shop, new, "--against", shop.now).code == 0
    ended = check(shop, new, "--against", shop.now, "--level", "backward", "--format", "json")
    assert ended.code == 1
    assert ended.json()["registry"]["compatible"] is False


def test_older_versions_count_for_transitive_levels(shop: Shop) -> None:
    """A transitive level asks about all versions that are named, the last one being what stands."""
    oldest = shop.write("oldest.avsc", order(*ORDER[:3], {"name": "note", "type": "int"}))
    against = ("--against", oldest, "--against", shop.now)

    assert check(shop, shop.now, *against, "--level", "BACKWARD").code == 0
    assert check(shop, shop.now, *against, "--level", "BACKWARD_TRANSITIVE").code == 1


def test_the_policy_is_json_schemas(shop: Shop) -> None:
    """Under LENIENT the registry takes an optional property that it refuses under STRICT."""
    old, new = (
        shop.write(f"{name}.json", json.dumps({"type": "object", "properties": fields}))
        for name, fields in (("old", {"order_id": {}}), ("new", {"order_id": {}, "added": {"type": "string"}}))
    )
    asked = ("--against", old, "--level", "BACKWARD", "--format", "json")

    assert check(shop, new, *asked).json()["registry"]["compatible"] is False
    assert check(shop, new, *asked, "--policy", "lenient").json()["registry"]["compatible"] is True


def test_a_version_that_is_read_with_is_named(shop: Shop) -> None:
    """A contract that reads with version 3 is judged by the file that is named as version 3; without it, it is open."""
    (shop.contracts / "pinned.yaml").write_text(
        "kind: Subscription\nname: pinned\nconsumer: {domain: pinned}\n"
        f"dataset: {DATASET}\nrelies_on: []\nreads_with: {{version: 3}}\n"
    )
    new, against = without("note"), ("--against", shop.now, "--format", "json")
    third = shop.write("third.avsc", order(*ORDER[:3], {"name": "note", "type": "string"}))

    [open_] = check(shop, new, *against).json()["versions_in_use"]
    named = check(shop, new, *against, "--version", f"3={third}")
    [told] = named.json()["versions_in_use"]

    assert (open_["readable"], told["readable"]) == (None, False)
    assert "--version 3=FILE" in open_["reason"]
    assert [one["kind"] for one in told["incompatibilities"]] == ["READER_FIELD_MISSING_DEFAULT_VALUE"]
    shown = check(shop, new, "--against", shop.now, "--version", f"3={third}").out
    assert "FAILS    version 3 (pinned): READER_FIELD_MISSING_DEFAULT_VALUE" in shown


@pytest.mark.parametrize("word", ["3", "=x.avsc", "0=x.avsc", "three=x.avsc", "3="])
def test_a_version_that_is_named_wrongly_is_refused(shop: Shop, word: str) -> None:
    """The message shows how it is written."""
    ended = check(shop, shop.now, "--version", word)

    assert ended.code == 2
    assert "NUMBER=FILE" in ended.err


def test_what_stands_is_read_as_a_registry_reads_it_back(shop: Shop) -> None:
    """A default that is no value of its type: refused in what is proposed, read in what is registered."""
    off = order(*ORDER[:2], {"name": "amount", "type": "double", "default": "much"}, ORDER[3])
    standing = shop.write("standing.avsc", off)

    assert check(shop, shop.now, "--against", standing).code == 0
    assert check(shop, off, "--against", shop.now).code == 3


def test_without_a_before_the_new_schema_stands_alone(shop: Shop) -> None:
    """With nothing to compare to, each clause that does not hold of the new schema is broken, and told once."""
    ended = check(shop, without("order_id"), "--format", "json")
    verdicts = {one["subscription"]: one for one in ended.json()["verdicts"]}

    assert ended.code == 1
    assert outcomes(ended) == {"revenue-close": "broken", "newsletter": "broken", "dispatcher": "holds"}
    assert [one["path"] for one in verdicts["revenue-close"]["violations"]] == ["order_id"]


def test_broken_before_is_not_this_change(shop: Shop) -> None:
    """A clause that was broken already is told as such, and is not held against the change."""
    before = shop.write("before.avsc", without("amount"))
    ended = check(shop, order(*ORDER[:2]), "--against", before, "--format", "json")
    verdicts = {one["subscription"]: one for one in ended.json()["verdicts"]}

    assert ended.code == 0
    assert verdicts["revenue-close"]["violations"] == []
    assert len(verdicts["revenue-close"]["standing"]) == 1
    assert "amount" in verdicts["revenue-close"]["standing"][0]


def test_a_rename_is_told_once(shop: Shop) -> None:
    """A field that goes by another name is gone once: it is not said to have been broken before as well."""
    new = order(*ORDER[:2], {"name": "amounts", "type": "double"}, ORDER[3])
    ended = check(shop, new, "--against", shop.now, "--format", "json")
    verdicts = {one["subscription"]: one for one in ended.json()["verdicts"]}

    assert ended.code == 1
    assert [one["rule"] for one in verdicts["revenue-close"]["violations"]] == ["field-renamed"]
    assert verdicts["revenue-close"]["standing"] == []


def test_what_could_not_be_judged_before_is_unknown_still(shop: Shop) -> None:
    """A clause that a schema says nothing about is never told as one that holds, however long it was so."""
    loose = order(ORDER[0], {"name": "status", "type": "string"}, *ORDER[2:])
    before = shop.write("before.avsc", loose)
    ended = check(shop, order(ORDER[0], {"name": "status", "type": "string"}), "--against", before, "--format", "json")

    assert ended.code in {1, 3}
    assert [one["path"] for one in ended.json()["unknown"]] == ["status"]


def test_what_cannot_be_judged_is_unknown(shop: Shop) -> None:
    """Where nobody is known to break but a clause can no longer be judged, the exit code is 3."""
    loose = order(ORDER[0], {"name": "status", "type": "string"}, *ORDER[2:])
    alone = check(shop, loose, "--format", "json")

    assert alone.code == 3
    assert outcomes(alone)["dispatcher"] == "unknown"
    assert [one["subscription"] for one in alone.json()["unknown"]] == ["dispatcher"]
    assert alone.json()["breaking"] is False


def test_reader_schema(shop: Shop) -> None:
    """A consumer that reads with its own schema breaks when that schema can no longer read what is written."""
    shop.write("contracts/reader.avsc", order(ORDER[0], ORDER[2]))
    text = (
        "kind: Subscription\nname: own-reader\nconsumer: {domain: audit}\ndataset: kafka://prod/orders\n"
        "reads_with: {format: avro, schema: reader.avsc}\nrelies_on: [order_id]\n"
    )
    shop.write("contracts/reader.yaml", text)
    ended = check(shop, without("amount"), "--against", shop.now, "--format", "json")

    assert outcomes(ended)["own-reader"] == "broken"


def test_expired_contract_is_not_asked(shop: Shop) -> None:
    """A contract whose time is over blames nobody."""
    path = shop.contracts / "all.yaml"
    path.write_text(path.read_text().replace("criticality: high", "until: 2020-01-01"))
    ended = check(shop, without("amount"), "--against", shop.now, "--format", "json")

    assert ended.code == 0
    assert "revenue-close" not in outcomes(ended)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--level", "BACKWARD"], "--against"),
        (["--level", "SIDEWAYS", "--against", "now.avsc"], "known are NONE, BACKWARD"),
        (["--level", "READER_WRITER", "--against", "now.avsc"], "known are NONE, BACKWARD"),
        (["--against", "nowhere.avsc"], "cannot be read"),
        (["--reference", "Money"], "NAME=FILE"),
        (["--schema-format", "xml"], "known are avro"),
        (["--daemon", "http://127.0.0.1:1"], "leave --contracts out"),
    ],
)
def test_misuse(shop: Shop, monkeypatch: pytest.MonkeyPatch, more: list[str], said: str) -> None:
    """A call that cannot be meant is refused with what to do."""
    monkeypatch.chdir(shop.folder)
    ended = check(shop, shop.now, *more)

    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""


def test_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder of contracts there is nothing to check against, and that is said."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.avsc").write_text('"int"')
    ended = call("check", "new.avsc", "--dataset", DATASET)

    assert (ended.code, ended.out) == (2, "")
    assert "--contracts" in ended.err


def test_bad_contract_stops_the_gate(shop: Shop) -> None:
    """A contract that is refused could be the one that breaks: the gate does not open, and names file, line, column."""
    bad = shop.write("contracts/bad.yaml", "kind: Subscription\nname: x\nconsumr: {domain: a}\n")
    ended = check(shop, shop.now)

    assert ended.code == 2
    assert f"{bad}:3:1:" in ended.err
    assert "consumer" in ended.err


def test_unreadable_schema_is_undecided(shop: Shop) -> None:
    """A schema that cannot be read is no verdict: exit 3, and the file is named."""
    ended = check(shop, "{")

    assert ended.code == 3
    assert "new.avsc: " in ended.err


def test_misspelt_dataset_gets_a_hint(shop: Shop) -> None:
    """Where no contract is about the dataset, the nearest one that they are about is named, on standard error."""
    ended = call("check", shop.now, "--dataset", "kafka://prod/order", "--contracts", shop.contracts)

    assert ended.code == 0
    assert "did you mean kafka://prod/orders?" in ended.err
    assert "nobody relies on it" in ended.out


def hostile_report(path: str = "amount") -> Report:
    """An answer in which every text is hostile."""
    violation = {
        "path": path,
        "rule": HOSTILE,
        "message": HOSTILE,
        "outcome": "broken",
        "wants": HOSTILE,
        "before": HOSTILE,
    }
    verdict = {
        "consumer": HOSTILE, "subscription": HOSTILE, "outcome": "broken", "criticality": HOSTILE,
        "violations": [violation], "standing": [HOSTILE],
    }  # fmt: skip
    reason = {"kind": HOSTILE, "path": HOSTILE, "message": HOSTILE}
    change = {"kind": HOSTILE, "path": HOSTILE, "before": HOSTILE, "after": {HOSTILE: HOSTILE}}
    document = {
        "dataset": "::error::" + HOSTILE, "domain": HOSTILE, "level": HOSTILE, "changes": [change],
        "registry": {"compatible": False, "incompatibilities": [reason]}, "verdicts": [verdict], "breaking": True,
    }  # fmt: skip
    return Report(document, HOSTILE, '{"name": "amount"}')


def test_annotations_cannot_be_forged() -> None:
    """No text of a schema or contract begins a line, ends a property, or carries a control into an annotation."""
    found = lines(hostile_report())

    assert [line.count("\n") for line in found] == [0] * len(found)
    commands = [line for line in found if line.startswith("::")]
    assert len(commands) == len(found) - 1 == 2
    for line in commands:
        properties = re.fullmatch(r"::error file=[^,:]*,line=\d+,title=[^,:]*::(.*)", line)
        assert properties, line
    assert not any("\x1b" in line or "\u202e" in line for line in found)
    assert "%250A" in commands[0]


def test_junit_is_valid_xml() -> None:
    """Whatever the texts hold, the report can be parsed, and counts what it holds."""
    suites = ET.fromstring(xml(hostile_report()))
    cases = list(suites.iter("testcase"))

    assert [suites.get(key) for key in ("tests", "failures", "errors")] == ["2", "2", "0"]
    assert len(cases) == 2
    assert "x]]>&<b>\n::error::\\x1b[31m" in str(cases[0].findtext("failure"))


def test_text_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """The report for people writes controls and markup out as they are."""
    text.show(hostile_report())
    out = capsys.readouterr().out

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[red]" in out


@pytest.mark.parametrize(
    ("path", "line"),
    [("amount", 2), ("order.amount", 2), ("lines[].sku", 4), ("gone", 1), ("lines[].gone", 3), ("", 1), ("a..b", 1)],
)
def test_line_of_a_path(path: str, line: int) -> None:
    """An annotation points to the line that names the field, or what is above it, or the first."""
    written = '{\n"name": "amount"\n{ "name" : "lines",\n "name":"sku" }'

    assert line_of(path, written) == line


def test_json_survives_anything(shop: Shop) -> None:
    """The document is one JSON document also where a default holds what no terminal should see."""
    fields = (*ORDER, {"name": "odd", "type": "string", "default": HOSTILE})
    ended = check(shop, order(*fields), "--against", shop.now, "--format", "json")

    assert json.loads(ended.out)["changes"][0]["after"]["default"] == HOSTILE
