"""account.initTakeoutSession, finishTakeoutSession and messages.getSplitRanges: exports that the person allowed.

Wrappers are opened in `dispatch`; `Takeouts` knows which takeout is open. Source: core.telegram.org/api/takeout.
"""

from itertools import pairwise
from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id
from tobs.simulator.dispatch import Context, RpcError, serves

SPLIT_IDS = 1_000
"""How many ids of the account's own sequence one range covers."""
_LAST_ID = 2**31 - 1


@serves(functions.account.InitTakeoutSessionRequest)
def init_takeout(context: Context, request: Any) -> Any:
    """Begin a takeout, or go on with the open one of the same flags; TAKEOUT_INIT_DELAY_n while it has to wait."""
    viewer = account_id(context)
    seconds = context.takeouts.wait_seconds(viewer, context.now())
    if seconds:
        raise RpcError(420, f"TAKEOUT_INIT_DELAY_{seconds}")
    return types.account.Takeout(context.takeouts.begin(viewer, request).id)


@serves(functions.account.FinishTakeoutSessionRequest)
def finish_takeout(context: Context, request: Any) -> Any:
    """End the takeout that the request is wrapped in."""
    context.takeouts.end(_inside(context), "finished" if request.success else "failed")
    return True


@serves(functions.messages.GetSplitRangesRequest)
def get_split_ranges(context: Context, request: Any) -> list[Any]:
    """Answer ranges of ids, the oldest first, that together hold all private chats and basic groups."""
    del request
    viewer = _inside(context)
    top = max((chat.top for chat in context.world.chats if chat.owner == viewer), default=0)
    bounds = [*range(1, max(2, top), SPLIT_IDS), _LAST_ID + 1]
    return [types.MessageRange(low, following - 1) for low, following in pairwise(bounds)]


def _inside(context: Context) -> int:
    if context.takeout_id is None:
        raise RpcError(403, "TAKEOUT_REQUIRED")
    return account_id(context)
