"""Conversations written by hand: what was said in a chat in the order of time, numbered when all is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import types

from tobs.simulator.logs import Entry, WrittenLog
from tobs.simulator.marks import peer_of
from tobs.simulator.markup import parse
from tobs.simulator.raw import mentioned_peers


@dataclass(slots=True)
class Draft:
    """A message that has no id yet. `links` are the TL objects to tell the id of another draft when it is known."""

    message: Any
    gap: int = 0
    topic: int = 0
    links: list[tuple[Any, str, "Draft"]] = field(default_factory=list)

    @property
    def date(self) -> datetime:
        """When it was sent."""
        moment: datetime = self.message.date
        return moment


class Script:
    """Writes the messages of one chat.

    `me` is the account whose messages go out. The clock stands where `at` and `later` put it; each message moves
    it on by a few seconds, so dates never descend.
    """

    def __init__(self, chat: int, me: int, begin: datetime) -> None:
        self.chat = chat
        self.me = me
        self.clock = begin.astimezone(UTC)
        self.drafts: list[Draft] = []
        self._gap = 0
        self._albums = 0
        self.topic: Draft | None = None

    def at(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> None:
        """Set the clock (UTC), not to before the last message."""
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if self.drafts and moment < self.drafts[-1].date:
            raise ValueError(
                f"Chat {self.chat} has a message of {self.drafts[-1].date}, later than {moment}."
            )
        self.clock = moment

    def later(self, **span: int) -> None:
        """Move the clock on, in the words of `timedelta`."""
        self.clock += timedelta(**span)

    def gap(self, count: int) -> None:
        """Leave out that many ids before the next message, as if those messages had been deleted."""
        self._gap += count

    def say(
        self,
        who: int | None,
        source: str = "",
        *,
        reply: Draft | None = None,
        quote: str | None = None,
        media: Any = None,
        **fields: Any,
    ) -> Draft:
        """Write a message in the notation of `markup`; `who` is a marked id, None when no sender is told."""
        text, entities = parse(source)
        fields.setdefault("entities", entities)
        fields.setdefault("message", text)
        return self._add(types.Message, who, reply, media=media, quote=quote, **fields)

    def act(self, who: int | None, action: Any, *, reply: Draft | None = None, **fields: Any) -> Draft:
        """Write a service message."""
        return self._add(types.MessageService, who, reply, action=action, **fields)

    def album(
        self, who: int | None, media: list[Any], captions: dict[int, str], **fields: Any
    ) -> list[Draft]:
        """Write an album; `captions` says which members carry words."""
        self._albums += 1
        grouped_id = 13_700_000_000_000_000 + abs(self.chat) * 1000 + self._albums
        clock = self.clock
        members = []
        for index, item in enumerate(media):
            # All members of an album have the same second, as the service gives it.
            self.clock = clock
            members.append(
                self.say(who, captions.get(index, ""), media=item, grouped_id=grouped_id, **fields)
            )
        return members

    def edit(self, draft: Draft, seconds: int, **fields: Any) -> None:
        """Mark a message as edited that long after it was sent."""
        draft.message.edit_date = draft.date + timedelta(seconds=seconds)
        for name, value in fields.items():
            setattr(draft.message, name, value)

    def _add(
        self, make: Any, who: int | None, reply: Draft | None, *, quote: str | None = None, **fields: Any
    ) -> Draft:
        fields.update(self._sender(who))
        draft = Draft(make(id=0, peer_id=peer_of(self.chat), date=self.clock, **fields), gap=self._gap)
        self._gap = 0
        self._link(draft, reply, quote)
        self.drafts.append(draft)
        self.later(seconds=7 + len(self.drafts) % 23)
        return draft

    def _sender(self, who: int | None) -> dict[str, Any]:
        """Return the fields that tell a sender as the service does: not in a private chat for what came in."""
        if who == self.me and self.chat != self.me:
            return {"from_id": peer_of(who), "out": True}
        if who is None or (self.chat > 0 and who == self.chat):
            return {}
        return {"from_id": peer_of(who)}

    def _link(self, draft: Draft, reply: Draft | None, quote: str | None) -> None:
        target = reply or self.topic
        if target is None or draft.message.reply_to is not None:
            return
        header = types.MessageReplyHeader(reply_to_msg_id=0)
        draft.links.append((header, "reply_to_msg_id", target))
        if quote is not None:
            header.quote, header.quote_text, header.quote_offset = True, quote, 0
        if self.topic is not None:
            header.forum_topic = True
            if reply is not None and reply is not self.topic:
                header.reply_to_top_id = 0
                draft.links.append((header, "reply_to_top_id", self.topic))
            draft.links.append((draft, "topic", self.topic))
        draft.message.reply_to = header


def number(scripts: Iterable[Script], first: int = 1) -> None:
    """Give ids by date over all these scripts, which share one sequence."""
    following = first
    for draft in sorted(
        (draft for script in scripts for draft in script.drafts), key=lambda draft: draft.date
    ):
        following += draft.gap
        draft.message.id = following
        following += 1


def tell_ids(scripts: Iterable[Script]) -> None:
    """Tell the ids, once all are given, to whatever refers to them."""
    for script in scripts:
        for draft in script.drafts:
            for holder, name, target in draft.links:
                setattr(holder, name, target.message.id)


def write_log(script: Script) -> WrittenLog:
    """Return the numbered messages of one chat as its log."""
    return WrittenLog(
        [
            Entry(
                draft.message.id,
                int(draft.date.timestamp()),
                bytes(draft.message),
                frozenset(mentioned_peers(draft.message)),
                draft.topic,
            )
            for draft in script.drafts
        ]
    )
