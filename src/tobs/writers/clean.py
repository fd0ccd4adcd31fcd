"""What is left of typed text in every format that people read: no character that works instead of showing.

Control characters are shown as their pictures (`␀`), lone surrogates and the C1 block as `\ufffd`. All line
separators become newlines. What overrides or isolates the direction of writing is dropped, since one
person's name could turn the rest of the line around; the plain marks (LRM, RLM, ALM) stay.
"""

from __future__ import annotations

import re

_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), None),
    0x09: "\t",
    0x7F: "\u2421",
}


def clean_text(text: str) -> str:
    """Return the text with newlines as its only control characters beside tabs."""
    if _UNCLEAN.search(text) is None:
        return text
    return text.replace("\r\n", "\n").translate(_PICTURES)


def is_clean_line(text: str) -> bool:
    """Tell whether a text is one line that `clean_text` would leave as it is."""
    return "\n" not in text and _UNCLEAN.search(text) is None


def clean_line(text: str) -> str:
    """Return a name or title on one line, without blanks around it."""
    return " ".join(clean_text(text).split())
