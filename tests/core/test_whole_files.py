"""A file is there whole or not at all, for its owner alone, in the place of no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.core.process.whole_files import whole_or_not_at_all


class CutOffError(Exception):
    """Whatever ends the writing."""


@contextmanager
def cut_off(target: Path) -> Iterator[None]:
    with whole_or_not_at_all(target) as file:
        file.write("half of it")
        assert not target.exists()
        (part,) = target.parent.iterdir()
        assert part.stat().st_mode & 0o777 == 0o600
        yield
        raise CutOffError


def _no_links(*_: object) -> None:
    raise OSError(1, "a file system without links")


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut off leaves nothing; what is finished is for its owner; what is there stays."""
    target = tmp_path / "out.csv"
    with pytest.raises(CutOffError), cut_off(target):
        pass
    assert list(tmp_path.iterdir()) == []
    for name in ("linked", "renamed"):
        path = tmp_path / name
        with whole_or_not_at_all(path) as file:
            file.write("L\u00f3v\r\n")
        assert path.read_bytes() == "L\u00f3v\r\n".encode()
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(FileExistsError), whole_or_not_at_all(path):
            pytest.fail("what is there is never replaced")
        first = tmp_path / f"first-{name}"
        with pytest.raises(FileExistsError), whole_or_not_at_all(first):
            first.write_text("somebody was first")
        assert first.read_text() == "somebody was first"
        monkeypatch.setattr("os.link", _no_links)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first-linked", "first-renamed", "linked", "renamed"]
