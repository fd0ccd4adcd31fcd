"""Files of a world over real sockets: their bytes, the rules of asking for them, references and counts."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.tl import functions, types

from simulator.protocol_world import connected, logged_in
from simulator.visitors import history, visiting
from tobs._util.clock import ManualClock
from tobs.simulator.contents import HASHED_BYTES, Content
from tobs.simulator.corpus import files, people
from tobs.simulator.corpus.media_club import build_media
from tobs.simulator.logs import message_at
from tobs.simulator.process import SimulatorProcess
from tobs.simulator.server import Simulator
from tobs.simulator.shelf import Shelf, find_files
from tobs.simulator.world import WORLDS, World

MIB = 1 << 20
CLUB = "media_club_demo"


@pytest.fixture(scope="module")
def club() -> World:
    return build_media(1, 40, dcs=(2,))


@pytest.fixture(scope="module")
def large() -> World:
    return build_media(1, 3, file_bytes=5 * MIB + 777, dcs=(2,))


@pytest.fixture
async def visit(large: World) -> AsyncIterator[tuple[TelegramClient, Simulator]]:
    async with visiting(large) as (client, simulator):
        yield client, simulator


def place_of(document: Any, part: str = "", **changes: Any) -> Any:
    """Return the location of a document, something about it wrong if wanted."""
    fields = {"id": document.id, "access_hash": document.access_hash, "thumb_size": part}
    fields["file_reference"] = document.file_reference
    return types.InputDocumentFileLocation(**{**fields, **changes})


def part(location: Any, offset: int = 0, limit: int = 4096, **flags: Any) -> Any:
    return functions.upload.GetFileRequest(location, offset, limit, **flags)


async def first_document(client: TelegramClient, chat: str = CLUB) -> Any:
    [message] = await client.get_messages(chat, limit=1)
    return message.media.document


def whole(world: World, document: Any) -> bytes:
    """Return what a document holds, from the server's own books."""
    shelf = Shelf(world)
    stored = shelf.find(document.id)
    assert stored is not None
    return shelf.open(stored, "").read(0, 1 << 40)


async def test_telethon_downloads_every_kind_as_long_as_it_was_announced(club: World) -> None:
    async with visiting(club) as (client, simulator):
        async for message in client.iter_messages(CLUB):
            data = await client.download_media(message, bytes)
            assert len(data) == message.file.size
            medium = message.photo or message.document
            assert simulator.downloads.bytes_of(medium.id) == len(data)


async def test_the_same_file_is_the_same_bytes_and_another_one_is_not(club: World) -> None:
    async with visiting(club) as (client, _):
        messages = await client.get_messages(CLUB, limit=20)
        first = [await client.download_media(message, bytes) for message in messages]
        again = [await client.download_media(message, bytes) for message in messages]
    assert first == again
    assert len(set(first)) == 20


async def test_every_file_of_the_gallery_can_be_asked_for() -> None:
    world = WORLDS["everything"](1, 50)
    found = {
        each.id: each
        for chat in world.chats
        for rank in range(len(chat.log))
        for each in find_files(message_at(chat.log, rank))
    }
    assert len(found) > 100
    async with visiting(world) as (client, _):
        for each in found.values():
            is_photo = isinstance(each, types.Photo)
            kind = types.InputPhotoFileLocation if is_photo else types.InputDocumentFileLocation
            size = each.sizes[-1].type if is_photo else ""
            announced = each.sizes[-1].sizes[-1] if is_photo else each.size
            location = kind(each.id, each.access_hash, each.file_reference, size)
            answer = await client(part(location))
            assert len(answer.bytes) == min(4096, announced)


async def test_thumbnails_and_sizes_are_files_of_their_own() -> None:
    async with visiting(build_media(1, 8, dcs=(2,))) as (client, simulator):
        messages = await client.get_messages(CLUB, limit=8)
        photo = next(message.photo for message in messages if message.photo)
        video = next(message for message in messages if message.video and message.document.thumbs)
        small = await client.download_media(photo, bytes, thumb="m")
        thumb = await client.download_media(video, bytes, thumb="m")
    sizes = {size.type: size for size in photo.sizes}
    assert (len(small), len(thumb)) == (sizes["m"].size, 9_214)
    assert simulator.downloads.sent[photo.id, "m"] == len(small)
    assert (photo.id, "y") not in simulator.downloads.sent


