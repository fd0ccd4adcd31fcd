"""What the pages say is so: commands, settings, exit codes, events, tables, links and examples."""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import yaml
from markdown_it import MarkdownIt

from tobs import errors
from tobs.archive.migrate import shipped_migrations
from tobs.cli import app
from tobs.cli import main as main_program
from tobs.core.chatname import parse_chat_name
from tobs.core.events import EVENTS
from tobs.core.metrics import StageName
from tobs.core.searching import KINDS, FoundMessage
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, TobsError
from tobs.media.advice import advise
from tobs.media.vaapi import VAAPICapabilities, VAAPIStatus
from tobs.monitoring.files import make_schema
from tobs.settings import list_keys
from tobs.writers.markdown.frontmatter import POST_KEYS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GENERATED = {"commands.md", "settings.md", "worlds.md"}
PAGES = sorted([*(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")), *DOCS.glob("*.md")])
WRITTEN = [page for page in PAGES if page.name not in GENERATED]


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_page(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def code_blocks(page: Path, language: str) -> list[str]:
    tokens = MarkdownIt().parse(read(page))
    return [each.content for each in tokens if each.type == "fence" and each.info.strip() == language]


def table_rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every table row."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def section(page: Path, heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", read(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no heading {heading!r}"
    return found[1]


def walk_commands(command: Any, *words: str) -> Iterator[tuple[str, Any]]:
    """Yield (name, command) of every command that can be run."""
    if children := getattr(command, "commands", None):
        for name, child in children.items():
            yield from walk_commands(child, *words, name)
    else:
        yield " ".join(words), command


COMMANDS: dict[str, Any] = dict(walk_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help_and_is_spoken_of(name: str) -> None:
    assert f"\n## tobs {name}\n" in read(DOCS / "commands.md")
    assert any(f"tobs {name}" in read(page) for page in WRITTEN)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_its_words(name: str) -> None:
    said = section(DOCS / "commands.md", f"tobs {name}")
    for each in COMMANDS[name].params:
        assert each.help or each.name == "help", each.name
        assert all(option in said for option in each.opts if option.startswith("-")), each.opts


def test_every_setting_has_a_row() -> None:
    rows = [row[0] for row in table_rows(read(DOCS / "settings.md"))]
    assert [key.name for key in list_keys() if not any(f"`{key.name}`" in row for row in rows)] == []


def test_every_variable_of_other_programs_that_is_heeded_is_named() -> None:
    source = (ROOT / "src" / "tobs" / "settings" / "sources.py").read_text(encoding="utf-8")
    heeded = re.findall(r'os\.environ\.get\("(\w+)"', source)
    assert heeded
    assert [name for name in heeded if f"`{name}`" not in read(DOCS / "settings.md")] == []


@pytest.mark.parametrize("page", WRITTEN, ids=name_page)
def test_pages_name_no_setting_that_does_not_exist(page: Path) -> None:
    named = set(re.findall(r"\bTOBS_[A-Z_]+[A-Z]\b", read(page)))
    assert named - {key.name for key in list_keys()} == set()


def error_classes(root: type[TobsError] = TobsError) -> Iterator[type[TobsError]]:
    yield root
    for each in root.__subclasses__():
        yield from error_classes(each)


ERRORS = [each for each in error_classes() if each.__module__ == errors.__name__]


@pytest.mark.parametrize(
    ("page", "heading"), [(ROOT / "README.md", "Exit codes"), (DOCS / "scripting.md", "Exit codes")]
)
def test_every_exit_code_is_explained(page: Path, heading: str) -> None:
    codes = {EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, *(each.exit_code for each in ERRORS)}
    explained = [int(row[0]) for row in table_rows(section(page, heading)) if row[0].isdecimal()]
    assert explained == sorted(codes)


def test_every_error_is_listed_with_its_exit_code() -> None:
    rows = [row for row in table_rows(section(DOCS / "design.md", "Errors")) if row[0].startswith("`")]
    assert {row[0].strip("`"): int(row[1]) for row in rows} == {
        each.__name__: each.exit_code for each in ERRORS
    }


def test_every_event_is_listed_with_all_its_fields() -> None:
    listed: dict[str, list[str]] = {}
    kind = ""
    for row in table_rows(section(DOCS / "scripting.md", "Events of an export")):
        if len(row) == 3 and row[1].startswith("`"):
            kind = row[0].strip("`") or kind
            listed.setdefault(kind, []).append(row[1].strip("`"))
    assert listed == {each.type: [field.name for field in fields(each)] for each in EVENTS}


def test_every_property_of_a_note_is_named() -> None:
    named = set(re.findall(r"`(\w+)`", section(DOCS / "export.md", "Your own changes")))
    assert POST_KEYS - named == set()


def test_every_number_of_the_metrics_is_explained() -> None:
    rows = [row[0] for row in table_rows(read(DOCS / "METRICS_GUIDE.md"))]
    explained = set(re.findall(r"`(\w+)`", "".join(rows)))
    keys = {key for each in make_schema()["$defs"].values() for key in each["properties"]}
    stages = set(get_args(StageName))
    gauges = {f"{what}_{which}" for what in ("requests", "parts") for which in ("limit", "in_flight")}
    assert explained == keys | stages | gauges


def test_every_key_of_a_message_found_is_explained() -> None:
    rows = table_rows(section(DOCS / "search.md", "Programs"))
    assert [row[0].strip("`") for row in rows if row[0].startswith("`")] == [
        each.name for each in fields(FoundMessage)
    ]
    assert all(f"`{kind}`" in section(DOCS / "search.md", "What is found") for kind in KINDS)


def schema() -> dict[str, list[str]]:
    """Return the columns of every table and view that the migrations make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in shipped_migrations():
            connection.executescript(migration.sql)
        # What a virtual table keeps its rows in is SQLite's own affair.
        names = connection.execute(
            "SELECT name FROM pragma_table_list WHERE type <> 'shadow' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for (name,) in names
        }


SCHEMA = schema()


@pytest.mark.parametrize("table", SCHEMA)
def test_every_column_of_the_archive_is_explained(table: str) -> None:
    rows = table_rows(section(DOCS / "archive-format.md", f"`{table}`"))
    assert [row[0].strip("`") for row in rows if row[0].startswith("`")] == SCHEMA[table]


def test_no_table_is_explained_that_does_not_exist() -> None:
    headings = re.findall(r"^### `(\w+)`$", read(DOCS / "archive-format.md"), re.MULTILINE)
    assert sorted(headings) == sorted(SCHEMA)


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors of a page as GitHub makes them."""
    tokens = MarkdownIt().parse(read(page))
    titles = [
        tokens[at + 1].content.replace("`", "")
        for at, each in enumerate(tokens)
        if each.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def links(page: Path) -> list[str]:
    """Return where the links and the pictures of a page lead."""
    parts = [
        each
        for block in MarkdownIt().enable("table").parse(read(page))
        for each in block.children or ()
        if each.type in {"link_open", "image"}
    ]
    return [str(each.attrGet("href") or each.attrGet("src")) for each in parts]


@pytest.mark.parametrize("page", PAGES, ids=name_page)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=name_page)
def test_no_page_of_the_site_links_to_what_the_site_does_not_have(page: Path) -> None:
    paths = [link.partition("#")[0] for link in links(page) if not re.match(r"[a-z]+:", link)]
    assert [path for path in paths if not (page.parent / path).resolve().is_relative_to(DOCS)] == []


def list_menu(entries: Any) -> Iterator[str]:
    """Yield the pages that the menu of the site leads to."""
    if isinstance(entries, str):
        yield entries
    else:
        for each in entries.values() if isinstance(entries, dict) else entries:
            yield from list_menu(each)


def test_the_index_and_the_menu_of_the_site_lead_to_every_page() -> None:
    pages = [page.name for page in DOCS.glob("*.md")]
    index = {link.partition("#")[0] for link in links(DOCS / "README.md")} | {"README.md"}
    assert index == set(pages)
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert sorted(list_menu(site["nav"])) == sorted(pages)


def test_every_picture_is_shown_somewhere() -> None:
    shown = {link.removeprefix("docs/") for page in PAGES for link in links(page)}
    assert {f"images/{path.name}" for path in (DOCS / "images").iterdir()} - shown == set()


def test_no_word_is_explained_twice() -> None:
    rows = [row[0] for row in table_rows(read(DOCS / "glossary.md")) if len(row) == 2]
    words = [word for cell in rows if cell not in {"word", "---"} for word in cell.split(", ")]
    assert sorted(words) == sorted(set(words))


def command_lines(page: Path) -> Iterator[list[str]]:
    """Yield the words behind `tobs` of every command line in a shell block, up to a pipe."""
    for block in code_blocks(page, "sh"):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            while words and "=" in words[0]:
                words.pop(0)
            if words[:2] == ["docker", "run"]:
                words = words[words.index("tobs") :]
            if words[:1] == ["tobs"]:
                ends = [at for at, word in enumerate(words) if word in {"|", ">", "&&"}]
                yield words[1 : min(ends, default=len(words))]


LINES = [
    pytest.param(line, id=f"{name_page(page)} {' '.join(line)}")
    for page in WRITTEN
    for line in command_lines(page)
]


@pytest.mark.parametrize("words", LINES)
def test_every_command_line_on_a_page_is_understood(words: list[str], tmp_path: Path) -> None:
    if words in ([], ["--version"]):
        return
    if "--profile" in words:
        [profiles] = re.findall(r"```toml\n(.*?)```", read(DOCS / "cron.md"), re.DOTALL)
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "config.toml").write_text(profiles)
    name = next((each for each in COMMANDS if words[: len(each.split())] == each.split()), None)
    assert name, words
    context = COMMANDS[name].make_context(name, words[len(name.split()) :])
    for chat in context.params.get("chats") or ():
        # Where ids may be negative, an option that does not exist looks like a chat.
        assert not re.match(r"-\D", chat)
        parse_chat_name(chat)


def test_only_commands_that_the_page_names_have_no_json() -> None:
    without = [name for name, each in COMMANDS.items() if "--json" not in str([p.opts for p in each.params])]
    said = re.search(r"Only (.*) have no `--json`", section(DOCS / "scripting.md", "One document"))
    assert said
    assert re.findall(r"`([^`]+)`", said[1]) == without


def test_the_guide_to_graphics_cards_shows_what_a_computer_without_one_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VAAPI_DEVICE_PATH", str(tmp_path / "renderD128"))
    assert main_program(["detect-vaapi"]) == 0
    printed = capsys.readouterr().out.replace(str(tmp_path), "/dev/dri")
    assert printed in code_blocks(DOCS / "VAAPI_GUIDE.md", "text")


def test_the_guide_to_graphics_cards_names_every_package_that_is_advised() -> None:
    advice = advise(VAAPICapabilities(VAAPIStatus.AVAILABLE, encoder="h264_vaapi"))
    packages = re.findall(r"\w+(?:-\w+)+", advice)
    assert packages
    assert [each for each in packages if f"`{each}`" not in read(DOCS / "VAAPI_GUIDE.md")] == []


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder below which the demo lies as `export`."""
    folder = tmp_path_factory.mktemp("docs")
    variables = {**os.environ, "TOBS_TIMEZONE": "UTC", "TOBS_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "tobs", "demo", "-o", str(folder / "export")]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("excerpt", code_blocks(DOCS / "markdown.md", "markdown"))
def test_every_excerpt_of_a_note_is_real(excerpt: str, demo: Path) -> None:
    notes = [path.read_text(encoding="utf-8") for path in (demo / "export").rglob("*.md")]
    assert any(f"\n{excerpt}" in f"\n{note}" for note in notes)


@pytest.mark.parametrize("query", "".join(code_blocks(DOCS / "archive-format.md", "sql")).split(";")[:-1])
def test_every_query_finds_something(query: str, demo: Path) -> None:
    path = demo / "export" / ".tobs" / "archive.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute(query).fetchall()


@pytest.mark.parametrize("page", WRITTEN, ids=name_page)
def test_every_python_program_on_a_page_runs(page: Path, demo: Path) -> None:
    for program in code_blocks(page, "python"):
        command = [sys.executable, "-W", "error", "-c", program]
        done = subprocess.run(command, cwd=demo, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stdout
