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
