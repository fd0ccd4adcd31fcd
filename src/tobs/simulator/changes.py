"""A world that moves while it is read: arrivals, edits and deletions between two answers, by seed."""

import random
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from telethon.tl import types

from tobs.simulator.limits import PAGES
from tobs.simulator.model import Chat, World

_TRIES = 20


@dataclass(slots=True, kw_only=True)
class Changes:
    """How often what happens: `arrivals`, `edits`, `deletions` and `counters` are chances per answer of `methods`.

    Only messages of `chats` change (marked ids; none: all listed ones). After `total` changes the world rests (0: it
    never does). `made` counts by kind what has been done; what exactly, `World.history` tells.
    """

    seed: int = 1
    arrivals: float = 0.3
    edits: float = 0.2
    deletions: float = 0.2
    counters: float = 0.1
    chats: tuple[int, ...] = ()
    methods: tuple[str, ...] = PAGES
    total: int = 0
    made: Counter[str] = field(default_factory=Counter)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def step(self, world: World, method: str) -> None:
        """Let happen what happens before an answer of this method."""
        if not any(fnmatchcase(method, pattern) for pattern in self.methods):
            return
        for name, chance in (
            ("arrivals", self.arrivals),
            ("edits", self.edits),
            ("deletions", self.deletions),
            ("counters", self.counters),
        ):
            if self._random.random() < chance and not (self.total and self.made.total() >= self.total):
                self._make(world, name)

    def _make(self, world: World, name: str) -> None:
        chat = self._random.choice(self._chats(world))
        if name == "arrivals":
            self._arrive(world, chat)
        else:
            message = self._find(world, chat)
            if message is None:
                return
            if name == "edits":
                world.edit_message(chat.marked, message.id, f"{message.message} ({self.made.total()})")
            elif name == "counters":
                seen = self._random.randrange(1, 10_000)
                world.set_counters(chat.marked, message.id, views=seen, forwards=seen // 9)
            else:
                world.delete_message(chat.marked, message.id)
        self.made[name] += 1

    def _chats(self, world: World) -> list[Chat]:
        if self.chats:
            return [chat for marked in self.chats if (chat := world.chat(marked)) is not None]
        return [
            chat for chat in world.chats_of(world.owner) if chat.listed and chat.owner in {0, world.owner}
        ]

    def _arrive(self, world: World, chat: Chat) -> None:
        sender = self._random.choice((world.owner, None)) if chat.marked > 0 else world.owner
        topic = self._random.choice([*chat.topics]) if chat.topics else 0
        text = f"Arrived as number {self.made.total()}"
        if chat.entity is not None and getattr(chat.entity, "broadcast", None):
            world.add_message(chat.marked, text, post=True)
        else:
            world.add_message(chat.marked, text, sender=sender, topic=topic)

    def _find(self, world: World, chat: Chat) -> Any:
        """Return a message that is none of the service's, if one is met soon."""
        for _ in range(_TRIES if chat.count else 0):
            number = chat.log.id_at(self._random.randrange(chat.count))
            message = world.message(chat.marked, number)
            if isinstance(message, types.Message):
                return message
        return None
