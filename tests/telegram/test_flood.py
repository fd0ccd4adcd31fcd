"""Hours of waiting pass in milliseconds, on a clock that everybody shares."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tobs._util.clock import ManualClock
from tobs.core.events import Event, Waiting
from tobs.errors import GaveUpWaiting, NetworkError, Skipped, Stopped
from tobs.telegram.flood import Deadlines, FloodGate
from tobs.telegram.session import AccountFolder
from tobs.telegram.state import OpenTakeout

HISTORY = ("messages.getHistory", False)
STATE = ("updates.getState", False)


def ignore(_event: Event) -> None:
    """Nobody watches."""


async def test_a_method_waits_as_long_as_it_was_told() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, ignore, max_wait_seconds=10_000)
    gate.note_wait(HISTORY, 3_600)
    before = clock.now()
    await gate.pass_through(HISTORY)
    assert clock.now() - before == 3_600


async def test_other_methods_do_not_wait_with_it() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, ignore, max_wait_seconds=10_000)
    gate.note_wait(HISTORY, 3_600)
    before = clock.now()
    await gate.pass_through(("messages.getDialogs", False))
    assert clock.now() == before


async def test_the_countdown_is_said_once_however_many_wait() -> None:
    clock = ManualClock()
    events: list[Event] = []
    gate = FloodGate(clock, events.append, max_wait_seconds=10_000)
    gate.note_wait(HISTORY, 12)
    await asyncio.gather(*(gate.pass_through(HISTORY) for _ in range(8)))
    assert [each.seconds for each in events if isinstance(each, Waiting)] == [12, 7, 2]


async def test_a_wait_of_nothing_is_still_a_second() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, ignore, max_wait_seconds=10)
    gate.note_wait(HISTORY, 0)
    before = clock.now()
    await gate.pass_through(HISTORY)
    assert clock.now() - before == 1


async def test_a_wait_beyond_the_limit_ends_the_run_and_is_kept() -> None:
    kept: list[Deadlines] = []
    gate = FloodGate(ManualClock(), ignore, max_wait_seconds=60, keep=kept.append)
    with pytest.raises(GaveUpWaiting, match=r"61 s before messages\.getHistory"):
        gate.note_wait(HISTORY, 61)
    assert HISTORY in kept[-1]


@pytest.mark.parametrize(("told", "longest"), [(11, 3_600), (2, 1)])
async def test_an_optional_call_is_skipped_rather_than_waited_for(told: float, longest: float) -> None:
    clock = ManualClock()
    kept: list[Deadlines] = []
    gate = FloodGate(clock, ignore, max_wait_seconds=longest, keep=lambda each: kept.append({**each}))
    before = clock.now()
    with pytest.raises(Skipped, match=f"{told} s before updates"):
        gate.note_wait(STATE, told, is_optional=True)
    with pytest.raises(Skipped):
        await gate.pass_through(STATE, is_optional=True)
    assert clock.now() == before
    assert STATE in kept[-1]


async def test_an_optional_call_waits_for_a_moment() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, ignore, max_wait_seconds=3_600)
    gate.note_wait(STATE, 8, is_optional=True)
    before = clock.now()
    await gate.pass_through(STATE, is_optional=True)
    assert clock.now() - before == 8


async def test_the_next_run_obeys_what_this_one_was_told(tmp_path: Path) -> None:
    clock = ManualClock()
    account = AccountFolder(tmp_path / "1")
    account.path.mkdir()
    FloodGate(clock, ignore, max_wait_seconds=600, keep=account.load_state().keep_waits).note_wait(
        HISTORY, 300
    )
    clock.advance(100)
    later = FloodGate(clock, ignore, max_wait_seconds=600, known=account.load_state().waits)
    before = clock.now()
    await later.pass_through(HISTORY)
    assert clock.now() - before == 200


async def test_a_deadline_that_a_moved_clock_made_absurd_is_forgotten() -> None:
    clock = ManualClock()
    gate = FloodGate(clock, ignore, max_wait_seconds=60, known={HISTORY: (clock.now() + 900_000, 30)})
    before = clock.now()
    await gate.pass_through(HISTORY)
    assert clock.now() == before


async def test_all_who_wait_let_go_at_once_when_the_run_is_told_to_stop() -> None:
    clock, stop = ManualClock(), asyncio.Event()
    told: list[Event] = []

    def stop_while_counting(event: Event) -> None:
        told.append(event)
        if len(told) == 3:
            stop.set()

    gate = FloodGate(clock, stop_while_counting, max_wait_seconds=10_000, stop=stop)
    gate.note_wait(HISTORY, 3_600)
    begin = clock.now()
    waits = [gate.pass_through(HISTORY), gate.pass_through(HISTORY, at_most=60), gate.pause(90)]
    ends = await asyncio.gather(
        *waits, *(gate.pass_through(HISTORY) for _ in range(30)), return_exceptions=True
    )
    assert {type(each) for each in ends} == {Stopped}
    assert clock.now() - begin == 10
    assert gate.find_wait(HISTORY) == (begin, begin + 3_600)


async def test_after_the_stop_nothing_passes_and_a_wait_that_is_told_is_kept_and_never_too_long() -> None:
    kept: list[Deadlines] = []
    stop = asyncio.Event()
    gate = FloodGate(ManualClock(), ignore, max_wait_seconds=60, keep=kept.append, stop=stop)
    stop.set()
    with pytest.raises(Stopped):
        gate.note_wait(HISTORY, 3_600)
    assert HISTORY in kept[-1]
    with pytest.raises(Stopped):
        gate.note_wait(STATE, 3_600, is_optional=True)
    with pytest.raises(Stopped):
        await gate.pass_through(("messages.getDialogs", False))
    with pytest.raises(Stopped):
        await gate.pause(0)


async def test_work_that_is_done_before_the_stop_gives_its_result_or_its_error() -> None:
    gate = FloodGate(ManualClock(), ignore, max_wait_seconds=60)

    async def answer() -> int:
        return 42

    async def fail() -> int:
        raise NetworkError("Gone.") from OSError("The line is cut.")

    assert await gate.until_stopped(answer) == 42
    with pytest.raises(NetworkError, match="Gone") as caught:
        await gate.until_stopped(fail)
    assert isinstance(caught.value.__cause__, OSError)


async def test_work_that_is_cut_by_the_stop_is_ended_first() -> None:
    stop, is_tidy = asyncio.Event(), False

    async def work() -> None:
        nonlocal is_tidy
        stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            is_tidy = True

    gate = FloodGate(ManualClock(), ignore, max_wait_seconds=60, stop=stop)
    with pytest.raises(Stopped):
        await gate.until_stopped(work)
    assert is_tidy


@pytest.mark.parametrize(
    "damage",
    [b"", b"\xc1", b"\x93\x02\x05\xc0", b"\x93\x09\x90\xc0", b"\x93\x02\x91\xa1a\xc0", b"\x93\x02\x90\x05"],
)
def test_a_damaged_memory_of_waits_is_no_memory(tmp_path: Path, damage: bytes) -> None:
    account = AccountFolder(tmp_path)
    (tmp_path / "state.msgpack").write_bytes(damage)
    state = account.load_state()
    assert (state.waits, state.takeout) == ({}, None)


async def test_a_wait_outside_holds_nothing_up_under_takeout_and_back(tmp_path: Path) -> None:
    clock = ManualClock()
    account = AccountFolder(tmp_path / "1")
    account.path.mkdir()
    gate = FloodGate(clock, ignore, max_wait_seconds=600, keep=account.load_state().keep_waits)
    gate.note_wait(HISTORY, 300)
    later = FloodGate(clock, ignore, max_wait_seconds=600, known=account.load_state().waits)
    for each in (gate, later):
        before = clock.now()
        await each.pass_through((HISTORY[0], True))
        assert clock.now() == before
    await later.pass_through(HISTORY)
    assert clock.now() - before == 300


async def test_who_waits_may_look_again_before_the_end(tmp_path: Path) -> None:
    clock = ManualClock()
    gate = FloodGate(clock, ignore, max_wait_seconds=600)
    gate.note_wait(HISTORY, 300)
    before = clock.now()
    await asyncio.gather(*(gate.pass_through(HISTORY, at_most=60) for _ in range(3)))
    assert clock.now() - before == 60
    assert gate.find_wait(HISTORY) == (before, before + 300)


def test_the_account_remembers_waits_and_its_takeout_side_by_side(tmp_path: Path) -> None:
    state = AccountFolder(tmp_path).load_state()
    state.keep_takeout(OpenTakeout(7, frozenset({"message_users"})))
    state.keep_waits({HISTORY: (9.0, 5.0)})
    again = AccountFolder(tmp_path).load_state()
    assert (again.takeout, again.waits) == (
        OpenTakeout(7, frozenset({"message_users"})),
        {HISTORY: (9.0, 5.0)},
    )
    again.keep_takeout(None)
    assert AccountFolder(tmp_path).load_state().takeout is None
    assert (tmp_path / "state.msgpack").stat().st_mode & 0o777 == 0o600
