"""The takeout of a run: begun, kept for the next run, gone through, and finished with the truth.

Telegram lets who takes out his data ask for more in less time (https://core.telegram.org/api/takeout).
There is one takeout for an account. Once it is open, every request of the run goes through it, except

- the connection's own greeting (`help.getConfig` in `initConnection`), which belongs to no request,
- `account.initTakeoutSession`, which is how one comes to be,
- what is asked about protected chats, whose media Telegram withholds in a takeout (protection.py),
- messages of private chats and basic groups by id: which of those are protected is not known then.

What comes before it is open, the look-up of the chats that are meant, decides which takeout it has to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from telethon import functions

from tobs.core.events import Said
from tobs.core.ports.services import Clock, Emit
from tobs.core.ports.source import FILES
from tobs.core.report import TakeoutUse
from tobs.errors import ServerError, TobsError
from tobs.telegram import faults
from tobs.telegram.client import OUTSIDE, Client
from tobs.telegram.flood import FloodGate, Gated
from tobs.telegram.state import AccountState, OpenTakeout

Mode: TypeAlias = Literal["auto", "always", "never"]

MUCH = 10_000
"""How many messages make a takeout worth asking for.

Outside of one Telegram has been seen to let about ten pages through in half a minute, so 10,000 messages, a
hundred pages, cost some minutes of waiting; a takeout costs a person's attention, or a wait of up to a day.
"""

ASK_AGAIN_SECONDS = 60
"""How often, at most, it is asked whether a delayed takeout is allowed by now."""

MOST_LOSSES = 3
"""How many takeouts of one run may be ended by Telegram before it goes on without."""

_INIT: Gated = ("account.initTakeoutSession", False)

_FLAGS = {
    "private": "message_users",
    "bot": "message_users",
    "saved": "message_users",
    "group": "message_chats",
    "supergroup": "message_megagroups",
    "forum": "message_megagroups",
    "channel": "message_channels",
    FILES: "files",
}
"""What a takeout must be begun with to read a chat of that kind, or files."""

_LARGEST_FILE = 4000 << 20
"""No file of Telegram is larger; which ones are downloaded is for us to say."""


@dataclass(frozen=True, slots=True)
class TakeoutChoice:
    """What a run wants: `mode`, and the zone (an IANA name) in which times are told."""

    mode: Mode = "never"
    zone: str = "UTC"


class Takeout:
    """The one takeout of an account, as long as a run lasts; implements client.Route for that client."""

    def __init__(
        self,
        client: Client,
        gate: FloodGate,
        state: AccountState,
        clock: Clock,
        emit: Emit,
        choice: TakeoutChoice,
    ) -> None:
        self._client = client
        self._gate = gate
        self._state = state
        self._clock = clock
        self._emit = emit
        self._choice = choice
        self._id = OUTSIDE
        self._flags: frozenset[str] = frozenset()
        self._expected = 0
        self._losses = 0
        self._is_wanted = False
        self._is_told = False
        self._beginning = asyncio.Lock()
        self.use: TakeoutUse = "unused"
        client.route = self

    @property
    def patience_seconds(self) -> float:
        """How long a request may sit out a wait before it looks whether there is a takeout now."""
        is_hoped_for = self._is_wanted and not self._id
        return ASK_AGAIN_SECONDS if is_hoped_for else float("inf")

    async def prepare(self, kinds: Iterable[str]) -> None:
        """Learn which kinds of chats are exported; go on with a takeout that an earlier run left open, if it fits.

        Under `always` there is one when this returns. Raises GaveUpWaiting and what `Client.send` raises.
        """
        self._flags = frozenset(_FLAGS[each] for each in kinds)
        if self._choice.mode == "never" or not self._flags:
            return
        kept = self._state.takeout
        if kept and kept.flags >= self._flags:
            self._enter(kept, "Going on through the takeout that an earlier run began.")
        if self._choice.mode == "always":
            self._is_wanted = True
            await self.find_way()

    async def expect(self, messages: int) -> None:
        """Learn of so many messages more to fetch; when it is much, `auto` asks for a takeout."""
        self._expected += messages
        if self._choice.mode == "auto" and self._expected >= MUCH and not self._losses > MOST_LOSSES:
            self._is_wanted = True
            await self.find_way()

    async def find_way(self) -> int:
        """Return the id of the open takeout, or OUTSIDE; a delayed one is asked for again when it is time.

        Under `always` it waits until there is one. Raises what `Client.send` raises, then also ServerError
        when Telegram ends one takeout after the other.
        """
        if self._id or not self._is_wanted:
            return self._id
        if self._choice.mode == "always":
            async with self._beginning:
                await self._begin_patiently()
        elif not self._beginning.locked():  # whoever else comes meanwhile is not held up
            async with self._beginning:
                await self._try_begin()
        return self._id

    async def lose(self, takeout_id: int) -> None:
        """Forget a takeout that Telegram ended; after too many, go on without (`always` cannot: see `find_way`)."""
        if takeout_id != self._id:
            return
        self._id = OUTSIDE
        self._state.keep_takeout(None)
        self._losses += 1
        if self._losses <= MOST_LOSSES:
            self._say("Telegram has ended the takeout.")
        elif self._choice.mode == "auto":
            self._give_up("Telegram has ended every takeout of this run")

    async def finish(self) -> None:
        """End the takeout because everything that was wanted is there.

        When that fails it stays open for the next run: it is no reason for this one to fail.
        """
        if not self._id:
            return
        try:
            await self._end(self._id, is_success=True)
        except (*faults.TOLD_WAITS, TobsError) as error:
            self._say(f"The takeout could not be finished, and stays open: {error}", level="warning")

    async def _begin_patiently(self) -> None:
        """Begin a takeout, however often Telegram says to wait. Raises GaveUpWaiting for too long a wait."""
        while not self._id:
            if self._losses > MOST_LOSSES:
                raise ServerError(
                    "Telegram ends every takeout of this run.",
                    hint="Use `--takeout auto`, or try again later.",
                )
            if rest := self._seconds_until_asked():
                await self._gate.pass_through(_INIT, at_most=rest)
            try:
                await self._begin()
            except faults.TOLD_WAITS as error:
                self._tell_wait(error)
                await self._gate.pass_through(_INIT, at_most=0)  # too long is too long at once

    async def _try_begin(self) -> None:
        """Begin a takeout if it is time to ask and Telegram allows it; go on without when it does not."""
        if self._id or not self._is_wanted:
            return
        if self._seconds_until_asked() > 0:
            self._tell_wait(None)
            return
        try:
            await self._begin()
        except faults.TOLD_WAITS as error:
            self._tell_wait(error)
        except ServerError as error:
            self._give_up(str(error).rstrip("."))

    async def _begin(self) -> None:
        if self._state.takeout:
            with suppress(*faults.TOLD_WAITS):  # a new one takes its place in any case
                await self._end(self._state.takeout.id, is_success=False)
        options: dict[str, Any] = dict.fromkeys(self._flags, True)
        if _FLAGS[FILES] in self._flags:
            options["file_max_size"] = _LARGEST_FILE
        request = functions.account.InitTakeoutSessionRequest(**options)
        answer = await self._client.send(request, "a takeout", takeout=OUTSIDE, is_patient=False)
        begun = OpenTakeout(answer.id, self._flags)
        self._state.keep_takeout(begun)
        self._gate.forget_wait(_INIT)
        allowed = "Telegram has allowed the takeout: the export goes on through it."
        self._enter(begun, allowed if self._is_told else "The export goes through a takeout.")

    def _enter(self, takeout: OpenTakeout, sentence: str) -> None:
        self._id, self.use, self._is_told = takeout.id, "used", False
        self._say(sentence)

    async def _end(self, takeout_id: int, *, is_success: bool) -> None:
        """Finish a takeout, which is said inside of it; one that is not open any more is just forgotten."""
        request = functions.account.FinishTakeoutSessionRequest(success=is_success)
        with suppress(*faults.TAKEOUT_OVER):
            await self._client.send(request, "the end of the takeout", takeout=takeout_id, is_patient=False)
        if takeout_id == self._id:
            self._id = OUTSIDE
            self._is_wanted = False
        self._state.keep_takeout(None)

    def _seconds_until_asked(self) -> float:
        """Return how long it is not yet time to ask (again) for a takeout; 0 when it is."""
        wait = self._gate.find_wait(_INIT)
        if wait is None:
            return 0
        since, until = wait
        return max(0.0, min(since + ASK_AGAIN_SECONDS, until) - self._clock.now())

    def _tell_wait(self, error: Any) -> None:
        """Say once what there is to do, and until when Telegram makes us wait."""
        wait = self._gate.find_wait(_INIT)
        if self._is_told or wait is None:
            return
        self._is_told = True
        self.use = "delayed" if self.use == "unused" else self.use
        moment = datetime.fromtimestamp(wait[1], ZoneInfo(self._choice.zone)).strftime("%Y-%m-%d %H:%M")
        meanwhile = (
            "The export waits for it."
            if self._choice.mode == "always"
            else "The export goes on without it meanwhile, and goes through it from then on."
        )
        if error is None or isinstance(error, faults.TAKEOUT_DELAY):
            self._say(
                f"Telegram lets a takeout begin at {moment} ({self._choice.zone}), or as soon as you allow it: open"
                " the chat “Telegram” with the service notifications in one of your Telegram apps, find the message"
                f" about the request to export your data, and tap Allow. {meanwhile}"
            )
        else:
            self._say(f"Telegram lets a takeout begin at {moment} ({self._choice.zone}). {meanwhile}")

    def _give_up(self, reason: str) -> None:
        self._is_wanted = False
        self._losses = MOST_LOSSES + 1
        self._say(f"{reason}: the export goes on without one.", level="warning")

    def _say(self, text: str, *, level: str = "info") -> None:
        self._emit(Said(level, text))
