"""The compiler's folder: private, and used again, since making one and removing it takes longer than compiling."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

MAX_FREE = 4
"""Folders that are kept for the next compilations: as many as run at once."""

_free: list[Path] = []
_made: set[Path] = set()  # all that are there, to be removed at the end


@contextmanager
def laid_out(texts: Mapping[str, str]) -> Iterator[Path]:
    """A folder that holds these files and no others, for as long as it is used. Raises OSError."""
    root = _taken()
    try:
        for name, text in texts.items():
            path = root / name
            if path.parent != root:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        yield root
    finally:
        _give_back(root)


def _taken() -> Path:
    while _free:
        try:
            root = _free.pop()
        except IndexError:  # another thread was quicker
            break
        if root.is_dir():  # whoever tidies up the machine may have removed it
            return root
    root = Path(mkdtemp(prefix="watcher-protobuf-"))
    if not _made:
        atexit.register(_remove_all)
    _made.add(root)
    return root


def _give_back(root: Path) -> None:
    """Empty the folder for the next one, or remove it with all that cannot be removed otherwise."""
    try:
        for path in root.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError:
        _remove(root)
        return
    if len(_free) < MAX_FREE:
        _free.append(root)
    else:
        _remove(root)


def _remove(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    _made.discard(root)


def _remove_all() -> None:
    for root in tuple(_made):
        _remove(root)
