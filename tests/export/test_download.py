"""One file comes whole, once and proven, whatever happens on the way."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from export.depot import HASHED_BYTES, MIB, Depot, make_body, open_depot
from tobs.core.ports.files import FileKey, PartHash
from tobs.core.ranges import Range
from tobs.errors import DiskFull, FileUnavailable
from tobs.export.download import PART_BYTES, ROUNDS, choose_part
from tobs.export.remote import MOST_RENEWALS


@pytest.fixture
async def depot(tmp_path: Path) -> AsyncIterator[Depot]:
    async with open_depot(tmp_path / "export") as opened:
        yield opened


class Usage(NamedTuple):
    """What a disk says of itself."""

    free: int


def proof_of(depot: Depot, key: FileKey) -> tuple[str, str]:
    """Return a file's SHA-256 and by what it was proven, as anybody may ask with sqlite3."""
    with closing(sqlite3.connect(depot.folder.workshop.archive.path)) as connection:
        asked = "SELECT sha256, proof FROM files WHERE kind = ? AND id = ?"
        sha256, proof = connection.execute(asked, key).fetchone()
    return sha256, proof


@pytest.mark.parametrize("size_bytes", [1, 4096, 100_000, PART_BYTES, PART_BYTES + 1, 3 * MIB, 3 * MIB + 7])
async def test_a_file_comes_whole_whatever_its_size(depot: Depot, size_bytes: int) -> None:
    body = make_body(size_bytes)
    [key] = await depot.add(body)
    await depot.bring(key)
    assert depot.read(key) == body
    assert proof_of(depot, key) == (hashlib.sha256(body).hexdigest(), "size")
    part_bytes = choose_part(size_bytes)
    assert sorted(depot.files.asked_for(key.id)) == list(range(0, size_bytes + 1, part_bytes))
    assert not depot.store.has_open_files


async def test_files_that_begin_alike_are_downloaded_once_and_the_second_waits_for_the_first(
    depot: Depot,
) -> None:
    body = make_body(3 * MIB + 5)
    first, second = await depot.add(body, body)
    await depot.bring(first, second)
    assert depot.files.asked_for(second.id) == []
    assert sorted(depot.files.asked_for(first.id)) == [*range(0, 3 * MIB + 5, PART_BYTES)]
    assert proof_of(depot, second) == (hashlib.sha256(body).hexdigest(), "hashes")
    assert (await depot.tally()).done == 2


async def test_files_of_one_size_that_differ_are_both_downloaded(depot: Depot) -> None:
    first, second = await depot.add(make_body(MIB, 1), make_body(MIB, 2))
    await depot.bring(first, second)
    assert (depot.read(first), depot.read(second)) == (make_body(MIB, 1), make_body(MIB, 2))
    [key] = await depot.add(make_body(MIB, 3))
    await depot.bring(key)
    assert depot.read(key) == make_body(MIB, 3)
    assert proof_of(depot, key)[1] == "size"


async def test_files_that_differ_only_behind_the_first_hashes_are_both_downloaded(depot: Depot) -> None:
    body = make_body(2 * MIB)
    other = body[:-1] + bytes([body[-1] ^ 1])
    first, second = await depot.add(body, other)
    await depot.bring(first, second)
    assert (depot.read(first), depot.read(second)) == (body, other)


async def test_a_file_whose_twin_fails_is_downloaded_itself(depot: Depot) -> None:
    body = make_body(MIB)
    first, second = await depot.add(body, body)
    depot.files.held[first].body = body[:MIB] + b"more"
    depot.files.held[second].body = body
    with pytest.raises(FileUnavailable, match="longer than the 1,048,576 bytes"):
        await depot.bring(first, second)
    assert depot.read(second) == body


async def test_without_comparison_the_same_bytes_come_twice_and_no_hashes_are_asked_for(depot: Depot) -> None:
    body = make_body(MIB)
    keys = await depot.add(body, body)
    await depot.bring(*keys, downloader=depot.make_downloader(compares=False))
    assert [depot.read(each) for each in keys] == [body, body]
    assert depot.files.hashes_asked == []


async def test_an_expired_address_is_renewed_once_for_all_parts_in_flight(depot: Depot) -> None:
    body = make_body(8 * PART_BYTES - 1)
    [key] = await depot.add(body)
    depot.files.expired = {1}
    await depot.bring(key)
    assert depot.read(key) == body
    assert len(depot.files.located) == 2
    twice = [offset for offset, times in Counter(depot.files.asked_for(key.id)).items() if times == 2]
    assert twice == [0, PART_BYTES, 2 * PART_BYTES, 3 * PART_BYTES]


