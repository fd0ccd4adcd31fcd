"""Partial files: parts in any order, kills at any write, power cuts, full disks."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tobs._util.atomic import PREFIX
from tobs._util.pool import Pool
from tobs._util.priority import TaskPriority
from tobs.core.ports.files import FileKey, PartHash
from tobs.core.ports.media import Finished, StoredContent
from tobs.core.ranges import Range
from tobs.errors import DiskFull
from tobs.media import partial as partial_module
from tobs.media.partial import journal_path
from tobs.media.store import DiskStore

T = TypeVar("T")
KEY = FileKey("document", 7)
PART = 10


class Inline(Pool):
    """A pool that works in the caller's thread: hypothesis starts hundreds."""

    def __init__(self) -> None:
        """Start no thread."""

    async def run(
        self, work: Callable[..., T], *args: Any, priority: TaskPriority = TaskPriority.NORMAL
    ) -> T:
        await asyncio.sleep(0)
        return work(*args)


def make_store(output: Path, *, boot: str = "one", min_free_bytes: int = 0) -> DiskStore:
    (output / ".tobs" / "partial").mkdir(parents=True, exist_ok=True)
    return DiskStore(output, Inline(), boot=boot, min_free_bytes=min_free_bytes)


def content(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


def whole(body: bytes) -> Finished:
    return Finished(hashlib.sha256(body).hexdigest(), len(body))


async def fill(store: DiskStore, body: bytes, spans: list[Range] | None = None) -> Finished:
    """Write what is missing, in this order if one is given, and finish."""
    partial = await store.open(KEY, len(body))
    try:
        for span in spans or partial.missing(PART):
            await partial.write(span.low, body[span.low : span.high + 1])
        return await partial.finish()
    finally:
        await partial.close()


def cut(size: int) -> list[Range]:
    return [Range(low, min(low + PART, size) - 1) for low in range(0, size, PART)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.randoms(use_true_random=False), st.integers(0, 60))
def test_parts_in_any_order_make_the_file(size: int, random: Any, window: int) -> None:
    body, spans = content(size), cut(size)
    random.shuffle(spans)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(partial_module, "_WINDOW_BYTES", window)
        store = make_store(Path(folder))
        assert asyncio.run(fill(store, body, spans)) == whole(body)
        assert store.find_whole(KEY).read_bytes() == body
        assert asyncio.run(fill(store, body)) == whole(body)  # a kill before anybody heard of it


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.randoms(use_true_random=False), st.data())
def test_a_kill_at_any_byte_costs_no_more_than_the_part_that_it_hit(
    size: int, random: Any, data: st.DataObject
) -> None:
    body, spans = content(size), cut(size)
    random.shuffle(spans)
    done = data.draw(st.integers(0, len(spans)))
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))

        async def begin() -> None:
            partial = await store.open(KEY, size)
            for span in spans[:done]:
                await partial.write(span.low, body[span.low : span.high + 1])
            await partial.close()

        asyncio.run(begin())
        journal = journal_path(store.find_whole(KEY))
        before = journal.read_bytes()
        kept = data.draw(st.integers(0, len(before)))
        journal.write_bytes(before[:kept])
        written = before[:kept].decode().rpartition("\n")[0].split("\n")[2:]
        said = {int(line.split()[0]) for line in written if line[0].isdigit()}

        async def go_on() -> None:
            partial = await store.open(KEY, size)
            assert {each.low for each in partial.missing(PART)} == {each.low for each in spans} - said
            await partial.close()

        asyncio.run(go_on())
        assert asyncio.run(fill(store, body)) == whole(body)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 9), max_size=10), st.lists(st.integers(0, 9), max_size=10), st.binary(max_size=20)
)
def test_a_power_cut_takes_what_was_not_made_durable_and_no_more(
    first: list[int], second: list[int], garbage: bytes
) -> None:
    body = content(100)
    with tempfile.TemporaryDirectory() as folder:

        async def work() -> Path:
            store = make_store(Path(folder))
            partial = await store.open(KEY, 100)
            for number in first:
                await partial.write(number * PART, body[number * PART :][:PART])
            await partial.close()
            partial = await store.open(KEY, 100)
            for number in second:
                await partial.write(number * PART, body[number * PART :][:PART])
            path = store.find_whole(KEY)
            # What is in no journal line before `synced` may be anything after the cut, and the end of the journal too.
            holes = [each for each in range(10) if each not in first]
            damaged = bytearray(path.read_bytes().ljust(100, b"\0"))
            for each in holes:
                damaged[each * PART : (each + 1) * PART] = b"\xff" * PART
            kept = journal_path(path).read_bytes()
            await partial.close()
            path.write_bytes(damaged)
            journal_path(path).write_bytes(kept + garbage)
            return path

        asyncio.run(work())
        assert asyncio.run(fill(make_store(Path(folder), boot="two"), body)) == whole(body)


