"""Pages on disk, for a browser to open."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from tobs.core.fidelity import Omissions
from tobs.core.media import Entity, File, Media
from tobs.core.model import Chat, Content, Message, Reply
from tobs.core.ports.reader import FileState
from tobs.core.request import Projection
from tobs.export.project import list_partitions
from tobs.writers.registry import make_writer
from writers.corpus import BOB, TEAM, at, make_team
from writers.memory import MemoryReader, make_message

PARTY = Chat(0, -1_000_000_000_043, "supergroup", "Party & plans", "", "Party & plans")
HOSTILE = (
    "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
    "</div></article></main><style>body{display:none}</style>"
)
TRAP = "javascript:document.title='owned'"


def make_picture(width: int, height: int) -> bytes:
    """Return a PNG of one grey tone, black at the top."""
    rows = b"".join(b"\0" + bytes([255 * y // height]) * width for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def make_party() -> MemoryReader:
    """Return an archive of 120 messages over three months, with traps, an album of pictures and spoilers."""
    reader = MemoryReader(names={1: "Alice <i>Doe</i>", BOB: "Bob"})
    messages = [_say(each, f"Message {each} about café number {each % 7}") for each in range(1, 121)]
    messages[9] = _say(10, HOSTILE, sender_id=BOB)
    messages[10] = _say(11, "press here", Entity("text_url", 0, 10, TRAP), sender_id=BOB)
    messages[11] = _say(12, "the murderer is the gardener", Entity("spoiler", 20, 8))
    messages[99].content.reply = Reply(3)
    messages[100].content.reply = Reply(99)
    for number in (20, 21, 22):
        media = Media(
            "photo", file=File(number, "photo", 9000), width=320, height=240, is_spoiler=number == 22
        )
        messages[number - 1] = make_message(number, 0, "", content=Content(media=media), album_id=5)
        reader.files[number] = FileState("done", "", f"{PARTY.basename}/media/a #{number}?.png")
    for each in messages:
        each.date = at("2026-01-05 09:00:00") + each.id * 43_200 + each.id
    reader.add(PARTY, messages)
    return reader


def _say(number: int, text: str, *entities: Entity, sender_id: int = 1) -> Message:
    return make_message(number, 0, text, sender_id=sender_id, content=Content([*entities]))


def draw_site(root: Path) -> None:
    """Write the pages of two chats, the party's with 15 messages a page, and the pictures."""
    reader = make_party()
    for state in reader.files.values():
        _write(root / state.path, make_picture(320, 240))
    team = make_team()
    reader.add(TEAM, team.messages(TEAM, topic_id=None, start=0, end=2**62))
    reader.names |= {each: name for each, name in team.names.items() if each not in reader.names}
    writer = make_writer("html", reader, Projection("Europe/Berlin", part_size=15))
    files = [*writer.list_index()]
    for chat in (PARTY, TEAM):
        files += writer.list_about(chat, Omissions())
        for partition in list_partitions(reader, writer, chat):
            files += (each for part in writer.list_parts(partition) for each in writer.render_part(part))
    for each in files:
        _write(root / each.path, each.body)


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
