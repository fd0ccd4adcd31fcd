"""How work on one file ends: failures are values with a reason, since one bad file never stops a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no result. `is_lasting`: the file itself is the reason, so trying again is of no use."""

    reason: str
    is_lasting: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """There is no result because the original is what one wants."""

    reason: str


@dataclass(frozen=True, slots=True)
class Made:
    """A file stands at the target; `way` says by what it was made."""

    size_bytes: int
    way: str