async def test_a_file_whose_address_expires_again_and_again_is_given_up(depot: Depot) -> None:
    [key] = await depot.add(make_body(100))
    depot.files.expired = range(1, 1000)
    with pytest.raises(FileUnavailable, match="expired again and again"):
        await depot.bring(key)
    assert len(depot.files.located) == 1 + MOST_RENEWALS
    assert not depot.store.has_open_files


async def test_a_file_that_has_another_size_when_its_address_is_renewed_is_not_mixed(depot: Depot) -> None:
    [key] = await depot.add(make_body(100))
    remote = await depot.find_remote(key)
    depot.files.expired, depot.files.held[key].announced = {1}, 101
    with pytest.raises(FileUnavailable, match="another size than before"):
        await depot.make_downloader().bring(remote)


@pytest.mark.parametrize(
    ("announced", "reason"),
    [
        (0, "without a size"),
        (MIB + 1, "shorter than the 1,048,577 bytes"),
        (MIB - 1, "longer than the 1,048,575 bytes"),
        (PART_BYTES, "longer than the 524,288 bytes"),
    ],
)
async def test_a_file_of_another_size_than_announced_says_so_and_is_no_file(
    depot: Depot, announced: int, reason: str
) -> None:
    [key] = await depot.add(make_body(MIB))
    depot.files.held[key].announced = announced
    with pytest.raises(FileUnavailable, match=reason):
        await depot.bring(key)
    assert (await depot.tally()).done == 0
    assert not depot.store.has_open_files


async def test_no_more_parts_are_in_memory_than_the_throttle_lets_through(depot: Depot) -> None:
    depot.files.crowd = 5
    keys = await depot.add(*(make_body(4 * MIB + each, each) for each in range(3)))
    await depot.bring(*keys, downloader=depot.make_downloader(most=5, start=5))
    assert depot.files.most_parts == 5


async def test_a_told_wait_halves_the_parts_in_flight(depot: Depot) -> None:
    [key] = await depot.add(make_body(24 * PART_BYTES - 1))
    depot.files.told_waits = {3}
    depot.files.crowd = 8
    await depot.bring(key, downloader=depot.make_downloader(most=8, start=8))
    assert depot.files.most_parts == 8
    # Each answer after it lets in a part of one more: 20 of them cannot make up for what was halved, but one by one do.
    assert 4 <= depot.throttle.limit < 8


async def test_hashes_are_asked_for_once_and_remembered_by_the_next_run(depot: Depot) -> None:
    [key] = await depot.add(make_body(3 * MIB))
    await depot.bring(key, downloader=depot.make_downloader(check="full"))
    assert depot.files.hashes_asked == [(key.id, 0), (key.id, MIB), (key.id, 2 * MIB)]
    assert proof_of(depot, key)[1] == "hashes"
    depot.cache.save()
    depot.cache.load()
    [again] = await depot.add(make_body(3 * MIB))
    await depot.bring(again)
    asked = [each for each in depot.files.hashes_asked if each[0] == key.id]
    assert asked == [(key.id, 0), (key.id, MIB), (key.id, 2 * MIB)]
    assert depot.files.asked_for(again.id) == []


async def test_a_server_that_gives_no_hashes_in_time_leaves_the_size_as_proof(depot: Depot) -> None:
    [key] = await depot.add(make_body(MIB))
    depot.files.is_mute = True
    await depot.bring(key, downloader=depot.make_downloader(check="full"))
    assert proof_of(depot, key)[1] == "size"
    assert (depot.cache.counters.api_calls, depot.cache.counters.api_failures) == (1, 1)


async def test_only_what_is_missing_of_an_interrupted_download_is_asked_for(depot: Depot) -> None:
    body = make_body(4 * PART_BYTES - 9)
    [key] = await depot.add(body)
    await depot.interrupt(key, Range(0, PART_BYTES - 1), Range(2 * PART_BYTES, 3 * PART_BYTES - 1))
    await depot.bring(key)
    assert sorted(depot.files.asked_for(key.id)) == [PART_BYTES, 3 * PART_BYTES]
    assert depot.read(key) == body
    assert proof_of(depot, key)[1] == "hashes"


