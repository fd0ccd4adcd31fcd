"""Files get other places whole, in the cheapest way there is, and never lose what stood there before."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tobs._util.pool import Pool
from tobs.media import transfer
from tobs.media.transfer import Transfer, TransferOptions

SMALL = TransferOptions(min_size_bytes=1000, chunk_bytes=100_000)
BODY = os.urandom(350_001)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.bin"
    path.write_bytes(BODY)
    return path


def refuse(*_: object) -> None:
    raise OSError(errno.EOPNOTSUPP, "not here")


@pytest.fixture
def no_reflink(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filesystem without shared blocks, as most are."""
    monkeypatch.setattr(transfer, "_clone", refuse)


@pytest.mark.usefixtures("no_reflink")
async def test_the_system_copies_what_is_large_in_several_chunks(source: Path, pool: Pool) -> None:
    target = source.with_name("deep") / "target.bin"
    assert await Transfer(SMALL, pool).place(source, target) == "copy_file_range"
    assert target.read_bytes() == BODY == source.read_bytes()
    assert not target.samefile(source)


@pytest.mark.usefixtures("no_reflink")
@pytest.mark.parametrize(
    "options", [TransferOptions(), TransferOptions(is_enabled=False, min_size_bytes=0)], ids=["small", "off"]
)
async def test_what_is_small_or_switched_off_is_copied_in_blocks(
    options: TransferOptions, source: Path, pool: Pool
) -> None:
    target = source.with_name("target.bin")
    assert await Transfer(options, pool).place(source, target) == "blocks"
    assert target.read_bytes() == BODY


@pytest.mark.usefixtures("no_reflink")
async def test_a_kernel_that_cannot_is_asked_for_the_next_best(
    source: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Transfer(SMALL, pool)
    monkeypatch.setattr(transfer, "_copy_range", refuse)
    assert await made.place(source, source.with_name("one")) == "sendfile"
    monkeypatch.setattr(transfer, "_send", refuse)
    assert await made.place(source, source.with_name("two")) == "blocks"
    assert source.with_name("one").read_bytes() == source.with_name("two").read_bytes() == BODY


@pytest.mark.usefixtures("no_reflink")
async def test_a_filesystem_that_says_nothing_and_does_nothing_is_noticed(
    source: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_copy_range", lambda *_: 0)
    target = source.with_name("target.bin")
    assert await Transfer(SMALL, pool).place(source, target) == "sendfile"
    assert target.read_bytes() == BODY


@pytest.mark.usefixtures("no_reflink")
async def test_where_asked_both_places_are_one_file(source: Path, pool: Pool) -> None:
    target = source.with_name("target.bin")
    target.write_bytes(b"old")
    made = Transfer(SMALL, pool)
    assert await made.place(source, target, may_link=True) == "hardlink"
    assert target.samefile(source)
    # Once more, where a rename onto itself does nothing.
    assert await made.place(source, target, may_link=True) == "hardlink"
    assert sorted(each.name for each in source.parent.iterdir()) == ["source.bin", "target.bin"]


async def test_where_the_filesystem_shares_blocks_nothing_is_copied(
    source: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Few filesystems can; the order is what is looked at here.
    monkeypatch.setattr(transfer, "_clone", lambda one, other: other.write_bytes(one.read_bytes()))
    assert await Transfer(SMALL, pool).place(source, source.with_name("x"), may_link=True) == "reflink"


@pytest.mark.usefixtures("no_reflink")
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
async def test_a_copy_that_fails_leaves_the_old_file_and_nothing_else(
    error: int, source: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_source: Path, target: Path, *_: int) -> int:
        target.write_bytes(b"half")
        raise OSError(error, "no")

    monkeypatch.setattr(transfer, "_copy_range", fail)
    target = source.with_name("target.bin")
    target.write_bytes(b"old")
    with pytest.raises(OSError, match="no"):
        await Transfer(SMALL, pool).place(source, target)
    assert target.read_bytes() == b"old"
    assert sorted(each.name for each in source.parent.iterdir()) == ["source.bin", "target.bin"]


@pytest.mark.usefixtures("no_reflink")
async def test_a_copy_that_is_too_short_is_noticed_unless_that_is_switched_off(
    source: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_short(_source: Path, target: Path, start: int, _count: int) -> int:
        if not start:
            target.write_bytes(b"short")
        return 0 if start else 5

    monkeypatch.setattr(transfer, "_copy_range", stop_short)
    target = source.with_name("target.bin")
    with pytest.raises(OSError, match="350001 bytes expected, but 5 are on disk"):
        await Transfer(SMALL, pool).place(source, target)
    assert not target.exists()
    trusting = TransferOptions(min_size_bytes=0, is_verified=False)
    assert await Transfer(trusting, pool).place(source, target) == "copy_file_range"


async def test_an_empty_file_gets_its_place(tmp_path: Path, pool: Pool) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    await Transfer(TransferOptions(min_size_bytes=0), pool).place(empty, tmp_path / "other")
    assert (tmp_path / "other").stat().st_size == 0


async def test_a_move_is_a_rename(source: Path, pool: Pool) -> None:
    target = source.with_name("deep") / "target.bin"
    number = source.stat().st_ino
    assert await Transfer(SMALL, pool).move(source, target) == "rename"
    assert (target.stat().st_ino, source.exists()) == (number, False)


@pytest.mark.usefixtures("no_reflink")
async def test_a_move_to_another_filesystem_is_a_copy_and_then_a_removal(
    source: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def far(*_: object) -> None:
        raise OSError(errno.EXDEV, "another filesystem")

    monkeypatch.setattr(transfer, "_rename", far)
    target = source.with_name("target.bin")
    assert await Transfer(SMALL, pool).move(source, target) == "copy_file_range"
    assert (target.read_bytes(), source.exists()) == (BODY, False)
