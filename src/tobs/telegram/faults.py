"""Telethon's errors in our words: what each means for the person, and which exit code it has."""

from __future__ import annotations

from dataclasses import dataclass

from telethon import errors as tg
from telethon.errors.rpcerrorlist import rpc_errors_dict

from tobs.errors import NoAccess, ServerError, SessionRevoked, TobsError, Unanswered

TOLD_WAITS = (tg.FloodWaitError, tg.FloodPremiumWaitError, tg.SlowModeWaitError, tg.TakeoutInitDelayError)
"""Waits that Telegram asks for; the gate obeys them."""

TAKEOUT_DELAY = (tg.TakeoutInitDelayError,)
"""The one of them that a person can end, by allowing the takeout."""

TAKEOUT_OVER = (tg.TakeoutInvalidError, tg.TakeoutRequiredError)
"""The takeout that a request went through is not open (any more)."""

PASSING = (
    tg.ServerError,
    tg.RpcCallFailError,
    tg.RpcMcgetFailError,
    tg.TimedOutError,
    tg.InterdcCallErrorError,
)
"""Faults of the server itself that go away by asking again."""

LOST = (OSError, EOFError, tg.InvalidBufferError)
"""The connection broke or stalled (asyncio's TimeoutError is an OSError, its IncompleteReadError an EOFError)."""

ENDED = (tg.UnauthorizedError, tg.AuthKeyError, tg.AuthKeyNotFound)
"""The session is no longer one: revoked, or its key is not known to the server any more."""

BAD_PEER = (tg.PeerIdInvalidError, tg.ChannelInvalidError, tg.ChatIdInvalidError, tg.UserIdInvalidError)
"""The address of a peer is not (or no longer) right: look it up again."""

NO_SUCH_NAME = (tg.UsernameNotOccupiedError, tg.UsernameInvalidError)
"""Nobody has this username."""

NO_SUCH_PHONE = (tg.PhoneNotOccupiedError, tg.PhoneNumberInvalidError)
"""Nobody has this phone number, or does not let themselves be found by it."""

NO_SUCH_INVITE = (tg.InviteHashExpiredError, tg.InviteHashInvalidError, tg.InviteHashEmptyError)
"""The invite link is not (or no longer) one."""

NOT_SEARCHED = (
    tg.InputFilterInvalidError,
    tg.FromPeerInvalidError,
    tg.SearchQueryEmptyError,
    tg.PeerIdNotSupportedError,
)
"""A chat is not searched for what was asked (https://core.telegram.org/method/messages.search#possible-errors)."""

LOST_SIGHT = (tg.MsgIdInvalidError, tg.FromPeerInvalidError)
"""The message by which a sender is addressed is gone, or does not show them any more."""

NEEDS_ADMIN = tg.ChatAdminRequiredError
"""What Telegram says of a channel that it lets be read, but not be searched in this way."""

LOST_STATE = (tg.PersistentTimestampEmptyError, tg.PersistentTimestampInvalidError)
"""The server knows nothing of the state from which a difference is asked for."""

FILE_MOVED = tg.FileMigrateError
"""The file is in another data centre; `new_dc` says in which."""

ANSWERS = (*BAD_PEER, *NO_SUCH_NAME, *NO_SUCH_PHONE, *NO_SUCH_INVITE, *NOT_SEARCHED, *LOST_STATE, FILE_MOVED)
"""Errors that are an answer: whoever asked decides what follows."""

RETRIES = 5
"""How often one request is repeated after a fault of the server or of a connection that answers nothing else."""

MOST_BREAKS = 20
"""How often one request is repeated after connections broke that had answered others meanwhile.

Where many are in flight, each break takes all of them with it, and says little of any; but it may be this one that breaks it.
"""

_NAMES = {kind: name for name, kind in rpc_errors_dict.items()}

BANNED = (
    tg.UserDeactivatedBanError,
    tg.UserDeactivatedError,
    tg.PhoneNumberBannedError,
    tg.FrozenMethodInvalidError,
)
"""Telegram lets this account do nothing more (https://core.telegram.org/api/auth#frozen-accounts)."""

_GO_ON = "Check the network and run the command again: it goes on where it stopped."
_LOGIN_AGAIN = "Run `tobs login` again. What was exported so far is kept."

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[TobsError], str, str], ...] = (
    (
        (
            tg.ChannelPrivateError,
            tg.ChatForbiddenError,
            tg.ChannelPublicGroupNaError,
            NEEDS_ADMIN,
        ),
        NoAccess,
        "This account may not read {what}.",
        "Join the chat first, or use an account that is in it.",
    ),
    (BAD_PEER, NoAccess, "Telegram does not know {what} for this account.", "`tobs chats` lists its chats."),
    (
        (tg.FrozenMethodInvalidError,),
        SessionRevoked,
        "Telegram has frozen this account.",
        "Its owner can appeal in an app of Telegram, in the chat @SpamBot. What was exported so far is kept.",
    ),
    (
        BANNED,
        SessionRevoked,
        "Telegram has banned or deleted this account.",
        "What was exported so far is kept.",
    ),
    (
        ENDED,
        SessionRevoked,
        "Telegram has ended this session.",
        _LOGIN_AGAIN,
    ),
    ((tg.RPCError,), ServerError, "Telegram refused {what}: {error}.", ""),
    (
        LOST,
        Unanswered,
        "The connection to Telegram failed while asking for {what}.",
        _GO_ON,
    ),
    ((Exception,), ServerError, "Telegram's answer to {what} cannot be read: {error!r}.", ""),
)


@dataclass(slots=True)
class Failures:
    """How often a request failed, and how often in a row nothing else was answered before it did."""

    count: int = 0
    in_a_row: int = 0
    answers: int = -1

    def note(self, error: Exception, answers: int) -> bool:
        """Count a failure after so many answers to any request; tell whether the request may be repeated."""
        self.count += 1
        is_alone = answers == self.answers or isinstance(error, PASSING)
        self.in_a_row = self.in_a_row + 1 if is_alone else 1
        self.answers = answers
        return self.in_a_row <= RETRIES and self.count <= MOST_BREAKS


def translate(error: Exception, what: str) -> TobsError:
    """Return the TobsError that says what `error` means; `what` is what was asked for, in words."""
    if isinstance(error, TobsError):
        return error
    kind, sentence, hint = next(row[1:] for row in _MEANINGS if isinstance(error, row[0]))
    return kind(sentence.format(what=what, error=error), hint=hint)


def name_refusal(error: ServerError) -> str:
    """Return Telegram's own name for why it refused a request (`LOCATION_INVALID`), empty when it was something else."""
    cause = error.__cause__
    if not isinstance(cause, tg.RPCError):
        return ""
    return _NAMES.get(type(cause)) or str(cause.message or "")
