"""Fills an archive with invented pages and draws its files: `python -m e2e.filling OUTPUT MESSAGES FORMAT`.

Prints the most memory (KiB) that it held, as Linux knows it: what getrusage says of a child may be its
parent's, from before it became this program.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from archive.rows import TEAM, commit, row
from tobs.app.folder import choose_projection, open_folder
from tobs.core.ranges import Range
from tobs.settings import Settings

SECONDS_APART = 200
PAGE = 100


async def fill(output: Path, messages: int, format_: str) -> None:
    """Commit pages as an export does, the newest first, and draw as it does; with 0 messages draw only."""
    settings = Settings.model_validate({"timezone": "UTC", "decode_processes": "0", "format": format_})
    async with open_folder(output, settings) as opened:
        chat = await opened.archive.add_chat(TEAM)
        for top in range(messages, 0, -PAGE):
            ids = range(max(1, top - PAGE + 1), top + 1)
            rows = [
                row(
                    each, f"What was said {each} times. " * 4, date=each * SECONDS_APART, reply_to_id=each - 9
                )
                for each in ids
            ]
            await commit(opened.archive, chat, rows, covers=Range(ids[0], top), raw=bytes(20_000))
        projection = await choose_projection(opened.archive, settings)
        await opened.projector(projection, lambda _event: None).draw_stale()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])  # noqa: T201 - the test reads it