@pytest.mark.parametrize("spoiled", [[0], [5 * HASHED_BYTES], [HASHED_BYTES, 7 * HASHED_BYTES + 3]])
async def test_bad_parts_of_an_interrupted_download_are_asked_for_again(
    depot: Depot, spoiled: list[int]
) -> None:
    body = make_body(4 * PART_BYTES - 9)
    [key] = await depot.add(body)
    await depot.interrupt(key, Range(0, 3 * PART_BYTES - 1), spoiled=spoiled)
    await depot.bring(key)
    assert depot.read(key) == body
    assert proof_of(depot, key) == (hashlib.sha256(body).hexdigest(), "hashes")
    again = {each // PART_BYTES for each in depot.files.asked_for(key.id)}
    assert again == {3, *(each // PART_BYTES for each in spoiled)}


@pytest.mark.parametrize("times", [1, ROUNDS - 1])
async def test_parts_that_come_damaged_are_asked_for_until_they_are_right(depot: Depot, times: int) -> None:
    body = make_body(MIB)
    [key] = await depot.add(body)
    depot.files.held[key].damage[3 * HASHED_BYTES] = times
    await depot.bring(key, downloader=depot.make_downloader(check="full"))
    assert depot.read(key) == body
    assert proof_of(depot, key)[1] == "hashes"


async def test_a_file_that_is_never_what_its_hashes_say_fails_after_some_rounds(depot: Depot) -> None:
    [key] = await depot.add(make_body(MIB))
    depot.files.held[key].damage[0] = 1000
    with pytest.raises(FileUnavailable, match="not the bytes that Telegram's own hashes tell"):
        await depot.bring(key, downloader=depot.make_downloader(check="full"))
    assert depot.files.asked_for(key.id).count(0) == 1 + ROUNDS
    assert (await depot.tally()).done == 0
    assert not depot.store.has_open_files


async def test_hashes_that_came_wrong_are_asked_for_anew_and_not_remembered(depot: Depot) -> None:
    body = make_body(MIB)
    [key] = await depot.add(body)
    depot.files.held[key].lies = 1
    await depot.bring(key, downloader=depot.make_downloader(check="full"))
    assert depot.read(key) == body
    assert proof_of(depot, key)[1] == "hashes"
    assert depot.files.asked_for(key.id).count(0) == 2


async def test_hashes_that_were_wrong_for_a_whole_run_fail_no_later_one(depot: Depot) -> None:
    body = make_body(MIB)
    [key] = await depot.add(body)
    depot.files.held[key].lies = ROUNDS
    with pytest.raises(FileUnavailable, match="own hashes"):
        await depot.bring(key, downloader=depot.make_downloader(check="full"))
    await depot.bring(key)
    assert depot.read(key) == body
    assert proof_of(depot, key)[1] == "hashes"


async def test_a_file_that_is_too_long_is_none_after_a_kill_before_its_last_answer(depot: Depot) -> None:
    body = make_body(2 * PART_BYTES)
    [key] = await depot.add(body)
    await depot.interrupt(key, Range(0, len(body) - 1))
    depot.files.held[key].body = body + b"more"
    with pytest.raises(FileUnavailable, match="longer than the 1,048,576 bytes"):
        await depot.bring(key)
    assert depot.files.asked_for(key.id) == [len(body)]


async def test_a_cancelled_download_leaves_no_file_open_and_goes_on_later(depot: Depot) -> None:
    body = make_body(6 * MIB)
    [key] = await depot.add(body)
    task = asyncio.create_task(depot.bring(key))
    await depot.files.under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not depot.store.has_open_files
    before = len(depot.files.parts)
    await depot.bring(key)
    assert depot.read(key) == body
    assert len(depot.files.parts) - before < 12


@pytest.mark.parametrize("is_full_at_once", [True, False])
async def test_a_disk_without_room_ends_a_download_and_closes_its_file(
    depot: Depot, monkeypatch: pytest.MonkeyPatch, *, is_full_at_once: bool
) -> None:
    body = make_body(4 * MIB)
    [key] = await depot.add(body)
    monkeypatch.setattr("tobs.media.partial._SYNC_BYTES", MIB)
    with monkeypatch.context() as disk:
        free = 0 if is_full_at_once else None

        def measure(path: Path) -> Usage:
            there = len(depot.files.parts)
            return Usage(free if free is not None else 1 << 40 if there < 4 else 0)

        disk.setattr("tobs.media.store.shutil.disk_usage", measure)
        with pytest.raises(DiskFull, match="must stay so"):
            await depot.bring(key)
    assert len(depot.files.parts) < 8
    assert bool(depot.files.parts) is not is_full_at_once
    assert not depot.store.has_open_files
    await depot.bring(key)
    assert depot.read(key) == body


async def test_remembered_hashes_are_those_of_the_whole_file(depot: Depot) -> None:
    body = make_body(MIB + 5)
    [key] = await depot.add(body)
    depot.make_downloader()
    remote = await depot.find_remote(key)
    first = await depot.hashes.peek(remote)
    whole = await depot.hashes.list_hashes(remote)
    assert first == whole[: len(first)]
    assert whole[-1] == PartHash(MIB, 5, hashlib.sha256(body[MIB:]).digest())
    assert await depot.hashes.list_hashes(remote) == whole
    assert depot.cache.counters.api_calls == 2
