"""How often Python looks for cycles among the objects that a process holds."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Look for cycles after every 20,000 new objects instead of every 700.

    A page's records are many small objects without cycles, which go away by themselves: looking at them again and
    again measured a tenth of the time that decoding and drawing take.
    """
    gc.set_threshold(20_000, 20, 50)
