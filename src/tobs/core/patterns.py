"""Patterns of the paths that core/census.py names.

In a pattern `*` stands for one step, `**` for any number of them, and `{a,b}` for a or b, of which one may be empty:
`reply{,.quote}` is `reply` and `reply.quote`. Blocks within blocks are as the innermost ones:
`page.blocks.list.blocks.item.text` is `page.blocks.item.text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_OUTER_BLOCKS = re.compile(r"(?<=blocks\.)(?:[^.]+\.blocks\.)+")


def merge_blocks(path: str) -> str:
    """Return the path with a block within others as if it was in none."""
    return _OUTER_BLOCKS.sub("", path)


def make_pattern(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return what matches the paths that any of these patterns match."""
    found = re.escape("|".join(patterns)).replace(r"\*\*", ".+").replace(r"\*", "[^.]+").replace(r"\|", "|")
    return re.compile(found.replace(r"\{", "(?:").replace(r"\}", ")").replace(",", "|"))
