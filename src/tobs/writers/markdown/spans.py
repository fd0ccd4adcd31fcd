"""Rich text in our dialect: CommonMark, `~~strike~~`, `||spoiler||`, and inline HTML for the rest.

For readers of CommonMark alone, strikes and spoilers are HTML too, and tags and folded quotes plain ones.

Delimiters are used where CommonMark's rules for them (section 6.2) hold whatever a reader takes for
punctuation; elsewhere, as inside a word, a style is written as an HTML element. Every line is closed in
itself: a style that goes on over a line's end is written once for each line. Blanks at the edge of a style
stand outside of it. Lines of one paragraph end with two blanks, which both Obsidian (that shows every
newline) and CommonMark (that does not) read as one line break.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from tobs.core.media import Entity
from tobs.core.richtext import BLOCKS, LINKS, STYLES, Node, Span, drop_blocks, plain_text, read_text
from tobs.writers.clean import clean_line, clean_text, is_clean_line
from tobs.writers.markdown.addresses import leads_somewhere, mark_address
from tobs.writers.markdown.code import make_block, make_span
from tobs.writers.markdown.escape import SPACES, escape_line, escape_text, keep_indent
from tobs.writers.markdown.tags import is_tag

Kinds = Mapping[str, str]
"""The kinds of span that a reader is shown, each with how it is written; others are shown as their text."""

_BLOCKS = BLOCKS | {"folded"}
_DELIMITERS = {"bold": "**", "strike": "~~", "italic": "_", "spoiler": "||"}
_ELEMENTS = {
    "bold": "b", "strike": "s", "italic": "i", "underline": "u", "diff_insert": "ins", "diff_delete": "del",
    "struck": "s", "covered": 'span class="spoiler"',
}  # fmt: skip
_MERGED = STYLES | {"struck", "covered"}
OBSIDIAN_KINDS: Kinds = {
    each: each for each in (*_DELIMITERS, *_ELEMENTS, *LINKS, "code", "hashtag", *_BLOCKS)
}
"""A folded quote is of a kind of its own; `struck` and `covered` are strikes and spoilers as HTML."""

COMMONMARK_KINDS: Kinds = {each: each for each in OBSIDIAN_KINDS if each != "hashtag"} | {
    "strike": "struck", "spoiler": "covered", "folded": "blockquote",
}  # fmt: skip
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

# Before a tag, Obsidian wants a blank or the start of a line; delimiters of ours do as well.
_BEFORE_TAG = frozenset({"", *SPACES, "*", "_", "~", "|", "(", ">"})


def render_text(text: str, entities: list[Entity], kinds: Kinds = OBSIDIAN_KINDS) -> str:
    """Return text as Markdown blocks with blank lines between them; empty when nothing is visible."""
    if not entities:
        text = clean_text(text)
        return escape_line(text.rstrip(" \t")) if "\n" not in text else join_lines(_escape_lines(text))
    nodes = read_text(text, entities)
    if is_clean_line(text) and (line := _take_line(nodes, kinds)) is not None:
        return _render_line(line)
    return "\n\n".join(_render_blocks(_tidy(nodes, kinds)))


def render_line(text: str, entities: list[Entity], kinds: Kinds = OBSIDIAN_KINDS) -> str:
    """Return text as one line of Markdown without blocks, for the start of a list item or a line."""
    lines = _split_lines(_tidy(list(drop_blocks(read_text(text, entities))), kinds))
    return " ".join(filter(None, (_render_line(line) for line in lines)))


def quote_block(block: str, mark: str = "") -> str:
    """Return Markdown blocks as a block quote; `mark` is a callout's, such as `[!quote]-`."""
    if block and not mark and "\n" not in block:
        return f"> {block}"
    lines = ([mark] if mark else []) + block.split("\n")
    return "\n".join(f"> {line}" if line else ">" for line in lines)


def join_lines(lines: Iterable[str]) -> str:
    """Return lines as paragraphs: an empty one parts them, others are parted by hard line breaks."""
    paragraphs: list[str] = []
    is_open = False
    for line in lines:
        if line and is_open:
            paragraphs[-1] += "  \n" + line
        elif line:
            paragraphs.append(line)
        is_open = bool(line)
    return "\n\n".join(paragraphs)


