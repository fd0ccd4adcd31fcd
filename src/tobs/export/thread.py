"""One topic, one thread, or one post with its comments: what a link or an option names inside a chat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import msgspec

from tobs.core.chatname import Spot, list_nearest
from tobs.core.model import Chat, Content, Counters, MessageRow
from tobs.core.ports.source import Look
from tobs.core.report import ChatReport, RunReport
from tobs.errors import ChatNotFound
from tobs.export.chat import ChatExporter
from tobs.export.pipeline import Pipeline
from tobs.export.topics import TopicNamer


@dataclass(slots=True)
class ThreadExporter:
    """Finds the thread that a spot means, and brings the archive up to date with it."""

    exporter: ChatExporter

    async def export_spot(self, chat: Chat, spot: Spot, report: ChatReport, run: RunReport) -> None:
        """Fetch what the spot names; the comments of a post have a report of their own, put into the run's."""
        if chat.kind == "channel":
            await self._export_post(chat, spot, report, run)
            return
        async with self.exporter.reporting(chat, report) as topics:
            if chat.kind == "forum":
                root = await self._find_topic(chat, spot, topics)
            else:
                root = await self._find_root(chat, spot)
                report.title = f"{chat.title}, thread {root}"
                await self.exporter.fetch_message(chat, root, report)
            if chat.kind == "forum":
                titles = (await self._line.archive.known_topics(chat)).titles
                report.title = f"{chat.title}, topic {titles.get(root) or root}"
            await self.exporter.fetch_thread(chat, root, report)

    async def _export_post(self, channel: Chat, spot: Spot, report: ChatReport, run: RunReport) -> None:
        post = spot.message or spot.thread
        found = None
        async with self.exporter.reporting(channel, report):
            if not post:
                raise ChatNotFound(
                    f"{channel.title} is a channel, which has posts and no topics.",
                    hint="`--post` takes the number of one.",
                )
            report.title = f"{channel.title}, post {post}"
            await self.exporter.fetch_message(channel, post, report)
            found = await self._line.source.find_discussion(channel, post)
        if found is None or self.exporter.stop.is_set():
            return
        comments = ChatReport(found.group.id, f"{channel.title}, comments of post {post}")
        run.chats.insert(run.chats.index(report) + 1, comments)
        group = await self._line.archive.link_discussion(channel, found.group)
        async with self.exporter.reporting(group, comments):
            await self.exporter.fetch_message(group, found.root_id, comments)
            await self.exporter.fetch_thread(group, found.root_id, comments)

    @property
    def _line(self) -> Pipeline:
        return self.exporter.pipeline

    async def _find_topic(self, forum: Chat, spot: Spot, topics: TopicNamer) -> int:
        """Return the id of the topic that is meant. Raises ChatNotFound."""
        if spot.title:
            return await self._match_title(forum, spot.title, topics)
        number = spot.thread or spot.message
        if number in (await self._line.archive.known_topics(forum)).titles:
            return number
        [found] = await self._line.source.find_topics(forum, [number])
        if not found.is_missing:
            await self._line.archive.note_topics(forum, [found], listed_at=None)
            return number
        row = None if spot.thread else await self._look_at(forum, number)
        if row is None or row.topic_id is None:
            what = "topic" if spot.thread else "topic or message"
            raise ChatNotFound(f"{forum.title} has no {what} {number}.", hint="It may have been deleted.")
        return row.topic_id

    async def _match_title(self, forum: Chat, title: str, topics: TopicNamer) -> int:
        for is_again in (False, True):
            if is_again:  # made since the list was read
                await topics.list_all(forum)
            titles = (await self._line.archive.known_topics(forum)).titles
            found = [each for each, said in titles.items() if said == title] or [
                each for each, said in titles.items() if said.casefold() == title.casefold()
            ]
            if len(found) == 1:
                return found[0]
            if found:
                numbers = ", ".join(map(str, found))
                raise ChatNotFound(
                    f"{len(found)} topics of {forum.title} are called {title!r}.",
                    hint=f"Use one of the numbers: {numbers}.",
                )
        near = list_nearest(title, titles.values())
        raise ChatNotFound(
            f"{forum.title} has no topic {title!r}.",
            hint=f"The nearest titles are: {', '.join(near)}." if near else "",
        )

    async def _find_root(self, chat: Chat, spot: Spot) -> int:
        """Return the message under which the thread that is meant stands. Raises ChatNotFound."""
        if chat.kind != "supergroup" or spot.title:
            raise ChatNotFound(
                f"{chat.title} has no {'topics' if spot.title else 'threads'} that could be exported alone.",
                hint="Leave the topic out to export the whole chat."
                if spot.title
                else "`--from-id` and `--to-id` export a range of its messages.",
            )
        if spot.thread:
            return spot.thread
        row = await self._look_at(chat, spot.message)
        if row is None:
            raise ChatNotFound(
                f"{chat.title} has no message {spot.message}.", hint="It may have been deleted."
            )
        reply = msgspec.json.decode(row.content, type=Content).reply
        if root := (reply.top_id if reply else 0) or row.reply_to_id or 0:
            return root
        if msgspec.json.decode(row.counters, type=Counters).replies:
            return spot.message
        raise ChatNotFound(
            f"Nobody has answered message {spot.message} of {chat.title}, so there is no thread to export.",
            hint=f"`--from-id {spot.message} --to-id {spot.message}` exports that message alone.",
        )

    async def _look_at(self, chat: Chat, message_id: int) -> MessageRow | None:
        """Return a message without storing it."""
        line = self._line
        page = await line.source.look(chat, Look(top=message_id, limit=1))
        decode = partial(
            line.decoder,
            chat_id=chat.id,
            account=line.source.account_id,
            is_forum=chat.kind == "forum",
        )
        rows = (await line.pool.run(decode, page.raw)).rows
        return next((each for each in rows if each.id == message_id), None)
