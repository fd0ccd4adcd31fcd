"""What holds for the project as a whole: generated pages, scripts, budgets, places of imports."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tobs.settings import list_keys

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "tobs"


def run_script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def make_tree(root: Path, files: dict[str, str]) -> Path:
    """Write a source tree with as many test lines as source lines."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    count = sum(len(textwrap.dedent(text).splitlines()) for text in files.values())
    tests = root / "tests" / "test_all.py"
    tests.parent.mkdir(exist_ok=True)
    if not tests.exists():
        tests.write_text("x = 1\n" * count)
    return root


def test_the_generated_pages_are_up_to_date() -> None:
    done = run_script("generate.py", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_read_somewhere() -> None:
    read = set()
    for path in SOURCE.rglob("*.py"):
        if "settings" not in path.parts:
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            read |= {
                node.attr
                for node in nodes
                if isinstance(node, ast.Attribute) and "settings" in ast.unparse(node.value)
            }
    assert [key.name for key in list_keys() if key.field not in read] == []


def test_every_setting_stands_in_the_docs() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for key in list_keys():
        assert f"`{key.name}`" in page
        assert (f"# {key.name}=" in example) is (key.field not in {"server", "server_key"})


@pytest.mark.parametrize("name", ["scripts/demo", "scripts/test", "scripts/environment", ".ci/run"])
def test_the_scripts_can_be_run(name: str) -> None:
    path = ROOT / name
    assert os.access(path, os.X_OK)
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


def test_the_ci_calls_the_test_script_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert lines[1].endswith('/scripts/test"')


def test_an_old_python_is_told_in_one_sentence(tmp_path: Path) -> None:
    checkout, tools = tmp_path / "checkout", tmp_path / "bin"
    (checkout / "scripts").mkdir(parents=True)
    tools.mkdir()
    for name in ("pyproject.toml", "requirements-dev.txt"):
        (checkout / name).write_text("")
    for name in ("environment", "demo"):
        target = checkout / "scripts" / name
        target.write_text((ROOT / "scripts" / name).read_text())
        target.chmod(0o755)
    for version in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (tools / version).write_text("#!/bin/sh\nexit 1\n")
        (tools / version).chmod(0o755)
    done = subprocess.run(
        ["sh", str(checkout / "scripts" / "demo")],
        env={"PATH": f"{tools}:/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("tobs needs Python 3.11 or newer")
    assert len(done.stderr.splitlines()) == 1
    assert not (checkout / ".venv").exists()


def test_a_small_tree_is_within_the_budget(tmp_path: Path) -> None:
    make_tree(tmp_path, {"src/tobs/a.py": "def one() -> int:\n    return 1\n"})
    done = run_script("size_budget.py", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("src: 1 files, 2 lines")


@pytest.mark.parametrize(
    ("text", "breach"),
    [
        ("x = 1\n" * 601, "src/tobs/a.py: 601 lines, 600 are allowed"),
        ("x = 1\n" * 151, "file median: 151 lines, 150 are allowed"),
        ("def long() -> None:\n" + "    x = 1\n" * 80, "src/tobs/a.py:1 long: 81 lines, 80 are allowed"),
        ("def long() -> None:\n" + "    x = 1\n" * 45, "function 95 %: 46 lines, 45 are allowed"),
        ("try:\n    x = 1\nexcept Exception:\n    x = 2\n", "a blind except needs its reason"),
        (
            "try:\n    x = 1\nexcept (OSError, Exception):  # noqa: BLE001 - why\n    x = 2\n" * 2,
            "2 blind excepts, 1 are allowed",
        ),
        ("try:\n    x = 1\nexcept:\n    x = 2\n", "a blind except needs its reason"),
    ],
)
def test_a_tree_over_the_budget_fails(text: str, breach: str, tmp_path: Path) -> None:
    make_tree(tmp_path, {"src/tobs/a.py": text})
    done = run_script("size_budget.py", str(tmp_path))
    assert done.returncode == 1
    assert breach in done.stderr


def test_who_tidies_up_and_raises_again_is_not_blind(tmp_path: Path) -> None:
    make_tree(tmp_path, {"src/tobs/a.py": "try:\n    x = 1\nexcept BaseException:\n    x = 2\n    raise\n"})
    assert run_script("size_budget.py", str(tmp_path)).returncode == 0


@pytest.mark.parametrize(
    ("tests", "breach"),
    [
        ("x = 1\n", "test lines are 0.10 of the source lines"),
        ("x = 1\n" * 14, "test lines are 1.40 of the source lines"),
        ("from unittest import " + "mock\n" + "x = 1\n" * 9, "tests use real things, not mocks"),
    ],
)
def test_tests_have_a_budget_too(tests: str, breach: str, tmp_path: Path) -> None:
    make_tree(tmp_path, {"tests/test_all.py": tests})
    make_tree(tmp_path, {"src/tobs/a.py": "x = 1\n" * 10})
    done = run_script("size_budget.py", str(tmp_path))
    assert done.returncode == 1
    assert breach in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "stray"),
    [
        ("core/a.py", "import telethon\n", "core/a.py:1: telethon stands only in telegram/"),
        ("core/a.py", "from telethon.tl import types\n", "core/a.py:1: telethon"),
        ("writers/a.py", "def f():\n    import sqlite3\n", "writers/a.py:2: sqlite3 stands only in archive/"),
        (
            "app.py",
            "import os\nhome = os.environ['HOME']\n",
            "app.py:2: os.environ stands only in settings/sources.py",
        ),
        ("app.py", "from os import environ\n", "app.py:1: os.environ"),
        ("app.py", "import rich.progress\n", "app.py:1: rich"),
        (
            "media/a.py",
            "from concurrent.futures import ThreadPoolExecutor\n",
            "ThreadPoolExecutor stands only in",
        ),
        ("app.py", "import asyncio\nasyncio.create_task(f())\n", "create_task stands only in no file at all"),
        ("app.py", "x = eval('1')\n", "app.py:1: eval"),
        (
            "telegram/history.py",
            "from telethon import functions\nfunctions.contacts.ResolveUsernameRequest('durov')\n",
            "telegram/history.py:2: ResolveUsernameRequest stands only in telegram/directory.py",
        ),
        (
            "telegram/search.py",
            "await client.get_input_entity(7)\n",
            "get_input_entity stands only in bench/floor.py",
        ),
    ],
)
def test_what_stands_in_one_place_only_is_found_elsewhere(
    name: str, text: str, stray: str, tmp_path: Path
) -> None:
    make_tree(tmp_path, {f"src/tobs/{name}": text})
    done = run_script("check_imports.py", str(tmp_path))
    assert done.returncode == 1
    assert stray in done.stderr


def test_what_stands_in_its_place_is_fine(tmp_path: Path) -> None:
    files = {
        "src/tobs/telegram/a.py": "import telethon\n",
        "src/tobs/archive/a.py": "import sqlite3\n",
        "src/tobs/settings/sources.py": "import os\nhome = os.environ\n",
        "src/tobs/export/a.py": "group.create_task(f())\n",
    }
    done = run_script("check_imports.py", str(make_tree(tmp_path, files)))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_tests_are_the_last_thing_that_nox_runs() -> None:
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert 'sessions = ["lint", "types", "layers", "wheel", "tests"]' in text


def test_the_version_is_named_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    assert project["scripts"] == {"tobs": "tobs.cli:main"}


def collect_requirements(extra: str = "dev") -> list[Requirement]:
    """Return what the project asks for, with what an extra of it adds, and the extras that this names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [Requirement(each) for each in project["dependencies"]]
    waiting = [extra]
    while waiting:
        for each in map(Requirement, project["optional-dependencies"][waiting.pop()]):
            if each.name == project["name"]:
                waiting += each.extras
            else:
                found.append(each)
    return found


def test_the_lock_file_has_every_requirement_in_a_version_that_is_allowed_and_with_hashes() -> None:
    text = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    locked: dict[str, str] = {}
    for entry in re.split(r"\n(?! )", text.strip()):
        name, _, version = entry.split()[0].partition("==")
        locked[canonicalize_name(name)] = version
        assert "--hash=sha256:" in entry, name
    for each in collect_requirements():
        # `nox -s lock` writes the file anew.
        assert each.specifier.contains(locked[canonicalize_name(each.name)]), each
    assert "://" not in text, "where packages come from is the business of whoever installs them"