def _escape_lines(text: str) -> list[str]:
    return [escape_line(line.rstrip(" \t")) for line in text.split("\n")]


def _take_line(nodes: list[Node], kinds: Kinds) -> list[Node] | None:
    """Return what `_tidy` would of one clean line; None where spans hold others, or are blocks: few texts have them."""
    line: list[Node] = []
    for node in nodes:
        text = node if isinstance(node, str) else node.children[0]
        if isinstance(node, Span):
            if len(node.children) > 1 or not isinstance(text, str) or node.kind in BLOCKS:
                return None
            kind = kinds.get(node.kind)
            if kind and _is_delicate(kind, node, text, line[-1] if line else None):
                return None
            if kind:
                line.append(node if kind == node.kind else Span(kind, node.value, children=node.children))
                continue
        if line and isinstance(line[-1], str) and isinstance(text, str):
            line[-1] += text
        else:
            line.append(text)
    return line


def _is_delicate(kind: str, span: Span, text: str, last: Node | None) -> bool:
    """Tell whether a span may be none to the reader, or one with the span before it: then `_tidy` has to look."""
    if kind in LINKS:
        return not leads_somewhere(kind, span.value, text.strip(SPACES))
    if kind == "hashtag":
        return not is_tag(text.strip(SPACES))
    return isinstance(last, Span) and last.kind == kind and kind in _MERGED


def _tidy(nodes: list[Node], kinds: Kinds) -> list[Node]:
    """Return a tree of clean texts and of kinds that the reader is shown, where equal neighbours are one."""
    if len(nodes) == 1 and isinstance(nodes[0], str):  # as in nearly all spans
        return [cleaned] if (cleaned := clean_text(nodes[0])) else []
    tidied: list[Node] = []
    for node in _unwrap(nodes, kinds):
        last = tidied[-1] if tidied else None
        if isinstance(node, str):
            if isinstance(last, str):
                tidied[-1] = last + node
            else:
                tidied.append(node)
        elif isinstance(last, Span) and last.kind == node.kind and node.kind in _MERGED:
            tidied[-1] = Span(node.kind, children=_tidy([*last.children, *node.children], kinds))
        else:
            tidied.append(node)
    return tidied


def _unwrap(nodes: list[Node], kinds: Kinds) -> Iterator[Node]:
    """Yield a tree in which what becomes no link or tag is text: that of its neighbours may go on in it."""
    for node in nodes:
        if isinstance(node, str):
            if cleaned := clean_text(node):
                yield cleaned
        elif children := _tidy(node.children, {} if node.kind == "code" else kinds):
            kind = kinds.get("folded" if node.collapsed and node.kind == "blockquote" else node.kind)
            words = plain_text(children).strip(SPACES)
            if kind in LINKS and not leads_somewhere(kind, node.value, words):
                yield from children
                if kind == "text_url" and words:
                    yield from (" (", Span("code", children=[clean_line(node.value)]), ")")
            elif kind and (kind != "hashtag" or is_tag(words)):
                yield Span(kind, node.value, children=children)
            else:
                yield from children


def _render_blocks(nodes: list[Node]) -> Iterator[str]:
    inline: list[Node] = []
    for node in nodes:
        if isinstance(node, Span) and node.kind in _BLOCKS:
            yield from _render_paragraphs(inline)
            inline = []
            yield from _render_block(node)
        else:
            inline.append(node)
    yield from _render_paragraphs(inline)


def _render_paragraphs(nodes: list[Node]) -> Iterator[str]:
    lines = _split_lines(nodes)
    if found := join_lines(map(_render_line, lines)) if len(lines) > 1 else _render_line(lines[0]):
        yield found


def _render_block(span: Span) -> Iterator[str]:
    if span.kind == "pre":
        code = plain_text(span.children)
        if code.strip():
            yield make_block(code, span.value)
        return
    if inside := "\n\n".join(_render_blocks(span.children)):
        yield quote_block(inside, "[!quote]-" if span.kind == "folded" else "")


