"""Which chats are protected, so that they are asked outside of a takeout.

Telegram leaves the photos and files of protected chats (https://core.telegram.org/api/content-protection) out of
what it answers under takeout, and names them outside of it. Only what a message says of its medium is had
this way: protected files are not downloaded.
"""

from __future__ import annotations

from telethon import functions

from tobs.core.model import Chat
from tobs.errors import NoAccess, ServerError
from tobs.telegram import faults
from tobs.telegram.client import Client
from tobs.telegram.directory import Directory


class Protection:
    """What is known of the protection of chats; each private chat is asked about once in a run.

    Groups and channels carry it in every answer: see `note`.
    """

    def __init__(self, client: Client, directory: Directory) -> None:
        self._client = client
        self._directory = directory
        self._known: dict[int, bool] = {}

    def note(self, chat: Chat) -> None:
        """Remember that a chat turned out to be protected."""
        self._known[chat.id] = True

    async def is_protected(self, chat: Chat) -> bool:
        """Tell whether a chat is protected as far as can be known before its messages are read."""
        if chat.id not in self._known:
            self._known[chat.id] = chat.kind in ("private", "bot") and await self._ask_about(chat)
        return self._known[chat.id]

    async def _ask_about(self, chat: Chat) -> bool:
        """Only the full profile of a person says it; where there is none, the careful answer is yes."""
        request = functions.users.GetFullUserRequest(self._directory.address(chat))
        try:
            answer = await self._client.send(request, f"the profile of {chat.title}", is_patient=False)
        except (*faults.TOLD_WAITS, *faults.ANSWERS, NoAccess, ServerError):
            return True
        full = answer.full_user
        return bool(full.noforwards_my_enabled or full.noforwards_peer_enabled)
