"""Profiles stand in for options that are not typed, and say in one sentence what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tobs.cli import app, main
from tobs.errors import SettingError

CONFIG = """
api_id = 12345

[profile.work]
chats = ["@rowing_club_demo", -1001234567890]
folder = "Work"
since = 2026-01-31
last = 10
show-edits = true
media = "photo,voice"
output = "vault"

[profile.odd]
formta = "json"
[profile.nested]
format = { a = 1 }
[profile.several]
since = ["2026", "2027"]
[profile.switch]
all = "perhaps"
[profile.watched]
json = true
[profile.number]
last = 0
"""


@pytest.fixture(autouse=True)
def _config(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "config.toml").write_text(CONFIG)
    (tmp_path / "home" / "config.toml").chmod(0o600)


def parse(*arguments: str) -> dict[str, Any]:
    command = get_command(app).commands["export"]  # type: ignore[attr-defined]
    return dict(command.make_context("export", [*arguments]).params)


def test_what_is_typed_wins_over_the_profile_and_that_over_nothing() -> None:
    taken = parse("--profile", "work")
    assert taken["chats"] == ["@rowing_club_demo", "-1001234567890"]
    assert (taken["folders"], taken["since"], taken["last"]) == (["Work"], "2026-01-31", 10)
    assert (taken["show_edits"], taken["every"], taken["output"]) == (True, False, Path("vault"))
    assert taken["media"] == parse("me", "--media", "photo,voice")["media"]
    mixed = parse("me", "--profile", "work", "--since", "7d", "--hide-edits", "-o", "here")
    assert (mixed["chats"], mixed["since"], mixed["last"]) == (["me"], "7d", 10)
    assert (mixed["show_edits"], mixed["output"]) == (False, Path("here"))
    assert {**parse("me"), "chats": []} == {**parse("me", "--profile", "work"), **parse("me"), "chats": []}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("odd", "formta in profile 'odd' is no option of `tobs export`; the nearest one is format."),
        ("nested", "format in profile 'nested' cannot be {'a': 1}."),
        ("several", "since in profile 'several' cannot be ['2026', '2027']."),
        ("switch", "Invalid value for '--all':"),
        ("watched", "json in profile 'watched' is no option of `tobs export`"),
        ("number", "--last takes a whole number from 1 to 2,147,483,647, not '0'."),
        ("wrok", "There is no profile 'wrok' in "),
    ],
)
def test_what_is_wrong_with_a_profile_is_said(
    name: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--profile", name]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(sentence)
    assert len(said.err.splitlines()) <= 2


def test_a_profile_spoils_no_other_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show"]) == 0
    assert "12345" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["profile = 1", "profile = ['a']", "[profile]\nwork = 'me'"])
def test_a_profile_that_is_no_table_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").write_text(text)
    with pytest.raises(SettingError, match="is no table"):
        parse("--profile", "work")
