"""Write `.env.example`, pages and tables of docs/ and the schema of messages.jsonl from the code they describe.

`--check` writes nothing and fails when one of them is out of date.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

from exit_codes import fill_long_table, fill_short_table
from formats_table import write_tables
from performance_page import write_performance_page
from reliability_page import write_reliability_page
from systems_table import fill_systems_table

from tobs.cli import main as main_program
from tobs.cli import stream
from tobs.cli.tables import clean_text
from tobs.monitoring import files as metrics_files
from tobs.settings import Key, list_keys
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.world import WORLDS
from tobs.writers.jsonl.line import make_schema
from tobs.writers.markdown.escape import escape_name

ROOT = Path(__file__).parent.parent
# How the help is wrapped; asked for when it is printed.
os.environ |= {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
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
    "archive repair",
    "cache stats",
    "cache clear",
    "config show",
    "detect-vaapi",
    "metrics show",
    "metrics compare",
    "bench all",
    "bench compare",
    "bench export",
    "bench resume",
    "bench render",
    "bench decode",
    "bench media",
    "bench memory",
    "bench copy",
    "bench process",
    "bench metrics",
    "bench startup",
    "bench cache",
    "bench search",
)
NEVER_IN_DOTENV = ("TOBS_SERVER", "TOBS_SERVER_KEY")


def write_env_example() -> str:
    """Return `.env.example`: every key that a `.env` may hold, commented out."""
    lines = [
        "# Copy this file to .env in the folder where you run tobs, and fill in what you need.",
        "# The environment wins over this file. Made by scripts/generate.py.",
    ]
    for key in list_keys():
        if key.name not in NEVER_IN_DOTENV:
            unit = f" Unit: {key.unit}." if key.unit else ""
            default = f" Default: {key.default}." if key.default else ""
            lines += ["", f"# {key.description}{unit}{default}", f"# {key.name}="]
    return "\n".join(lines) + "\n"


def write_settings_page() -> str:
    """Return docs/settings.md: one table of all keys."""
    rows = [f"| {_name_cell(key)} | {_meaning_cell(key)} | {_default_cell(key)} |" for key in list_keys()]
    return "\n".join([*_SETTINGS_INTRO, "| key | meaning | default |", "|---|---|---|", *rows]) + "\n"


def _name_cell(key: Key) -> str:
    return f"`{key.name}`" + (f"<br>`{key.name.removeprefix('TOBS_')}`" if key.is_bare else "")


def _meaning_cell(key: Key) -> str:
    if key.is_private:
        return f"{key.description} Never shown or logged."
    unit = f" ({key.unit})" if key.unit and key.unit not in key.expects else ""
    return f"{key.description} Takes {key.expects}{unit}."


def _default_cell(key: Key) -> str:
    return key.default or "none"


def write_commands_page() -> str:
    """Return docs/commands.md: the help of every command as it is printed."""
    return "\n".join([*_COMMANDS_INTRO, *(line for name in ("", *COMMANDS) for line in _print_help(name))])


def _print_help(name: str) -> Iterator[str]:
    said = io.StringIO()
    with redirect_stdout(said):
        code = main_program([*name.split(), "--help"])
    assert code == 0, name
    yield from ("", f"## {f'tobs {name}'.strip()}", "", "```text", said.getvalue().rstrip(), "```")
    if name == COMMANDS[-1]:
        yield ""


def write_worlds_page() -> str:
    """Return docs/worlds.md: the chats of every world of the simulator, but for those without a message."""
    lines = [*_WORLDS_INTRO]
    for name, build in WORLDS.items():
        world = build(1, _BULK)
        shown = [each for each in world.chats if each.top and each.is_open_to(world.owner)]
        lines += ["", f"## {name}", "", "| chat | kind | name it by | messages |", "|---|---|---|---:|"]
        lines += [
            f"| {_name_chat(each)} | {_name_kind(each)} | {_address(each, world)} | {each.count:,} |"
            for each in shown
        ]
    return "\n".join(lines) + "\n"


def _name_chat(chat: Chat) -> str:
    title = "Saved Messages" if chat.kind is Kind.SELF else chat.title
    return escape_name(clean_text(title)).strip() or "(no name)"


def _name_kind(chat: Chat) -> str:
    return "saved" if chat.kind is Kind.SELF else str(chat.kind)


def _address(chat: Chat, world: World) -> str:
    if chat.marked == world.owner:
        return "`me`"
    return f"`@{chat.username}`" if chat.username else f"`{chat.marked}`"


_BULK = 10_000
"""What `--messages` is by default."""

_WORLDS_INTRO = (
    "# Worlds of the simulator",
    "",
    "The chats that the first account of each [world](simulator.md#worlds) can read, with the seed 1 and the default",
    "number of messages. Those without a message are left out.",
)
_SETTINGS_INTRO = (
    "# Settings",
    "",
    "Where a setting is looked for, the first wins: a flag of the command, the environment, a file `.env` in the",
    "current folder (named on the screen when it is used), `config.toml` in `TOBS_HOME`, the default.",
    "`tobs config show` prints every value and where it was found.",
    "",
    "Every key has the prefix `TOBS_`. Where a second name stands, that is read as well; the prefixed one wins. In",
    "`config.toml` the prefix and capital letters may be left out: `api_id = 12345`. An empty value counts as not given.",
    "A `TOBS_` key that does not exist is an error that names the nearest one. Of what other programs go by, tobs heeds",
    "`NO_COLOR`, `TERM` and `CI`: see [on the screen](export.md#on-the-screen).",
    "",
    "`config.toml` may also hold [profiles](cron.md#profiles): options of `tobs export` under a name.",
    "",
)
_COMMANDS_INTRO = (
    "# Commands",
    "",
    "The help of each command, as `--help` prints it. `-q`, `-v` and `--debug` may stand before or after the name of",
    "the command. Results go to stdout, everything else to stderr.",
)


def write_event_schema() -> str:
    """Return the JSON Schema of a line of the event stream."""
    return json.dumps(stream.make_schema(), indent=2, ensure_ascii=False) + "\n"


def write_line_schema() -> str:
    """Return the JSON Schema of a line of messages.jsonl."""
    return json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"


def write_metrics_schema() -> str:
    """Return the JSON Schema of export_metrics.json."""
    return json.dumps(metrics_files.make_schema(), indent=2, ensure_ascii=False) + "\n"


def write_formats_page() -> str:
    """Return docs/formats.md: what each format shows of each constructor."""
    return "\n".join(_FORMATS_INTRO) + write_tables() + "\n"


_FORMATS_INTRO = (
    "# What each format shows",
    "",
    "| format | is for | look |",
    "|---|---|---|",
    "| `markdown` | reading, linking and writing in Obsidian, or any other program for notes | [Notes](markdown.md) |",
    "| `html` | looking at in a browser, and giving away | [Pages for a browser](html.md) |",
    "| `json` | programs that read what Telegram Desktop exports | [JSON](json.md) |",
    "| `jsonl` | programs of your own | [JSON Lines](jsonl.md) |",
    "",
    "`-f markdown -f html` writes both. Whatever you choose, the archive holds everything, and `tobs render -f html` makes",
    "another format of it later, without asking Telegram. Two of them, of the demo that `tobs demo` exports:",
    "",
    "![A note as text](images/note-text.png)",
    "",
    "*A note for Obsidian, as it stands on disk.*",
    "",
    "![The same month as a page for a browser](images/html-light.png)",
    "",
    "*The same month as a page for a browser.*",
    "",
    "## How to read the tables",
    "",
    "Everything that can be in a message has a *constructor* in Telegram's language. These tables say what each format",
    "makes of each of them. They are made from the code, and a test draws every message with and without every field to",
    "prove what they say.",
    "",
    "| | meaning |",
    "|---|---|",
    "| shown | all that it says |",
    "| in part | some of its fields; the others are counted |",
    "| counted | nothing of it is drawn; messages that have it are counted |",
    "| – | it says nothing about a message: that something is not there, or how a client gets at it |",
    "",
    "What is counted stands in the note of each chat in plain words, in the run file, and in `tobs verify --fidelity`",
    "([more](verify.md#fidelity)). Whatever the format, the archive has all of it, and so have `json` and `jsonl`.",
    "A field counts as shown when it can be seen in any message: views, for one, are shown in channels only.",
    "",
)


def write_readme() -> str:
    """Return README.md with its tables of systems and exit codes as they are now."""
    return fill_systems_table(fill_short_table((ROOT / "README.md").read_text(encoding="utf-8")))


def write_scripting_page() -> str:
    """Return docs/scripting.md with the table of exit codes as it is now."""
    return fill_long_table((ROOT / "docs" / "scripting.md").read_text(encoding="utf-8"))


PAGES = {
    "README.md": write_readme,
    "docs/scripting.md": write_scripting_page,
    ".env.example": write_env_example,
    "docs/settings.md": write_settings_page,
    "docs/commands.md": write_commands_page,
    "src/tobs/writers/jsonl/schema.json": write_line_schema,
    "src/tobs/cli/events.schema.json": write_event_schema,
    "src/tobs/monitoring/schema.json": write_metrics_schema,
    "docs/worlds.md": write_worlds_page,
    "docs/formats.md": write_formats_page,
    "docs/performance.md": write_performance_page,
    "docs/reliability.md": write_reliability_page,
}


def main() -> int:
    """Write the pages, or with `--check` name those that are out of date."""
    is_check = "--check" in sys.argv[1:]
    stale = []
    for name, write in PAGES.items():
        path = ROOT / name
        text = write()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not is_check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'out of date, run `python scripts/generate.py`' if is_check else 'written'}")
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    sys.exit(main())
