"""Which Obsidian vaults are found, and which notes Obsidian would open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tobs.app.vaults import find_vault, link_to, list_opened, list_vaults


def make_vault(path: Path) -> Path:
    (path / ".obsidian").mkdir(parents=True)
    return path


def write_list(content: str, place: str = ".config/obsidian") -> None:
    folder = Path.home() / place
    folder.mkdir(parents=True)
    (folder / "obsidian.json").write_text(content)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_vaults_around_listed_and_near_by_are_found_once(here: Path) -> None:
    around, other = make_vault(here.parent), make_vault(Path.home() / "Documents" / "Other")
    old, new = make_vault(here.parent / "old"), make_vault(here.parent / "new")
    gone = here.parent / "gone"
    vaults = {str(number): {"path": str(each), "ts": number} for number, each in enumerate((old, gone, new))}
    write_list(json.dumps({"vaults": vaults}))
    assert list_opened() == [new, old]
    assert list_vaults() == [around, new, old, other]


def test_a_list_in_a_sandbox_counts_too(here: Path) -> None:
    vault = make_vault(here / "vault")
    write_list(
        json.dumps({"vaults": {"a": {"path": str(vault)}}}),
        ".var/app/md.obsidian.Obsidian/config/obsidian",
    )
    assert list_opened() == [vault]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"vaults": [1]}', '{"vaults": {"a": {"path": 1}}}', "\0"]
)
def test_a_list_of_another_form_has_no_vaults(content: str) -> None:
    write_list(content)
    assert list_vaults() == []


def test_only_notes_in_vaults_that_obsidian_has_opened_have_an_address(here: Path) -> None:
    known, unknown = make_vault(here / "mine & yours"), make_vault(here / "unknown")
    write_list(json.dumps({"vaults": {"a": {"path": str(known), "ts": 1, "open": True}}}))
    assert find_vault(Path("unknown/new/folder")) == unknown
    assert find_vault(here) is None
    assert link_to(unknown / "Chats.md") == ""
    link = link_to(Path("mine & yours/Chats.md"))
    assert link.endswith("%2Fmine%20%26%20yours%2FChats.md")
    assert link.startswith("obsidian://open?path=%2F")
