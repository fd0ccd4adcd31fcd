"""The world for downloads: one supergroup in which every message has a file, some of them shown before."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.files import file_id
from tobs.simulator.model import World
from tobs.simulator.stage import Stage

MEDIA_CLUB_ID = 2_000_000_061
MEDIA_CLUB_USERNAME = "media_club_demo"
_BEGIN = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
_NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
_FACES = {people.ANNA: file_id("face/anna"), people.BEN: file_id("face/ben")}

_MAKERS: tuple[Callable[[str], Any], ...] = (
    files.photo_media,
    lambda key: files.named(f"{key}.pdf", "application/pdf", 90_417),
    lambda key: files.photo_media(key, 960, 1280),
    lambda key: files.voice(key, 6),
    lambda key: files.video(key, 3.0, 700_001),
    lambda key: files.sticker(key, "🦆"),
    files.animation,
    lambda key: files.audio(key, "Song of the Tap", "The Benches", 5),
)


def build_media(
    seed: int, messages: int, *, file_bytes: int = 0, reposts: float = 0.0, dcs: tuple[int, ...] = (2, 4)
) -> World:
    """Return a world with that many files, each in its message, in these data centres by turns.

    With `file_bytes` all are documents of that size, else photos, videos and more of their own sizes. `reposts` is the
    share of messages that show a file again which came before: half of them under the same id, half with the same bytes
    under another id.
    """
    stage = Stage(seed, _NOW)
    entity = chats.supergroup(MEDIA_CLUB_ID, "Media club", MEDIA_CLUB_USERNAME)
    entity.photo = types.ChatPhoto(file_id("face/club"), dcs[-1])
    for user_id, photo_id in _FACES.items():
        stage.peers[user_id].photo = types.UserProfilePhoto(photo_id, dcs[-1])
    script = stage.channel(entity, _BEGIN)
    plan = _Plan(seed, file_bytes, dcs)
    for number in plan.order(messages, reposts):
        script.say((people.ANNA, people.BEN, people.OWNER)[number % 3], media=plan.make(number))
        script.later(minutes=7)
    world = stage.build()
    for copy_id, original_id in plan.copies:
        world.contents.share(copy_id, original_id)
    return world


class _Plan:
    """Makes the files; `copies` are the ids of those with the bytes of another one, and that one's."""

    def __init__(self, seed: int, file_bytes: int, dcs: tuple[int, ...]) -> None:
        self._random = random.Random(seed)
        self._file_bytes = file_bytes
        self._dcs = dcs
        self._shown: set[int] = set()
        self._again = 0
        self.copies: list[tuple[int, int]] = []

    def order(self, messages: int, reposts: float) -> list[int]:
        """Return for each message the number of its file, exactly that share of them again."""
        originals = messages - int(messages * reposts)
        again = [self._random.randrange(originals) for _ in range(messages - originals)]
        numbers = [*range(1, originals), *again]
        self._random.shuffle(numbers)
        return [0, *numbers][:messages]

    def make(self, number: int) -> Any:
        """Return the medium of that number; every second one that is shown again comes under another id."""
        medium = self._draw(number, 0)
        self._again += number in self._shown
        if number not in self._shown or self._again % 2:
            self._shown.add(number)
            return medium
        copy = self._draw(number, self._again)
        self.copies.append((_file_of(copy).id, _file_of(medium).id))
        return copy

    def _draw(self, number: int, edition: int) -> Any:
        key = f"club/{number}/{edition}"
        if self._file_bytes:
            medium = files.named(f"part-{number:05}.bin", "application/octet-stream", self._file_bytes, key)
        else:
            medium = _MAKERS[number % len(_MAKERS)](key)
        _file_of(medium).dc_id = self._dcs[number % len(self._dcs)]
        return medium


def _file_of(medium: Any) -> Any:
    return medium.photo if isinstance(medium, types.MessageMediaPhoto) else medium.document
