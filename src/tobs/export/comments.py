"""The comments of a channel's posts: its whole discussion group in one pass, below the channel."""

from __future__ import annotations

from dataclasses import dataclass, field

from tobs.core.events import Said
from tobs.core.model import Chat
from tobs.core.report import ChatReport, RunReport
from tobs.errors import Stopped, TobsError
from tobs.export.chat import ChatExporter
from tobs.export.choose import ENDS_THE_RUN, note_failure


@dataclass(slots=True)
class CommentExporter:
    """Exports the discussion group of a channel; `named` are the chats that the run exports anyway."""

    exporter: ChatExporter
    named: set[tuple[int, int]] = field(default_factory=set)

    async def export_comments(self, channel: Chat, report: ChatReport, run: RunReport) -> None:
        """Fetch what is said below the posts; a group that may not be read fails by itself."""
        line = self.exporter.pipeline
        if channel.kind != "channel" or self.exporter.stop.is_set():
            return
        if self.exporter.limits.has_ids:
            text = f"Comments of {channel.title} are not fetched: its ids are not those of the comments."
            line.emit(Said("info", text))
            return
        comments = ChatReport(0, f"Comments of {channel.title}")
        try:
            group = await line.source.find_group(channel)
        except Stopped:
            raise
        except TobsError as error:
            run.chats.insert(run.chats.index(report) + 1, comments)
            note_failure(line.emit, comments, error)
            if isinstance(error, ENDS_THE_RUN):
                raise
            return
        if group is None:
            return
        group = await line.archive.link_discussion(channel, group)
        if group.key not in self.named:
            self.named.add(group.key)
            comments.id = group.id
            run.chats.insert(run.chats.index(report) + 1, comments)
            await self.exporter.export_chat(group, comments)
