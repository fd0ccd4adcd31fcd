"""Ctrl+C once, twice, and SIGTERM: what is there stays, and the next run completes it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from telethon import functions

from e2e.changes import listed_names, serving_instead
from e2e.nursery import Child
from e2e.stage import Stage, open_stage, query, read_tree
from tobs.simulator.world import WORLDS

PAGES_BEFORE = 6


@dataclass(slots=True)
class Held:
    """A `tobs export` that waits for a page that does not come."""

    process: Child
    release: asyncio.Event

    async def read_until(self, words: str) -> None:
        while line := (await self.process.stderr.readline()).decode():
            if words in line:
                return
        raise AssertionError(words)


@asynccontextmanager
async def holding(stage: Stage, output: Path) -> AsyncIterator[Held]:
    """Start an export of everything, and let the server keep the seventh page until it is released."""
    release, reached = asyncio.Event(), asyncio.Event()
    count = 0

    async def hold(_context: object, _request: object, answer: Any) -> Any:
        nonlocal count
        count += 1
        if count > PAGES_BEFORE:
            reached.set()
            await release.wait()
        return answer()

    with serving_instead(functions.messages.GetHistoryRequest, hold, is_async=True):
        process = await stage.start("export", *listed_names(stage.world), "-o", str(output))
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait(
            (asyncio.ensure_future(reached.wait()), ended), return_when=asyncio.FIRST_COMPLETED
        )
        assert reached.is_set(), "the export ended before"
        try:
            yield Held(process, release)
        finally:
            release.set()
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def assert_completes(stage: Stage, output: Path) -> None:
    chats = listed_names(stage.world)
    assert (await stage.export(*chats, output=output)).exit_code == 0
    assert (await stage.export(*chats, output=output.with_name("whole"))).exit_code == 0
    assert read_tree(output) == read_tree(output.with_name("whole"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_waits_for_the_page_under_way_and_draws(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        output = tmp_path / "out"
        async with holding(stage, output) as held:
            held.process.send_signal(number)
            await held.read_until("Stopping: ")
            held.release.set()
            out, _ = await held.process.communicate()
            assert held.process.returncode == 130
        assert b'"type": "export_finish"' in out.splitlines()[-1]
        assert list(output.glob("*/2*/*.md"))
        assert query(output, "SELECT count(*) > 0 FROM messages") == [(1,)]
        await assert_completes(stage, output)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_second_signal_ends_at_once_and_loses_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        output = tmp_path / "out"
        async with holding(stage, output) as held:
            held.process.send_signal(number)
            await held.read_until("Stopping: ")
            held.process.send_signal(number)
            await held.process.communicate()
            assert held.process.returncode == 130
        assert query(output, "SELECT count(*) > 0 FROM messages") == [(1,)]
        assert query(output, "SELECT report ->> 'exit_code' FROM runs") == [(130,)]
        await assert_completes(stage, output)
