"""`tobs verify` reads every medium again, and knows which are missing by choice and which are not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from archive.rows import ALICE, TEAM
from export.media import open_media, photo, sent
from tobs.cli import main
from tobs.core.certificate import Certificate
from tobs.core.choice import MediaChoice
from tobs.core.ports.files import FileKey
from tobs.core.ranges import Range
from tobs.core.request import MediaLayoutName

FIRST = "Team chat/media/2026-03/2026-03-01_222100_1_photo.jpg"
SECOND = "Team chat/media/2026-03/2026-03-01_222200_2_photo.jpg"


async def fill(
    output: Path, *, layout: MediaLayoutName = "per-chat", choice: MediaChoice | None = None
) -> None:
    async with open_media(output, layout=layout) as folder:
        if choice:
            await folder.workshop.archive.media.keep_choice(choice)
        wants = [photo(1, 1), photo(2, 2), photo(3, 3, kind="video")]
        await folder.commit(TEAM, [sent(1, 1), sent(2, 2), sent(3)], wants, Range(1, 3))
        await folder.commit(ALICE, [sent(1, 1)], [photo(1, 1)], Range(1, 1))
        for number in (1, 2):
            await folder.download(FileKey("photo", number))
        await folder.draw()


async def fail(output: Path) -> None:
    """Let the video be chosen as well, and fail."""
    async with open_media(output) as folder:
        await folder.workshop.archive.media.keep_choice(MediaChoice())
        await folder.workshop.archive.media.note_failed(FileKey("document", 3), "broken", at=1.0)


def verify(output: Path, capsys: pytest.CaptureFixture[str], *names: str) -> Certificate:
    capsys.readouterr()
    main(["verify", *names, "-o", str(output), "--json"])
    return msgspec.json.decode(capsys.readouterr().out, type=Certificate)


def damage_of(found: Certificate) -> list[str]:
    return [
        *found.damage.first,
        *(each for chat in found.chats for each in chat.damage.first if "media" in each),
    ]


def test_media_that_stand_as_they_were_downloaded_are_intact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(fill(tmp_path))
    team, alice = verify(tmp_path, capsys).chats
    assert (team.media.intact, team.media.size_bytes, team.media.missing.count) == (2, 80, 0)
    assert (alice.media.intact, alice.media.tally) == (1, None)
    main(["verify", "-o", str(tmp_path)])
    assert "media     2 files as downloaded (80 bytes), 0 missing" in capsys.readouterr().out


def test_a_medium_with_other_bytes_is_damaged_and_one_that_is_gone_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(fill(tmp_path))
    body = (tmp_path / FIRST).read_bytes()
    (tmp_path / FIRST).write_bytes(b"x" + body[1:])
    (tmp_path / SECOND).unlink()
    found = verify(tmp_path, capsys)
    assert damage_of(found) == [f"{FIRST} is not what was written: its SHA-256 is another one"]
    assert (found.exit_code, found.chats[0].media.missing.first) == (12, [SECOND])
    (tmp_path / FIRST).write_bytes(body + b"x")
    assert damage_of(verify(tmp_path, capsys)) == [f"{FIRST} has 41 bytes instead of 40"]
    (tmp_path / FIRST).write_bytes(body)
    found = verify(tmp_path, capsys)
    assert (damage_of(found), found.is_complete) == ([], False)
    main(["verify", "-o", str(tmp_path)])
    assert f"missing, `tobs export` brings back: {SECOND}" in capsys.readouterr().out


def test_a_chosen_file_that_is_not_here_is_missing_and_one_left_out_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(fill(tmp_path, choice=MediaChoice(("photo",))))
    team = verify(tmp_path, capsys).chats[0]
    assert team.media.is_complete
    assert team.media.tally
    assert (team.media.tally.done, team.media.tally.not_selected) == (2, 1)
    asyncio.run(fail(tmp_path))
    team = verify(tmp_path, capsys).chats[0]
    assert team.media.tally
    assert (team.media.is_complete, team.media.tally.failed) == (False, {"broken": 1})
    main(["verify", "-o", str(tmp_path)])
    assert "not here yet, `tobs export` downloads: 0 wanted, 1 failed" in capsys.readouterr().out


def test_media_that_all_chats_share_are_read_when_no_chat_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(fill(tmp_path, layout="shared"))
    found = verify(tmp_path, capsys)
    assert (found.media.intact, [chat.media.intact for chat in found.chats]) == (2, [0, 0])
    (tmp_path / "media/2026-03/2026-03-01_222200_2_photo.jpg").write_bytes(b"")
    assert damage_of(verify(tmp_path, capsys)) == [
        "media/2026-03/2026-03-01_222200_2_photo.jpg has 0 bytes instead of 40"
    ]
    assert verify(tmp_path, capsys, "Team chat").media.intact == 0
