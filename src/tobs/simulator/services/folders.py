"""messages.getDialogFilters: the folders that a person has sorted the chats into."""

from typing import Any

from telethon.tl import functions, types

from tobs.core.ids import bare_id, is_channel, is_user
from tobs.simulator.access import account_id
from tobs.simulator.dispatch import Context, serves
from tobs.simulator.model import Folder, World


@serves(functions.messages.GetDialogFiltersRequest)
def get_dialog_filters(context: Context, request: Any) -> Any:
    """Answer the folders of the first account in their order, after the one that stands for all chats."""
    del request
    viewer = account_id(context)
    own = context.world.folders if viewer == context.world.owner else []
    filters = [_describe(context.world, viewer, folder) for folder in own]
    return types.messages.DialogFilters([types.DialogFilterDefault(), *filters])


def _describe(world: World, viewer: int, folder: Folder) -> Any:
    title = types.TextWithEntities(folder.title, [])
    pinned = [_input_peer(world, viewer, marked) for marked in folder.pinned]
    included = [_input_peer(world, viewer, marked) for marked in folder.included]
    if folder.is_shared:
        return types.DialogFilterChatlist(folder.id, title, pinned, included)
    excluded = [_input_peer(world, viewer, marked) for marked in folder.excluded]
    return types.DialogFilter(folder.id, title, pinned, included, excluded, **folder.flags)


def _input_peer(world: World, viewer: int, marked: int) -> Any:
    if marked == viewer:
        return types.InputPeerSelf()
    if is_user(marked):
        return types.InputPeerUser(marked, world.access_hash(marked, viewer))
    if is_channel(marked):
        return types.InputPeerChannel(bare_id(marked), world.access_hash(marked, viewer))
    return types.InputPeerChat(bare_id(marked))
