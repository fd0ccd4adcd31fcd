"""Comments: posts of a channel that stand in its discussion group as well."""

from telethon.tl import types

from tobs.core.ids import mark_channel
from tobs.simulator.marks import peer_of
from tobs.simulator.script import Draft, Script


def carry_over(talk: Script, channel_id: int, post: Draft) -> Draft:
    """Repeat a post of a channel in its discussion group, as the service does by itself."""
    channel = mark_channel(channel_id)
    origin = peer_of(channel)
    forward = types.MessageFwdHeader(post.date, from_id=origin, saved_from_peer=origin)
    said = post.message
    root = talk.say(
        channel,
        message=said.message,
        entities=said.entities,
        media=said.media,
        fwd_from=forward,
        views=said.views,
        forwards=0,
    )
    root.links += [(forward, "channel_post", post), (forward, "saved_from_msg_id", post)]
    return root
