"""CODEOWNERS: which line decides, by the rules of GitHub and of GitLab."""

from __future__ import annotations

import pytest

from watcher.formats.owners import codeowners
from watcher.formats.owners.codeowners import Flavour, Owned
from watcher.model.claim import Claim

WHERE = "CODEOWNERS"


def owners(text: str, path: str, flavour: Flavour = "github") -> tuple[str, ...] | None:
    found = codeowners.read(text, WHERE, flavour).owners_of(path)
    return None if found is None else found.owners


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("*", ["a.sql", "a/b/c.sql"], []),
        ("*.sql", ["a.sql", "models/deep/a.sql"], ["a.sqlx", "a.py"]),
        ("/a.sql", ["a.sql"], ["models/a.sql"]),
        ("a.sql", ["a.sql", "models/a.sql"], ["b.sql"]),
        ("/docs/", ["docs/a.md", "docs/b/c.md"], ["docs", "x/docs/a.md"]),
        ("apps/", ["apps/a", "x/apps/b", "x/apps/y/c"], ["apps"]),
        ("docs/*", ["docs/a.md"], ["docs/b/c.md", "x/docs/a.md"]),
        ("/docs/*.md", ["docs/a.md"], ["docs/b/c.md", "docs/a.txt"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["build/log/a", "x/build/logs/a"]),
        ("/apps/github", ["apps/github", "apps/github/x/y"], ["apps/githubs", "x/apps/github"]),
        ("**/logs", ["logs/a", "build/logs/a", "deep/x/logs/b/c", "logs"], ["blogs/a"]),
        ("docs/**", ["docs/a", "docs/b/c"], ["x/docs/a", "other"]),
        ("models/**/orders.sql", ["models/orders.sql", "models/a/b/orders.sql"], ["orders.sql", "models/orders2.sql"]),
        ("a?.sql", ["ab.sql", "x/ac.sql"], ["a.sql", "abc.sql"]),
        ("A.sql", ["A.sql"], ["a.sql"]),
        ("my\\ models/*.sql", ["my models/a.sql"], ["my/a.sql"]),
        ("/*", ["a.sql"], ["models/a.sql"]),
        ("models/**/", ["models/a.sql", "models/b/c.sql"], ["models", "x/models/a.sql"]),
        ("a\\*.sql", ["a*.sql"], ["ab.sql"]),
        ("a\\?.sql", ["a?.sql"], ["ab.sql"]),
        ("schemas/*/v1.avsc", ["schemas/orders/v1.avsc"], ["schemas/v1.avsc", "schemas/a/b/v1.avsc"]),
    ],
)
def test_patterns_of_github(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    """Anchored by a slash before or within; a folder means all below it, except behind `/*`."""
    for path in fits:
        assert owners(f"{pattern} @acme/team", path) == ("@acme/team",), path
    for path in fits_not:
        assert owners(f"{pattern} @acme/team", path) is None, path


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("docs/", ["docs/a.md", "x/docs/b/c.md"], ["docs"]),
        ("/docs", ["docs"], ["docs/a.md"]),
        ("internal/README.md", ["internal/README.md", "x/internal/README.md"], ["README.md"]),
        ("/docs/*", ["docs/a.md"], ["docs/b/c.md"]),
        ("/docs/**/*.md", ["docs/a.md", "docs/b/c/d.md"], ["docs/a.txt"]),
        ("/docs/**", ["docs/a.md"], ["docs/b/c.md"]),
        ("/", ["a.md", "b/c.md"], []),
        ("*", ["a.md", "b/c.md"], []),
        ("\\#a.md", ["#a.md"], ["a.md"]),
        ("/a[bc-e].md", ["ab.md", "ad.md"], ["af.md", "abd.md"]),
        ("/a[!b].md", ["ac.md"], ["ab.md"]),
    ],
)
def test_patterns_of_gitlab(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    """Anchored by a slash before alone; a folder is meant by a slash behind alone."""
    for path in fits:
        assert owners(f"{pattern} @acme/team", path, "gitlab") == ("@acme/team",), path
    for path in fits_not:
        assert owners(f"{pattern} @acme/team", path, "gitlab") is None, path


def test_the_last_matching_line_decides() -> None:
    """A line without owners takes ownership away."""
    text = "*.sql @acme/data\n/models/ @acme/models # theirs\n\n# a comment\n/models/free/\n"
    assert owners(text, "a.sql") == ("@acme/data",)
    assert owners(text, "models/a.sql") == ("@acme/models",)
    assert codeowners.read(text, WHERE).owners_of("models/free/a.sql") == Owned((), 5)
    assert owners(text, "README") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("!a.sql @acme/x", "`!` takes nothing out on GitHub"),
        ("[ab].sql @acme/x", "is no range on GitHub"),
        ("\\#a @acme/x", "cannot begin with `#`"),
        ("a.sql acme", "`acme` is no owner"),
        ("a.sql @@maintainers", "`@@maintainers` is no owner"),
        ("a***.sql @acme/x", "`***` is no wildcard"),
        ("/ @acme/x", "matches nothing"),
        ("a" * 1_001 + " @acme/x", "longer than 1000 characters"),
    ],
)
def test_a_line_that_is_not_valid_is_passed_over_and_told(line: str, says: str) -> None:
    """As the service does; with file and line, and the line before it still decides."""
    read = codeowners.read(f"* @acme/all\n{line}\n", WHERE)
    assert read.owners_of("a.sql") == Owned(("@acme/all",), 1)
    [problem] = read.problems
    assert problem.startswith("CODEOWNERS:2: ")
    assert says in problem
    assert problem.endswith("the line is passed over")


GITLAB = """\
*.sql @acme/all
[Models][2] @acme/models
models/
models/orders.sql @acme/orders
^[Free]
models/free.sql
[models]
models/late.sql @@maintainers
!models/out.sql
"""


