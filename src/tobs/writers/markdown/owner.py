"""What in a note is ours, and what its owner may change without losing it.

Ours are the values of our own properties, in any order and notation, and the body; blanks at the end of a
line or of the note do not count, since editors trim them. Other properties and other tags are the owner's,
and in a chat's own note what stands between two comments (`REGION`): they are carried over into a new
rendering. When one of the two comments is missing, doubled or changed, nobody can tell any more what is whose:
the note then counts as changed by its owner.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tobs.writers.markdown.frontmatter import TAG, Properties, find_keys, split_note, write_properties

_OWN_NOTE = "chat_id"
"""The property by which a chat's own note is known: in others, code of a stranger could look like the comments."""

_BEGIN = "<!-- Yours from here: tobs never changes what you write above the next comment. -->"
_END = "<!-- Yours up to here. -->"
_LINES = tuple(re.compile(rf"^{re.escape(each)}[ \t\r]*$", re.MULTILINE) for each in (_BEGIN, _END))

REGION = f"{_BEGIN}\n\n{_END}"
"""Stands in each chat's own note. No reader of Markdown shows these lines, and no text of a chat can hold them there."""


_LINES_AT_ONCE = 1000


class _Region(NamedTuple):
    """Where in a text the owner's words begin, behind the first comment's line, and end."""

    start: int
    end: int


def holds_words(body: bytes) -> bool:
    """Tell whether the owner wrote something into the region of a note."""
    parts = _split_bytes(body)
    region = _find_region(*parts) if parts else None
    return bool(parts and region and parts[1][region.start : region.end].strip())


def fingerprint(body: bytes) -> str:
    """Return the SHA-256 (hex) of what is ours in a note; of all its bytes when it is not a note."""
    text = _read_text(body)
    parts = split_note(text) if text is not None else None
    if parts is None:
        return hashlib.sha256(body).hexdigest()
    properties, rest = parts
    known = find_keys(properties) - {"tags"}
    ours = sorted((key, value) for key, value in properties.items() if key in known)
    if tags := _own_tags(properties.get("tags")):
        ours.append(("tags", tags))
    hashed = hashlib.sha256(repr(ours).encode("utf-8", "surrogatepass"))
    region = _find_region(properties, rest)
    for piece in _trim_lines(rest[: region.start] + rest[region.end :] if region else rest):
        hashed.update(piece.encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()


def _trim_lines(text: str) -> Iterator[str]:
    """Yield a text in pieces, each line behind its newline, without blanks at ends of lines and empty lines at its own."""
    # Not in one: a note of one part takes a megabyte, and each copy of its text four.
    lines = text.split("\n")
    behind = ""
    is_begun = False
    for at in range(0, len(lines), _LINES_AT_ONCE):
        piece = behind + "\n" + "\n".join(map(str.rstrip, lines[at : at + _LINES_AT_ONCE]))
        trimmed = piece.rstrip("\n")
        behind = piece[len(trimmed) :] if trimmed or is_begun else ""
        if trimmed:
            yield trimmed if is_begun else "\n" + trimmed.lstrip("\n")
            is_begun = True


def carry_over(new: bytes, old: bytes) -> bytes:
    """Return the note `new` with the properties and tags that the owner added to `old`, and the words in its region."""
    new_parts, old_parts = _split_bytes(new), _split_bytes(old)
    if new_parts is None or old_parts is None:
        return new
    return _carry_words(_carry_properties(new, new_parts, old_parts), old, new_parts[0])


def _carry_words(new: bytes, old: bytes, properties: Properties) -> bytes:
    text, written = new.decode(), old.decode("utf-8-sig")  # as it is: line ends of theirs are theirs too
    place, words = _find_region(properties, text), _find_region(properties, written)
    if place is None or words is None:
        return new
    return f"{text[: place.start]}{written[words.start : words.end]}{text[place.end :]}".encode()


def _find_region(properties: Properties, text: str) -> _Region | None:
    """Return where the owner's words stand, or None when not each comment is there once, in their order."""
    if _OWN_NOTE not in properties:
        return None
    begins, ends = (list(each.finditer(text)) for each in _LINES)
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        return None
    return _Region(begins[0].end() + 1, ends[0].start())


def _carry_properties(
    new: bytes, new_parts: tuple[Properties, str], old_parts: tuple[Properties, str]
) -> bytes:
    properties, rest = new_parts
    known = find_keys(old_parts[0]) | properties.keys()
    theirs = {key: value for key, value in old_parts[0].items() if key not in known}
    tags = _foreign_tags(old_parts[0].get("tags"))
    if not theirs and not tags:
        return new
    merged = properties | ({"tags": [*properties.get("tags", []), *tags]} if tags else {}) | theirs
    return f"{write_properties(merged)}{rest}".encode()


def _split_bytes(body: bytes) -> tuple[Properties, str] | None:
    text = _read_text(body)
    return split_note(text) if text is not None else None


def _read_text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _list_tags(value: Any) -> list[Any]:
    """Return tags from any of the forms in which Obsidian takes them."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return value if isinstance(value, list) else []


def _own_tags(value: Any) -> list[Any]:
    return [each for each in _list_tags(value) if each == TAG]


def _foreign_tags(value: Any) -> list[Any]:
    return [each for each in _list_tags(value) if each != TAG]
