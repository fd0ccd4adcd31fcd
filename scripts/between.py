"""A generated table in a page that is otherwise written by hand: it stands between two comments."""

from __future__ import annotations

_END = "<!-- Up to here. -->"


def fill(page: str, source: str, table: list[str]) -> str:
    """Return the page with the table between the comment that names its source, and the next closing one."""
    head, begin, rest = page.partition(f"<!-- Made by scripts/generate.py from {source}. -->\n")
    _, end, tail = rest.partition(_END)
    assert end, f"the page has no place for the table from {source}"
    return "\n".join([head + begin, *table, "", end + tail])
