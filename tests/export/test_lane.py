"""The files of a chat come beside its text: some at once, each to an end that the ledger knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from export.depot import MIB, Depot, make_body, open_depot
from tobs.core.choice import MediaChoice
from tobs.core.events import Progressed
from tobs.core.ports.files import FileKey, FileLimits
from tobs.core.ports.reader import FileState
from tobs.core.report import ChatReport, MediaTally, RunReport
from tobs.errors import DiskFull, FileUnavailable, NetworkError, ServerError, Stopped, Unanswered
from tobs.export.download import PEEKS
from tobs.export.lane import BATCH, MOST_UNANSWERED, Downloads

DAY = 86_400


@pytest.fixture
async def depot(tmp_path: Path) -> AsyncIterator[Depot]:
    async with open_depot(tmp_path / "export") as opened:
        yield opened


def bodies(number: int, size_bytes: int = 5000, *, first: int = 0) -> list[bytes]:
    """Return files of different sizes."""
    return [make_body(size_bytes + each, each) for each in range(first, first + number)]


def state_of(depot: Depot, key: FileKey) -> FileState:
    return depot.folder.workshop.reader.file_state(depot.chat, *key)


async def test_the_files_of_a_chat_are_downloaded_and_progress_is_told(depot: Depot) -> None:
    keys = await depot.add(*bodies(4))
    downloads = await depot.run(depot.make_lane())
    assert downloads.error is None
    assert [depot.read(each) for each in keys] == bodies(4)
    told = [each for each in depot.folder.workshop.events if isinstance(each, Progressed)]
    assert [(each.messages_processed, each.total_messages, each.percentage) for each in told] == [
        (1, 4, 25.0), (2, 4, 50.0), (3, 4, 75.0), (4, 4, 100.0)
    ]  # fmt: skip
    assert {(each.entity_name, each.stage) for each in told} == {("Team chat", "download")}


@pytest.mark.parametrize("is_lasting", [False, True])
async def test_a_failing_file_stops_no_other_and_its_reason_is_known(
    depot: Depot, *, is_lasting: bool
) -> None:
    good, bad, other = await depot.add(*bodies(3))
    depot.files.held[bad].refusal = FileUnavailable("refused by Telegram (X)", is_lasting=is_lasting)
    downloads = await depot.run(depot.make_lane())
    assert downloads.error is None
    assert [depot.read(good), depot.read(other)] == [bodies(3)[0], bodies(3)[2]]
    assert state_of(depot, bad) == FileState("failed", "refused by Telegram (X)")
    assert (await depot.tally()).failed == {"refused by Telegram (X)": 1}
    soon = [each.key for each in await depot.list_wanted(after=60)]
    assert soon == ([] if is_lasting else [bad])
    [again] = await depot.list_wanted(after=DAY + 60)
    assert (again.key, again.tries) == (bad, 1)


async def test_a_file_over_which_connections_break_comes_alone_behind_the_rest(depot: Depot) -> None:
    keys = await depot.add(*bodies(8))
    bad, shy = depot.files.held[keys[2]], depot.files.held[keys[5]]
    bad.refusal = Unanswered("The connection failed.")
    shy.refusal, shy.refusals = Unanswered("The connection failed."), 1
    downloads = await depot.run(depot.make_lane())
    assert downloads.error is None
    assert [depot.read(each) for each in keys if each != keys[2]] == bodies(2) + bodies(5, first=3)
    assert (await depot.tally()).done == 7
    assert "the connection breaks whenever it is asked for" in state_of(depot, keys[2]).reason
    assert {number for number, _ in depot.files.parts[-2:]} == {keys[2].id, keys[5].id}
    told = [each for each in depot.folder.workshop.events if isinstance(each, Progressed)]
    assert [each.messages_processed for each in told] == [*range(1, 9)]


async def test_connections_that_break_over_every_file_end_the_downloads(depot: Depot) -> None:
    keys = await depot.add(*bodies(2 * MOST_UNANSWERED))
    for each in keys:
        depot.files.held[each].refusal = Unanswered("The connection failed.")
    downloads = await depot.run(depot.make_lane())
    assert isinstance(downloads.error, NetworkError)
    assert len(depot.files.parts) <= MOST_UNANSWERED + 5


async def test_a_file_that_failed_is_left_to_the_next_run(depot: Depot) -> None:
    [bad] = await depot.add(*bodies(1))
    depot.files.held[bad].refusal = FileUnavailable("refused by Telegram (X)")
    clock = depot.folder.workshop.clock
    lane = depot.make_lane()
    clock.advance(1)
    await depot.run(lane)
    await depot.run(lane)
    assert len(depot.files.parts) == 1
    depot.files.held[bad].refusal = None
    clock.advance(1)
    await depot.run(depot.make_lane())
    assert depot.read(bad) == bodies(1)[0]
    assert await depot.tally() == MediaTally(done=1, done_bytes=5000)


async def test_the_next_message_is_asked_when_the_first_does_not_show_the_file_any_more(
    depot: Depot,
) -> None:
    [moved] = await depot.add(*bodies(1), messages=3)
    depot.files.held[moved].hidden = {2001, 1001}
    await depot.run(depot.make_lane())
    assert depot.files.located == [(1, 2001), (1, 1001), (1, 1)]
    assert depot.read(moved) == bodies(1)[0]


async def test_a_file_that_no_message_shows_any_more_is_not_asked_for(depot: Depot) -> None:
    gone, good = await depot.add(*bodies(2), messages=2)
    depot.files.held[gone].hidden = {gone.id, gone.id + 1000}
    await depot.run(depot.make_lane())
    assert depot.files.asked_for(gone.id) == []
    assert state_of(depot, gone) == FileState("failed", "its message is gone")
    assert await depot.list_wanted(after=60) == []
    assert depot.read(good) == bodies(2)[1]


async def test_of_each_data_centre_small_and_large_files_have_queues_of_their_own(depot: Depot) -> None:
    depot.files.limits = FileLimits(small=3, large=1, large_bytes=100_000)
    depot.files.crowd = 2 * (3 + 1)
    for centre in (2, 4):
        small = bodies(7, 5000, first=10 * centre)
        large = bodies(3, 100_000 + 100 * centre)
        await depot.add(*small, *large, centre=centre)
    await depot.run(depot.make_lane(depot.make_downloader(most=32, start=32)))
    assert (await depot.tally()).done == 20
    assert depot.files.most_files == {(2, False): 3, (2, True): 1, (4, False): 3, (4, True): 1}


async def test_a_file_that_failed_leaves_its_turn_to_the_next(depot: Depot) -> None:
    depot.files.limits = FileLimits(small=1)
    keys = await depot.add(*bodies(5))
    for each in keys[1:]:
        depot.files.held[each].refusal = FileUnavailable("refused by Telegram (X)")
    await depot.run(depot.make_lane())
    assert depot.read(keys[0]) == bodies(5)[0]
    assert depot.files.most_files == {(2, False): 1}


async def test_parts_of_all_files_together_are_as_many_as_the_throttle_lets_through(depot: Depot) -> None:
    depot.files.limits = FileLimits(small=5)
    depot.files.crowd = 7
    await depot.add(*bodies(5, 3 * MIB))
    await depot.run(depot.make_lane(depot.make_downloader(most=7, start=7)))
    assert depot.files.most_parts == 7
    assert (await depot.tally()).done == 5


async def test_many_files_come_in_batches_and_the_limits_are_asked_for_once(depot: Depot) -> None:
    number = 2 * BATCH + 3
    await depot.add(*bodies(number, 10))
    await depot.run(depot.make_lane())
    assert (await depot.tally()).done == number
    assert depot.files.limits_asked == 1
    assert len(depot.files.located) == number


async def test_bytes_do_not_wait_until_all_files_of_their_size_are_compared(depot: Depot) -> None:
    await depot.add(*[make_body(5000, each) for each in range(40)])
    depot.files.holds_hashes = True
    async with asyncio.timeout(30):
        await depot.run(depot.make_lane(depot.make_downloader(most=PEEKS + 1, start=PEEKS + 1)))
    assert (await depot.tally()).done == 40
    assert len(depot.files.hashes_asked) == 40


async def test_files_of_one_size_are_told_apart_without_a_look_at_each_other_on_the_disk(
    depot: Depot,
) -> None:
    await depot.add(*[make_body(5000, each) for each in range(40)])
    await depot.run(depot.make_lane())
    assert depot.store.looks == 0


async def test_many_files_of_one_size_with_the_same_bytes_come_once(depot: Depot) -> None:
    keys = await depot.add(*[make_body(5000)] * 40)
    await depot.run(depot.make_lane())
    assert len(depot.files.parts) == 1
    assert (await depot.tally()).done == 40
    [[came, _]] = depot.files.parts
    asked = Counter(depot.files.hashes_asked)
    # Those whose turn it is meanwhile ask for the hashes of the one they wait for, one for all.
    assert asked.pop((came, 0)) == 1
    assert asked == {(each.id, 0): 1 for each in keys if each.id != came}


async def test_a_full_disk_ends_the_downloads_with_the_error_and_closes_what_was_open(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await depot.add(*bodies(8, MIB))
    monkeypatch.setattr(depot.store, "_min_free_bytes", 1 << 62)
    downloads = await depot.run(depot.make_lane())
    assert isinstance(downloads.error, DiskFull)
    assert not downloads.is_busy
    assert depot.files.parts == []
    assert await depot.tally() == MediaTally(wanted=8)


async def test_what_the_next_file_would_meet_as_well_ends_the_downloads(depot: Depot) -> None:
    *_, last = await depot.add(*bodies(6))
    depot.files.held[last].refusal = NetworkError("Telegram cannot be reached.")
    downloads = await depot.run(depot.make_lane())
    assert isinstance(downloads.error, NetworkError)
    assert (await depot.tally()).failed == {}


async def test_being_stopped_is_no_error_of_the_downloads(depot: Depot) -> None:
    *_, last = await depot.add(*bodies(3))
    depot.files.held[last].refusal = Stopped("Stopped.")
    downloads = await depot.run(depot.make_lane())
    assert downloads.error is None
    assert not downloads.is_busy
    assert (await depot.tally()).failed == {}
    assert last in [each.key for each in await depot.list_wanted()]


async def test_with_nothing_chosen_nothing_is_asked_and_notes_say_so(depot: Depot) -> None:
    [key] = await depot.add(*bodies(1))
    downloads = await depot.run(depot.make_lane(), MediaChoice(()))
    assert not downloads.is_wanted
    assert (depot.files.limits_asked, depot.files.located, depot.files.parts) == (0, [], [])
    assert state_of(depot, key) == FileState("skipped", "not selected")


async def test_without_a_lane_nothing_is_downloaded_nor_counted(depot: Depot) -> None:
    await depot.add(*bodies(1))
    downloads = await depot.run(None)
    assert (downloads.is_wanted, downloads.is_busy, downloads.error) == (False, False, None)
    report = RunReport(1, "0", "", chats=[ChatReport(depot.chat.id, "Team chat")])
    before = report.chats[0].media
    await downloads.count(report)
    assert report.chats[0].media == before


async def test_downloads_are_busy_until_the_last_file_of_what_was_handed_over_is_here(depot: Depot) -> None:
    await depot.add(*bodies(2))
    downloads = Downloads(depot.make_lane(), MediaChoice())
    busy = [downloads.is_busy]
    async with downloads.running():
        downloads.hand_over(depot.chat)
        downloads.hand_over(depot.chat)
        busy.append(downloads.is_busy)
        assert not depot.files.parts
    assert [*busy, downloads.is_busy] == [False, True, False]
    assert (await depot.tally()).done == 2


async def test_a_run_that_fails_beside_its_downloads_fails_with_its_own_error(depot: Depot) -> None:
    await depot.add(*bodies(20, MIB))
    downloads = Downloads(depot.make_lane(), MediaChoice())

    async def fail_beside() -> None:
        async with downloads.running():
            downloads.hand_over(depot.chat)
            await depot.files.under_way.wait()
            raise ServerError("A reason of its own.")

    with pytest.raises(ServerError, match="of its own"):
        await fail_beside()
    assert (await depot.tally()).wanted


async def test_the_report_says_of_each_chat_what_became_of_its_files(depot: Depot) -> None:
    _, bad = await depot.add(*bodies(2))
    depot.files.held[bad].refusal = FileUnavailable("refused by Telegram (X)")
    downloads = await depot.run(depot.make_lane())
    report = RunReport(
        1, "0", "now", chats=[ChatReport(depot.chat.id, "Team chat", account=depot.chat.account)]
    )
    await downloads.count(report)
    assert report.chats[0].media == MediaTally(done=1, done_bytes=5000, failed={"refused by Telegram (X)": 1})
