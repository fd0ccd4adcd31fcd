"""File names that are safe on Linux, macOS, Windows and in Obsidian's links."""

from __future__ import annotations

import re
import unicodedata

from pathvalidate import sanitize_filename

MAX_BYTES = 143
"""eCryptfs allows no more for one name; every other filesystem allows at least as much."""

BASE_BYTES = 80
"""What a chat's or topic's name may take, so that both, a date and a part still fit MAX_BYTES."""

# Obsidian's links break on these or would hold code, which plug-ins run; Windows refuses some of them, and control or formatting characters
# (category C: bidirectional overrides, zero width, private use) make two names look alike.
_FORBIDDEN = re.compile(r'[\[\]#^|\\/:*?"<>%`]')
# Windows takes these for devices with any suffix, also behind spaces; pathvalidate knows most of them.
_DEVICE = re.compile(
    r"(CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?=\.|$)", re.IGNORECASE
)
# Letters and marks of Unicode that are drawn as nothing: fillers, joiners, selectors, the empty Braille cell.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_TRACELESS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_DATED = re.compile(r"(?:\d{4}(?:-\d{2}){0,2}(?: g?\d+)?| all)(?: \(\d+\))?$", re.IGNORECASE)


def safe_name(title: str, *, fallback: str, max_bytes: int = BASE_BYTES) -> str:
    """Return a title as one path component in NFC, or `fallback` when nothing of it can stay.

    Never empty, never `.` or `..`, no reserved device name, no leading dot or dash (which
    programs take for an option), no trailing dot or space,
    at most `max_bytes` bytes of UTF-8 and cut between characters.
    """
    text = unicodedata.normalize("NFC", title)
    text = "".join(" " if char.isspace() else char for char in text if _is_visible(char))
    text = unicodedata.normalize("NFC", text)  # what was dropped may have kept two characters apart
    text = " ".join(_FORBIDDEN.sub(" ", text).split()).lstrip(".- ")
    text = _DEVICE.sub(r"\1_", text) if _DEVICE.match(text) else text
    text = cut_bytes(text, max_bytes).rstrip(". ")
    text = sanitize_filename(text, platform="universal", max_len=max_bytes).strip()
    return text if has_visible(text) else fallback


def has_visible(text: str) -> bool:
    """Tell whether a name or title shows at all: whether any of its characters leaves a trace on the screen.

    What Unicode has not assigned counts as visible, since it may be an emoji that is newer than Python.
    """
    if not text or "!" <= text[0] <= "~":  # as most names begin
        return bool(text)
    return any(unicodedata.category(char) not in _TRACELESS and not _BLANK.match(char) for char in text)


def name_peer(peer_id: int) -> str:
    """Return what stands for a chat or person whose name is not known or not to be seen, by the marked id."""
    return f"{'User' if peer_id > 0 else 'Chat'} {peer_id}"


def cut_bytes(text: str, max_bytes: int) -> str:
    """Return the longest start of the text that fits, cut between characters.

    A cut never separates a base character from the combining marks or joiners behind it.
    """
    if len(text.encode()) <= max_bytes:
        return text
    end = len(text.encode()[:max_bytes].decode(errors="ignore"))
    while end and (
        unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0f" or text[end - 1] == "\u200d"
    ):
        end -= 1
    return text[:end]


def looks_dated(name: str) -> bool:
    """Tell whether a name ends like a note's in any layout, so that it needs its id to be told apart.

    That is `… 2026`, `… 2026-03`, `… 2026-03-14`, `… 2026-03-14 1042`, `… all`, each also with a part behind it.
    """
    return _DATED.search(name) is not None


def fold_name(name: str) -> str:
    """Return the form under which two names collide on any filesystem: NFC, without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_visible(char: str) -> bool:
    return char.isspace() or char in "\u200d\ufe0f" or not unicodedata.category(char).startswith("C")
