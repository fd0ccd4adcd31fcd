"""How far the archive follows Telegram's own record of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tobs.core.model import Chat
from tobs.core.ports.source import Difference, State
from tobs.core.report import KnownFrom


@dataclass(frozen=True, slots=True)
class Chain:
    """Every message stored from `known_from` on is as it was at the state, or newer.

    `pts` is that state in a channel; elsewhere it is 0, and the state is the account's. Each difference read and
    applied moves the state on; one that Telegram does not tell any more breaks the chain.
    """

    pts: int
    known_from: KnownFrom


class Chains(Protocol):
    """States, and from which message on they hold. Each call is one transaction.

    The first page of a chat begins its chain (`Archive.commit_page`): all that is stored is as new as that page.
    """

    async def read(self, chat: Chat) -> Chain | None:
        """Return the chain of a chat, or None when there is none or it is broken."""
        ...

    async def begin(self, chat: Chat, pts: int | None) -> bool:
        """Begin a chain in a chat without one, of which no message is stored; tell whether that was done.

        A channel needs its `pts`, any other chat a state of its account.
        """
        ...

    async def advance(self, chat: Chat, pts: int) -> None:
        """Move a channel's chain to a state up to which all that was touched is brought up to date."""
        ...

    async def renew(self, chat: Chat, pts: int | None, known_from: KnownFrom) -> None:
        """Begin the chain anew: all from `known_from` on was read after the state, which is as in `begin`.

        A chain that reaches further down stays.
        """
        ...

    async def tear(self, chat: Chat) -> None:
        """Note that Telegram does not tell any more what happened since the chain's state."""
        ...

    async def state(self, account: int) -> State | None:
        """Return the state of an account's private chats and basic groups, or None when none was ever taken."""
        ...

    async def keep_state(self, account: int, state: State, *, is_torn: bool = False) -> None:
        """Move an account to a state, up to which all is brought up to date.

        `is_torn`: it is not, so that the chains of all its chats are broken.
        """
        ...

    async def chats_of(self, account: int) -> list[Chat]:
        """Return the account's private chats and basic groups, in the order in which they were first exported."""
        ...

    async def find_touched(self, chat: Chat, difference: Difference) -> list[int]:
        """Return which messages that a difference names are stored in the chat, but for those known to be gone, newest first."""
        ...
