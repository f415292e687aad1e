"""The project's own files, as the house tests look at them: written by hand or generated, never what is built."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

FOLDERS = ("watcher", "bench", "tests", "docs", "deploy", "schemas", "requirements", ".ci")
FOREIGN = ("tests/cases",)
"""Cases that others wrote: they are taken as they are."""


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the project: its path from the top, and what it says."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.suffix != ".db"]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted((*top, *below)):
        name = path.relative_to(ROOT).as_posix()
        if "__pycache__" in name or name.startswith(FOREIGN):
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def modules(folder: str = "watcher") -> Iterator[tuple[str, str, ast.Module]]:
    """Every module below a folder: its path from the top, its text, its tree."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(ROOT).as_posix(), text, ast.parse(text)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def markdown() -> dict[str, str]:
    """Every page: its path from the top, and its text."""
    return {name: text for name, text in texts() if name.endswith(".md")}
