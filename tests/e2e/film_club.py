"""A world whose pictures and videos are real ones, made by the real ffmpeg and Pillow."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telethon.tl import types

from media.clips import make_clip, make_photo
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.stage import Stage
from tobs.simulator.world import World

CLUB = "@film_club_demo"
_BEGIN = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
FILMS, PICTURES = 3, 2
"""How many of the club's files can be processed: real videos, and a photo and a PNG."""


@cache
def make_films() -> list[bytes]:
    """Return short films that differ, packed badly."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder, f"{seconds}.mp4") for seconds in range(1, FILMS + 1)]
        return [
            make_clip(path, size="160x120", seconds=0.2 * number).read_bytes()
            for number, path in enumerate(paths, start=1)
        ]


@cache
def make_picture() -> bytes:
    """Return a PNG."""
    with TemporaryDirectory() as folder:
        return make_photo(Path(folder, "picture.png")).read_bytes()


def build_films() -> World:
    """Return a world of a supergroup with pictures, videos and files that are neither; a friend shows one video again."""
    stage = Stage(1, datetime(2026, 9, 1, 12, 0, tzinfo=UTC))
    entity = chats.supergroup(2_000_000_071, "Film club", CLUB[1:])
    club = stage.channel(entity, _BEGIN)
    given: list[tuple[Any, bytes]] = []

    def show(script: Any, medium: types.MessageMediaDocument, body: bytes = b"") -> None:
        script.say(people.ANNA, media=medium)
        script.later(minutes=7)
        if body:
            given.append((medium.document, body))

    films = [files.video(f"film/{number}", size=len(body)) for number, body in enumerate(make_films())]
    club.say(people.ANNA, media=files.photo_media("film/poster", 320, 240))
    for film, body in zip(films, make_films(), strict=True):
        show(club, film, body)
    show(club, files.named("plan.png", "image/png", len(make_picture())), make_picture())
    show(club, files.video("film/noise", size=5_000))
    show(club, files.named("script.pdf", "application/pdf", 9_000))
    show(club, files.sticker("film", "🎬"))
    friend = stage.private(people.BEN, _BEGIN)
    show(friend, films[0])
    world = stage.build()
    for document, body in given:
        world.contents.give(document.id, body)
    return world