@pytest.mark.parametrize(
    ("offset", "limit", "precise", "refusal"),
    [
        (0, MIB, False, None),
        (4096, 4096, False, None),
        (512 << 10, 512 << 10, False, None),
        (1024, 4096, False, "OFFSET_INVALID"),
        (-4096, 4096, False, "OFFSET_INVALID"),
        (0, 1024, False, "LIMIT_INVALID"),
        (0, 0, False, "LIMIT_INVALID"),
        (0, 12 << 10, False, "LIMIT_INVALID"),
        (0, 2 * MIB, False, "LIMIT_INVALID"),
        (MIB - 4096, 8192, False, "LIMIT_INVALID"),
        (1024, 1024, True, None),
        (0, 12 << 10, True, None),
        (1000, 1024, True, "OFFSET_INVALID"),
        (0, 1000, True, "LIMIT_INVALID"),
        (0, MIB + 1024, True, "LIMIT_INVALID"),
        (MIB - 1024, 2048, True, "LIMIT_INVALID"),
    ],
)
async def test_offset_and_limit_keep_to_the_rules(
    visit: tuple[TelegramClient, Simulator], offset: int, limit: int, precise: bool, refusal: str | None
) -> None:
    client, _ = visit
    request = part(place_of(await first_document(client)), offset, limit, precise=precise)
    if refusal is None:
        assert len((await client(request)).bytes) == limit
    else:
        with pytest.raises(errors.BadRequestError) as caught:
            await client(request)
        assert type(caught.value).__name__ == refusal.title().replace("_", "") + "Error"


async def test_beyond_the_end_come_no_bytes(visit: tuple[TelegramClient, Simulator]) -> None:
    client, _ = visit
    location = place_of(await first_document(client))
    assert len((await client(part(location, 5 * MIB, MIB))).bytes) == 777
    assert (await client(part(location, 6 * MIB, MIB))).bytes == b""
    assert (await client(part(location, 1 << 40, MIB))).bytes == b""


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda each: place_of(each, id=77), errors.FileIdInvalidError),
        (lambda each: place_of(each, access_hash=1), errors.FileIdInvalidError),
        (lambda each: place_of(each, thumb_size="z"), errors.LocationInvalidError),
        (lambda each: place_of(each, file_reference=b""), errors.FileReferenceEmptyError),
        (lambda each: place_of(each, file_reference=b"\x01" + bytes(20)), errors.FileReferenceInvalidError),
        (
            lambda each: types.InputPhotoFileLocation(each.id, each.access_hash, each.file_reference, ""),
            errors.FileIdInvalidError,
        ),
        (lambda _: types.InputTakeoutFileLocation(), errors.LocationInvalidError),
    ],
)
async def test_a_wrong_location_is_refused(
    visit: tuple[TelegramClient, Simulator], spoil: Callable[[Any], Any], error: type[Exception]
) -> None:
    client, _ = visit
    document = await first_document(client)
    with pytest.raises(error):
        await client(part(spoil(document)))


async def test_the_hashes_of_all_pieces_can_be_learned_in_steps(
    visit: tuple[TelegramClient, Simulator], large: World
) -> None:
    client, _ = visit
    document = await first_document(client)
    data = whole(large, document)
    known: list[Any] = []
    while step := await client(
        functions.upload.GetFileHashesRequest(place_of(document), len(known) * HASHED_BYTES)
    ):
        known += step
    assert [each.offset for each in known] == list(range(0, len(data), HASHED_BYTES))
    for each in known:
        assert each.hash == hashlib.sha256(data[each.offset : each.offset + each.limit]).digest()
    assert sum(each.limit for each in known) == len(data)
    [middle, *_] = await client(functions.upload.GetFileHashesRequest(place_of(document), HASHED_BYTES + 5))
    assert middle.offset == HASHED_BYTES


async def test_a_reference_holds_for_two_hours_and_messages_bring_the_next_one(large: World) -> None:
    clock = ManualClock(1_790_000_000)
    async with visiting(large, clock=clock) as (client, simulator):
        old = await first_document(client)
        clock.advance(7_199)
        assert await client(part(place_of(old)))
        clock.advance(1)
        with pytest.raises(errors.FileReferenceExpiredError):
            await client(part(place_of(old)))
        fresh = await first_document(client)
        assert (fresh.id, fresh.file_reference != old.file_reference) == (old.id, True)
        assert await client(part(place_of(fresh)))
        by_search = await client.get_messages(
            CLUB, limit=1, search="", filter=types.InputMessagesFilterDocument
        )
        assert by_search[0].document.file_reference == fresh.file_reference
        clock.advance(7_200)
        simulator.references.refusal = "FILE_REFERENCE_0_EXPIRED"
        with pytest.raises(errors.RPCError, match="FILE_REFERENCE_0_EXPIRED"):
            await client(part(place_of(fresh)))


async def test_the_reference_of_one_file_can_be_let_expire(large: World) -> None:
    async with visiting(large) as (client, simulator):
        struck, spared = [message.document for message in await client.get_messages(CLUB, limit=2)]
        simulator.references.expire(struck.id)
        assert await client(part(place_of(spared)))
        with pytest.raises(errors.FileReferenceExpiredError):
            await client(part(place_of(struck)))
        [again] = await client.get_messages(CLUB, limit=1)
        assert await client(part(place_of(again.document)))


async def test_telethon_gets_over_an_expired_reference_by_itself(large: World) -> None:
    async with visiting(large) as (client, simulator):
        [message] = await client.get_messages(CLUB, limit=1)
        simulator.references.expire()
        assert await client.download_media(message, bytes) == whole(large, message.document)


