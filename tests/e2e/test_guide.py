"""`tobs` alone in a terminal: from nothing to an exported folder by typing only what the screen asks for."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from e2e.stage import Stage, open_stage
from e2e.terminal import Person, at_terminal
from e2e.test_scan import accept
from seeds import often
from tobs.core.choice import MediaChoice
from tobs.core.span import parse_span
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.small import GROUP_ID, put_on_chats
from tobs.simulator.faults import FaultScript, Flood
from tobs.simulator.stage import Stage as Scenery
from tobs.simulator.world import WORLDS, World
from unharmed import DANGEROUS

ENTER, ESCAPE, UP, DOWN, INTERRUPT, CLEAR = "\r", "\x1b", "\x1b[A", "\x1b[B", "\x03", "\x15"
HASH = "0123456789abcdef" * 2
NOBODY: dict[str, str | None] = {"TOBS_API_ID": None, "TOBS_API_HASH": None}
ATTACK = "\x1b]0;owned\x07$(reboot) 'Anna's' \u202eback"
LOGIN = (
    ("What do you want to do?", ENTER),
    ("App api_id:", "12a" + ENTER),
    ("That is a number, like 12345.", "\x7f3" + ENTER),
    ("App api_hash", HASH[:-1] + ENTER),
    ("That is 32 digits", HASH[-1] + ENTER),
)


def make_world() -> World:
    scenery = Scenery(1, datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    put_on_chats(scenery)
    for number, title in ((2_000_000_700, "Гребной клуб"), (2_000_000_701, ATTACK)):
        scenery.channel(chats.supergroup(number, title)).say(people.IDA, "Welcome!")
    return scenery.build()


def list_commands(person: Person) -> list[list[str]]:
    """Return the commands that stand on the screen, as a shell takes them apart."""
    shown = re.findall(r"  \$ (.*?)\r?\n", person.terminal.shown)
    return [shlex.split(each) for each in shown]


def make_vault(stage: Stage, name: str) -> Path:
    """Make a vault that Obsidian has opened."""
    vault = stage.folder / "user" / name
    (vault / ".obsidian").mkdir(parents=True)
    place = stage.folder / "user" / ".config" / "obsidian"
    place.mkdir(parents=True)
    (place / "obsidian.json").write_text(json.dumps({"vaults": {"1": {"path": str(vault), "ts": 1}}}))
    return vault


async def test_from_nothing_to_a_folder_in_the_vault(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        vault = make_vault(stage, "My notes")
        async with at_terminal(stage, **NOBODY) as person:
            await person.do(
                *LOGIN,
                ("How do you want to log in?", DOWN + ENTER),
                ("Phone number", "+15550100001\n"),
                ("Code (sent to", "12345\n"),
                ("Which chats?", ENTER),
                ("Nothing is chosen yet", "клуб"),
                ("/ клуб...", " "),
                ("● Гребной клуб", ENTER),
                ("How do you want to read them?", ENTER),
                ("Which files", DOWN + ENTER),
                ("Since when?", ESCAPE),
                ("» All files up to 100 MB each", ENTER),
                ("» Everything", ENTER),
                ("In your vault My notes: ", DOWN + ENTER),
                ("for every command?", ENTER),
                ("Begin?", ENTER),
            )
            assert await person.terminal.end() == 0
        output = vault / "Telegram"
        config = stage.home / "config.toml"
        assert config.stat().st_mode & 0o777 == 0o600
        assert config.read_text().splitlines() == [
            f'export_path = "{output}"',
            "api_id = 123",
            f'api_hash = "{HASH}"',
        ]
        assert HASH not in person.terminal.shown
        assert not DANGEROUS.search(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r|\x08", "", person.terminal.shown))
        assert "Гребной клуб" in (output / "Chats.md").read_text()
        assert f"obsidian://open?path={quote(str(output / 'Chats.md'), safe='')}" in person.terminal.shown
        assert re.findall(r"To fetch: .*? by", person.terminal.shown) == ["To fetch: 1 message by"]
        whole = [
            "tobs",
            "export",
            "Гребной клуб",
            "--format",
            "markdown",
            "--media",
            "all",
            "-o",
            str(output),
        ]
        assert list_commands(person)[:2] == [["tobs", "login"], ["tobs", "chats"]]
        assert list_commands(person)[-5:] == [
            [*whole, "--dry-run"],
            whole,
            whole,
            ["tobs", "search", "WORDS", "-o", str(output)],
            ["tobs", "verify", "-o", str(output)],
        ]
        again = await stage.tobs(*whole[1:])
        assert (again.code, again.events[-1]["messages_new"]) == (0, 0)
        assert (await stage.tobs("verify")).code == 0


async def test_by_a_scan_in_a_narrow_window(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with at_terminal(stage, columns=40, rows=50) as person:
            await person.do(("What do you want to do?", ENTER), ("How do you want to log in?", ENTER))
            await person.see("Link Desktop Device.")
            [token] = stage.simulator.tokens.shown
            await accept(stage.simulator, token)
            await person.do(
                ("Which chats?", "kitch"),
                ("/ kitch...", " " + ENTER),
                ("How do you want to read them?", DOWN + ENTER),
                ("Which files", UP + ENTER),
                ("Since when?", UP + ENTER),
                ("From which day on", "soon" + ENTER),
                ("That is no day like 2026-03-01.", CLEAR + "2024" + ENTER),
                ("Where to?", ENTER),
                ("Begin?", ENTER),
            )
            assert await person.terminal.end() == 0
        assert list_commands(person)[0] == ["tobs", "login", "--qr"]
        words = "tobs export Kitchen --format markdown --format html --media none --since 2024"
        assert words.split() in list_commands(person)
        assert (tmp_path / "export" / "Chats.html").is_file()
        assert f"In a browser, open {tmp_path}/export/Chats.html" in person.seen


async def interrupt(stage: Stage, *steps: tuple[str, str], **variables: str | None) -> str:
    """Answer all questions but the last one, press Ctrl+C there, and return what is said then."""
    async with at_terminal(stage, **variables) as person:
        await person.do(*steps[:-1])
        await person.see(steps[-1][0])
        ended = asyncio.ensure_future(person.terminal.end())
        while not ended.done():
            # A signal that comes before the read began leaves it waiting: a person presses again.
            person.terminal.type(INTERRUPT)
            await asyncio.wait([ended], timeout=1)
        assert ended.result() == 130, person.seen
    assert "Traceback" not in person.seen
    [said] = re.findall(r"Stopped\. To go on, run `tobs` again.*?\.", person.seen)
    return str(said)


WAYS_IN = (
    *LOGIN,
    ("How do you want to log in?", DOWN + ENTER),
    ("Phone number", "+15550100001\n"),
    ("Code (", ""),
)
WISHES = (
    ("What do you want to do?", ENTER),
    ("Which chats?", " " + ENTER),
    ("How do you want to read them?", ENTER),
    ("Which files", ENTER),
    ("Since when?", UP + ENTER),
    ("From which day on", "2024" + ENTER),
    ("Where to?", UP + ENTER),
    ("Which folder?", CLEAR + "out" + ENTER),
    ("for every command?", DOWN + ENTER),
    ("Begin?", ""),
)


@pytest.mark.parametrize("asked", often(range(1, 9), 7))
async def test_ctrl_c_ends_a_login_at_every_question(tmp_path: Path, asked: int) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        said = await interrupt(stage, *WAYS_IN[:asked], **NOBODY)
    assert said == "Stopped. To go on, run `tobs` again."


async def test_ctrl_c_ends_a_scan(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        await interrupt(
            stage, ("What do", ENTER), ("How do you want to log in?", ENTER), ("Link Desktop", "")
        )


@pytest.mark.parametrize("asked", often(range(1, len(WISHES) + 1), 2))
async def test_ctrl_c_ends_the_choice_at_every_question(tmp_path: Path, asked: int) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        said = await interrupt(stage, *WISHES[:asked])
        if asked == len(WISHES):
            command = f"tobs export me --format markdown --media photo --since 2024 -o {tmp_path}/out"
            assert said == f"Stopped. To go on, run `tobs` again, or type `{command}`."


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TTY_MODE": "force-non-tty"}, {"CI": "true"}])
async def test_where_nobody_can_answer_the_help_is_shown(tmp_path: Path, variables: dict[str, str]) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with at_terminal(stage, **variables) as person:
            assert await person.terminal.end() == 2
        assert person.seen.startswith("Usage: tobs [OPTIONS] COMMAND")


async def test_who_comes_back_fetches_what_is_new_as_it_was_chosen_before(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "export"
        files = MediaChoice(("photo", "video"), 0)
        await stage.export("@rowing_club_demo", output=output, span=parse_span(since="2026-04"))
        await stage.export("@allotment_demo/4", output=output)
        await stage.export("Kitchen", "me", output=output, media=files)
        stage.world.add_message(-GROUP_ID, "News!", sender=people.OWNER)
        async with at_terminal(stage) as person:
            await person.do(("» Fetch what is new in 3 chats of export", ENTER))
            assert await person.terminal.end() == 0, person.seen
        media = ["--media", "photo,video", "--max-size", "0"]
        whole = ["tobs", "export", str(-GROUP_ID), "me", *media]
        part = ["tobs", "export", "@rowing_club_demo", *media, "--since", "2026-04-01"]
        assert list_commands(person)[:4] == [whole, part] * 2
        assert "News!" in "".join(each.read_text() for each in (output / "Kitchen").rglob("*.md"))


@pytest.mark.long
async def test_the_passphrase_of_a_session_is_asked_for_once(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        sealed = {"TOBS_SESSION_KEY": "passphrase", "TOBS_SESSION_PASSPHRASE": "open sesame"}
        ways = {"PHONE_NUMBER": "+15550100001", "EXPORT_TG_CODE": "12345"}
        assert (await stage.tobs("login", **sealed, **ways)).code == 0
        async with at_terminal(stage) as person:
            await person.do(
                ("What do you want to do?", ENTER),
                ("Passphrase of the session", "open sesame\n"),
                *WISHES[1:4],
                ("Since when?", ENTER),
                ("Where to?", ENTER),
                ("Begin?", ENTER),
            )
            assert await person.terminal.end() == 0
        assert person.seen.count("Passphrase") == 1


async def test_of_several_accounts_one_is_chosen_and_named(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        stage.account = 1
        await stage.login()
        async with at_terminal(stage, **NOBODY) as person:
            await person.do(
                *LOGIN,
                ("With which account?", DOWN + ENTER),
                ("Which chats?", ESCAPE),
                ("What do you want to do?", ""),
            )
            person.terminal.type(UP + ENTER)
            assert await person.terminal.end() == 0
        assert list_commands(person) == [["tobs", "chats", "--account", str(people.SECOND)]]


async def test_ctrl_c_while_it_exports_says_the_command_that_goes_on(tmp_path: Path) -> None:
    flood = FaultScript([Flood(600, methods=("upload.getFile",))])
    async with open_stage(WORLDS["demo"](1, 0), tmp_path, faults=flood) as stage:
        async with at_terminal(stage) as person:
            await person.do(
                ("What do you want to do?", ENTER),
                ("Which chats?", "allot"),
                ("/ allot...", " " + ENTER),
                *((words, ENTER) for words in ("How do you want", "Which files", "Since when?", "Where to?")),
                ("Begin?", ENTER),
                ("Waiting", INTERRUPT),
            )
            assert await person.terminal.end() == 130, person.seen
        command = "tobs export 'Allotment 14' --format markdown --media photo"
        assert f"Stopped. To go on, run `tobs` again, or type `{command}`." in person.seen


async def test_who_comes_back_searches_what_is_there(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("Гребной клуб", output=tmp_path / "export")
        async with at_terminal(stage) as person:
            await person.do(
                ("» Fetch what is new in 1 chat", DOWN + DOWN + ENTER),
                ("Which words?", "welcome" + ENTER),
                ("Welcome!", ""),
                ("» Fetch what is new in 1 chat", UP + ENTER),
            )
            assert await person.terminal.end() == 0
    assert list_commands(person) == [["tobs", "search", "welcome"]]
