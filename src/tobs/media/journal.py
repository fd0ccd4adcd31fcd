"""The journal beside a partial file: which of its bytes are there, whatever a kill or a power cut took away.

It is lines of text, only ever added to:

| line | meaning |
|---|---|
| `tobs-partial 1 <size>` | the first: its version, and the size of the whole file |
| `boot <id>` | what follows was written while the computer ran that was started as `<id>` |
| `<offset> <length>` | so many bytes are in the file; a kill does not take them, a power cut may |
| `synced` | what stands before is on the disk itself |
| `lost <offset> <length>` | so many bytes are missing again |

A line without its end, or one that says nothing of this kind, is where a journal ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tobs.core.ranges import Range, find_holes, merge_ranges

_HEAD = "tobs-partial 1"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SYNCED = "synced"


@cache
def read_boot() -> str:
    """Return what names this start of the computer; empty where the system has no such name."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def say_head(size_bytes: int, boot: str) -> str:
    """Return the first lines of a journal."""
    return f"{_HEAD} {size_bytes}\n{say_boot(boot)}"


def say_boot(boot: str) -> str:
    """Return the line that says while which computer ran what follows was written."""
    return f"boot {boot}\n"


def say_written(span: Range) -> str:
    """Return the line that says that these bytes are in the file."""
    return f"{span.low} {span.size}\n"


def say_lost(span: Range) -> str:
    """Return the line that says that these bytes are missing again."""
    return f"lost {span.low} {span.size}\n"


@dataclass(slots=True)
class _Account:
    """What a journal says up to some line: bytes that are there for good, and bytes that a power cut may take."""

    durable: list[Range] = field(default_factory=list)
    recent: list[Range] = field(default_factory=list)
    boot: str = ""

    def take(self, words: list[str], boot: str) -> None:
        """Take in one line. Raises ValueError for one that says nothing."""
        match words:
            case ["boot", *names]:
                self.settle(boot)
                self.boot = names[0] if names else ""
            case ["synced"]:
                self.durable, self.recent = merge_ranges([*self.durable, *self.recent]), []
            case ["lost", offset, length]:
                gone = [_read_span(offset, length)]
                self.durable, self.recent = _take_away(self.durable, gone), _take_away(self.recent, gone)
            case [offset, length]:
                self.recent.append(_read_span(offset, length))
            case _:
                raise ValueError(words)

    def settle(self, boot: str) -> None:
        """Believe what is not on the disk itself only if the computer still runs since."""
        if boot and self.boot == boot:
            self.durable = merge_ranges([*self.durable, *self.recent])
        self.recent = []


def read_journal(path: Path, size_bytes: int, boot: str) -> list[Range] | None:
    """Return which bytes of a partial file are there, merged; None when the journal is of another file or version.

    `boot` is this start of the computer. Raises OSError.
    """
    lines = _list_lines(path.read_bytes())
    if next(lines, "") != f"{_HEAD} {size_bytes}":
        return None
    account = _Account()
    try:
        for line in lines:
            account.take(line.split(" "), boot)
    except ValueError:
        pass  # a power cut may leave anything where a line was
    account.settle(boot)
    whole = Range(0, size_bytes - 1)
    return [each for each in account.durable if whole.holds(each.low) and whole.holds(each.high)]


def _list_lines(raw: bytes) -> Iterator[str]:
    yield from raw.decode("ascii", errors="replace").split("\n")[:-1]


def _read_span(offset: str, length: str) -> Range:
    low, size = int(offset), int(length)
    if low < 0 or size < 1:
        raise ValueError(offset, length)
    return Range(low, low + size - 1)


def _take_away(spans: list[Range], gone: list[Range]) -> list[Range]:
    return [part for each in spans for part in find_holes(gone, each)]
