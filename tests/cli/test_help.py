from __future__ import annotations

import pytest

from cli.program import run_python, run_tobs
from tobs import __version__
from tobs.cli import main

COMMANDS = (
    "login",
    "logout",
    "accounts",
    "chats",
    "export",
    "render",
    "search",
    "verify",
    "demo",
    "archive info",
    "config show",
    "detect-vaapi",
    "bench export",
    "bench copy",
    "bench process",
    "bench metrics",
    "metrics show",
    "metrics compare",
)
# Runs one command line and tells which of the heavy packages it loaded.
LOADED = """
import sys
from tobs.cli import main
code = main(sys.argv[1:])
heavy = ["telethon", "pydantic", "pydantic_settings", "rich", "msgspec", "asyncio", "sqlite3", "tobs.settings", "tobs.app"]
print(*(name for name in heavy if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith(f"Usage: tobs {command} ")
    example = shown.partition("Example: ")[2]
    assert f"tobs {command}" in example
    for switch in ("--quiet", "--verbose", "--debug"):
        assert switch in shown


@pytest.mark.parametrize("command", ["", *COMMANDS, "archive", "--version"])
def test_help_loads_nothing_but_typer(command: str) -> None:
    arguments = command.split() if command.startswith("--") else [*command.split(), "--help"]
    ended = run_python("-c", LOADED, *arguments)
    assert ended.code == 0
    assert ended.err.strip() == ""
    assert ended.out


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n  {command.split()[0]} " in shown


def test_the_version_is_printed_as_a_process_of_its_own() -> None:
    ended = run_tobs("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"tobs {__version__}\n", "")


def test_without_a_command_the_help_is_shown_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Usage: tobs ")


def test_short_help_works_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "-h"]) == 0
    assert "show" in capsys.readouterr().out