async def test_a_message_that_arrives_later_brings_a_file_that_is_there() -> None:
    world = build_media(1, 3, dcs=(2,))
    async with visiting(world) as (client, _):
        await client.download_media((await client.get_messages(CLUB, limit=1))[0], bytes)
        chat = next(chat for chat in world.chats if chat.username == CLUB)
        world.add_message(chat.marked, media=files.voice("news"), sender=people.ANNA)
        [news] = await client.get_messages(CLUB, limit=1)
        assert len(await client.download_media(news, bytes)) == news.file.size


async def test_literal_bytes_same_bytes_and_wrong_sizes_can_be_given() -> None:
    world = build_media(1, 4, file_bytes=9_000, dcs=(2,))
    async with visiting(world) as (client, _):
        messages = await client.get_messages(CLUB, limit=4)
        given, copy, long, short = [message.document for message in messages]
        world.contents.give(given.id, b"OggS, say")
        world.contents.share(copy.id, given.id)
        world.contents.resize(long.id, 9_500)
        world.contents.resize(short.id, 10)
        got = [(await client(part(place_of(each), 0, MIB))).bytes for each in (given, copy, long, short)]
    assert got[:2] == [b"OggS, say"] * 2
    assert [len(each) for each in got[2:]] == [9_500, 10]


async def test_a_profile_shows_its_photo_without_a_reference(club: World) -> None:
    async with visiting(club) as (client, _):
        await client.get_dialogs()
        big = await client.download_profile_photo("anna_kw", bytes)
        small = await client.download_profile_photo("anna_kw", bytes, download_big=False)
        chat = await client.download_profile_photo(CLUB, bytes)
        wrong = types.InputPeerPhotoFileLocation(types.InputPeerSelf(), 77)
        with pytest.raises(errors.LocationInvalidError):
            await client(part(wrong))
    assert big[:2] == small[:2] == chat[:2] == b"\xff\xd8"
    assert len(small) < len(big) != chat


async def test_every_request_is_counted_by_file_and_place(visit: tuple[TelegramClient, Simulator]) -> None:
    client, simulator = visit
    document = await first_document(client)
    for offset in (0, MIB, MIB):
        await client(part(place_of(document), offset, MIB))
    with pytest.raises(errors.LimitInvalidError):
        await client(part(place_of(document), 0, 7))
    downloads = simulator.downloads
    assert (downloads.asked[document.id, "", 0], downloads.asked[document.id, "", MIB]) == (2, 2)
    assert downloads.requests_of(document.id) == 4
    assert downloads.bytes_of(document.id) == downloads.total_bytes == 3 * MIB


async def test_a_takeout_gives_files_but_none_of_a_protected_chat(club: World) -> None:
    sealed = build_media(1, 4, dcs=(2,))
    for chat in sealed.chats:
        chat.protected = True
    for world, is_given in ((club, True), (sealed, False)):
        async with visiting(world) as (client, _):
            found = await client(history(await client.get_input_entity(CLUB), limit=8))
            document = next(each.media.document for each in found.messages if hasattr(each.media, "document"))
            async with client.takeout(files=True, max_file_size=MIB) as takeout:
                if is_given:
                    assert (await takeout(part(place_of(document)))).bytes
                else:
                    with pytest.raises(errors.RPCError, match="TAKEOUT_FILE_EMPTY"):
                        await takeout(part(place_of(document)))
            assert (await client(part(place_of(document)))).bytes


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_reposts_are_as_many_as_wanted_half_of_them_under_another_id(share: float) -> None:
    world = build_media(1, 200, file_bytes=1_000, reposts=share)
    shelf = Shelf(world)
    [chat] = [chat for chat in world.chats if chat.username == CLUB]
    ids = [message_at(chat.log, rank).media.document.id for rank in range(200)]
    stored = [shelf.find(each) for each in ids]
    bodies = {shelf.open(each, "").read(0, 1_000) for each in stored if each}
    assert len(bodies) == 200 - int(200 * share)
    assert len(set(ids)) - len(bodies) == int(200 * share) // 2


def test_any_slice_of_a_huge_file_is_itself_and_no_other() -> None:
    huge = Content("huge", 4_100_000_000)
    pieces = [huge.read(start, start + HASHED_BYTES) for start in range(0, 4 * MIB, HASHED_BYTES)]
    assert len({hash(each) for each in pieces}) == len(pieces)
    assert b"".join(pieces) == huge.read(0, 4 * MIB)
    assert huge.read(4_000_000_123, 4_000_200_000) == huge.read(4_000_000_000, 4_000_300_000)[123:200_000]
    assert len(huge.read(4_099_999_990, 1 << 40)) == 10


async def test_a_server_in_a_process_of_its_own_gives_files_of_a_wanted_size_and_counts_their_bytes() -> None:
    with SimulatorProcess("media", messages=2, file_bytes=5_000, line_rate=50e6) as process:
        async with connected(process) as client:
            await logged_in(client, process.accounts[0])
            [message] = await client.get_messages(CLUB, limit=1)
            assert len(await client.download_media(message, bytes)) == 5_000
    assert process.statistics.file_bytes == 5_000
