"""What happens in a world, and at its server, while a test looks on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.dispatch import SERVICES, Context
from tobs.simulator.logs import Entry, WrittenLog
from tobs.simulator.marks import peer_of
from tobs.simulator.model import Chat, World
from tobs.simulator.raw import mentioned_peers

Answer = Callable[[], Any]


def chat_called(world: World, title: str) -> Chat:
    """Return the one chat with this title."""
    [found] = [chat for chat in world.chats if chat.title == title and chat.listed]
    return found


def never_migrated(world: World) -> World:
    """Return the world as if none of its supergroups had been a group: a chat has its own messages alone."""
    for chat in world.chats:
        for each in ("migrated_from_chat_id", "migrated_from_max_id"):
            chat.full.pop(each, None)
    return world


def listed_names(world: World) -> list[str]:
    """Return the marked ids of every chat that can be exported."""
    return [str(chat.marked) for chat in world.chats if chat.listed and chat.top]


def say(chat: Chat, text: str, sender: int, *, reply_to: int | None = None, date: int | None = None) -> int:
    """Let somebody write into a chat, and return the message's id."""
    assert isinstance(chat.log, WrittenLog)
    number, moment = chat.top + 1, date or chat.top_date + 60
    message = types.Message(
        number,
        peer_of(chat.marked),
        datetime.fromtimestamp(moment, UTC),
        text,
        from_id=types.PeerUser(sender),
        reply_to=types.MessageReplyHeader(reply_to_msg_id=reply_to) if reply_to else None,
    )
    entry = Entry(number, moment, bytes(message), frozenset(mentioned_peers(message)))
    chat.log = WrittenLog([*chat.log._entries, entry])
    return number


def rename(world: World, user_id: int, first_name: str) -> None:
    """Let a person take another name."""
    world.peers[user_id].first_name = first_name
    world._views.clear()


@contextmanager
def serving_instead(
    request_class: Any,
    service: Callable[[Context, Any, Answer], Any | Awaitable[Any]],
    *,
    is_async: bool = False,
) -> Iterator[None]:
    """Another service for a request while the block runs; it may call `answer` for the usual answer."""
    identifier = request_class.CONSTRUCTOR_ID
    usual = SERVICES[identifier]

    def call(context: Context, request: Any) -> Any:
        return service(context, request, lambda: usual.call(context, request))

    SERVICES[identifier] = replace(usual, call=call, is_async=is_async)
    try:
        yield
    finally:
        SERVICES[identifier] = usual


@contextmanager
def refusing(request_class: Any, *errors: Exception | None) -> Iterator[list[Any]]:
    """Answer the next requests with these errors (None: as usual), later ones as usual.

    Yields the requests as they come in.
    """
    left = list(errors)
    seen: list[Any] = []

    def refuse(_context: Context, request: Any, answer: Answer) -> Any:
        seen.append(request)
        error = left.pop(0) if left else None
        if error is not None:
            raise error
        return answer()

    with serving_instead(request_class, refuse):
        yield seen
