"""messages.getDialogs, getPinnedDialogs and getPeerDialogs: the chat list with its own paging."""

from typing import Any

from telethon.tl import functions, types

from tobs.core.ids import is_channel
from tobs.simulator.access import account_id, mark_input, open_chat
from tobs.simulator.differences import state_of
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.marks import peer_of
from tobs.simulator.model import Chat
from tobs.simulator.pages import LARGEST_PAGE, encode_peers
from tobs.simulator.raw import Encoded
from tobs.simulator.reading import shown_log


@serves(functions.messages.GetDialogsRequest)
def get_dialogs(context: Context, request: Any) -> Any:
    """Answer a part of the chat list: pinned chats first, then by the date of the newest message.

    The part begins after the offset triple (date, id, peer). Without `folder_id` all chats are listed, with 0 those
    outside the archive, with 1 the archive.
    """
    viewer = account_id(context)
    listed = _in_order(context.world.chats_of(viewer), request.folder_id)
    rest = _after(listed, request, viewer)
    if request.exclude_pinned:
        rest = [chat for chat in rest if not chat.pinned]
    part = rest[: min(max(request.limit, 1), LARGEST_PAGE)]
    dialogs, messages, chats, users = _describe(context, part)
    if len(part) == len(listed):
        return types.messages.Dialogs(dialogs, messages, chats=chats, users=users)
    return types.messages.DialogsSlice(len(listed), dialogs, messages, chats=chats, users=users)


def _in_order(chats: list[Chat], folder_id: int | None) -> list[Chat]:
    listed = [
        chat for chat in chats if chat.listed and (folder_id is None or chat.archived == bool(folder_id))
    ]
    return sorted(listed, key=lambda chat: (chat.pinned, *_place(chat)), reverse=True)


def _place(chat: Chat) -> tuple[int, int, int]:
    return chat.top_date, chat.top, chat.marked


def _after(listed: list[Chat], request: Any, viewer: int) -> list[Chat]:
    """Return the chats after the offset, which names the last chat that the client has."""
    date = int(request.offset_date.timestamp()) if request.offset_date else 0
    if not date and not request.offset_id:
        return listed
    peer = mark_input(request.offset_peer, viewer)
    for position, chat in enumerate(listed):
        if chat.marked == peer and chat.top == request.offset_id:
            return listed[position + 1 :]
    # The chat has moved or is unknown: go on below its old place. The id bounds only within the same second.
    bound = (date, request.offset_id) if date else (2**31, request.offset_id)
    return [chat for chat in listed if not chat.pinned and (chat.top_date, chat.top) < bound]


def _describe(context: Context, chats: list[Chat]) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Return dialogs, their top messages, and the chats and users in both."""
    dialogs = [describe_dialog(chat) for chat in chats]
    messages, wanted = [], set[int]()
    for chat in chats:
        log = shown_log(context, chat, chat.log)
        total = len(log)
        if total:
            messages.append(Encoded(log.page(total - 1, total)))
            wanted |= log.peers(total - 1, total)
        wanted.add(chat.marked)
    users, entities = encode_peers(context.world, account_id(context), wanted)
    return dialogs, messages, entities, users


def describe_dialog(chat: Chat) -> types.Dialog:
    """Return the entry of the chat list."""
    return types.Dialog(
        peer=peer_of(chat.marked),
        top_message=chat.top,
        read_inbox_max_id=chat.top,
        read_outbox_max_id=chat.top,
        unread_count=chat.unread,
        unread_mentions_count=chat.mentions,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(mute_until=chat.muted_until),
        pinned=chat.pinned or None,
        pts=chat.pts if is_channel(chat.marked) else None,
        folder_id=1 if chat.archived else None,
    )


@serves(functions.messages.GetPinnedDialogsRequest)
def get_pinned_dialogs(context: Context, request: Any) -> Any:
    """Answer the pinned chats of a folder."""
    viewer = account_id(context)
    listed = _in_order(context.world.chats_of(viewer), request.folder_id)
    return _peer_dialogs(context, [chat for chat in listed if chat.pinned])


@serves(functions.messages.GetPeerDialogsRequest)
def get_peer_dialogs(context: Context, request: Any) -> Any:
    """Answer the dialogs of named chats, whether or not they stand in the list."""
    chats = []
    for wanted in request.peers:
        if not isinstance(wanted, types.InputDialogPeer):
            raise RpcError(400, "PEER_ID_INVALID")
        chats.append(open_chat(context, wanted.peer))
    return _peer_dialogs(context, chats)


def _peer_dialogs(context: Context, chats: list[Chat]) -> Any:
    viewer = account_id(context)
    dialogs, messages, entities, users = _describe(context, chats)
    state = state_of(context.world, viewer)
    return types.messages.PeerDialogs(dialogs, messages, chats=entities, users=users, state=state)
