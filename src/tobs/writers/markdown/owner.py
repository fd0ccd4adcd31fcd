"""What in a note is ours, and what its owner may change without losing it.

Ours are the values of our own properties, in any order and notation, and the body; blanks at the end of a
line or of the note do not count, since editors trim them. Other properties and other tags are the owner's:
they are carried over into a new rendering.
"""

from __future__ import annotations

import hashlib
from typing import Any

from tobs.writers.markdown.frontmatter import TAG, Properties, find_keys, split_note, write_properties


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
    # Line by line: a note of one part takes a megabyte, and each copy of its text four.
    blank, is_begun = 0, False
    for line in map(str.rstrip, rest.split("\n")):
        if line:
            hashed.update(b"\n" * (blank + 1) + line.encode("utf-8", "surrogatepass"))
            blank, is_begun = 0, True
        else:
            blank += is_begun
    return hashed.hexdigest()


def carry_over(new: bytes, old: bytes) -> bytes:
    """Return the note `new` with the properties and tags that the owner added to `old`."""
    new_parts, old_parts = _split_bytes(new), _split_bytes(old)
    if new_parts is None or old_parts is None:
        return new
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
