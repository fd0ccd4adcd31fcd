"""A basic group becomes a supergroup while the world is served (https://core.telegram.org/api/channel#migration)."""

from telethon.tl import types

from tobs.core.ids import bare_id
from tobs.simulator.logs import WrittenLog
from tobs.simulator.marks import marked_of
from tobs.simulator.model import Chat, Kind, World


def migrate_group(world: World, group_id: int, supergroup: types.Channel, sender: int) -> Chat:
    """Let `sender` turn a group (marked id) into a supergroup, and return that.

    The group says where it went as its last message, is deactivated and leaves the list; the supergroup
    says where it came from as its first one.
    """
    group = world.chat(group_id)
    if group is None:
        raise KeyError(f"This world has no chat {group_id}.")
    marked = marked_of(supergroup)
    last = world.add_message(group_id, sender=sender, action=types.MessageActionChatMigrateTo(supergroup.id))
    supergroup.access_hash = world.access_hash(marked, world.owner)
    group.entity.deactivated = True
    group.entity.migrated_to = types.InputChannel(supergroup.id, supergroup.access_hash)
    group.listed = False
    origin = {"migrated_from_chat_id": bare_id(group_id), "migrated_from_max_id": last}
    chat = Chat(Kind.SUPERGROUP, supergroup, WrittenLog([]), full=origin)
    world.add_chat(chat)
    action = types.MessageActionChannelMigrateFrom(group.title, bare_id(group_id))
    world.add_message(marked, sender=marked, action=action)
    return chat
