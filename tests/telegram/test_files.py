"""Files over real sockets: located by their messages, read where they are, and what is said when they cannot be had."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from telegram.desk import PART, connected, open_desk
from tobs.core.ports.files import Located, Origin, PartHash
from tobs.errors import FileUnavailable, SessionRevoked, StaleReference
from tobs.simulator.faults import Refusal
from tobs.simulator.file_faults import Corruption, Move, Redirection, ReferenceExpiry
from tobs.telegram.centres import MOST_CONNECTIONS
from tobs.telegram.session import AccountFolder


async def test_files_of_every_kind_come_as_the_server_has_them(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        found = await desk.files.locate(desk.wanted)
        assert {each.centre for each in found.values() if isinstance(each, Located)} == {2, 4}
        for key, located in found.items():
            assert isinstance(located, Located)
            assert await desk.read(located) == desk.kept(key)
        asked = desk.stage.simulator.counts
    assert asked["channels.getMessages"] == 1
    assert asked["auth.exportAuthorization"] == 1


async def test_the_key_of_a_data_centre_is_kept_for_the_next_run(tmp_path: Path) -> None:
    async with open_desk(tmp_path, dcs=(4,)) as desk:
        await desk.read(await desk.find())
        path = desk.stage.account_folder / "centres"
        assert path.stat().st_mode & 0o777 == 0o600
        async with connected(desk.stage) as later:
            await later.read(await later.find(1))
            assert desk.stage.simulator.counts["auth.exportAuthorization"] == 1


async def test_a_key_that_a_data_centre_has_forgotten_is_made_anew(tmp_path: Path) -> None:
    async with open_desk(tmp_path, dcs=(4,)) as desk:
        await desk.read(await desk.find())
        path = desk.stage.account_folder / "centres"
        keys = AccountFolder(desk.stage.account_folder).load_keys()
        kept = keys.find(4)
        assert kept
        path.write_bytes(path.read_bytes().replace(kept.key, bytes(256)))
        async with connected(desk.stage) as later:
            assert await later.read(await later.find(1)) == later.kept(later.wanted[1][0])
        assert desk.stage.simulator.counts["auth.exportAuthorization"] == 2


async def test_a_damaged_file_of_keys_costs_a_key_exchange_and_nothing_else(tmp_path: Path) -> None:
    async with open_desk(tmp_path, dcs=(4,)) as desk:
        (desk.stage.account_folder / "centres").write_bytes(b"\xc1 nonsense")
        async with connected(desk.stage) as later:
            assert await later.read(await later.find()) == later.kept(later.wanted[0][0])


async def test_many_parts_at_once_open_a_few_connections_and_no_more(tmp_path: Path) -> None:
    async with open_desk(tmp_path, messages=5, dcs=(4,)) as desk:
        video = await desk.find_large()
        assert video.size_bytes > 5 * PART
        offsets = [*range(0, video.size_bytes, PART)] * 12
        parts = await asyncio.gather(*[desk.files.read_part(video, each, PART) for each in offsets])
        lanes = desk.centres.counts["help.getConfig"]
    assert b"".join(each.data for each in parts[: len(parts) // 12]) == desk.kept(video.key)
    assert 1 < lanes <= MOST_CONNECTIONS


async def test_the_servers_hashes_are_those_of_its_parts(tmp_path: Path) -> None:
    async with open_desk(tmp_path, messages=5) as desk:
        video = await desk.find_large()
        data = await desk.read(video)
        hashes: list[PartHash] = []
        while sum(each.size_bytes for each in hashes) < video.size_bytes:
            hashes += await desk.files.list_hashes(video, sum(each.size_bytes for each in hashes))
    assert [each.sha256 for each in hashes] == [
        hashlib.sha256(data[each.offset : each.offset + each.size_bytes]).digest() for each in hashes
    ]


async def test_a_file_that_moved_is_followed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, Move(at=(1,), dc_id=4), dcs=(2,)) as desk:
        located = await desk.find()
        assert await desk.read(located) == desk.kept(located.key)
        assert located.centre == 4


async def test_an_expired_address_says_so_and_a_new_one_works(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ReferenceExpiry(at=(1,))) as desk:
        located = await desk.find()
        with pytest.raises(StaleReference):
            await desk.files.read_part(located, 0, PART)
        assert await desk.read(await desk.find()) == desk.kept(located.key)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            Refusal(400, "LOCATION_INVALID", methods=("upload.getFile",)),
            "refused by Telegram (LOCATION_INVALID)",
        ),
        (
            Refusal(400, "TAKEOUT_FILE_EMPTY", methods=("upload.getFile",)),
            "refused by Telegram (TAKEOUT_FILE_EMPTY)",
        ),
        (Redirection(), "a CDN"),
    ],
)
async def test_a_file_that_cannot_be_had_has_its_reason(tmp_path: Path, fault: Any, reason: str) -> None:
    async with open_desk(tmp_path, fault) as desk:
        with pytest.raises(FileUnavailable) as refused:
            await desk.files.read_part(await desk.find(), 0, PART)
    assert reason in str(refused.value)
    assert not isinstance(refused.value, StaleReference)


async def test_a_file_that_its_message_does_not_show_any_more_has_its_reason(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        [first, second, third, *_] = desk.wanted
        found = await desk.files.locate([(first[0], second[1]), (third[0], Origin(desk.chat, 999))])
    assert [str(each) for each in found.values()] == ["not in its message any more"] * 2


async def test_a_chat_that_cannot_be_read_any_more_is_the_reason_of_its_files(tmp_path: Path) -> None:
    fault = Refusal(400, "CHANNEL_PRIVATE", methods=("channels.getMessages",))
    async with open_desk(tmp_path, fault) as desk:
        found = await desk.files.locate(desk.wanted[:2])
    assert all("may not read" in str(each) for each in found.values())


async def test_a_revoked_session_is_no_fault_of_a_data_centre(tmp_path: Path) -> None:
    fault = Refusal(401, "AUTH_KEY_UNREGISTERED", methods=("upload.getFile", "auth.exportAuthorization"))
    async with open_desk(tmp_path, fault, dcs=(4,)) as desk:
        with pytest.raises(SessionRevoked):
            await desk.read(await desk.find())


async def test_the_limits_are_what_the_server_says(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        limits = await desk.files.read_limits()
    assert (limits.small, limits.large) == (5, 2)


async def test_a_byte_that_was_bent_on_the_way_is_told_by_the_hash(tmp_path: Path) -> None:
    async with open_desk(tmp_path, Corruption(at=(1,))) as desk:
        located = await desk.find(1)
        part = await desk.files.read_part(located, 0, PART)
        [first, *_] = await desk.files.list_hashes(located, 0)
    assert hashlib.sha256(part.data).digest() != first.sha256
