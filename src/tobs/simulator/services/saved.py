"""messages.getSavedDialogs and getSavedHistory: the lists that saved messages are sorted into by where they came from."""

from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, mark_input
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.marks import marked_of, peer_of
from tobs.simulator.model import Chat
from tobs.simulator.overlay import PickedLog
from tobs.simulator.pages import LARGEST_PAGE, encode_peers
from tobs.simulator.raw import Encoded
from tobs.simulator.reading import read_page, shown_log


@serves(functions.messages.GetSavedDialogsRequest)
def get_saved_dialogs(context: Context, request: Any) -> Any:
    """Answer a part of the lists: pinned first, then by their newest message; it begins after the offset triple."""
    if request.parent_peer is not None:
        raise RpcError(400, "PARENT_PEER_INVALID")
    viewer = account_id(context)
    chat = context.world.saved(viewer)
    listed = _in_order(chat, viewer)
    if request.exclude_pinned:
        listed = [each for each in listed if not each.pinned]
    part = _after(listed, request, viewer)[: min(max(request.limit, 1), LARGEST_PAGE)]
    messages, users, chats = _describe(context, chat, part)
    if len(part) == len(listed):
        return types.messages.SavedDialogs(part, messages, chats, users)
    return types.messages.SavedDialogsSlice(len(listed), part, messages, chats, users)


@serves(functions.messages.GetPinnedSavedDialogsRequest)
def get_pinned_saved_dialogs(context: Context, request: Any) -> Any:
    """Answer the lists that are pinned."""
    del request
    viewer = account_id(context)
    chat = context.world.saved(viewer)
    pinned = [each for each in _in_order(chat, viewer) if each.pinned]
    messages, users, chats = _describe(context, chat, pinned)
    return types.messages.SavedDialogs(pinned, messages, chats, users)


@serves(functions.messages.GetSavedHistoryRequest)
def get_saved_history(context: Context, request: Any) -> Any:
    """Answer one page of a list."""
    if request.parent_peer is not None:
        raise RpcError(400, "PARENT_PEER_INVALID")
    viewer = account_id(context)
    chat = context.world.saved(viewer)
    return read_page(context, chat, saved_list(chat, viewer, mark_input(request.peer, viewer)), request)


def saved_list(chat: Chat, owner: int, marked: int) -> PickedLog:
    """Return the saved messages that came from a peer; one's own notes are in one's own list."""
    return PickedLog(chat.log, chat.log.matching(lambda message: _home(message, owner) == marked))


def _home(message: Any, owner: int) -> int:
    return marked_of(message.saved_peer_id) if message.saved_peer_id else owner


def _in_order(chat: Chat, owner: int) -> list[types.SavedDialog]:
    tops = dict[int, int]()

    def note(message: Any) -> bool:
        tops[_home(message, owner)] = message.id
        return False

    chat.log.matching(note)
    dialogs = [
        types.SavedDialog(peer_of(marked), top, pinned=marked in chat.pinned_lists or None)
        for marked, top in tops.items()
    ]
    return sorted(dialogs, key=lambda each: (bool(each.pinned), each.top_message), reverse=True)


def _after(listed: list[types.SavedDialog], request: Any, viewer: int) -> list[types.SavedDialog]:
    if not request.offset_id:
        return listed
    peer = mark_input(request.offset_peer, viewer)
    for position, each in enumerate(listed):
        if marked_of(each.peer) == peer and each.top_message == request.offset_id:
            return listed[position + 1 :]
    return [each for each in listed if not each.pinned and each.top_message < request.offset_id]


def _describe(
    context: Context, chat: Chat, dialogs: list[types.SavedDialog]
) -> tuple[list[Any], list[Any], list[Any]]:
    messages, peers = [], {chat.marked}
    log = shown_log(context, chat, chat.log)
    for dialog in dialogs:
        rank = log.rank_of(dialog.top_message)
        messages.append(Encoded(log.page(rank, rank + 1)))
        peers |= log.peers(rank, rank + 1) | {marked_of(dialog.peer)}
    users, chats = encode_peers(context.world, account_id(context), peers)
    return messages, users, chats
