"""Draws all messages of an archive: `python -m tobs.bench.drawing ARCHIVE FORMAT`, or only reads them."""

from __future__ import annotations

import sys
from pathlib import Path

from tobs.archive.read import ArchiveReader
from tobs.bench.telling import tell_work
from tobs.core.ports.reader import ALL_TIME
from tobs.core.request import Projection
from tobs.writers.registry import make_writer

READING = "reading alone"


def draw_all(path: Path, name: str) -> int:
    """Return how many messages were read, and with the name of a format drawn as well."""
    reader = ArchiveReader(path)
    try:
        if name == READING:
            start, end = ALL_TIME
            return sum(
                1
                for chat in reader.drawn_chats()
                for _ in reader.messages(chat, topic_id=None, start=start, end=end)
            )
        return _draw_format(reader, name)
    finally:
        reader.close()


def _draw_format(reader: ArchiveReader, name: str) -> int:
    writer = make_writer(name, reader, Projection(formats=(name,)))
    messages = 0
    for chat in reader.drawn_chats():
        days = reader.days(chat, topic_id=None)
        messages += sum(days.values())
        for partition in writer.partitions(chat, [(None, each) for each in days]):
            for part in writer.list_parts(partition):
                writer.render_part(part)
    return messages


if __name__ == "__main__":
    tell_work(lambda: draw_all(Path(sys.argv[1]), sys.argv[2]))
