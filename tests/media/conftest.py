from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.stubs import Stubs
from tobs._util.pool import Pool


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """What stands for the graphics card; its path is new in every test, as what is known of a card is kept."""
    path = tmp_path / "renderD128"
    path.touch()
    return path


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stubs:
    """Programs of the test before those of the system."""
    return Stubs(tmp_path / "bin", monkeypatch, alone=False)


@pytest.fixture
def only_stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stubs:
    """Programs of the test and the few that a shell needs, none of the system's for media."""
    made = Stubs(tmp_path / "bin", monkeypatch, alone=True)
    for name in ("cat", "sleep"):
        (made.folder / name).symlink_to(f"/bin/{name}")
    return made


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(max_threads=4) as opened:
        yield opened
