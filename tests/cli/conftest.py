from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the command."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here