async def test_a_killed_process_loses_no_part_that_it_had_written(tmp_path: Path) -> None:
    (tmp_path / ".tobs" / "partial").mkdir(parents=True)
    script = f"""
import asyncio, os, signal
from pathlib import Path
from tobs._util.pool import Pool
from tobs.core.ports.files import FileKey
from tobs.media.store import DiskStore

async def work():
    async with Pool(1) as pool:
        store = DiskStore(Path({str(tmp_path)!r}), pool, min_free_bytes=0)
        partial = await store.open(FileKey("document", 7), 40)
        await partial.write(20, b"c" * 10)
        await partial.write(0, b"a" * 10)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(work())
"""
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await killed.wait() == -signal.SIGKILL
    async with Pool(1) as pool:
        partial = await DiskStore(tmp_path, pool, min_free_bytes=0).open(KEY, 40)
        assert partial.missing(PART) == [Range(10, 19), Range(30, 39)]
        assert partial.missing(16) == [Range(10, 15), Range(16, 19), Range(30, 31), Range(32, 39)]
        await partial.close()


async def test_another_size_begins_anew(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await fill(store, content(50))
    partial = await store.open(KEY, 60)
    assert partial.missing(60) == [Range(0, 59)]
    await partial.close()
    assert store.find_whole(KEY).stat().st_size == 0


async def test_a_file_without_its_journal_or_cut_short_is_asked_for_again(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await fill(store, content(50))
    os.truncate(store.find_whole(KEY), 30)
    partial = await store.open(KEY, 50)
    assert partial.missing(PART)
    await partial.close()
    assert await fill(store, content(50)) == whole(content(50))
    journal_path(store.find_whole(KEY)).unlink()
    partial = await store.open(KEY, 50)
    assert partial.missing(100) == [Range(0, 49)]
    await partial.close()


async def test_parts_that_are_not_the_servers_are_missing_again(tmp_path: Path) -> None:
    store, body = make_store(tmp_path), content(40)
    spoiled = body[:10] + b"x" * 10 + body[20:]
    hashes = [PartHash(low, 20, hashlib.sha256(body[low : low + 20]).digest()) for low in (0, 20)]
    partial = await store.open(KEY, 40)
    for span in cut(40):
        await partial.write(span.low, spoiled[span.low : span.high + 1])
    assert await partial.find_bad(hashes) == [hashes[0]]
    assert partial.missing(100) == [Range(0, 19)]
    with pytest.raises(ValueError, match="20 bytes of document-7 are missing"):
        await partial.finish()
    await partial.close()
    partial = await store.open(KEY, 40)
    assert partial.missing(100) == [Range(0, 19)]
    await partial.write(0, body[:20])
    assert await partial.find_bad(hashes) == []
    assert await partial.finish() == whole(body)
    await partial.close()


async def test_a_part_that_does_not_lie_in_the_file_is_refused(tmp_path: Path) -> None:
    partial = await make_store(tmp_path).open(KEY, 40)
    with pytest.raises(ValueError, match="are not a part of"):
        await partial.write(35, b"x" * 10)
    await partial.close()


async def test_stored_bytes_are_compared_with_the_servers_hashes(tmp_path: Path) -> None:
    store, body = make_store(tmp_path), content(30)
    await fill(store, body)
    (tmp_path / "copy.bin").write_bytes(body)
    hashes = [
        PartHash(0, 20, hashlib.sha256(body[:20]).digest()),
        PartHash(20, 10, hashlib.sha256(body[20:]).digest()),
    ]
    assert await store.matches(StoredContent("", "", (KEY,)), hashes)
    assert await store.matches(StoredContent("", "copy.bin", (KEY,)), hashes)
    assert await store.matches(StoredContent("", "copy.bin", (KEY,)), hashes[:1])
    assert not await store.matches(
        StoredContent("", "copy.bin", (KEY,)), [hashes[0], hashes[1]._replace(sha256=b"x")]
    )
    assert not await store.matches(StoredContent("", "gone.bin", (KEY,)), hashes)


async def test_what_must_stay_free_stays_free_beside_what_is_still_to_come(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    await store.ensure_space(free // 2)
    growing = await store.open(KEY, free // 2)
    with pytest.raises(DiskFull, match=r"Only .* are free"):
        await store.ensure_space(free // 2 + (1 << 30))
    await growing.close()
    await store.ensure_space(free // 2)
    with pytest.raises(DiskFull, match="must stay so") as caught:
        await make_store(tmp_path, min_free_bytes=2 * free).open(KEY, 1)
    assert "MIN_FREE_SPACE" in caught.value.hint


async def test_leftovers_go_and_what_is_still_needed_stays(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    folder = tmp_path / ".tobs" / "partial"
    names = [
        "photo-1",
        "photo-1.journal",
        "document--2",
        "document-3",
        "document-3.journal",
        f"{PREFIX}1",
        "notes",
    ]
    for each in names:
        (folder / each).write_bytes(b"x")

    async def find_needed(keys: Any) -> set[FileKey]:
        return {FileKey("photo", 1), FileKey("document", -2)} & set(keys)

    await store.sweep(find_needed)
    assert sorted(each.name for each in folder.iterdir()) == ["document--2", "photo-1", "photo-1.journal"]
    await store.discard([FileKey("photo", 1), FileKey("photo", 9)])
    assert [each.name for each in folder.iterdir()] == ["document--2"]
