"""kill -9 at any point, then again: the same names and bytes as after an uninterrupted run."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from pathlib import Path

import pytest

from e2e.stage import Stage, open_stage, query, read_tree
from seeds import often
from tobs.simulator.world import WORLDS, World

POINTS = 6
LONG_POINTS = 100


def make_world(seed: int) -> World:
    return WORLDS["small"](seed, 3_000)


def chat_names(world: World) -> list[str]:
    """Every chat that can be exported, by id."""
    return [str(chat.marked) for chat in world.chats if chat.listed and chat.top]


async def kill_at_answer(stage: Stage, chats: list[str], output: Path, answer: int) -> None:
    """Start an export and kill it right before the server gives its nth answer."""
    process = await stage.start("export", *chats, "-o", str(output))
    first = stage.simulator.total_answers

    def kill(_method: str, total: int) -> None:
        if total - first == answer:
            process.send_signal(signal.SIGKILL)

    stage.answered.append(kill)
    await process.communicate()
    stage.answered.remove(kill)


async def kill_at_line(stage: Stage, chats: list[str], output: Path, stage_name: str, number: int) -> None:
    """Start an export and kill it when it says for the nth time that it goes on with a stage."""
    process = await stage.start("export", *chats, "-o", str(output))
    seen = 0
    async for line in process.stdout:
        seen += json.loads(line).get("stage") == stage_name
        if seen == number:
            process.send_signal(signal.SIGKILL)
            break
    await process.communicate()


async def count_answers(stage: Stage, chats: list[str], output: Path) -> int:
    before = stage.simulator.total_answers
    report = await stage.export(*chats, output=output)
    assert report.exit_code == 0
    return stage.simulator.total_answers - before


def rows_of(output: Path) -> list[object]:
    """Everything that was stored of the messages, whichever answer brought it."""
    columns = "account, chat_id, id, date, edit_date, sender_id, topic_id, reply_to_id, album_id, kind, text, content, counters"
    return query(output, f"SELECT {columns} FROM messages ORDER BY account, chat_id, id")


@pytest.mark.parametrize("point", often(range(1, POINTS + 1), 1, 3, 6))
async def test_an_export_killed_while_it_fetches_resumes_to_the_same_bytes(
    tmp_path: Path, point: int
) -> None:
    async with open_stage(make_world(point), tmp_path) as stage:
        chats = chat_names(stage.world)
        answers = await count_answers(stage, chats, tmp_path / "whole")
        await kill_at_answer(stage, chats, tmp_path / "killed", answers * point // (POINTS + 1))
        await stage.export(*chats, output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
        assert rows_of(tmp_path / "killed") == rows_of(tmp_path / "whole")


@pytest.mark.parametrize("point", often([1, 2, 7, 19], 2, 19))
async def test_an_export_killed_while_it_draws_resumes_to_the_same_bytes(tmp_path: Path, point: int) -> None:
    async with open_stage(make_world(point), tmp_path) as stage:
        chats = chat_names(stage.world)
        await count_answers(stage, chats, tmp_path / "whole")
        await kill_at_line(stage, chats, tmp_path / "killed", "render", point)
        await stage.export(*chats, output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")


async def test_a_kill_leaves_the_notes_alone_that_their_owner_changed(tmp_path: Path) -> None:
    async with open_stage(make_world(3), tmp_path) as stage:
        chats = chat_names(stage.world)
        output = tmp_path / "vault"
        answers = await count_answers(stage, chats[:2], output)
        mine = min(output.glob("*/2*/*.md"))
        mine.write_text(mine.read_text() + "\nMy own words.\n")
        before = mine.read_bytes()
        await kill_at_answer(stage, chats, output, answers + 2)
        await stage.export(*chats, output=output)
        await stage.export(*chats, output=tmp_path / "whole")
        assert mine.read_bytes() == before
        name = str(mine.relative_to(output))
        kept, whole = read_tree(output), read_tree(tmp_path / "whole")
        assert {path: hash_ for path, hash_ in kept.items() if path != name} == {
            path: hash_ for path, hash_ in whole.items() if path != name
        }


async def test_ctrl_c_keeps_what_is_there_and_the_next_run_completes_it(tmp_path: Path) -> None:
    async with open_stage(make_world(4), tmp_path) as stage:
        chats = chat_names(stage.world)
        output = tmp_path / "stopped"
        answers = await count_answers(stage, chats, tmp_path / "whole")
        process = await stage.start("export", *chats, "-o", str(output))
        first = stage.simulator.total_answers

        def interrupt(_method: str, total: int) -> None:
            if total - first == answers // 2:
                process.send_signal(signal.SIGINT)

        stage.answered.append(interrupt)
        await process.communicate()
        stage.answered.clear()
        assert process.returncode == 130
        assert query(output, "SELECT count(*) FROM messages")[0][0] > 0
        assert list(output.glob("*/2*/*.md"))
        await stage.export(*chats, output=output)
        assert read_tree(output) == read_tree(tmp_path / "whole")


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("point", range(1, LONG_POINTS + 1))
async def test_an_export_killed_again_and_again_ends_with_the_same_bytes(tmp_path: Path, point: int) -> None:
    choose = random.Random(point)
    async with open_stage(make_world(point), tmp_path) as stage:
        chats = chat_names(stage.world)
        answers = await count_answers(stage, chats, tmp_path / "whole")
        for _ in range(choose.randint(1, 4)):
            await kill_at_answer(stage, chats, tmp_path / "killed", choose.randint(1, answers))
            await asyncio.sleep(0)
        await stage.export(*chats, output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
        assert rows_of(tmp_path / "killed") == rows_of(tmp_path / "whole")