def _split_lines(nodes: list[Node]) -> list[list[Node]]:
    if "\n" not in plain_text(nodes):
        return [nodes]
    lines: list[list[Node]] = [[]]
    for node in nodes:
        if isinstance(node, str):
            pieces: list[list[Node]] = [[piece] if piece else [] for piece in node.split("\n")]
        else:
            pieces = [
                [Span(node.kind, node.value, children=line)] if line else []
                for line in _split_lines(node.children)
            ]
        lines[-1] += pieces[0]
        lines += pieces[1:]
    return lines


def _render_line(nodes: list[Node]) -> str:
    if len(nodes) == 1 and isinstance(nodes[0], str):
        return escape_line(nodes[0].rstrip(" \t"))
    return keep_indent(_join(nodes, edge="").rstrip(" \t"))


def _join(nodes: list[Node], *, edge: str, in_link: bool = False) -> str:
    """Return inline nodes as Markdown; `edge` is the character before them, none at a line's start."""
    written = ""
    for at, node in enumerate(nodes):
        before = written[-1:] or edge
        following = nodes[at + 1] if at + 1 < len(nodes) else ""
        if isinstance(node, Span):
            after = following[:1] if isinstance(following, str) else "*"
            written += _render_span(node, before, after, in_link=in_link)
        else:
            written += _escape_piece(node, is_first=not before, is_linked=isinstance(following, Span))
    return written


def _escape_piece(text: str, *, is_first: bool, is_linked: bool) -> str:
    blanks = len(text) - len(text.lstrip(" \t")) if is_first else 0
    escaped = escape_line(text) if is_first and not blanks else text[:blanks] + escape_text(text[blanks:])
    # A link behind an exclamation mark would be an image.
    return f"{escaped[:-1]}\\!" if is_linked and escaped.endswith("!") else escaped


def _render_span(span: Span, before: str, after: str, *, in_link: bool) -> str:
    if span.kind == "code":
        return make_span(plain_text(span.children), in_link=in_link)
    if span.kind == "hashtag":
        return _render_tag(plain_text(span.children), before, after)
    is_link = span.kind in LINKS
    only = span.children[0]
    if len(span.children) == 1 and isinstance(only, str):
        inner = escape_text(only)
    else:
        inner = _join(span.children, edge="[" if is_link else "*", in_link=in_link or is_link)
    body = inner.strip(SPACES)
    if not body:
        return inner
    start = inner.find(body)
    lead, trail = inner[:start], inner[start + len(body) :]
    if is_link:
        return (
            lead + mark_address(span.kind, span.value, plain_text(span.children).strip(SPACES), body) + trail
        )
    opening, closing = _choose_marks(span.kind, body, lead[-1:] or before, trail[:1] or after)
    return f"{lead}{opening}{body}{closing}{trail}"


def _choose_marks(kind: str, body: str, before: str, after: str) -> tuple[str, str]:
    delimiter = _DELIMITERS.get(kind, "")
    if kind == "spoiler" or (delimiter and _can_delimit(kind, body, before, after)):
        return delimiter, delimiter
    element = _ELEMENTS.get(kind, "ins")
    return f"<{element}>", f"</{element.partition(' ')[0]}>"


def _can_delimit(kind: str, body: str, before: str, after: str) -> bool:
    # An underscore means nothing beside a letter, so nothing but the outside counts for it.
    is_strict = kind == "italic"
    opens = _is_apart(before) or (not is_strict and body[0].isalnum())
    closes = _is_apart(after) or (not is_strict and body[-1].isalnum())
    return opens and closes


def _is_apart(char: str) -> bool:
    """Tell whether every reader takes the character (or none: a line's edge) for a blank or punctuation."""
    return not char or char in SPACES or char in _PUNCTUATION or unicodedata.category(char)[0] == "P"


def _render_tag(text: str, before: str, after: str) -> str:
    if before in _BEFORE_TAG and is_tag(text) and not (after.isalnum() or after in {"_", "-", "/"}):
        return text
    return escape_text(text) if before else escape_line(text)
