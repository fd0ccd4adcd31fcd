"""Rich messages: what their blocks are to a reader, whatever the format."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.media import Block, Media, Page

_PICTURE, _SHOWN_PICTURE = "\ufffc", "\u25a1"
_HEADINGS = {
    "title": 1, "header": 1, "subtitle": 2, "subheader": 2,
    **{f"heading{level}": level for level in range(1, 7)},
}  # fmt: skip

CUT = "Telegram sent only the beginning of this message"
"""What stands behind the blocks of a message of which there is more."""


def find_level(block: Block) -> int:
    """Return how deep a heading is, from 1 on; 0 for what is none."""
    return _HEADINGS.get(block.kind, 0)


def read_block(block: Block) -> str:
    """Return a block's text, with a sign of as many code units for each picture in it."""
    return block.text.replace(_PICTURE, _SHOWN_PICTURE)


def list_captions(block: Block) -> Iterator[Block]:
    """Yield what stands below a block: its caption, and whose it is."""
    for part in (block.caption, block.caption.credit if block.caption else None, block.credit):
        if part:
            yield part


def list_loose(page: Page) -> Iterator[Media]:
    """Yield the media that no block shows; a custom emoji stands in a text."""
    return (each for each in page.media if not each.is_custom_emoji)


def title_folded(block: Block) -> str:
    """Return what is shown of a block that is to be opened."""
    if block.title:
        return block.title.text
    return "Thinking" if block.kind == "thinking" else "Details"
