"""One topic, one thread, or one post with its comments: what a link or an option names inside a chat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import msgspec

from tobs.core.chatname import Spot, list_nearest
from tobs.core.events import Said
from tobs.core.model import Chat, Content, Counters, MessageRow
from tobs.core.ports.source import Look
from tobs.core.report import ChatReport, RunReport
from tobs.core.words import say_list, say_some
from tobs.errors import ChatNotFound, ServerError, UsageError
from tobs.export.chat import ChatExporter
from tobs.export.pipeline import Pipeline
from tobs.export.topics import TopicNamer

_NAMED = 12
"""How many topics are named to somebody who asked for one that is not there."""


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
                titles = (await self._line.archive.known_topics(chat)).titles
                report.title = f"{chat.title}, topic {titles.get(root) or root}"
                await self.exporter.fetch_thread(chat, root, report)
            else:
                await self._export_thread(chat, spot, report)

    async def _export_thread(self, chat: Chat, spot: Spot, report: ChatReport) -> None:
        """Fetch the message that is named, the one under which its thread stands, and what answers that."""
        _refuse_kind(chat, spot)
        root, is_answered = spot.thread, True
        if spot.message:
            report.title = f"{chat.title}, message {spot.message}"
            row = await self._fetch_named(chat, spot.message, report)
            root = root or _find_root(row, spot.message)
            is_answered = root != spot.message or row is None or _count_replies(row) > 0
        if root != spot.message and not await self.exporter.fetch_message(chat, root, report):
            if not spot.message:
                raise _no_message(chat, root)
            text = f"{chat.title} has no message {root} any more, which message {spot.message} answers"
            self._line.emit(Said("warning", f"{text}: only message {spot.message} is exported."))
            return
        also = f" with message {spot.message}" if spot.message not in {0, root} else ""
        report.title = f"{chat.title}, thread {root}{also}"
        try:
            await self.exporter.fetch_thread(chat, root, report)
        except ServerError:
            if is_answered:
                raise  # else that is how Telegram says that there is no thread
        if spot.message and report.asked:
            low, high = min(report.asked.low, spot.message), max(report.asked.high, spot.message)
            report.asked = replace(report.asked, low=low, high=high)

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
            if not await self.exporter.fetch_message(channel, post, report):
                raise _no_message(channel, post)
            found = await self._line.source.find_discussion(channel, post)
        if found is None or self.exporter.stop.is_set():
            return
        comments = ChatReport(found.group.id, f"{channel.title}, comments of post {post}")
        run.chats.insert(run.chats.index(report) + 1, comments)
        group = await self._line.archive.link_discussion(channel, found.group)
        async with self.exporter.reporting(group, comments):
            if not await self.exporter.fetch_message(group, found.root_id, comments):
                raise _no_message(group, found.root_id)
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
                numbers = say_list([str(each) for each in found])
                raise UsageError(
                    f"{len(found)} topics of {forum.title} are called {title!r}: {numbers}.",
                    hint="Give --topic one of these numbers.",
                )
        raise ChatNotFound(f"{forum.title} has no topic {title!r}.", hint=_list_topics(title, titles))

    async def _fetch_named(self, chat: Chat, message_id: int, report: ChatReport) -> MessageRow | None:
        """Store a message and return it as it is now, None when it cannot be read. Raises ChatNotFound."""
        is_there = await self.exporter.fetch_message(chat, message_id, report)
        row = await self._look_at(chat, message_id) if is_there else None
        if row is None and message_id not in await self._line.archive.unreadable_layers(chat):
            raise _no_message(chat, message_id)
        return row

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


def _list_topics(title: str, titles: dict[int, str]) -> str:
    """Return a sentence with the topics that may be meant by a title: the nearest, or else the first of all."""
    near = list_nearest(title, titles.values())
    found = [
        f"{said} ({number})" for number, said in sorted(titles.items()) if said and (not near or said in near)
    ]
    if near or not found:
        return f"The nearest titles are: {', '.join(found)}." if found else ""
    return f"Its topics are: {say_some(found[:_NAMED], len(found))}."


def _refuse_kind(chat: Chat, spot: Spot) -> None:
    """Raise ChatNotFound for a chat that has no threads, or not what the spot names."""
    if chat.kind != "supergroup":
        raise ChatNotFound(
            f"{chat.title} has no {'topics' if spot.title else 'threads'} that could be exported alone.",
            hint="`--from-id` and `--to-id` export a range of its messages.",
        )
    if spot.title:
        raise ChatNotFound(
            f"{chat.title} is no forum, so it has no topics.",
            hint="`--post` takes the number of a message and exports it with its thread.",
        )


def _no_message(chat: Chat, message_id: int) -> ChatNotFound:
    return ChatNotFound(f"{chat.title} has no message {message_id}.", hint="It may have been deleted.")


def _find_root(row: MessageRow | None, message_id: int) -> int:
    """Return the message under which the thread of a message stands: itself when it answers none of its chat."""
    if row is None or row.reply_to_id is None:
        return message_id
    reply = msgspec.json.decode(row.content, type=Content).reply
    return (reply.top_id if reply else 0) or row.reply_to_id


def _count_replies(row: MessageRow) -> int:
    return msgspec.json.decode(row.counters, type=Counters).replies
