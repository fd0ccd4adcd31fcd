"""Links to the world, without a character that ends one early."""

from __future__ import annotations

import re
from urllib.parse import quote

from tobs.writers.addresses import complete_address, find_address, is_harmless, quote_unseen
from tobs.writers.clean import clean_line
from tobs.writers.markdown.code import make_span

_AUTOLINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s\x00-\x20\x7f\\`|%$]*\Z")
_EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z", re.ASCII)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r"[<>\\`|\[\]$\"]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_PATH = {ord(mark): quote(mark, safe="") for mark in "\t\n\xa0 ()<>[]\\`|\"'?#^*$~=:&%"}


def leads_somewhere(kind: str, value: str, text: str) -> bool:
    """Tell whether an entity of that kind becomes a link: its address is one, and harmless."""
    if kind == "email":
        return _EMAIL.match(text) is not None
    if kind == "url" and "\n" in text:
        return False
    return is_harmless(complete_address(find_address(kind, value, text)))


def mark_address(kind: str, value: str, text: str, body: str) -> str:
    """Return a link of an entity's `kind` and `value` that leads somewhere; `text` is what was typed, `body` its Markdown."""
    if kind == "email" or (kind == "url" and _AUTOLINK.match(text) and is_harmless(text)):
        return f"<{text}>"
    return make_link(body, find_address(kind, value, text))


def make_link(body: str, url: str) -> str:
    """Return `[body](url)`, or the address as code behind the text when its scheme is not a link's."""
    url = complete_address(url)
    if not is_harmless(url):
        return f"{body} ({make_span(clean_line(url))})"
    return f"[{body}]({quote_address(url)})"


def quote_address(url: str) -> str:
    """Return an address that a Markdown link can hold between its parentheses."""
    quoted = quote_unseen(_BARE_PERCENT.sub("%25", url))
    quoted = _UNSAFE.sub(lambda found: quote(found[0], safe=""), quoted)
    quoted = quoted.replace("(", "%28").replace(")", "%29")
    return _ENTITY.sub("&amp;", quoted)


def quote_path(path: str) -> str:
    """Return a relative path for a Markdown link; letters of all languages stay readable."""
    return path.translate(_PATH)
