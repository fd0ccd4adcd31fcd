"""What a search looks through: for each page a small script with the words of its messages.

A page from disk may not read other files, but it may run scripts that lie beside it. So the words of a page
are a call that hands them over, and are loaded when somebody searches, page by page.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tobs.core.media import Block, Media
from tobs.core.model import Message
from tobs.writers.clean import clean_line
from tobs.writers.html.message import Entry
from tobs.writers.links import cover_spoilers

_encoder = msgspec.json.Encoder()


class Words:
    """Gathers what can be found on a page; `rows` are anchor, moment, number of the sender's name, and text."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._names: dict[str, int] = {}
        self.rows: list[tuple[str, str, int, str]] = []

    def add(self, entry: Entry, members: list[Message]) -> None:
        """Add a message, or the members of an album as one."""
        text = entry.service or " ".join(
            filter(None, (clean_line(" ".join(_list_words(each))) for each in members))
        )
        sender = self._names.setdefault(entry.sender, len(self._names))
        self.rows.append((entry.anchor, entry.moment[:16], sender, text))

    def write(self) -> bytes:
        """Return the script."""
        # No text of JSON ends a script or means another thing in JavaScript; a line a message reads better in a diff.
        rows = b",\n".join(map(_encoder.encode, self.rows))
        head = _encoder.encode(self._page) + b"," + _encoder.encode([*self._names])
        return b"tobs.words(" + head + b",[\n" + rows + b"\n]);\n"


def _list_words(message: Message) -> Iterator[str]:
    yield cover_spoilers(message.text, message.content.entities)
    if page := message.content.page:
        for each in page.list_blocks():
            yield from _list_block_words(each)
    if check := message.counters.fact_check:
        yield cover_spoilers(check.text, check.entities)
    if media := message.content.media:
        yield from _list_media_words(media)


def _list_block_words(block: Block) -> Iterator[str]:
    yield cover_spoilers(block.text, block.entities)
    for part in (block.title, block.caption, block.credit):
        if part:
            yield from _list_block_words(part)


def _list_media_words(media: Media) -> Iterator[str]:
    title, description = media.title, media.description
    if media.kind == "todo":
        title = cover_spoilers(title, media.entities)
    else:
        description = cover_spoilers(description, media.entities)
    yield from (media.performer, title, description, media.url)
    if media.file:
        yield media.file.name
    if media.poll:
        yield cover_spoilers(media.poll.question, media.poll.entities)
        yield from (cover_spoilers(each.text, each.entities) for each in media.poll.answers)
    yield from (cover_spoilers(each.text, each.entities) for each in media.tasks)
    if media.place:
        yield from (media.place.title, media.place.address)
    if media.contact:
        yield from (media.contact.first_name, media.contact.last_name, media.contact.phone)
    for item in media.items:
        yield from _list_media_words(item)
