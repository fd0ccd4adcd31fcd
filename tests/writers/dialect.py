"""Reads our Markdown back, as Obsidian and CommonMark together would: marks that either knows count.

`read_marked` gives every visible character with the kinds of span that it stands in, named as Telegram's
entities are. What must never come out of typed text (headings, tables, tags, mathematics, …) has a name too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

Marked = list[tuple[str, frozenset[str]]]

_PAIRS = {"||": "spoiler", "==": "highlight", "%%": "comment"}
_NAMES = {
    "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "s": "strike", "u": "underline", "link": "text_url",
    "code": "code", "span": "spoiler",
}  # fmt: skip
_WORDS = re.compile(r"[^\n!#$%&*<=\[\]^_`~\\|]+")
_TAG = re.compile(r"#[\w/-]*[^\W\d][\w/-]*")
_WIKILINK = re.compile(r"\[\[[^\]\n]+\]\]")
_BLOCK_ID = re.compile(r"(?:^|\s)\^[A-Za-z0-9-]+$")
_CALLOUT = "[!quote]-"
_QUIET = frozenset({"paragraph", "inline", "softbreak", "hardbreak"})


def make_reader() -> MarkdownIt:
    """Return CommonMark with tables, strikes, mathematics, footnotes and Obsidian's own marks."""
    reader = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    reader.use(dollarmath_plugin, double_inline=True).use(footnote_plugin)
    reader.inline.ruler.at("text", _read_words)
    reader.inline.ruler.before("link", "pairs", _read_pair)
    reader.inline.ruler.before("link", "single", _read_single)
    return reader


def _read_words(state: StateInline, silent: bool) -> bool:
    found = _WORDS.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.pending += found[0]
    state.pos = found.end()
    return True


def _read_pair(state: StateInline, silent: bool) -> bool:
    mark = state.src[state.pos : state.pos + 2]
    if mark not in _PAIRS:
        return False
    if not silent:
        state.push(f"pair_{_PAIRS[mark]}", "", 0)
    state.pos += 2
    return True


def _read_single(state: StateInline, silent: bool) -> bool:
    before = state.src[state.pos - 1 : state.pos]
    if found := _WIKILINK.match(state.src, state.pos):
        kind = "wikilink"
    elif (not before or before in " \n*_~|(>") and (found := _TAG.match(state.src, state.pos)):
        kind = "hashtag"
    else:
        return False
    if not silent:
        state.push(kind, "", 0).content = found[0]
    state.pos = found.end()
    return True


READER = make_reader()


def read_marked(source: str, reader: MarkdownIt = READER) -> Marked:
    """Return the visible characters in order, as a reader has them; breaks and ends of blocks are newlines."""
    marked: Marked = []
    opened: list[str] = []
    for token in reader.parse(source):
        if token.type == "inline":
            _read_inline(token, opened, marked)
            marked.append(("\n", frozenset()))
        elif token.type in {"fence", "code_block"}:
            kind = "pre" if token.type == "fence" else "code_block"
            marked += [(char, frozenset({*opened, kind})) for char in token.content]
        elif token.nesting == 1 and token.type.removesuffix("_open") not in _QUIET:
            opened.append(token.type.removesuffix("_open"))
        elif token.nesting == -1 and token.type.removesuffix("_close") not in _QUIET:
            opened.pop()
        elif not token.nesting:
            marked.append(("?", frozenset({token.type})))
    return marked


def _read_inline(token: Token, blocks: Sequence[str], marked: Marked) -> None:
    children = token.children or []
    if blocks and children and children[0].content == _CALLOUT:
        children = children[1:]
    if _BLOCK_ID.search(token.content):
        marked.append(("?", frozenset({"block_id"})))
    opened: list[str] = []
    for child in children:
        _toggle(child, opened)
        kinds = frozenset({*blocks, *opened})
        if child.type in {"softbreak", "hardbreak"}:
            marked.append(("\n", kinds))
        elif child.type == "code_inline":
            marked += [(char, kinds | {"code"}) for char in child.content]
        elif child.type == "text":
            marked += [(char, kinds) for char in child.content]
        elif child.type in {"hashtag", "wikilink"}:
            marked += [(char, kinds | {child.type}) for char in child.content]
        elif not child.nesting and child.type != "html_inline" and not child.type.startswith("pair_"):
            marked.append(("?", kinds | {child.type}))


def _toggle(child: Token, opened: list[str]) -> None:
    name = child.tag
    closes = child.nesting == -1
    if child.type == "html_inline":
        name, closes = child.content.strip("</>").partition(" ")[0], child.content.startswith("</")
    elif child.type.startswith("pair_"):
        name = child.type.removeprefix("pair_")
        closes = name in opened
    elif child.type in {"link_open", "link_close"}:
        name = "link"
    elif not child.nesting:
        return
    name = _NAMES.get(name, name)
    opened.remove(name) if closes else opened.append(name)
