"""Settings that the guide writes into config.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tobs.errors import SettingError
from tobs.settings import read_settings
from tobs.settings.keeping import keep_settings

OLD = """\
# mine
TOBS_API_ID = 1
"api_hash" = "ffffffffffffffffffffffffffffffff"
max_size = "10MB"  # api_id = 2

[[later.tables]]
api_id = 3
"""


def test_the_first_setting_makes_a_home_that_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = keep_settings(home, {"api_id": 7, "export_path": 'C:\\notes "x" ä'})
    assert (home.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    found = read_settings(home=home)
    assert (found.settings.api_id, str(found.settings.export_path)) == (7, 'C:\\notes "x" ä')
    assert found.origins["api_id"].place == "config.toml"


def test_what_was_there_is_replaced_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OLD)
    keep_settings(tmp_path, {"api_id": 7, "api_hash": "0" * 32})
    text = path.read_text()
    assert tomllib.loads(text) == {
        "api_id": 7,
        "api_hash": "0" * 32,
        "max_size": "10MB",
        "later": {"tables": [{"api_id": 3}]},
    }
    assert "# mine\n" in text
    keep_settings(tmp_path, {"api_id": 7, "api_hash": "0" * 32})
    assert tomllib.loads(path.read_text()) == tomllib.loads(text)


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("max_size = \n")
    with pytest.raises(SettingError, match=r"config\.toml cannot be read"):
        keep_settings(tmp_path, {"api_id": 7})
    assert path.read_text() == "max_size = \n"
