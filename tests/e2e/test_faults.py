"""The machine and the server at their worst: a clear sentence, a fitting exit code, and the next run goes on to the same tree."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.extensions import BinaryReader
from telethon.tl import types as tl

from e2e.changes import Answer, serving_instead
from e2e.small_disk import PREFIX
from e2e.stage import Finished, Stage, open_stage, query, read_tree
from seeds import often
from tobs._util.clock import ManualClock
from tobs.simulator.bends import Bend
from tobs.simulator.dispatch import Context
from tobs.simulator.faults import BentPage, Drop, FaultScript, Flood, Refusal
from tobs.simulator.world import BENCH_CHAT, WORLDS, World

DRIVER = Path(__file__).with_name("small_disk.py")
ROOM = 1 << 20
"""KiB: enough for everything."""
DAY = 86_400


def make_world() -> World:
    return WORLDS["bench"](1, 250)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as an export leaves it when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("calm")

    async def export() -> None:
        async with open_stage(make_world(), folder) as stage:
            report = await stage.export(BENCH_CHAT, output=folder / "out")
            assert report.exit_code == 0

    asyncio.run(export())
    return folder / "out"


def size_of(folder: Path) -> int:
    """Return how many KiB the files of a folder take."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) >> 10


async def run_on_small_disk(stage: Stage, folder: Path, steps: list[list[Any]]) -> list[Finished]:
    """Take the steps of small_disk.py on a filesystem at `folder`; return how the runs ended."""
    process = await asyncio.create_subprocess_exec(
        *PREFIX,
        sys.executable,
        str(DRIVER),
        str(folder),
        json.dumps(steps),
        env=stage.command_environment({"TOBS_MIN_FREE_SPACE": "0"}),
        cwd=stage.folder,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert await process.wait() == 0
    return [Finished(*json.loads(line)) for line in out.splitlines()]


def check_said(done: Finished, codes: set[int]) -> None:
    """Fail unless a run ended with one of these codes and with a sentence about it."""
    said = done.out + done.err
    assert done.code in codes, said
    assert "This is a bug" not in said
    assert "Traceback" not in said
    assert done.code == 0 or any(each["type"] == "error" and each["text"] for each in done.events) or done.err


async def fill_disk(tmp_path: Path, calm: Path, shares: list[float]) -> None:
    """Export on a disk that is too small, and a little larger each time, until there is room."""
    whole = size_of(calm)
    sizes = [max(16, int(whole * share)) for share in shares]
    run = ["run", "export", BENCH_CHAT, "-o", str(tmp_path / "disk" / "out")]
    steps = [step for size in sizes for step in (["size", size], run)]
    async with open_stage(make_world(), tmp_path) as stage:
        *small, large = await run_on_small_disk(stage, tmp_path / "disk", [*steps, ["size", ROOM], run])
    for each in small:
        check_said(each, {0, 15})
    assert any(each.code == 15 for each in small)
    assert large.code == 0, large.out + large.err
    assert read_tree(tmp_path / "disk.after" / "out") == read_tree(calm)


async def test_a_disk_that_is_full_at_any_write_costs_nothing(tmp_path: Path, calm: Path) -> None:
    await fill_disk(tmp_path, calm, [0.03, 0.3, 0.7, 1.0, 1.2])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
async def test_a_disk_that_is_full_at_any_of_many_writes_costs_nothing(
    tmp_path: Path, calm: Path, seed: int
) -> None:
    choose = random.Random(f"disk {seed}")
    await fill_disk(tmp_path, calm, sorted(choose.uniform(0, 1.5) for _ in range(15)))


async def test_a_folder_that_becomes_read_only_is_said_to_be_so_and_can_be_verified(
    tmp_path: Path, calm: Path
) -> None:
    output = str(tmp_path / "disk" / "out")
    run = ["run", "export", BENCH_CHAT, "-o", output]
    steps: list[list[Any]] = [
        ["size", ROOM],
        run,
        ["read-only"],
        run,
        ["run", "render", "-o", output],
        ["run", "verify", "-o", output],
    ]
    async with open_stage(make_world(), tmp_path) as stage:
        runs = await run_on_small_disk(stage, tmp_path / "disk", [*steps, ["writable"], run])
    first, export, render, verify, again = runs
    assert [each.code for each in runs] == [0, 2, 2, 0, 0], [each.out + each.err for each in runs]
    for each in (export, render):
        assert "Read-only file system" in each.out + each.err
    assert (first.code, verify.code, again.code) == (0, 0, 0)
    assert read_tree(tmp_path / "disk.after" / "out") == read_tree(calm)


async def test_few_files_that_may_be_open_end_it_with_a_sentence_or_do(tmp_path: Path, calm: Path) -> None:
    run = ["run", "export", BENCH_CHAT, "-o", str(tmp_path / "disk" / "out")]
    steps = [step for files in (6, 9, 14, 20, 28) for step in (["files", files], run)]
    async with open_stage(make_world(), tmp_path) as stage:
        *few, enough = await run_on_small_disk(
            stage, tmp_path / "disk", [["size", ROOM], *steps, ["files", 64], run]
        )
    for each in few:
        check_said(each, {0, 1, 2, 12, 14})
    assert few[0].code != 0
    assert enough.code == 0, enough.out + enough.err
    assert read_tree(tmp_path / "disk.after" / "out") == read_tree(calm)


class JumpingClock(ManualClock):
    """A computer's clock that somebody moves by days, forth and back; the one that counts seconds goes on."""

    def __init__(self, jumps: Iterator[float]) -> None:
        super().__init__()
        self._jumps = jumps
        self._off = 0.0

    def now(self) -> float:
        self._off += next(self._jumps, 0.0)
        return super().now() + self._off


@pytest.mark.parametrize("seed", often(range(3), 1))
async def test_a_clock_that_jumps_by_days_changes_nothing(tmp_path: Path, calm: Path, seed: int) -> None:
    choose = random.Random(f"clock {seed}")
    jumps = (choose.choice((0, 0, 0, -30 * DAY, -DAY, DAY, 30 * DAY)) for _ in iter(int, 1))
    script = FaultScript([Flood(7, methods=("messages.getHistory",), every=2)])
    clock = JumpingClock(jumps)
    async with open_stage(make_world(), tmp_path, faults=script, clock=ManualClock()) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=clock)
        assert report.exit_code == 0
    assert script.struck["Flood"] > 0
    # No wait was taken for one of days: that would have ended the run, or passed on the clock.
    assert clock.monotonic() < 3600
    assert read_tree(tmp_path / "out") == read_tree(calm)


