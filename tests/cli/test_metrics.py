"""`tobs metrics` reads files alone: no account, no settings, no network."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from cli.program import run_python
from cli.test_help import LOADED
from monitoring.runs import make_run, make_stage
from tobs.cli import main
from tobs.core.metrics import METRICS_FILE
from tobs.errors import UsageError
from tobs.monitoring.collector import save_metrics

RUN = make_run(pipeline_fetch=make_stage(100, 95), pipeline_write=make_stage(100, 10, waited_s=0.01))


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    save_metrics(tmp_path / METRICS_FILE, RUN)
    return tmp_path


def test_show_reads_the_file_of_the_export_folder(
    vault: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["metrics", "show", "-o", str(vault)]) == 0
    by_option = capsys.readouterr().out
    monkeypatch.setenv("EXPORT_PATH", str(vault))
    assert main(["metrics", "show"]) == 0
    assert capsys.readouterr().out == by_option
    assert main(["metrics", "show", str(vault / METRICS_FILE)]) == 0
    assert capsys.readouterr().out == by_option
    lines = by_option.splitlines()
    assert lines[0].split("  ")[0] == "Stage"
    assert lines[1].split() == [
        "pipeline_fetch",
        *["95.00", "100", "950.0", "950.0", "0.00", "95.00", "1.1", "0"],
    ]
    assert any(line.split()[:3] == ["messages.getHistory", "100", "100"] for line in lines)
    assert any(line.split()[:6] == ["input_peer_cache", "9", "1", "90.0", "%", "12"] for line in lines)
    assert any(line.endswith("Team chat") for line in lines)
    assert lines[-1].startswith(
        "Fetching held the run back, which waits for Telegram's answers: busy for 95.0"
    )


def test_without_a_terminal_there_is_no_plot(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["metrics", "show", "-o", str(vault)])
    shown = capsys.readouterr().out
    assert "█" not in shown
    assert "\x1b" not in shown


def test_on_a_terminal_the_course_is_drawn(
    vault: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    main(["metrics", "show", "-o", str(vault)])
    shown = capsys.readouterr().out
    assert "messages/s, at most 125.0" in shown
    assert "█" in shown
    assert "\x1b" not in shown
    main(["metrics", "show", "-q", "-o", str(vault)])
    assert "█" not in capsys.readouterr().out


def test_json_is_the_file_itself(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "show", "-o", str(vault), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == msgspec.to_builtins(RUN)


def test_titles_cannot_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run()
    run.chats["-1001"].title = "\x1b[2Jgone"
    run.report.error = "\x1b[2J"
    save_metrics(tmp_path / METRICS_FILE, run)
    main(["metrics", "show", "-o", str(tmp_path)])
    assert "\x1b" not in capsys.readouterr().out


def test_compare_says_ratios(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = vault / "other.json"
    save_metrics(other, make_run(50, pipeline_fetch=make_stage(100, 19)))
    assert main(["metrics", "compare", str(vault / METRICS_FILE), str(other)]) == 0
    rows = {line.split("  ")[0]: line.split()[-3:] for line in capsys.readouterr().out.splitlines()}
    assert rows["duration_s"] == ["100", "50", "0.50"]
    assert rows["pipeline_fetch work s"] == ["95", "19", "0.20"]
    assert main(["metrics", "compare", str(vault / METRICS_FILE), str(other), "--json"]) == 0
    found = {each["figure"]: each for each in json.loads(capsys.readouterr().out)}
    assert found["duration_s"] == {"figure": "duration_s", "before": 100.0, "after": 50.0, "ratio": 0.5}
    assert found["pipeline_write work s"]["ratio"] is None


def test_a_folder_without_metrics_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "show", "-o", str(tmp_path)]) == UsageError.exit_code
    said = capsys.readouterr().err
    assert f"The metrics file {tmp_path / METRICS_FILE} cannot be read" in said
    assert "An export writes one" in said


def test_an_empty_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "show", ""]) == UsageError.exit_code
    assert "An empty text names no file." in capsys.readouterr().err


def test_show_loads_neither_telethon_nor_settings(vault: Path) -> None:
    # pydantic itself is loaded by Typer, for the path.
    ended = run_python("-c", LOADED, "metrics", "show", str(vault / METRICS_FILE))
    assert ended.code == 0
    assert {"telethon", "pydantic_settings", "sqlite3", "asyncio", "tobs.settings", "tobs.app"} & {
        *ended.err.split()
    } == set()
