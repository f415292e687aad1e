"""The house rules of everything else: generated files are current, links lead somewhere, nothing names its makers."""

import re
import subprocess
from pathlib import PurePosixPath

import pytest

from tests.house import generated
from tests.house.tree import ROOT, markdown, texts

LOCAL_PATHS = ("/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/", "C:" + "\\Users")
INDEX_HOSTS = (
    "pypi" + ".org",
    "pypi" + ".python.org",
    "pythonhosted" + ".org",
    "repo.maven" + ".apache.org",
    "repo1" + ".maven",
    "registry.npmjs" + ".org",
    "index" + ".docker.io",
    "deb" + ".debian.org",
)
TARGET = re.compile(r"^([a-z-]+):.*?## (.+)$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
ADR_PARTS = ("**Situation.**", "**Choice.**", "**Price.**")


@pytest.fixture(scope="module")
def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def test_generated_files_are_current() -> None:
    """Schemas, rule pages and references are what the code gives now; `make docs` writes them anew."""
    assert generated.differences() == []


@pytest.mark.parametrize("words", [LOCAL_PATHS, INDEX_HOSTS], ids=["local paths", "index hosts"])
def test_nothing_names_where_it_was_made(words: tuple[str, ...]) -> None:
    """No file names a path of somebody's machine, or the host of a package index."""
    found = [f"{name}: {word}" for name, text in texts() for word in words if word in text]

    assert found == []


@pytest.mark.parametrize("name", ["run.lock", "dev.lock"])
def test_a_lock_has_versions_and_hashes_only(name: str) -> None:
    """Every line of a lock pins one version, and is followed by its hashes; none names an address."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = re.findall(r"^\S.*$", text, re.MULTILINE)

    assert "://" not in text
    assert not [line for line in text.splitlines() if line.startswith("-")]
    assert not [pin for pin in pins if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*\\$", pin)]
    assert text.count("\n    --hash=sha256:") >= len(pins)


def test_the_tests_install_what_the_program_installs() -> None:
    """What is pinned for the tests agrees with what is pinned for the program."""
    run, dev = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("run.lock", "dev.lock")
    )

    assert run - dev == set()


def test_make_lists_every_target(makefile: str) -> None:
    """`make` shows each command with its purpose; a phony target without one cannot be."""
    targets = dict(TARGET.findall(makefile))
    phony = set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split())

    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout

    assert targets.keys() == phony
    assert [name for name, purpose in targets.items() if f"make {name:<13} {purpose}" not in shown] == []


def test_the_continuous_run_calls_what_the_readme_names() -> None:
    """`.ci/run` is `make check`, `make test`, `make integration`, with no part missing in silence."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert [one for one in ("make check", "make test", "make integration") if f"bounded {one}\n" not in text] == []
    assert "export REQUIRE=kafka,postgres" in text
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [".ci/run", "requirements/make_venv.sh"])
def test_scripts_parse(script: str) -> None:
    """A shell script has no mistake of syntax."""
    shell = "bash" if script == ".ci/run" else "sh"

    assert subprocess.run([shell, "-n", script], cwd=ROOT, timeout=30, check=False).returncode == 0


def test_links_in_the_docs_lead_somewhere() -> None:
    """A link to a file of the project names one that is there, and a heading that it has."""
    pages = {name: FENCE.sub("", text) for name, text in markdown().items()}
    broken = [
        f"{name}: {link}"
        for name, text in pages.items()
        for link in LINK.findall(text)
        if not re.match(r"[a-z]+:", link) and not _leads(name, link)
    ]

    assert broken == []


def test_every_page_can_be_reached() -> None:
    """Each page of `docs/` is linked from another one, so that a reader finds it."""
    linked = {
        _target(name, link).split("#")[0]
        for name, text in markdown().items()
        for link in LINK.findall(text)
        if not re.match(r"[a-z]+:", link)
    }

    assert {name for name in markdown() if name.startswith("docs/")} - linked == set()


def test_the_changelog_has_a_place_for_what_comes() -> None:
    """The changelog begins with what is not released yet, and has only the usual sections."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^### (.+)$", text, re.MULTILINE))

    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"
    assert sections <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_decision_is_listed_and_short() -> None:
    """The index names each decision record once, in order; each says situation, choice and price, on one screen."""
    folder = ROOT / "docs" / "adr"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    listed = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))

    assert [path.name for path in records] == [link for link in listed if re.match(r"\d{4}-", link)]
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert [part for part in ADR_PARTS if part not in text] == [], path.name
        assert len(text.splitlines()) <= 25, path.name


def _target(name: str, link: str) -> str:
    """The path, from the top, of what a link on a page names; its `#heading` is kept."""
    path, _, anchor = link.partition("#")
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / path).parts if path else PurePosixPath(name).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts) + (f"#{anchor}" if anchor else "")


def _leads(name: str, link: str) -> bool:
    path, _, anchor = _target(name, link).partition("#")
    if not (ROOT / path).exists():
        return False
    if not anchor:
        return True
    text = FENCE.sub("", (ROOT / path).read_text(encoding="utf-8"))
    return anchor in {_slug(heading) for heading in HEADING.findall(text)}


def _slug(heading: str) -> str:
    """A heading's anchor, as the usual renderers make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
