"""An export cut at any step: nothing is lost, nothing goes on in secret, and the next run completes it."""

from __future__ import annotations

import asyncio
import gc
import shutil
from collections.abc import Callable, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.changes import listed_names
from e2e.stage import query, read_tree
from export.workshop import WorldSource, open_workshop
from seeds import often
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.small import NOW
from tobs.simulator.model import World
from tobs.simulator.stage import Stage

ROWS = (
    "SELECT account, chat_id, id, kind, text, content, counters FROM messages ORDER BY account, chat_id, id"
)
CHANGES = "SELECT account, chat_id, id, text FROM versions UNION ALL SELECT account, chat_id, id, noticed_at FROM deletions ORDER BY 1, 2, 3"
SHARES = 12


@pytest.fixture(autouse=True)
def _quick_collections() -> Iterator[None]:
    """Let a collection look at what a test made, not each time at all that is imported."""
    gc.freeze()
    yield
    gc.unfreeze()


def make_world() -> World:
    """Two chats of three pages each, over two months, with links from one note into the other."""
    stage = Stage(1, NOW)
    friend = stage.private(people.ANNA)
    club = stage.channel(chats.supergroup(2_000_000_013, "Rowing Club", "rowing_club_demo"))
    for script in (friend, club):
        first = script.say(people.ANNA, "The first words")
        for number in range(4):
            script.say(people.OWNER, f"Line {number}", reply=first)
            script.later(days=9)
    return stage.build()


class Steps:
    """Counts the steps of all tasks of a loop and cuts one task at the step that is named."""

    def __init__(self, cut_at: int = 0) -> None:
        self.count = 0
        self._cut_at = cut_at
        self._victim: asyncio.Task[Any] | None = None

    def watch(self) -> None:
        """Count from now on; the running task is the one to cut."""
        self._victim = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.set_task_factory(
            lambda loop, work, **more: asyncio.Task(_Watched(work, self), loop=loop, **more)
        )

    def note(self) -> None:
        self.count += 1
        if self.count == self._cut_at and self._victim:
            self._victim.cancel()


class _Watched(Coroutine[Any, Any, Any]):
    def __init__(self, work: Any, steps: Steps) -> None:
        self._work = work
        self._steps = steps

    def send(self, value: Any) -> Any:
        self._steps.note()
        return self._work.send(value)

    def throw(self, *error: Any) -> Any:
        return self._work.throw(*error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError


def make_changed() -> World:
    """Return the same chats, in which messages were edited and deleted, the newest and oldest among them."""
    world = make_world()
    for chat in map(int, listed_names(world)):
        ids = list(world.ids(chat))
        world.edit_message(chat, ids[1], "Edited")
        world.delete_messages(chat, [ids[0], ids[2], ids[-1]])
    return world


async def export_watched(output: Path, steps: Steps, make: Callable[[], World] = make_world) -> None:
    """Run one export whose every step counts, those of the main task included."""
    world = make()
    async with open_workshop(output) as workshop:
        source = WorldSource(world, page_size=2)

        async def run() -> None:
            steps.watch()
            await workshop.export(source, *listed_names(world))

        main = asyncio.get_running_loop().create_task(_Watched(run(), steps))
        await main
        asyncio.get_running_loop().set_task_factory(None)


async def export_plainly(output: Path, make: Callable[[], World] = make_world) -> None:
    world = make()
    async with open_workshop(output) as workshop:
        report = await workshop.export(WorldSource(world, page_size=2), *listed_names(world))
        assert report.exit_code == 0


async def cut_export(output: Path, step: int, make: Callable[[], World] = make_world) -> bool:
    """Cut an export at a step, and tell whether it was cut and not finished before."""
    others = asyncio.all_tasks()
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    try:
        await export_watched(output, Steps(step), make)
    except asyncio.CancelledError:
        return True
    finally:
        asyncio.get_running_loop().set_task_factory(None)
        gc.collect()  # an error that nobody looked at is told when its task goes
        asyncio.get_running_loop().set_exception_handler(None)
        assert asyncio.all_tasks() == others
        assert complaints == []
    return False


@pytest.mark.parametrize("share", often(range(SHARES), 0, 5))
async def test_an_export_cut_at_any_step_is_completed_by_the_next(tmp_path: Path, share: int) -> None:
    counted = Steps()
    await export_watched(tmp_path / "whole", counted)
    whole, rows = read_tree(tmp_path / "whole"), query(tmp_path / "whole", ROWS)
    assert len(whole) >= 7
    was_cut = 0
    for step in range(1 + share, counted.count, SHARES):
        output = tmp_path / str(step)
        was_cut += await cut_export(output, step)
        await export_plainly(output)
        assert query(output, ROWS) == rows, step
        assert read_tree(output) == whole, step
    assert was_cut > 0


async def test_a_sweep_cut_at_any_step_is_completed_by_the_next(tmp_path: Path) -> None:
    await export_plainly(tmp_path / "before")
    shutil.copytree(tmp_path / "before", tmp_path / "whole")
    counted = Steps()
    await export_watched(tmp_path / "whole", counted, make_changed)
    whole, changes = read_tree(tmp_path / "whole"), query(tmp_path / "whole", CHANGES)
    assert len(changes) == 8
    was_cut = 0
    for step in range(1, counted.count, counted.count // 60):
        output = tmp_path / str(step)
        shutil.copytree(tmp_path / "before", output)
        was_cut += await cut_export(output, step, make_changed)
        await export_plainly(output, make_changed)
        assert query(output, CHANGES) == changes, step
        assert read_tree(output) == whole, step
    assert was_cut > 0
