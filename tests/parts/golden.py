"""Golden files: what people read, kept beside the tests and reviewed as code; `ACCEPT=1` writes them anew."""

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "golden" / "pages"
LETTERS = FOLDER.parent / "letters"


def assert_golden(name: str, text: str, folder: Path = FOLDER) -> None:
    """Fail where the text differs from its golden file, with the difference; under ACCEPT=1 write the file instead."""
    path = folder / name
    if os.environ.get("ACCEPT"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != expected:
        lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), "expected", "now", lineterm="")
        raise AssertionError(f"{name} differs (`make accept` rewrites it; read it as code):\n" + "\n".join(lines))
