"""Work in processes of its own: whatever happens to those, the caller gets its answer."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tobs._util.pool import Pool, count_processes
from tobs.errors import Damaged
from util.chores import announce_and_hang, announce_and_wait, is_apart, refuse, repeat, spend


async def start_workers(pool: Pool) -> int:
    """Hand in work until a process does it, and return which one."""
    while (found := await pool.run_apart(os.getpid)) == os.getpid():
        pass
    return found


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(2, processes=1) as opened:
        yield opened


def make_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


async def test_a_little_work_starts_no_process(pool: Pool) -> None:
    pids = {await pool.run_apart(os.getpid) for _ in range(20)}
    assert pids == {os.getpid()}
    assert multiprocessing.active_children() == []


async def test_without_processes_everything_runs_in_threads() -> None:
    async with Pool(2) as pool:
        assert {await pool.run_apart(is_apart) for _ in range(100)} == {False}
        assert pool.lanes == 1
        assert pool.counters.completed == 100
        assert multiprocessing.active_children() == []


async def test_enough_work_goes_to_a_process_of_its_own(pool: Pool) -> None:
    worker = await start_workers(pool)
    assert [each.pid for each in multiprocessing.active_children()] == [worker]
    done = pool.counters.completed
    assert await pool.run_apart(is_apart)
    assert pool.counters.completed == done  # no thread was needed for it
    assert await pool.run(is_apart) is False


async def test_many_calls_at_once_are_all_answered_each_with_its_own(pool: Pool) -> None:
    await start_workers(pool)
    found = await asyncio.gather(*(pool.run_apart(divmod, number, 7) for number in range(300)))
    assert found == [divmod(number, 7) for number in range(300)]


async def test_arguments_and_results_travel_whole(pool: Pool) -> None:
    worker = await start_workers(pool)
    found = await pool.run_apart(repeat, 100_000, ["é", "\0", "😀"])
    assert found == {"text": "é\0😀" * 100_000, "where": worker}


async def test_an_error_of_ours_comes_back_with_its_hint(pool: Pool) -> None:
    await start_workers(pool)
    with pytest.raises(Damaged, match=r"Page 7 cannot be read\.") as caught:
        await pool.run_apart(refuse, 7)
    assert (caught.value.hint, caught.value.exit_code) == ("Run `tobs verify`.", 12)
    assert await pool.run_apart(is_apart)


async def test_work_that_cannot_be_sent_fails_alone(pool: Pool) -> None:
    await start_workers(pool)
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        await pool.run_apart(lambda: 1)
    assert await pool.run_apart(is_apart)


async def test_ctrl_c_does_not_reach_the_workers(pool: Pool) -> None:
    worker = await start_workers(pool)
    os.kill(worker, signal.SIGINT)
    assert {await pool.run_apart(os.getpid) for _ in range(5)} == {worker}


async def test_after_a_worker_was_killed_threads_go_on(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    os.kill(await start_workers(pool), signal.SIGKILL)
    with caplog.at_level(logging.WARNING, "tobs.pool"):
        found = await asyncio.gather(*(pool.run_apart(os.getpid) for _ in range(20)))
    assert set(found) == {os.getpid()}
    assert caplog.messages
    assert set(caplog.messages) == {"A worker process died; going on without."}


async def test_what_a_killed_worker_had_begun_is_done_again_in_a_thread(pool: Pool, tmp_path: Path) -> None:
    said = make_pipe(tmp_path / "said")
    await start_workers(pool)
    working = asyncio.ensure_future(pool.run_apart(announce_and_hang, said))
    os.kill(int(await asyncio.to_thread(said.read_text)), signal.SIGKILL)
    assert await working == "in a thread"


async def test_a_caller_that_is_cancelled_leaves_the_worker_to_the_others(pool: Pool, tmp_path: Path) -> None:
    said, told = make_pipe(tmp_path / "said"), make_pipe(tmp_path / "told")
    await start_workers(pool)
    working = asyncio.ensure_future(pool.run_apart(announce_and_wait, said, told))
    assert await asyncio.to_thread(said.read_text) == "begun"
    working.cancel()
    await asyncio.wait([working])
    await asyncio.to_thread(told.write_text, "go on")
    assert working.cancelled()
    assert await pool.run_apart(is_apart)


async def test_closing_waits_for_a_worker_that_is_at_work(tmp_path: Path) -> None:
    said, told = make_pipe(tmp_path / "said"), make_pipe(tmp_path / "told")
    pool = Pool(2, processes=1)
    await start_workers(pool)
    working = asyncio.ensure_future(pool.run_apart(announce_and_wait, said, told))
    await asyncio.to_thread(said.read_text)
    closing = asyncio.ensure_future(pool.close())
    await asyncio.sleep(0)
    assert not closing.done()
    told.write_text("the whole page")
    await closing
    assert await working == "the whole page"
    assert multiprocessing.active_children() == []
    await pool.close()


def test_workers_end_when_their_parent_is_killed() -> None:
    script = (
        "import asyncio, os, signal, sys\n"
        "from tobs._util.pool import Pool\n"
        "async def main():\n"
        "    pool = Pool(2, processes=2)\n"
        "    while (worker := await pool.run_apart(os.getpid)) == os.getpid(): pass\n"
        "    print(worker, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    # The workers have the script's stdout too: it ends only when the last of them has ended.
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert int(done.stdout) > 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("cores", "processes"), [(1, 0), (2, 2), (8, 8)])
def test_auto_is_a_process_for_each_core_but_a_single_one(
    cores: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tobs._util.pool.count_cores", lambda: cores)
    assert count_processes("auto") == processes
    assert (count_processes("0"), count_processes("3")) == (0, 3)


async def test_two_calls_wait_for_each_process() -> None:
    async with Pool(1, processes=3) as pool:
        assert pool.lanes == 6


async def test_drawing_is_shared_between_a_process_and_one_thread(pool: Pool) -> None:
    worker = await start_workers(pool)
    found = await asyncio.gather(*(pool.run_anywhere(os.getpid) for _ in range(pool.width)))
    assert sorted(found) == sorted([os.getpid(), worker] * 2)


async def test_what_computes_in_threads_runs_one_at_a_time() -> None:
    busy = 0
    out, into = os.pipe()

    def compute() -> int:
        nonlocal busy
        busy += 1
        most = busy
        os.write(into, b".")  # lets other threads run
        os.read(out, 1)
        busy -= 1
        return most

    async with Pool(4) as pool:
        assert pool.width == 2
        assert set(await asyncio.gather(*(pool.run_anywhere(compute) for _ in range(50)))) == {1}
    os.close(out)
    os.close(into)


async def test_long_work_pays_for_a_process_sooner_than_short_work(pool: Pool) -> None:
    assert [await pool.run_anywhere(os.getpid) for _ in range(50)] == [os.getpid()] * 50
    assert multiprocessing.active_children() == []
    await pool.run_anywhere(spend, 0.5)
    await pool.run_anywhere(os.getpid)
    assert len(multiprocessing.active_children()) == 1


async def test_shared_work_is_done_here_when_its_process_was_killed(pool: Pool) -> None:
    os.kill(await start_workers(pool), signal.SIGKILL)
    found = await asyncio.gather(*(pool.run_anywhere(os.getpid) for _ in range(20)))
    assert set(found) == {os.getpid()}
