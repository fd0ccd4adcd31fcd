"""A small world of files that one number decides: sizes around the borders of parts, albums, reposts, copies, lies."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import chats, files, people
from tobs.simulator.model import World
from tobs.simulator.script import Script
from tobs.simulator.stage import Stage

_BEGIN = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
_NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
_CLUB, _NEWS = 2_000_000_201, 2_000_000_202
_PART, _PIECE = 512 << 10, 128 << 10
_BORDERS = (4096, _PIECE, _PART, 2 * _PART, 3 * _PART)
_NAMES = (
    "plan.pdf",
    "notes.md",
    "CON",
    "plan.pdf",
    "a/b\\c.txt",
    "§ [x] (1)|#^.bin",
    "ä" * 90 + ".zip",
    None,
)


@dataclass(slots=True)
class MediaWorld:
    """A world, and what cannot be had of it: files without a size, and those of another length than announced."""

    world: World
    chats: list[str] = field(default_factory=list)
    empty: set[int] = field(default_factory=set)
    false: set[int] = field(default_factory=set)


def build_media_world(seed: int) -> MediaWorld:
    """Return two or three chats with some 8 to 30 files, of which a few may never be had."""
    chance = random.Random(f"media world {seed}")
    stage = Stage(seed, _NOW)
    scripts = [
        stage.channel(chats.supergroup(_CLUB, "Sailing Club", "sailing_club_demo"), _BEGIN),
        stage.private(people.ANNA, _BEGIN),
    ]
    if chance.random() < 0.4:
        news = chats.broadcast(_NEWS, "Weir News", "weir_news_demo")
        news.noforwards = True if chance.random() < 0.5 else None
        scripts.append(stage.channel(news, _BEGIN))
    drawer = _Drawer(seed, chance)
    for number in range(chance.randint(6, 22)):
        _post(chance.choice(scripts), chance, drawer, number)
    world = stage.build()
    for copy_id, original_id in drawer.copies:
        world.contents.share(copy_id, original_id)
    found = MediaWorld(world, [str(each.chat) for each in scripts])
    found.empty = {each.id for each in drawer.documents if not each.size}
    lies = chance.choice((0, 0, 0, 1, 2))
    for each in chance.sample(
        [each for each in drawer.documents if each.size and each.id not in drawer.shared], lies
    ):
        real = chance.choice((0, each.size - 1, each.size + 1, each.size // 2, each.size + _PART))
        world.contents.resize(each.id, max(0, real))
        found.false.add(each.id)
    return found


def _post(script: Script, chance: random.Random, drawer: _Drawer, number: int) -> None:
    fields: dict[str, Any] = {"post": True} if script.chat == -1_000_000_000_000 - _NEWS else {}
    who = None if fields else chance.choice((people.OWNER, people.ANNA))
    draw = chance.random()
    if draw < 0.15:
        album = [drawer.photo() for _ in range(chance.randint(2, 4))]
        script.album(who, album, {0: f"Album {number}"}, **fields)
    elif draw < 0.2:
        script.say(who, media=files.photo_media(f"storm/gone/{number}", ttl_seconds=10), **fields)
    elif draw < 0.25:
        script.say(who, f"Only words {number}", **fields)
    else:
        script.say(who, f"File {number}", media=drawer.draw(), **fields)
    script.gap(chance.choice((0, 0, 0, 2)))
    script.later(minutes=chance.choice((0, 7, 3_000)))


class _Drawer:
    """Makes media; `copies` are the ids of those with the bytes of another one, and that one's."""

    def __init__(self, seed: int, chance: random.Random) -> None:
        self._key = f"storm/{seed}"
        self._chance = chance
        self._made: list[Any] = []
        self._dcs = chance.choice(((2,), (2, 4), (2, 4, 5)))
        self.documents: list[Any] = []
        self.copies: list[tuple[int, int]] = []

    @property
    def shared(self) -> set[int]:
        """The ids of all that have the same bytes as another one."""
        return {number for pair in self.copies for number in pair}

    def draw(self) -> Any:
        """Return a medium: a new one, one that came before, or the same bytes under another id."""
        draw = self._chance.random()
        if draw < 0.15 and self._made:
            return self._chance.choice(self._made)
        if draw < 0.3 and self.documents:
            return self._copy(self._chance.choice(self.documents))
        if draw < 0.42:
            return self.photo()
        if draw < 0.5:
            return self._keep(files.voice(self._next(), self._chance.randint(1, 20)))
        if draw < 0.56:
            return self._keep(files.video(self._next(), 3.0, self._chance.randint(200_000, 1_300_000)))
        return self._keep(self._name(self._next(), self._draw_size()))

    def photo(self) -> Any:
        """Return a photo."""
        return self._keep(files.photo_media(self._next(), *self._chance.choice(((1280, 960), (90, 320)))))

    def _copy(self, original: Any) -> Any:
        if original.mime_type != "application/octet-stream" or not original.size:
            return self.photo()
        again = self._name(self._next(), original.size)
        self.copies.append((again.document.id, original.id))
        return self._keep(again)

    def _draw_size(self) -> int:
        chance = self._chance
        if chance.random() < 0.04:
            return 0
        if chance.random() < 0.6:
            return max(1, chance.choice(_BORDERS) + chance.choice((-1, 0, 0, 1)))
        return chance.choice((1, chance.randint(2, 5_000), chance.randint(5_000, 900_000)))

    def _name(self, key: str, size_bytes: int) -> Any:
        return files.named(self._chance.choice(_NAMES), "application/octet-stream", size_bytes, key)

    def _next(self) -> str:
        return f"{self._key}/{len(self._made)}"

    def _keep(self, medium: Any) -> Any:
        is_photo = isinstance(medium, types.MessageMediaPhoto)
        file = medium.photo if is_photo else medium.document
        file.dc_id = self._chance.choice(self._dcs)
        self._made.append(medium)
        if not is_photo:
            self.documents.append(file)
        return medium
