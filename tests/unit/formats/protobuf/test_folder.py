"""The compiler's folder: what one compilation left is never seen by the next."""

import shutil

import pytest

from watcher.formats.protobuf.folder import laid_out


def test_a_folder_holds_its_own_files_only() -> None:
    """A folder that is used again holds the files of its own call, and none of those before."""
    with laid_out({"a.proto": "1", "deep/er/b.proto": "2"}) as first:
        assert (first / "deep/er/b.proto").read_text() == "2"
    with laid_out({"c.proto": "3"}) as second:
        assert [path.name for path in second.iterdir()] == ["c.proto"]

    assert list(second.iterdir()) == []


def test_two_at_once_have_two_folders() -> None:
    """Nobody is given a folder that is in use."""
    with laid_out({"a.proto": "1"}) as one, laid_out({"a.proto": "2"}) as other:
        assert one != other
        assert ((one / "a.proto").read_text(), (other / "a.proto").read_text()) == ("1", "2")


def test_a_failure_leaves_nothing() -> None:
    """Files are gone whatever became of the call."""
    with pytest.raises(RuntimeError), laid_out({"a.proto": "1"}) as root:
        raise RuntimeError

    assert not root.exists() or list(root.iterdir()) == []


def test_a_folder_that_was_removed_is_made_anew() -> None:
    """Whoever tidies up the machine does no harm."""
    with laid_out({"a.proto": "1"}) as root:
        pass
    shutil.rmtree(root, ignore_errors=True)

    with laid_out({"a.proto": "2"}) as again:
        assert (again / "a.proto").read_text() == "2"
