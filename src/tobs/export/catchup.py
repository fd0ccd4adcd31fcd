"""Brings what is stored up to date with what Telegram says was touched since the last run.

A difference names messages; those that are stored are looked up by id, so that every row still comes from an answer
about its own chat and every tombstone from one that had no message there. Only then the state moves on: a kill in
between repeats the difference.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from tobs.core.events import Said
from tobs.core.ids import is_channel
from tobs.core.model import Chat
from tobs.core.ports.chains import Chains
from tobs.core.ports.source import Difference
from tobs.core.report import AccountReport, ChangedChat, ChatReport, Followed, RunReport
from tobs.errors import ChatNotFound, Skipped, TobsError
from tobs.export.choose import ENDS_THE_RUN, Wanted
from tobs.export.fetch import Fetcher
from tobs.export.pipeline import Pipeline


@dataclass(slots=True)
class CatchUp:
    """Follows the differences of one run: the account's once, and each channel's when its turn comes."""

    pipeline: Pipeline
    stop: asyncio.Event
    _account: AccountReport = field(default_factory=AccountReport)

    async def follow_account(self, run: RunReport, named: Iterable[Wanted]) -> None:
        """Bring all private chats and basic groups of the account up to date, also those that are not named.

        Its state is taken when the first of them is to be exported. Raises only what ends the run.
        """
        source = self.pipeline.source
        chats = await self._chains.chats_of(source.account_id)
        if not chats or self.stop.is_set():
            return
        run.account = self._account = AccountReport(source.account_id)
        reports = {each.chat.key: each.report for each in named}
        try:
            self._account.difference = await self._follow_account(chats, reports)
        except ENDS_THE_RUN:
            raise
        except TobsError as error:
            self._account.difference = self._note_failure(error, "your private chats and groups")

    async def follow_chat(self, chat: Chat, report: ChatReport) -> bool:
        """Bring what is stored of a chat up to date; tell whether it is, as far as its chain reaches.

        That is asked once for each report. Raises only what ends the run: whatever else fails, the chat can be
        swept.
        """
        chain = await self._chains.read(chat)
        if not is_channel(chat.id):
            report.difference = self._account.difference
        elif chain and not report.difference:
            try:
                report.difference = await self._follow_channel(chat, chain.pts, report)
            except ENDS_THE_RUN:
                raise
            except TobsError as error:
                report.difference = self._note_failure(error, chat.title)
        return chain is not None and report.difference in {"applied", "begun"}

    @property
    def _chains(self) -> Chains:
        return self.pipeline.archive.chains

    async def _follow_account(
        self, chats: list[Chat], reports: dict[tuple[int, int], ChatReport]
    ) -> Followed:
        source, account = self.pipeline.source, self.pipeline.source.account_id
        state = await self._chains.state(account)
        if state is None:
            await self._chains.keep_state(account, await source.account_state())
            return "begun"
        difference = await source.account_difference(state)
        if difference.is_lost:
            await self._chains.keep_state(account, await source.account_state(), is_torn=True)
            return self._note_lost(difference, "your private chats and groups")
        for chat in chats if difference.changed or difference.gone else ():
            ids = await self._chains.find_touched(chat, difference)
            report = reports.get(chat.key) or ChatReport(chat.id, chat.title, account=account)
            await self._look_up(chat, ids, report)
            if chat.key not in reports and (report.edited or report.deleted):
                found = ChangedChat(chat.id, chat.title, report.edited, report.deleted)
                self._account.also_changed.append(found)
        if self.stop.is_set():
            return ""
        if difference.state != state:
            await self._chains.keep_state(account, difference.state)
        return "applied"

    async def _follow_channel(self, chat: Chat, pts: int, report: ChatReport) -> Followed:
        difference = await self.pipeline.source.channel_difference(chat, pts)
        if difference.is_lost:
            await self._chains.tear(chat)
            return self._note_lost(difference, chat.title)
        await self._look_up(chat, await self._chains.find_touched(chat, difference), report)
        if self.stop.is_set():
            return ""
        if difference.state.pts != pts:
            await self._chains.advance(chat, difference.state.pts)
        return "applied"

    async def _look_up(self, chat: Chat, ids: list[int], report: ChatReport) -> None:
        """Commit what Telegram has under these ids now."""

        async def look_up(fetcher: Fetcher) -> None:
            await fetcher.look_up(chat, ids, self.stop)

        if ids and not self.stop.is_set():
            writer = self.pipeline.make_writer(chat, report)
            await self.pipeline.run(look_up, writer, self.pipeline.make_throttle())

    def _note_lost(self, difference: Difference, whose: str) -> Followed:
        """Say why a list of changes is given up for good; a list that is too long is nothing out of the ordinary."""
        if difference.is_too_long:
            return "too long"
        text = (
            f"Telegram's list of changes in {whose} has something in it that this version of tobs does not know, so it"
            " is passed over: archived messages are read again instead."
        )
        self.pipeline.emit(Said("warning", text))
        return "unreadable"

    def _note_failure(self, error: TobsError, whose: str) -> Followed:
        """Say that a difference was not to be had; a chat that cannot be read at all will say so itself."""
        if not isinstance(error, ChatNotFound):
            text = f"Telegram's list of changes in {whose} is not used in this run. {error}"
            self.pipeline.emit(Said("warning", text))
        return "skipped" if isinstance(error, Skipped) else "failed"
