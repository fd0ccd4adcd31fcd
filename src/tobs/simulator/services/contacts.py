"""contacts.*: public names, the address book and a plain search over both."""

import re
from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, find_username
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.marks import marked_of, peer_of
from tobs.simulator.pages import encode_peers

_USERNAME = re.compile(r"[A-Za-z]\w{2,31}", re.ASCII)


@serves(functions.contacts.ResolveUsernameRequest)
def resolve_username(context: Context, request: Any) -> Any:
    """Answer whose public name it is; USERNAME_INVALID or USERNAME_NOT_OCCUPIED otherwise.

    A private channel keeps its name in this world, so that reading it meets CHANNEL_PRIVATE.
    """
    if not _USERNAME.fullmatch(request.username):
        raise RpcError(400, "USERNAME_INVALID")
    peer = find_username(context.world, request.username)
    if peer is None:
        raise RpcError(400, "USERNAME_NOT_OCCUPIED")
    marked = marked_of(peer)
    users, chats = encode_peers(context.world, account_id(context), {marked})
    return types.contacts.ResolvedPeer(peer_of(marked), chats=chats, users=users)


@serves(functions.contacts.ResolvePhoneRequest)
def resolve_phone(context: Context, request: Any) -> Any:
    """Answer whose number it is, as far as the world knows any; PHONE_NOT_OCCUPIED otherwise."""
    digits = "".join(filter(str.isdecimal, request.phone))
    known = context.world.peers.items()
    found = [marked for marked, peer in known if digits and getattr(peer, "phone", None) == digits]
    if not found:
        raise RpcError(400, "PHONE_NOT_OCCUPIED")
    users, chats = encode_peers(context.world, account_id(context), {found[0]})
    return types.contacts.ResolvedPeer(peer_of(found[0]), chats=chats, users=users)


@serves(functions.contacts.GetContactsRequest)
def get_contacts(context: Context, request: Any) -> Any:
    """Answer the address book; only the first account of a world has one."""
    del request
    viewer = account_id(context)
    found = {marked for marked, peer in context.world.peers.items() if marked > 0 and peer.contact}
    if viewer != context.world.owner:
        found = set()
    users, _ = encode_peers(context.world, viewer, found)
    contacts = [
        types.Contact(user_id, mutual=bool(context.world.peers[user_id].mutual_contact))
        for user_id in sorted(found)
    ]
    return types.contacts.Contacts(contacts, saved_count=0, users=users)


@serves(functions.contacts.SearchRequest)
def search(context: Context, request: Any) -> Any:
    """Answer the chats of the account whose title or public name contains the words."""
    if len(request.q) < 3:
        raise RpcError(400, "QUERY_TOO_SHORT")
    viewer = account_id(context)
    wanted = request.q.casefold()
    found = {
        chat.marked
        for chat in context.world.chats_of(viewer)
        if wanted in chat.title.casefold() or wanted in (chat.username or "").casefold()
    }
    users, chats = encode_peers(context.world, viewer, found)
    shown = [peer_of(marked) for marked in sorted(found)[: request.limit]]
    return types.contacts.Found(my_results=shown, results=[], chats=chats, users=users)
