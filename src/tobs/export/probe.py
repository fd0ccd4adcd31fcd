"""Asks Telegram about what the archive holds: how many messages there are, and single ids."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import islice, takewhile

from tobs.core.certificate import Asked
from tobs.core.ids import is_channel, is_group
from tobs.core.model import Chat, Decoded
from tobs.core.ports.proof import Checks, Lookup, Prover
from tobs.core.ports.services import Pool
from tobs.core.ports.source import Decoder, RawPage
from tobs.core.ranges import Range, merge_ranges
from tobs.errors import NoAccess
from tobs.export.horizon import HIDING
from tobs.export.isolate import IDS_PER_REQUEST, list_rest, name_unreadable
from tobs.export.process import refuse_foreign


class Prober:
    """Compares counts, and looks empty ids up one by one, for the chats given."""

    def __init__(self, lookup: Lookup, archive: Prover, checks: Checks, decoder: Decoder, pool: Pool) -> None:
        self._lookup = lookup
        self._archive = archive
        self._checks = checks
        self._decoder = decoder
        self._pool = pool

    async def ask_about(self, chat: Chat, *, limit: int) -> Asked | None:
        """Return what Telegram says about a chat; at most `limit` empty ids are looked up, newest first.

        Only a channel or supergroup has ids of its own: elsewhere an id may belong to another chat, so
        none is looked up. About a group that became a supergroup and cannot be read any more it is None.
        Raises what `Lookup` raises.
        """
        if not is_group(chat.id):  # a group's id is all of its address
            await self._lookup.find_chat(str(chat.id))
        try:
            asked = Asked(server_count=await self._lookup.count_messages(chat))
        except NoAccess:
            if chat.migrated_to:
                return None
            raise
        if not is_channel(chat.id) or not limit:
            return asked
        hidden = await self._lookup.find_hidden(chat) if chat.kind in HIDING else 0
        empty = await self._pool.run(lambda: list(islice(self._list_empty(chat, hidden), limit)))
        for start in range(0, len(empty), IDS_PER_REQUEST):
            await self._look_up(chat, empty[start : start + IDS_PER_REQUEST], asked)
        asked.unprobed = await self._pool.run(lambda: sum(1 for _ in self._list_empty(chat, hidden)))
        return asked

    def _list_empty(self, chat: Chat, hidden: int) -> Iterator[int]:
        """Yield the empty ids that nobody looked up yet and that this account may see, newest first."""
        return takewhile(lambda each: each > hidden, self._checks.list_empty(chat))

    async def _look_up(self, chat: Chat, ids: list[int], asked: Asked) -> None:
        batches = deque([ids])
        while batches:
            some = batches.popleft()
            page = await self._lookup.fetch_by_id(chat, some)
            decoded = await self._decode(chat, page)
            if len(some) == 1:
                name_unreadable(decoded, some[0])
            rest = list_rest(some, decoded)
            batches.extend(rest)
            await self._note(page, decoded, set(some).difference(*rest), asked)

    async def _note(self, page: RawPage, decoded: Decoded, said: set[int], asked: Asked) -> None:
        """Store what an answer `said` of these ids: it has a message with that id, or there is none."""
        found = {row.id for row in decoded.rows}
        present = found.union(filter(None, [decoded.unreadable]))
        if present:
            await self._archive.commit_page(page, decoded, None)
        asked.probed += len(said)
        asked.found += sorted(found)
        for span in merge_ranges(Range(each, each) for each in said - present):
            await self._archive.note_looked_up(page.chat, span, page.received_at)

    async def _decode(self, chat: Chat, page: RawPage) -> Decoded:
        decode = partial(self._decoder, chat_id=chat.id, account=chat.account, is_forum=chat.kind == "forum")
        decoded = await self._pool.run(decode, page.raw)
        refuse_foreign(decoded)
        return decoded
