"""From a message id to the place that shows the message, in whichever file that is."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from tobs.core.media import Entity, Media
from tobs.core.model import Chat, Message
from tobs.core.names import has_visible
from tobs.core.ports.reader import Reader
from tobs.writers.clean import clean_line
from tobs.writers.kinds import KIND_WORDS
from tobs.writers.layout import Layout, Place

EXCERPT_LENGTH = 100
_CACHE_SIZE = 20_000
_NEAR_SIZE = 1_000
_HIDDEN = "\u2592"


class Target(NamedTuple):
    """A message that others point at: where it stands, who sent it, and its first words, as typed.

    `place` is that of its album; `anchor` names it in its file, `path` is the file's below the export folder.
    """

    place: Place
    path: str
    anchor: str
    sender_id: int | None
    words: str


class Links:
    """Finds the messages of one chat; remembers what it found while one rendering lasts.

    `head` is the chat in whose files they stand: `chat` itself, or the supergroup that it became.
    """

    def __init__(
        self, reader: Reader, head: Chat, chat: Chat, layout: Layout, *, hides_deleted: bool
    ) -> None:
        self._reader = reader
        self._head = head
        self.chat = chat
        self._layout = layout
        self._hides_deleted = hides_deleted
        self._found: dict[int, Target | None] = {}
        self._near: dict[int, Message] = {}
        self._before: dict[int, Message] = {}

    def pass_by(self, members: list[Message]) -> None:
        """Remember messages for the answers that soon follow, which then need not be looked up."""
        for each in members:
            self._near[each.id] = each
        if len(self._near) >= _NEAR_SIZE:
            self._near, self._before = {}, self._near

    def list_shown(self, members: list[Message]) -> list[Message]:
        """Return the messages that are not hidden."""
        return [each for each in members if not self.hides(each)] if self._hides_deleted else members

    def hides(self, message: Message) -> bool:
        """Tell whether the message is deleted and not to be shown."""
        return bool(self._hides_deleted and message.gone_at)

    def find_hidden(self, message_id: int) -> bool:
        """Tell whether there is a message with that id, and it is hidden."""
        message = self._read(message_id) if self._hides_deleted else None
        return message is not None and self.hides(message)

    def find_outside(self, message_id: int) -> Message | None:
        """Return the message with that id when it is shown, but not in the part of the archive that is drawn."""
        message = self._reader.outside(self.chat, message_id)
        return None if message is None or self.hides(message) else message

    def find(self, message_id: int) -> Target | None:
        """Return the message with that id, or None when the archive does not have it or it is hidden."""
        if message_id not in self._found:
            if len(self._found) >= _CACHE_SIZE:
                self._found.clear()
            self._found[message_id] = self._look_up(message_id)
        return self._found[message_id]

    def _look_up(self, message_id: int) -> Target | None:
        message = self._read(message_id)
        if message is None or self.hides(message):
            return None
        place = self._layout.locate(self._head, self.chat, message)
        path = self._layout.find_path(place.partition, place.part)
        anchor = make_anchor(self.chat, place.first_id)
        return Target(place, path, anchor, message.sender_id, find_words(self._find_caption(message)))

    def _find_caption(self, message: Message) -> Message:
        """Return the member of a message's album that has the caption: Telegram shows it below all of them."""
        if message.album_id is None or has_visible(message.text):
            return message
        members = self.list_shown(self._reader.album(self.chat, message.album_id))
        return next((each for each in members if has_visible(each.text)), message)

    def find_part(self, message_id: int, *, task_id: int, poll_option: str) -> str:
        """Return the words of one task of a to-do list or of one answer of a poll, as typed; empty for none."""
        message = self._read(message_id)
        media = message.content.media if message and not self.hides(message) else None
        if media is None:
            return ""
        tasks = [each.text for each in media.tasks if each.id == task_id]
        answers = (
            [each.text for each in media.poll.answers if each.option == poll_option] if media.poll else []
        )
        return clean_line("".join((tasks + answers)[:1]))

    def find_move(self) -> Target | None:
        """Return the message with which a group ends or its supergroup begins, as `find` does."""
        found = self._reader.find_move(self.chat)
        return self.find(found.id) if found else None

    def _read(self, message_id: int) -> Message | None:
        near = self._near.get(message_id) or self._before.get(message_id)
        return near or self._reader.message(self.chat, message_id)


def make_anchor(chat: Chat, message_id: int) -> str:
    """Return the name of a message in its file; ids of a group and its supergroup collide."""
    return f"{'g' if chat.migrated_to else 'm'}{message_id}"


def find_words(message: Message) -> str:
    """Return the first words of a message on one line, as typed, or else what it is.

    Words under a spoiler stay covered.
    """
    content = message.content
    text = clean_line(cover_spoilers(message.text, content.entities))
    if not has_visible(text) and content.page:
        text = clean_line(content.page.find_text())
    if not has_visible(text) and content.media:
        text = clean_line(_find_title(content.media))
    if not has_visible(text):
        return KIND_WORDS.get(content.media.kind if content.media else message.kind, "message")
    return cut_words(text, EXCERPT_LENGTH)


def cut_words(text: str, length: int) -> str:
    """Return the start of a text, cut between words where that is possible, with `…` for the rest."""
    if len(text) <= length:
        return text
    start, blank, _ = text[: length + 1].rpartition(" ")
    return f"{(start if blank and len(start) > length // 2 else text[:length]).rstrip()}…"


def cover_spoilers(text: str, entities: list[Entity]) -> str:
    """Return a text of which nothing under a spoiler can be read."""
    spoilers = [each for each in entities if each.kind == "spoiler"]
    if not spoilers:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    for each in sorted(spoilers, key=attrgetter("offset")):
        low, high = 2 * max(0, each.offset), 2 * max(0, each.offset + each.length)
        cover = _HIDDEN.encode("utf-16-le") * (len(units[low:high]) // 2)
        units = units[:low] + cover + units[high:]
    return units.decode("utf-16-le", "replace")


def _find_title(media: Media) -> str:
    if media.poll:
        return media.poll.question
    if media.kind == "sticker":
        return f"{media.emoji} sticker".strip()
    if media.kind == "webpage":
        return media.title or media.url
    if media.kind == "story":
        return media.description
    return media.title if media.kind in {"todo", "game", "invoice"} else ""
