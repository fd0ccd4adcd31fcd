"""A story about downloads that one number tells: what is chosen, how each run is ended, and what goes wrong with files."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from e2e.media_world import MediaWorld
from e2e.stage import Stage
from e2e.storm import SIGNALS, Weather, describe, send_signal
from tobs._util.clock import ManualClock
from tobs.core.choice import MediaChoice
from tobs.simulator.faults import Delay, Drop, Fault, FaultScript, Flood, Refusal
from tobs.simulator.file_faults import Corruption, Move, Redirection, ReferenceExpiry
from tobs.simulator.shelf import Shelf

PARTS, HASHES = ("upload.getFile",), ("upload.getFileHashes",)
ENDS = ("whole", "whole", "kill", "kill", "term", "int", "twice")
CHOICES = (
    MediaChoice(),
    MediaChoice(),
    MediaChoice(max_bytes=600_000),
    MediaChoice(max_bytes=70_000),
    MediaChoice(kinds=("photo", "voice")),
    MediaChoice(kinds=("document",)),
    MediaChoice(excluded=("pdf",)),
    MediaChoice(kinds=()),
)
DISK_FULL, INTERRUPTED = 15, 130


@dataclass(slots=True)
class MediaStep:
    """One run of tobs, ended as `end` says `after_ms` after the server's answer number `at` to upload.getFile.

    `reserve` is how many bytes may be written until the disk counts as full, 0 for any number.
    """

    end: str
    at: int
    after_ms: int
    is_process: bool
    chats: list[str]
    choice: MediaChoice
    faults: list[Fault]
    seed: int
    latency_ms: float = 0.0
    reserve: int = 0
    settings: dict[str, str | int | bool] = field(default_factory=dict)

    @property
    def bends_hashes(self) -> bool:
        """Tell whether the server may tell wrong hashes."""
        return any(isinstance(each, Corruption) and each.methods == HASHES for each in self.faults)

    @property
    def is_calm(self) -> bool:
        """Tell whether nothing goes wrong that may cost a part its way or a comparison its hashes."""
        return not self.faults and self.settings["hash_based_deduplication"] is True

    @property
    def allowed(self) -> set[int]:
        """The exit codes that are no fault of tobs: what goes wrong with a file ends no run."""
        ends = {"whole": set(), "kill": {-9}}
        return {0, 3} | ends.get(self.end, {INTERRUPTED}) | ({DISK_FULL} if self.reserve else set())


@dataclass(slots=True)
class MediaStory:
    """What one seed tells; then a last run wants everything, with these layouts."""

    seed: int
    steps: list[MediaStep]
    layouts: dict[str, str]

    def __str__(self) -> str:
        lines = [f"Media storm {self.seed}, at last {self.layouts}"]
        return "\n".join(
            [*lines, *(f"{number}. {describe(step)}" for number, step in enumerate(self.steps, 1))]
        )


def tell_story(seed: int, made: MediaWorld) -> MediaStory:
    """Return the story of a seed about a world."""
    chance = random.Random(f"media story {seed}")
    story = MediaStory(seed, [], _draw_layouts(chance))
    for _ in range(chance.choice((1, 2, 2, 3))):
        story.steps.append(_tell_step(chance, made))
    return story


def _draw_layouts(chance: random.Random) -> dict[str, str]:
    layout = chance.choice(("month", "month", "day", "single"))
    return {"layout": layout, "media_layout": chance.choice(("per-chat", "per-chat", "shared"))}


def _tell_step(chance: random.Random, made: MediaWorld) -> MediaStep:
    is_process = chance.random() < 0.5
    ends = [each for each in ENDS if is_process or each != "kill"]
    step = MediaStep(
        end=chance.choice(ends),
        at=chance.choice((chance.randint(1, 8), chance.randint(1, 60))),
        after_ms=chance.choice((0, 0, chance.randint(1, 60))),
        is_process=is_process,
        chats=made.chats if chance.random() < 0.7 else chance.sample(made.chats, chance.randint(1, 2)),
        choice=chance.choice(CHOICES),
        faults=_draw_passing(chance, made, is_process=is_process),
        seed=chance.randrange(10**6),
        latency_ms=chance.choice((0, 0, 3)),
        reserve=chance.choice((0, 0, 0, 0, 0, 1, 300_000)),
        settings={
            "max_requests_in_flight": chance.choice((1, 2, 8, 32)),
            "hash_based_deduplication": chance.random() < 0.9,
            "verify_media": "resumed",
            **(_draw_layouts(chance) if chance.random() < 0.5 else {}),
        },
    )
    step.faults += _draw_lasting(chance, made, is_process=is_process)
    if chance.random() < 0.35:
        step.settings["verify_media"] = "full"
        step.faults = [each for each in step.faults if each.methods != HASHES]  # they tell what is bent
        step.faults.append(
            chance.choice((Corruption(at=_draw_places(chance)), Corruption(at=(2,), methods=HASHES)))
        )
    return step


def _draw_places(chance: random.Random) -> tuple[int, ...]:
    return tuple(sorted(chance.sample(range(1, 40), chance.randint(1, 5))))


def _draw_passing(chance: random.Random, made: MediaWorld, *, is_process: bool) -> list[Fault]:
    """Draw what a run has to get over; no request meets more of it than it is repeated for."""
    homes = sorted({each.dc_id for each in _list_files(made)})
    told = 1 if is_process else chance.choice((0, 3, 50))
    line = (
        Drop(at=(chance.randint(1, 30),), methods=PARTS),
        Drop(at=(chance.randint(1, 30),), methods=PARTS, is_halfway=True),
        Drop(at=(chance.randint(1, 30),), methods=("upload.*",), is_late=True),
    )
    some: tuple[Fault, ...] = (
        ReferenceExpiry(at=_draw_places(chance)),
        ReferenceExpiry(chance=0.3, times=4),
        Move(at=_draw_places(chance), dc_id=chance.choice(homes)),
        Move(at=_draw_places(chance), dc_id=chance.choice(homes)),
        Flood(told, methods=PARTS, at=(chance.randint(1, 30),), is_premium=chance.random() < 0.5),
        Flood(chance.choice((1, 600)), methods=HASHES, at=(1,)),
        Refusal(400, "SOMETHING_ELSE", methods=HASHES, chance=0.5),
        Delay(20, chance=0.2, methods=("upload.*",)),
        Refusal(500, "INTERNAL", methods=PARTS, at=(chance.randint(1, 30),)),
    )
    return [
        *chance.sample(line, chance.choice((0, 0, 1, 3))),
        *chance.sample(some, chance.choice((0, 1, 2, 4))),
    ]


def _draw_lasting(chance: random.Random, made: MediaWorld, *, is_process: bool) -> list[Fault]:
    """Draw what costs some files in this run, and no others."""
    kinds: list[Callable[[frozenset[int]], Fault]] = [
        lambda files: Refusal(400, "LOCATION_INVALID", methods=PARTS, files=files),
        lambda files: Redirection(files=files),
        lambda files: ReferenceExpiry(files=files),
    ]
    if not is_process:  # asking again takes time
        kinds.append(lambda files: Refusal(-503, "Timeout", methods=PARTS, files=files))
        kinds.append(lambda files: Drop(methods=PARTS, files=files))
    ids = sorted(each.id for each in _list_files(made))
    return [
        make(frozenset(chance.sample(ids, min(len(ids), chance.randint(1, 2)))))
        for make in chance.sample(kinds, chance.choice((0, 0, 1, 2)))
    ]


def _list_files(made: MediaWorld) -> list[Any]:
    shelf = Shelf(made.world)
    shelf.find(0)
    return list(shelf._files.values())


class TickingClock(ManualClock):
    """A clock by which no two moments are the same, as in life: a file that failed is left to the next run."""

    def now(self) -> float:
        self.advance(0.001)
        return super().now()


class MediaStorm:
    """Plays the steps of a story on a stage; inside of the test time passes at once."""

    def __init__(self, stage: Stage, weather: Weather) -> None:
        self._stage = stage
        self._weather = weather
        self.clock = TickingClock(time.time())
        self.output = stage.folder / "out"

    async def play(self, step: MediaStep) -> int:
        """Run tobs as the step says, and return how it ended."""
        self._weather.now = FaultScript(
            step.faults, seed=step.seed, latency_ms=step.latency_ms, jitter_ms=step.latency_ms
        )
        settings = dict(step.settings)
        free = shutil.disk_usage(self._stage.folder).free
        settings["min_free_space"] = free - step.reserve if step.reserve else 0
        self.clock.advance(3_600)
        code = await (self._play_process if step.is_process else self._play_inside)(step, settings)
        assert code in step.allowed, code
        return code

    def clear_up(self) -> None:
        """Let the weather clear; what is tried again only after some days is due."""
        self._weather.now = FaultScript()
        self.clock.advance(40 * 86_400)

    @contextmanager
    def _at_part(self, step: MediaStep, act: Callable[[], None]) -> Iterator[None]:
        seen = 0

        def count(method: str, _total: int) -> None:
            nonlocal seen
            seen += method in PARTS
            if seen == step.at and method in PARTS:
                asyncio.get_running_loop().call_later(step.after_ms / 1000, act)

        self._stage.answered.append(count)
        try:
            yield
        finally:
            self._stage.answered.remove(count)

    async def _play_process(self, step: MediaStep, settings: dict[str, Any]) -> int:
        variables: dict[str, str | None] = {
            f"TOBS_{name.upper()}": str(value) for name, value in settings.items()
        }
        process = await self._stage.start(
            "export", *step.chats, *_list_arguments(step.choice), "-o", str(self.output), **variables
        )

        def end() -> None:
            for delay, number in enumerate(SIGNALS.get(step.end, ())):
                asyncio.get_running_loop().call_later(0.05 * delay, send_signal, process, number)

        with self._at_part(step, end):
            _, err = await process.communicate()
        said = err.decode()
        for word in ("Traceback", "bug in tobs", "never retrieved"):
            assert word not in said, said
        return await process.wait()

    async def _play_inside(self, step: MediaStep, settings: dict[str, Any]) -> int:
        stop = asyncio.Event()
        run = asyncio.ensure_future(
            self._stage.export(
                *step.chats, output=self.output, media=step.choice, stop=stop, clock=self.clock, **settings
            )
        )

        def end() -> None:
            if step.end != "whole":
                stop.set()
            if step.end == "twice":
                asyncio.get_running_loop().call_soon(run.cancel)

        with self._at_part(step, end), suppress(asyncio.CancelledError):
            return (await run).exit_code
        return INTERRUPTED


def _list_arguments(choice: MediaChoice) -> list[str]:
    given = ["--media", ",".join(choice.kinds) or "none", "--max-size", str(choice.max_bytes)]
    return [*given, *(["--exclude-ext", ",".join(choice.excluded)] if choice.excluded else [])]
