"""Between a channel and the group of its comments: posts and the messages that repeat them there."""

from __future__ import annotations

from dataclasses import dataclass

from tobs.core.model import Chat
from tobs.core.ports.reader import Reader
from tobs.writers.layout import Layout
from tobs.writers.links import Links, Target


@dataclass(slots=True)
class Across:
    """The other chat of the two, as seen from `chat`; `partner` and `links` are None for a chat that has none."""

    reader: Reader
    chat: Chat
    partner: Chat | None = None
    links: Links | None = None

    def find_post(self, half: Chat, message_id: int) -> Target | None:
        """Return the post that a message of this discussion group repeats, where the channel’s files show it.

        `half` is the one that the message is of: the basic group that this one was had no channel.
        """
        if self.links is None or self.chat.discussion_id or half.migrated_to:
            return None
        post = self.reader.post_of(half, message_id)
        return self.links.find(post) if post else None

    def find_comments(self, post_id: int) -> Target | None:
        """Return the message of the discussion group under which the comments of a post of this channel stand."""
        if self.links is None or not self.chat.discussion_id:
            return None
        root = self.reader.root_of(self.chat, post_id)
        return self.links.find(root) if root else None


def look_across(reader: Reader, chat: Chat, layout: Layout, *, hides_deleted: bool) -> Across:
    """Return the view from a chat to the one that it is linked with."""
    if chat.kind not in {"channel", "supergroup"}:
        return Across(reader, chat)
    for each in reader.drawn_chats():
        if chat.id == each.discussion_id or each.id == chat.discussion_id:
            return Across(reader, chat, each, Links(reader, each, each, layout, hides_deleted=hides_deleted))
    return Across(reader, chat)
