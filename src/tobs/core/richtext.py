"""The one interpreter of entities: text and spans become a tree that nests properly.

Telegram's entities may nest, overlap, adjoin, reach beyond the text and cut a character in two, since
they count UTF-16 code units (https://core.telegram.org/api/entities). Every format walks the same tree,
so no format has an opinion of its own about that.

What the tree promises: joined, its texts are the whole text; a character lies in a span if one of its
code units lies in the entity; a span is never empty; a quote is never inside another span, a `pre` only
inside a quote, and inside `code` are only the kinds that change nothing but what a click does; links do
not overlap; pieces of one style that touch are one span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tobs.core.media import Entity


@dataclass(slots=True)
class Span:
    """A piece of text with a meaning; `kind`, `value` and `collapsed` are as in `Entity`."""

    kind: str
    value: str = ""
    collapsed: bool = False
    children: list[Node] = field(default_factory=list)


Node = str | Span


class _Piece(NamedTuple):
    """An entity in characters; the order of its fields is the order in which pieces open."""

    start: int
    level: int
    minus_end: int
    order: int
    kind: str
    value: str
    collapsed: bool

    @property
    def end(self) -> int:
        return -self.minus_end


STYLES = frozenset({"bold", "italic", "underline", "strike", "spoiler", "code"})
"""Kinds of which two touching pieces look the same as one."""

LINKS = frozenset({"text_url", "url", "email", "mention_name"})

BLOCKS = frozenset({"blockquote", "pre"})
"""Kinds that stand on lines of their own."""

_QUOTE, _PRE, _STYLE, _CODE, _LEAF = range(5)
_LEVELS = {"blockquote": _QUOTE, "pre": _PRE, "code": _CODE} | dict.fromkeys(
    (*(STYLES - {"code"}), *LINKS, "diff_insert", "diff_delete", "diff_replace"), _STYLE
)


def read_text(text: str, entities: list[Entity]) -> list[Node]:
    """Return the text as a tree of spans."""
    if not entities:
        return [text] if text else []
    pieces = list(_cut_pieces(text, entities))
    if len(pieces) == 1 or all(_is_apart(one, other) for one, other in pairwise(pieces)):
        return list(_line_up(text, pieces))
    return _nest_pieces(text, sorted(_part_links(_merge_pieces(pieces))))


def drop_blocks(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield a tree without quotes and blocks of code, but with what is in them."""
    for node in nodes:
        if isinstance(node, Span) and node.kind in BLOCKS:
            yield from drop_blocks(node.children)
        else:
            yield node


def plain_text(nodes: Iterable[Node]) -> str:
    """Return the text of a tree without its spans."""
    return "".join(node if isinstance(node, str) else plain_text(node.children) for node in nodes)


def _cut_pieces(text: str, entities: list[Entity]) -> Iterator[_Piece]:
    starts, ends = _unit_tables(text)
    units = len(starts) - 1 if starts else len(text)
    for order, each in enumerate(entities):
        low, high = max(0, each.offset), min(units, each.offset + each.length)
        if low < high:
            start, end = (starts[low], ends[high]) if starts else (low, high)
            level = _LEVELS.get(each.kind, _LEAF)
            value = "" if each.kind in STYLES else each.value
            is_folded = each.collapsed and each.kind == "blockquote"
            yield _Piece(start, level, -end, order, each.kind, value, is_folded)


def _unit_tables(text: str) -> tuple[list[int], list[int]]:
    """Return for each border between code units the character that a start or an end there means.

    Both are empty when every character is one unit, as in most texts.
    """
    if text.isascii() or len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text):
        return [], []
    starts: list[int] = []
    ends: list[int] = []
    for index, char in enumerate(text):
        starts.append(index)
        ends.append(index)
        if char > "\uffff":
            starts.append(index)
            ends.append(index + 1)
    starts.append(len(text))
    ends.append(len(text))
    return starts, ends


def _is_apart(one: _Piece, other: _Piece) -> bool:
    """Tell whether nothing is to be merged, parted or nested where a piece follows another."""
    return one.end < other.start or (one.end == other.start and one.kind != other.kind)


def _line_up(text: str, pieces: list[_Piece]) -> Iterator[Node]:
    """Yield what `_nest_pieces` would for pieces that lie apart, as in nearly all texts."""
    at = 0
    for start, _, minus_end, _, kind, value, collapsed in pieces:
        if at < start:
            yield text[at:start]
        at = -minus_end
        yield Span(kind, value, collapsed, [text[start:at]])
    if at < len(text):
        yield text[at:]


def _merge_pieces(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Unite equal pieces that overlap, and styles that touch."""
    merged: list[_Piece] = []
    for piece in sorted(pieces, key=lambda each: (each.kind, each.value, each.collapsed, each.start)):
        last = merged[-1] if merged else None
        if last is None or last[4:] != piece[4:] or not _is_joined(last, piece):
            merged.append(piece)
        elif piece.end > last.end:
            merged[-1] = last._replace(minus_end=piece.minus_end)
    return merged


def _is_joined(last: _Piece, piece: _Piece) -> bool:
    return piece.start < last.end or (piece.start == last.end and piece.kind in STYLES)


def _part_links(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Let links, quotes and blocks of code each begin where the earlier one of their sort ends."""
    ends: dict[str, int] = {}
    for piece in sorted(pieces):
        sort = "link" if piece.kind in LINKS else piece.kind
        if sort != "link" and piece.level > _PRE:
            yield piece
            continue
        start = max(piece.start, ends.get(sort, 0))
        if start < piece.end:
            ends[sort] = piece.end
            yield piece._replace(start=start)


def _nest_pieces(text: str, pieces: list[_Piece]) -> list[Node]:
    """Walk from border to border; what is open behind each is sorted by level, the longer open outside."""
    borders = sorted({0, len(text)} | {each.start for each in pieces} | {each.end for each in pieces})
    waiting = pieces[::-1]
    opened: list[_Piece] = []
    places: list[list[Node]] = [[]]
    for low, high in pairwise(borders):
        wanted = [each for each in opened if each.end > low]
        while waiting and waiting[-1].start == low:
            wanted.append(waiting.pop())
        wanted.sort(key=lambda each: each.level)
        kept = _count_equal(opened, wanted)
        del places[kept + 1 :]
        for piece in wanted[kept:]:
            span = Span(piece.kind, piece.value, piece.collapsed)
            places[-1].append(span)
            places.append(span.children)
        places[-1].append(text[low:high])
        opened = wanted
    return places[0]


def _count_equal(left: list[_Piece], right: list[_Piece]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one is not other:
            break
        count += 1
    return count