def read_answer(usual: Answer) -> Any:
    return BinaryReader(bytes(usual())).tgread_object()


def repeat_newest(_context: Context, request: Any, usual: Answer) -> Any:
    """The newest page, whatever was asked for."""
    request.offset_id = 0
    return usual()


def number_below_zero(_context: Context, _request: Any, usual: Answer) -> Any:
    answer = read_answer(usual)
    for each in answer.messages:
        each.id -= 300
    return answer


def list_above(_context: Context, request: Any, usual: Answer) -> Any:
    """Messages above the top of what was asked for."""
    request.offset_id = (request.offset_id or 1) + 150
    return usual()


def list_backwards(_context: Context, _request: Any, usual: Answer) -> Any:
    answer = read_answer(usual)
    answer.messages.reverse()
    return answer


def list_doubled(_context: Context, _request: Any, usual: Answer) -> Any:
    answer = read_answer(usual)
    answer.messages = [each for one in answer.messages for each in (one, one)]
    return answer


def list_another_chat(_context: Context, _request: Any, usual: Answer) -> Any:
    answer = read_answer(usual)
    for each in answer.messages:
        each.peer_id = tl.PeerChannel(77)
    return answer


def count_nonsense(_context: Context, _request: Any, usual: Answer) -> Any:
    answer = read_answer(usual)
    answer.count = 2**31 - 1
    return answer


WRONG = {
    "the same page for ever": (repeat_newest, {1, 3}),
    "ids below zero": (number_below_zero, {12}),
    "ids above those asked for": (list_above, {0, 1, 3}),
    "a page from its end": (list_backwards, {0}),
    "each message twice": (list_doubled, {0}),
    "messages of another chat": (list_another_chat, {12}),
    "a count of 2,147,483,647": (count_nonsense, {0}),
}


@pytest.mark.parametrize("name", WRONG)
async def test_pages_that_are_wrong_end_and_leave_nothing_wrong_behind(
    tmp_path: Path, calm: Path, name: str
) -> None:
    answer, codes = WRONG[name]
    async with open_stage(make_world(), tmp_path) as stage:
        with serving_instead(functions.messages.GetHistoryRequest, answer):
            report = await asyncio.wait_for(stage.export(BENCH_CHAT, output=tmp_path / "out"), 60)
        assert report.exit_code in codes, report.error
        assert report.exit_code in {0, 3} or report.error or report.chats[0].error
        said = query(tmp_path / "out", "SELECT chat_id, id, text FROM messages")
        assert {*said} <= {*query(calm, "SELECT chat_id, id, text FROM messages")}
        again = await stage.export(BENCH_CHAT, output=tmp_path / "out")
        assert again.exit_code == 0
    assert read_tree(tmp_path / "out") == read_tree(calm)


def read_needs() -> dict[str, int]:
    """Return what this process holds by now: memory (KiB), tasks, descriptors and threads."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return {
        "memory": int(fields["VmRSS"].split()[0]),
        "threads": int(fields["Threads"]),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "tasks": len(asyncio.all_tasks()),
    }


async def soak(tmp_path: Path, pages: int, warm_up: int, *, memory: float = 1.5) -> None:
    """Read so many pages with faults all the while, and look at what is held after every tenth."""
    held: list[dict[str, int]] = []
    faults = [
        BentPage(Bend(share=0.4), chance=0.1),
        BentPage(Bend(doubles=2), chance=0.1),
        Drop(chance=0.01),
        Drop(is_late=True, chance=0.01),
        Refusal(500, "INTERNAL", chance=0.02),
        Flood(3, chance=0.02),
    ]
    world, clock = WORLDS["bench"](1, 100 * pages), ManualClock()
    async with open_stage(world, tmp_path, faults=FaultScript(faults), clock=clock) as stage:
        answers = 0

        def look(method: str, _total: int) -> None:
            nonlocal answers
            answers += method == "messages.getHistory"
            if answers % 10 == 0:
                held.append(read_needs())

        stage.answered.append(look)
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=clock)
        assert (report.exit_code, report.chats[0].tally.unknown) == (0, 0)
        assert answers >= pages
    warm = held[warm_up // 10 :]
    early, late = warm[: len(warm) // 3], warm[-len(warm) // 3 :]
    for need, room in (("memory", memory), ("threads", 1), ("descriptors", 1.3), ("tasks", 1.3)):
        most_early, most_late = (max(each[need] for each in some) for some in (early, late))
        assert most_late <= most_early * room + (0 if need == "memory" else 3), need


async def test_pages_and_faults_all_the_while_need_no_more_of_anything(tmp_path: Path) -> None:
    await soak(tmp_path, 80, 30)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_ten_thousand_pages_and_faults_all_the_while_need_no_more_of_anything(tmp_path: Path) -> None:
    await soak(tmp_path, 10_000, 1_000, memory=1.15)
