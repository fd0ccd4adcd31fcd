"""messages.getHistory and the messages of private chats and basic groups by their ids."""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, open_chat
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.logs import rank_with
from tobs.simulator.model import shares_sequence
from tobs.simulator.pages import LARGEST_PAGE, encode_peers
from tobs.simulator.raw import Encoded
from tobs.simulator.reading import read_page, shown_log


@serves(functions.messages.GetHistoryRequest)
def get_history(context: Context, request: Any) -> Any:
    """Answer one page of a chat by the rules of core.telegram.org/api/offsets."""
    chat = open_chat(context, request.peer)
    return read_page(context, chat, chat.log, request)


def wanted_ids(inputs: list[Any]) -> list[int]:
    """Return the plain ids of a by-id request. Errors: MSG_ID_INVALID for other kinds, or for more than 100."""
    if not inputs:
        raise RpcError(400, "MESSAGE_IDS_EMPTY")
    if len(inputs) > LARGEST_PAGE:
        raise RpcError(400, "MSG_ID_INVALID")
    if not all(isinstance(item, types.InputMessageID) for item in inputs):
        raise RpcError(400, "MSG_ID_INVALID")
    return [item.id for item in inputs]


@serves(functions.messages.GetMessagesRequest)
def get_messages(context: Context, request: Any) -> Any:
    """Answer messages of the account's own sequence, whichever chat they are in; `messageEmpty` for holes."""
    viewer = account_id(context)
    found = [_find(context, viewer, message_id) for message_id in wanted_ids(request.id)]
    context.served += len(found)
    peers = set[int]().union(*(mentioned for _, mentioned in found))
    users, chats = encode_peers(context.world, viewer, peers, bend=context.bend)
    return types.messages.Messages([message for message, _ in found], topics=[], chats=chats, users=users)


def _find(context: Context, viewer: int, message_id: int) -> tuple[Any, set[int]]:
    for chat in context.world.chats_of(viewer):
        rank = rank_with(chat.log, message_id) if shares_sequence(chat) else None
        if rank is not None:
            log = shown_log(context, chat, chat.log)
            rank = rank_with(log, message_id)
            if rank is None:
                break
            found = Encoded(log.page(rank, rank + 1))
            return found, chat.log.peers(rank, rank + 1) | {chat.marked}
    return types.MessageEmpty(message_id, None), set()
