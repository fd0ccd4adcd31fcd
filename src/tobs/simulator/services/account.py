"""account.*: the password challenge, and the small things that clients ask on their own."""

import secrets
from typing import Any

from telethon.tl import functions, types

from tobs.simulator import srp
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.services.auth import password_account


@serves(functions.account.GetPasswordRequest, login=False)
def get_password(context: Context, _request: Any) -> Any:
    """Tell whether there is a password and start a check of it."""
    account = password_account(context)
    password = account.password if account is not None else None
    answer = types.account.Password(
        new_algo=srp.algorithm(),
        new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
        secure_random=secrets.token_bytes(256),
        has_password=password is not None,
    )
    if password is not None:
        exchange = context.authorization.exchange = srp.start_exchange(password)
        answer.current_algo = srp.algorithm()
        answer.srp_B, answer.srp_id = exchange.public, exchange.srp_id
    return answer


@serves(functions.account.UpdateStatusRequest)
def update_status(_context: Context, _request: Any) -> Any:
    """Take note of who is online; the worlds do not show it."""
    return True


_FOR_EVER = 2**31 - 1
_NOTIFIED = {
    types.InputNotifyUsers: "users",
    types.InputNotifyChats: "chats",
    types.InputNotifyBroadcasts: "broadcasts",
}


@serves(functions.account.GetNotifySettingsRequest)
def get_notify_settings(context: Context, request: Any) -> Any:
    """Answer whether all chats of a kind are muted; single chats say so in the chat list."""
    kind = _NOTIFIED.get(type(request.peer))
    if kind is None:
        raise RpcError(400, "PEER_ID_INVALID")
    return types.PeerNotifySettings(mute_until=_FOR_EVER if kind in context.world.muted_kinds else 0)
