"""`tobs demo --open`: the computer's own opener gets what there is to look at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tobs.cli import main
from tobs.cli.opening import find_entry, open_outside


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an opener on the path that notes what it is given, and return where."""
    noted = tmp_path / "noted"
    for name in ("xdg-open", "open"):
        script = tmp_path / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\nprintf "%s|%s" "$#" "$1" > "{noted}"\ntest "$1" != refused\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return noted


def test_the_demo_opens_its_pages(folder: Path, opener: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--open", "-o", "a demo"]) == 0
    pages = folder / "a demo" / "Chats.html"
    assert opener.read_text() == f"1|{pages}"
    assert capsys.readouterr().out.endswith(f"Opened {pages}\n")
    assert (folder / "a demo" / "Chats.md").is_file()


def test_a_folder_in_an_opened_vault_is_opened_by_obsidian(folder: Path) -> None:
    (folder / ".obsidian").mkdir()
    place = Path.home() / ".config" / "obsidian"
    place.mkdir(parents=True)
    (place / "obsidian.json").write_text(json.dumps({"vaults": {"a": {"path": str(folder), "ts": 1}}}))
    assert find_entry(Path("out")).startswith("obsidian://open?path=%2F")


def test_without_pages_the_folder_itself_is_opened(folder: Path) -> None:
    assert find_entry(Path("out")) == str(folder / "out")


def test_an_opener_that_fails_or_is_missing_is_told(opener: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_outside("something")
    assert not open_outside("refused")
    monkeypatch.setenv("PATH", str(opener.parent / "nothing"))
    assert not open_outside("something")
