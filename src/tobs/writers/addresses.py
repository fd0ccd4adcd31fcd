"""Which addresses may become links: only those whose scheme opens something harmless."""

from __future__ import annotations

import re
from urllib.parse import quote

_SCHEMES = frozenset(
    {"http", "https", "mailto", "tel", "tg", "ton", "ftp", "geo", "xmpp", "magnet", "tonsite"}
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,31}):")


_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def complete_address(url: str) -> str:
    """Return an address with a scheme: `example.org:8080/a` has none."""
    scheme = _SCHEME.match(url)
    return url if scheme and "." not in scheme[1] else f"https://{url}"


def is_harmless(url: str) -> bool:
    """Tell whether an address has a scheme, and one that may be a link's."""
    scheme = _SCHEME.match(url)
    return scheme is not None and scheme[1].lower() in _SCHEMES


def quote_unseen(url: str) -> str:
    """Return an address in which blanks, and what commands or turns around instead of showing, are percent-encoded."""
    return _UNSEEN.sub(lambda found: quote(found[0], safe="", errors="replace"), url)


def find_address(kind: str, value: str, text: str) -> str:
    """Return where a link of an entity's `kind` and `value` leads, `text` being what was typed."""
    if kind == "text_url":
        return complete_address(value)
    if kind == "mention_name":
        return f"tg://user?id={value}"
    return f"mailto:{text}" if kind == "email" else complete_address(text)
