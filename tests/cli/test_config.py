from __future__ import annotations

import json
from pathlib import Path

import pytest

from tobs.cli import main
from tobs.settings import list_keys

HASH = "0123456789abcdef" * 2


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("API_HASH", HASH)
    monkeypatch.setenv("TOBS_PASSWORD", "correct horse")
    monkeypatch.setenv("PHONE_NUMBER", "+49 151 23456789")
    monkeypatch.setenv("EXPORT_TG_CODE", "54321")
    return (HASH, "correct horse", "23456789", "54321")


def test_config_show_prints_each_value_with_its_origin(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAX_THREADS", "3")
    (folder / ".env").write_text("TOBS_EXPORT_PATH=vault\n")
    assert main(["config", "show"]) == 0
    captured = capsys.readouterr()
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in captured.out.splitlines()}
    assert rows["TOBS_MAX_THREADS"] == "3 MAX_THREADS (environment)"
    assert rows["TOBS_EXPORT_PATH"] == "vault TOBS_EXPORT_PATH (.env)"
    assert rows["TOBS_FORMAT"] == "markdown default"
    assert rows["TOBS_ZERO_COPY_ENABLED"] == "true default"  # as one would type it
    assert len(rows) == len(list_keys()) + 1
    assert captured.err == f"Settings are read from {folder / '.env'}.\n"


def test_config_show_names_the_flag_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-v", "config", "show"]) == 0
    [row] = [line.split() for line in capsys.readouterr().out.splitlines() if "LOG_LEVEL" in line]
    assert row == ["TOBS_LOG_LEVEL", "DEBUG", "--verbose"]


def test_quiet_does_not_mention_the_dotenv(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ".env").write_text("TOBS_EXPORT_PATH=vault\n")
    assert main(["-q", "config", "show"]) == 0
    assert capsys.readouterr().err == ""


def test_config_show_json_is_one_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOBS_API_ID", "12345")
    assert main(["config", "show", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["TOBS_API_ID"] == {"value": 12345, "origin": "environment", "found_as": "TOBS_API_ID"}
    assert document["TOBS_EXPORT_PATH"] == {"value": "export", "origin": "default", "found_as": None}
    assert [*document] == [key.name for key in list_keys()]


@pytest.mark.parametrize("form", [[], ["--json"], ["--debug", "-v"]])
def test_config_show_hides_secrets(
    form: list[str], secrets: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "show", *form]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("(hidden)") == len(secrets)
    assert not any(secret in captured.out + captured.err for secret in secrets)
