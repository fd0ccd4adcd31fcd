"""Protected chats under takeout: what Telegram withholds there never costs the archive what it knows of a medium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from e2e.changes import chat_called, never_migrated
from e2e.stage import Stage, open_stage, query
from e2e.takeouts import ANNA, FINISH, GROUP, HISTORY, INIT, Watch, endings, photo
from tobs.core.ids import mark_channel
from tobs.core.report import RunReport
from tobs.simulator.corpus.small import CLUB_ID
from tobs.simulator.corpus.tree import VAULT_ID
from tobs.simulator.world import WORLDS, World

PHOTOS = "SELECT count(*) FROM messages JOIN wants ON wants.message_id = messages.id AND wants.chat_id = messages.chat_id WHERE kind = 'photo' AND messages.chat_id = ?"
CLUB = mark_channel(CLUB_ID)
VERSIONS = "SELECT count(*) FROM versions"


def captioned_world(chat: int, *, caption: str = "Look at this") -> World:
    """Return a world in which a private chat or a basic group is protected, with ten photos at its end."""
    world = WORLDS["small"](1, 0)
    found = world.chat(chat)
    assert found
    found.protected = True
    for number in range(10):
        world.add_message(chat, caption, sender=ANNA, media=photo(f"secret/{number}"))
    return world


def count_photos(output: Path, chat: int) -> int:
    number: int = query(output, PHOTOS, chat)[0][0]
    return number


async def assert_proved(stage: Stage, output: Path) -> None:
    done = await stage.tobs("verify", "-o", str(output))
    assert done.code == 0, done.out


async def export_one(stage: Stage, chat: int, output: Path, mode: str) -> RunReport:
    report = await stage.export(str(chat), output=output, takeout=mode, refresh_window="all")
    assert report.exit_code == 0, report
    return report


async def test_a_protected_channel_is_asked_outside_and_keeps_its_media(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(WORLDS["tree"](1, 0), tmp_path, faults=watch) as stage:
        vault = chat_called(stage.world, "Vault").marked
        assert str(vault).endswith(str(VAULT_ID))
        await stage.export(str(vault), "me", output=tmp_path / "out", takeout="always")
        assert count_photos(tmp_path / "out", vault) == 10
        assert query(tmp_path / "out", VERSIONS) == [(0,)]
        inside = [bool(each.takeout_id) for each in watch.asked(HISTORY)]
        # The first page tells that the chat is protected; it is thrown away and asked for outside.
        assert inside[:2] == [True, False]
        assert query(tmp_path / "out", "SELECT count(*) FROM responses WHERE chat_id = ?", vault) == [(1,)]
        assert endings(stage) == ["finished"]
        assert set(watch.outside_after_opening()) == {HISTORY}
        await assert_proved(stage, tmp_path / "out")
        notes = "".join(path.read_text() for path in (tmp_path / "out" / "Vault").rglob("*.md"))
        assert len(re.findall(r"^\*Photo · .* · withheld by Telegram\*$", notes, re.MULTILINE)) == 10
        assert "not downloaded yet" not in notes
        assert query(tmp_path / "out", "SELECT state, count(*) FROM files GROUP BY state") == [
            ("withheld", 10)
        ]


async def test_a_protected_private_chat_is_known_from_its_profile(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(captioned_world(ANNA), tmp_path, faults=watch) as stage:
        await export_one(stage, ANNA, tmp_path / "out", "always")
        assert not [each for each in watch.asked(HISTORY) if each.takeout_id]
        assert len(watch.asked("users.getFullUser")) == 1
        assert [each.takeout_id is None for each in (*watch.asked(INIT), *watch.asked(FINISH))] == [
            True,
            False,
        ]
        assert count_photos(tmp_path / "out", ANNA) >= 10
        await assert_proved(stage, tmp_path / "out")


async def test_a_message_of_nothing_tells_that_the_chat_is_protected(tmp_path: Path) -> None:
    async with open_stage(captioned_world(GROUP, caption=""), tmp_path) as stage:
        await export_one(stage, GROUP, tmp_path / "out", "always")
        assert count_photos(tmp_path / "out", GROUP) >= 10
        assert query(tmp_path / "out", "SELECT count(*) FROM messages WHERE kind = 'withheld'") == [(0,)]
        await assert_proved(stage, tmp_path / "out")


@pytest.mark.parametrize("caption", ["", "Look at this"])
@pytest.mark.parametrize("chat", [GROUP, CLUB])
async def test_a_protected_message_of_an_open_chat_names_its_medium_as_withheld(
    tmp_path: Path, chat: int, caption: str
) -> None:
    world, watch = never_migrated(WORLDS["small"](1, 0)), Watch()
    sealed = world.add_message(chat, caption, sender=ANNA, media=photo("sealed"), noforwards=True)
    world.add_message(chat, "open", sender=ANNA, media=photo("open"))
    async with open_stage(world, tmp_path, faults=watch) as stage:
        output = tmp_path / "out"
        await export_one(stage, chat, output, "always")
        assert query(output, "SELECT kind FROM messages WHERE id = ?", sealed) == [("photo",)]
        states = query(output, "SELECT state FROM wants JOIN files ON kind = file_kind AND files.id = file_id WHERE message_id >= ?", sealed)  # fmt: skip
        assert sorted(states) == [("wanted",), ("withheld",)]
        inside = [bool(each.takeout_id) for each in watch.asked(HISTORY)]
        assert (inside[0], inside[-1]) == (True, False)
        assert query(output, VERSIONS) == [(0,)]
        await assert_proved(stage, output)
        notes = "".join(path.read_text() for path in output.rglob("*.md"))
        assert len(re.findall(r"^\*Photo · .* · withheld by Telegram\*$", notes, re.MULTILINE)) == 1


@pytest.mark.parametrize("modes", [("never", "always"), ("always", "never"), ("always", "never", "always")])
async def test_media_that_nothing_tells_to_be_withheld_are_had_from_the_other_read(
    tmp_path: Path, modes: tuple[str, ...]
) -> None:
    async with open_stage(captioned_world(GROUP), tmp_path) as stage:
        output = tmp_path / "out"
        reports = [await export_one(stage, GROUP, output, mode) for mode in modes]
        assert count_photos(output, GROUP) >= 10
        assert query(output, VERSIONS) == [(0,)]
        assert [report.chats[0].edited for report in reports] == [0] * len(modes)
        await assert_proved(stage, output)
