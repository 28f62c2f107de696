"""Other versions than the locked ones are seen, so that what is only true of those is not asked of others."""

from importlib.metadata import version
from pathlib import Path

import pytest

from tests.locked import differing


def test_a_package_in_another_version_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    pinned = f"pytest=={version('pytest')} \\\n    --hash=sha256:00\n"
    lock.write_text(f"{pinned}redis[hiredis]==0.0.1 ; python_version >= '3.11'\nnot-installed-here==1.0\n")
    monkeypatch.setattr("tests.locked.LOCK", lock)
    assert differing() == ["redis"]
    assert differing("pytest") == []
    assert differing("redis") == ["redis"]
