"""Files of Telegram: where they are now, their parts, and what the server says their parts hash to.

https://core.telegram.org/api/files and https://core.telegram.org/api/file-references: a file is asked for by an
address that expires and that only a message (or whatever else shows it) renews. So addresses are never stored:
messages are asked for them just before the download, a hundred at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from telethon import functions
from telethon.tl import types as tl
from telethon.tl.tlobject import TLObject

from tobs.core.model import Chat
from tobs.core.ports.files import FileKey, FileLimits, FilePart, Located, Origin, PartHash
from tobs.errors import FileUnavailable, NoAccess, ServerError, StaleReference
from tobs.telegram import faults
from tobs.telegram.answers import read_answer
from tobs.telegram.appconfig import read_numbers
from tobs.telegram.centres import DataCentres
from tobs.telegram.client import Client, RawAnswer
from tobs.telegram.documents import choose_size
from tobs.telegram.history import TelegramSource

_AT_ONCE = 100
_MOST_MOVES = 3

_GONE = "not in its message any more"
_PAGES = (
    tl.messages.Messages,
    tl.messages.MessagesSlice,
    tl.messages.ChannelMessages,
)


class TelegramFiles:
    """Implements core.ports.files.FileSource for one account."""

    def __init__(self, client: Client, source: TelegramSource, centres: DataCentres) -> None:
        self._client = client
        self._source = source
        self._centres = centres

    async def read_limits(self) -> FileLimits:
        """Return how many files may be downloaded at once (https://core.telegram.org/api/config)."""
        answer = await self._client.send(
            functions.help.GetAppConfigRequest(hash=0), "the limits of downloads"
        )
        said = read_numbers(answer)
        known = FileLimits()
        return FileLimits(
            max(1, said.get("small_queue_max_active_operations_count", known.small)),
            max(1, said.get("large_queue_max_active_operations_count", known.large)),
        )

    async def locate(
        self, wanted: Iterable[tuple[FileKey, Origin]]
    ) -> dict[FileKey, Located | FileUnavailable]:
        """Return for each file where it is now, or why it cannot be had."""
        found: dict[FileKey, Located | FileUnavailable] = {}
        chats: dict[tuple[int, int], Chat] = {}
        asked: defaultdict[tuple[int, int], defaultdict[int, set[FileKey]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for key, origin in wanted:
            chats[origin.chat.key] = origin.chat
            asked[origin.chat.key][origin.message_id].add(key)
        for chat_key, keys in asked.items():
            ids = sorted(keys)
            for at in range(0, len(ids), _AT_ONCE):
                batch = ids[at : at + _AT_ONCE]
                gone, shown = FileUnavailable(_GONE, is_lasting=True), dict[FileKey, Located]()
                try:
                    shown = await self._read_messages(chats[chat_key], batch)
                except FileUnavailable as error:
                    gone = error
                found |= {key: shown.get(key, gone) for each in batch for key in keys[each]}
        return found

    async def read_part(self, located: Located, offset: int, limit: int) -> FilePart:
        """Return a part of a file."""
        request = functions.upload.GetFileRequest(located.address, offset=offset, limit=limit)
        answer = await self._ask(located, request)
        found = _read(answer.raw, located, (tl.upload.File, tl.upload.FileCdnRedirect))
        if isinstance(found, tl.upload.FileCdnRedirect):
            # We do not say that we could follow one (https://core.telegram.org/cdn), so none should come.
            raise FileUnavailable("kept by Telegram where tobs does not go (a CDN)")
        return FilePart(found.bytes, answer.sent_at, answer.latency_seconds, answer.told_waits)

    async def list_hashes(self, located: Located, offset: int) -> list[PartHash]:
        """Return the server's hashes of the parts from `offset` on."""
        request = functions.upload.GetFileHashesRequest(located.address, offset)
        answer = await self._ask(located, request, is_optional=True)
        hashes = _read(answer.raw, located, list)
        return [PartHash(each.offset, each.limit, bytes(each.hash)) for each in hashes]

    async def _ask(self, located: Located, request: Any, *, is_optional: bool = False) -> RawAnswer:
        """Ask the data centre that has the file, and follow it when it has moved."""
        for _ in range(_MOST_MOVES):
            try:
                return await self._centres.send_raw(
                    located.centre, request, _name(located), is_optional=is_optional
                )
            except faults.FILE_MOVED as error:
                located.centre = error.new_dc
            except ServerError as error:
                raise _explain(error) from error
        raise FileUnavailable("sent from one data centre to the next by Telegram")

    async def _read_messages(self, chat: Chat, ids: list[int]) -> dict[FileKey, Located]:
        """Return all files that messages show. Raises FileUnavailable for what ends the asking in this chat."""
        try:
            page = await self._source.fetch_by_id(chat, ids)
            answer = read_answer(page.raw, _PAGES, f"answer about messages of {chat.title}")
        except (NoAccess, ServerError) as error:
            raise FileUnavailable(f"its message cannot be read any more: {error}") from error
        return {each.key: each for each in _list_files(answer.messages)}


def _name(located: Located) -> str:
    return f"a {located.key.kind}"


def _read(raw: bytes, located: Located, kind: Any) -> Any:
    """Return what an answer about a file is. Raises FileUnavailable for what is none."""
    try:
        return read_answer(raw, kind, f"answer about {_name(located)}")
    except ServerError as error:
        raise FileUnavailable(str(error)) from error


def _explain(error: ServerError) -> FileUnavailable:
    name = faults.name_refusal(error)
    if name.startswith("FILE_REFERENCE_"):
        return StaleReference("its address has expired")
    return (
        FileUnavailable(f"refused by Telegram ({name})", is_lasting=True)
        if name
        else FileUnavailable(str(error))
    )


def _list_files(value: Any) -> Iterator[Located]:
    """Yield the photos and documents in an object of Telegram's, wherever in it they are."""
    if isinstance(value, list):
        for each in value:
            yield from _list_files(each)
    elif isinstance(value, tl.Photo):
        size_bytes, kind = choose_size(value.sizes)
        address = tl.InputPhotoFileLocation(value.id, value.access_hash, value.file_reference, kind)
        yield Located(FileKey("photo", value.id), size_bytes, value.dc_id, address)
    elif isinstance(value, tl.Document):
        address = tl.InputDocumentFileLocation(value.id, value.access_hash, value.file_reference, "")
        yield Located(FileKey("document", value.id), value.size, value.dc_id, address)
    elif isinstance(value, TLObject) or hasattr(value, "CONSTRUCTOR_ID"):
        for each in vars(value).values():
            yield from _list_files(each)
