"""A text as Desktop has it: a flat list of parts, each of one kind.

Desktop has no spans inside of spans. Where Telegram's overlap, each character is of the kind that says most: a link
before a style, a style before a quotation; joined, the parts are always the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tobs.core.media import Entity, File
from tobs.core.richtext import Node, Span, read_text
from tobs.writers.files import find_file
from tobs.writers.scene import Scene

Part = dict[str, Any]

_SAME = (
    "bank_card", "blockquote", "bold", "bot_command", "cashtag", "code", "custom_emoji", "email", "hashtag", "italic",
    "mention", "mention_name", "phone", "pre", "spoiler", "underline",
)  # fmt: skip
_TYPES = {**{each: each for each in _SAME}, "strike": "strikethrough", "text_url": "text_link", "url": "link"}
_STYLE, _LINK = 2, 5
_RANKS = {
    "blockquote": 1, "bold": _STYLE, "italic": _STYLE, "underline": _STYLE, "strike": _STYLE, "spoiler": 3, "code": 4,
    "pre": 4,
}  # fmt: skip
_FIELDS = frozenset({"kind", "offset", "length", "value", "collapsed"})


def list_parts(scene: Scene, text: str, entities: list[Entity]) -> list[Part]:
    """Return the parts of a text; none for an empty one."""
    if not entities:
        return [{"type": "plain", "text": text}] if text else []
    found: list[tuple[Span | None, str]] = []
    for span, words in _walk(read_text(text, entities), None):
        if found and found[-1][0] is span:
            found[-1] = (span, found[-1][1] + words)
        else:
            found.append((span, words))
    return [_describe(scene, span, words) for span, words in found]


def join_parts(parts: list[Part]) -> str | list[str | Part]:
    """Return the same text in the short form: plain parts as strings, a single one as nothing else."""
    short = [each["text"] if each["type"] == "plain" else each for each in parts]
    if not short:
        return ""
    return short[0] if len(short) == 1 and isinstance(short[0], str) else short


def say_text(scene: Scene, text: str, entities: list[Entity]) -> str | list[str | Part]:
    """Return a text in the short form."""
    return join_parts(list_parts(scene, text, entities))


def are_said(parts: list[Part], entities: list[dict[str, Any]]) -> bool:
    """Tell whether the parts say all that the entities (as `sparse` gives them) do."""
    at, said = 0, []
    for part in parts:
        length = len(part["text"].encode("utf-16-le")) // 2
        if part["type"] != "plain":
            said.append((part["type"], at, length))
        at += length
    meant = [(_TYPES.get(each["kind"], ""), each["offset"], each["length"]) for each in entities]
    return said == meant and all(
        each.keys() <= _FIELDS and each["kind"] != "custom_emoji" for each in entities
    )


def find_emoji(scene: Scene, document_id: str) -> str:
    """Return where the picture of a custom emoji is, as Desktop says it."""
    number = int(document_id) if document_id.isdecimal() else 0
    return find_file(scene, File(number, "document")).path or "(unavailable)"


def _walk(nodes: list[Node], outer: Span | None) -> Iterator[tuple[Span | None, str]]:
    for node in nodes:
        if isinstance(node, str):
            yield outer, node
        else:
            yield from _walk(node.children, _choose(outer, node))


def _choose(outer: Span | None, inner: Span) -> Span:
    return outer if outer and _rank(outer) > _rank(inner) else inner


def _rank(span: Span) -> int:
    return _RANKS.get(span.kind, _LINK if span.kind in _TYPES else 0)


def _describe(scene: Scene, span: Span | None, words: str) -> Part:
    if span is None:
        return {"type": "plain", "text": words}
    part: Part = {"type": _TYPES.get(span.kind, "unknown"), "text": words}
    if span.kind == "text_url":
        part["href"] = span.value
    elif span.kind == "mention_name":
        part["user_id"] = int(span.value) if span.value.isdecimal() else 0
    elif span.kind == "pre":
        part["language"] = span.value
    elif span.kind == "blockquote":
        part["collapsed"] = span.collapsed
    elif span.kind == "custom_emoji":
        part["document_id"] = find_emoji(scene, span.value)
    return part