@pytest.mark.parametrize(
    ("path", "line", "told"),
    [
        ("models/a.sql", 1, ("@acme/all",)),
        ("models/a.py", 3, ("@acme/models",)),
        ("models/orders.py", 3, ("@acme/models",)),
    ],
)
def test_gitlabs_sections_each_have_a_last_line(path: str, line: int, told: tuple[str, ...]) -> None:
    """The first section in which somebody owns the file speaks; a line may leave its section's owners out."""
    found = codeowners.read(GITLAB, WHERE, "gitlab").owners_of(path)
    assert found is not None
    assert (found.line, found.owners) == (line, told)


def test_gitlabs_sections_of_one_name_are_one_and_exclusions_take_out() -> None:
    """In any case of the name; a role is an owner."""
    read = codeowners.read(
        "[A] @acme/a\n*.py\n[b]\n*.sql @acme/b\n[a]\nlate.py @@maintainers\n!out.py\n", WHERE, "gitlab"
    )
    assert read.problems == ()
    late, out = read.owners_of("late.py"), read.owners_of("out.py")
    assert late is not None
    assert late.owners == ("@@maintainers",)
    assert out is None


def test_a_team_is_taken_before_people() -> None:
    """It stays when somebody leaves; what no line speaks of is claimed by nobody."""
    read = codeowners.read("a lead@acme.example @lead @acme/team\nb lead@acme.example @lead\nc\n", WHERE)
    found = codeowners.claims(read, {"a": "k://a", "b": "k://b", "c": "k://c", "d": "k://d"})
    assert found.claims == (
        Claim("k://a", "@acme/team", "codeowners", "CODEOWNERS:1"),
        Claim("k://b", "@lead", "codeowners", "CODEOWNERS:2"),
        Claim("k://c", "", "codeowners", "CODEOWNERS:3"),
    )


def test_gitlab_takes_what_is_an_owner_from_the_rest_of_the_line() -> None:
    """What is none is passed over, a comment's owners count, and the section's only where nothing is written."""
    text = "[S] @default\na.sql nobody @acme/a\nb.sql # ask @acme/b\nc.sql # free\nd.sql\n"
    read = codeowners.read(text, WHERE, "gitlab")
    told = {path: found.owners for path in ("a.sql", "b.sql", "c.sql", "d.sql") if (found := read.owners_of(path))}
    assert told == {"a.sql": ("@acme/a",), "b.sql": ("@acme/b",), "c.sql": (), "d.sql": ("@default",)}
    assert read.problems == ("CODEOWNERS:4: the line names no owner: write `@user`, `@group` or an address",)


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("* @admin\n[Models]\nmodels/ @acme/models\n", "models"),
        ("* @admin\n[Docs]\n*.md @acme/docs\n", ""),
        ("^[Free]\nmodels/ @acme/free\n[Models]\nmodels/ @acme/models\n", "models"),
        ("^[Free]\nmodels/ @acme/free\n[All]\n* @admin\n", "free"),
        ("[A]\nmodels/ @acme/a\n[B]\nmodels/ @acme/b\n", "a"),
        ("[A]\nmodels/ nobody\n[B]\n* @acme/b\n", "b"),
    ],
)
def test_of_gitlabs_sections_the_one_that_is_meant_speaks(text: str, section: str) -> None:
    """Required before optional, and a line for every file only where no other owns it."""
    found = codeowners.read(text, WHERE, "gitlab").owners_of("models/a.sql")
    assert found is not None
    assert found.section == section


def test_what_gitlab_excludes_stays_excluded_from_its_section() -> None:
    """A later line does not bring it back; another section may own it."""
    text = "*.sql @acme/all\n!*.sql\na.sql @acme/a\n[Other]\nb.sql @acme/b\n"
    assert owners(text, "a.sql", "gitlab") is None
    assert owners(text, "b.sql", "gitlab") == ("@acme/b",)


def test_a_role_is_nobody_whom_one_could_ask() -> None:
    """It is another few people in each repository."""
    read = codeowners.read("a @@maintainers lead@acme.example\nb @@developers\n", WHERE, "gitlab")
    assert [one.owner for one in codeowners.claims(read, {"a": "k://a", "b": "k://b"}).claims] == [
        "lead@acme.example",
        "",
    ]


def test_claims_are_what_each_file_by_itself_says() -> None:
    """Though only the lines are looked at that may fit."""
    text = "*.sql @d/sql\nmodels/ @d/models\n/models/a/ @d/a\nb.sql @d/b\n**/c/*.sql @d/c\n/models/*/x? @d/x\n"
    read = codeowners.read(text, WHERE)
    paths = ["models/a/b.sql", "models/a/c/y.sql", "b.sql", "x/models/z", "models/q/xy", "README", "a.sql", "models"]
    found = codeowners.claims(read, {path: path for path in paths}).claims
    assert {one.pattern: one.where for one in found} == {
        path: f"{WHERE}:{owned.line}" for path in paths if (owned := read.owners_of(path))
    }


def test_more_lines_and_files_than_can_be_compared_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compared until then counts; no pattern makes it longer than that."""
    monkeypatch.setattr(codeowners, "MAX_EFFORT", 5_000_000)
    evil = (f"*a*b*c*d*?{number % 10} @acme/x" for number in range(1_000))
    read = codeowners.read("\n".join(("* @acme/all", *evil)), WHERE)
    found = codeowners.claims(read, {f"{'abcd' * 50}/x{number}": "k://x" for number in range(100)})
    assert 0 < len(found.claims) < 100
    assert "too many lines and files to compare" in found.problems[-1]
    assert "name fewer files in `files`" in found.problems[-1]
