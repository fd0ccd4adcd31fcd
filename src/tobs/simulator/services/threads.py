"""messages.getReplies and getDiscussionMessage: forum topics, comments of posts, and threads of answers."""

from typing import Any

from telethon.tl import functions, types

from tobs.core.ids import bare_id, mark_channel
from tobs.simulator.access import account_id, open_chat
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.logs import rank_with
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.overlay import PickedLog
from tobs.simulator.pages import encode_peers
from tobs.simulator.raw import Encoded
from tobs.simulator.reading import read_page
from tobs.simulator.topics import thread_of, topic_of


@serves(functions.messages.GetRepliesRequest)
def get_replies(context: Context, request: Any) -> Any:
    """Answer one page of a topic, with the message that created it, or of the answers below a message, without it.

    For a post of a channel these are its comments, which are messages of the discussion group.
    """
    chat = open_chat(context, request.peer)
    root = int(request.msg_id)
    if chat.kind is Kind.FORUM:
        if root not in chat.topics:
            raise RpcError(400, "TOPIC_ID_INVALID")
        ranks = chat.log.matching(lambda message: topic_of(message) == root)
        return read_page(context, chat, PickedLog(chat.log, ranks), request)
    if chat.kind is Kind.CHANNEL:
        chat, root = find_discussion(context.world, chat, root)
    elif rank_with(chat.log, root) is None:
        raise RpcError(400, "MSG_ID_INVALID")
    ranks = chat.log.matching(lambda message: thread_of(message) == root)
    return read_page(context, chat, PickedLog(chat.log, ranks), request)


@serves(functions.messages.GetDiscussionMessageRequest)
def get_discussion_message(context: Context, request: Any) -> Any:
    """Answer the message of the discussion group under which the comments of a post stand."""
    group, root = find_discussion(context.world, open_chat(context, request.peer), request.msg_id)
    rank = group.log.rank_of(root)
    peers = group.log.peers(rank, rank + 1) | {group.marked}
    users, chats = encode_peers(context.world, account_id(context), peers, in_group=True)
    ranks = group.log.matching(lambda message: thread_of(message) == root)
    newest = group.log.id_at(ranks[-1]) if ranks else root
    page = [Encoded(group.log.page(rank, rank + 1))]
    return types.messages.DiscussionMessage(page, 0, chats, users, max_id=newest, read_inbox_max_id=newest)


def find_discussion(world: World, channel: Chat, post_id: int) -> tuple[Chat, int]:
    """Return the discussion group and the id that a post of the channel has there, or refuse with MSG_ID_INVALID."""
    linked = channel.full.get("linked_chat_id")
    group = world.chat(mark_channel(linked)) if linked and channel.kind is Kind.CHANNEL else None
    if group is None or rank_with(channel.log, post_id) is None:
        raise RpcError(400, "MSG_ID_INVALID")
    origin = types.PeerChannel(bare_id(channel.marked))

    def is_root(message: Any) -> bool:
        forward = getattr(message, "fwd_from", None)
        return forward is not None and (forward.saved_from_peer, forward.channel_post) == (origin, post_id)

    ranks = group.log.matching(is_root)
    if not ranks:
        raise RpcError(400, "MSG_ID_INVALID")
    return group, group.log.id_at(ranks[0])
