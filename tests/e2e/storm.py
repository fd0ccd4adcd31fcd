"""A story that one number tells: what is run, how it is ended, in which weather, and how the world moves meanwhile."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from e2e.nursery import Child
from e2e.stage import Stage
from tobs._util.clock import ManualClock, SystemClock
from tobs.core.ports.services import Clock
from tobs.core.request import ExportRequest
from tobs.core.span import parse_span
from tobs.errors import GaveUpWaiting
from tobs.simulator.bends import Bend
from tobs.simulator.changes import Changes
from tobs.simulator.dispatch import Call
from tobs.simulator.faults import BentPage, Delay, Drop, Fault, FaultScript, Flood, Plan, Refusal, Stall

HISTORY = ("messages.getHistory",)
ASKED = ("messages.*", "contacts.*", "channels.*")
PAGE_FAULTS = (
    BentPage(Bend(share=0.37), chance=0.2),
    BentPage(Bend(share=0.01), chance=0.1),
    BentPage(Bend(has_holes=True), chance=0.3),
    BentPage(Bend(overlap=3), chance=0.1),
    BentPage(Bend(overlap=50), chance=0.5),
    BentPage(Bend(doubles=2), chance=0.1),
    BentPage(Bend(returns=2), chance=0.1),
    BentPage(Bend(count_factor=0.5), chance=0.2),
    BentPage(Bend(count_factor=1.7), chance=0.2),
)
LINE_FAULTS = (
    Drop(chance=0.05, methods=ASKED),
    Drop(is_late=True, chance=0.05, methods=ASKED),
    Delay(60, chance=0.2, methods=ASKED),
)
SPANS = (
    {"last": 1},
    {"last": 37},
    {"last": 260},
    {"since": "2026-03-20"},
    {"until": "2026-03"},
    {"since": "2026-03-03", "until": "2026-04-02"},
    {"low": 40, "high": 333},
)
SIGNALS = {
    "kill": (signal.SIGKILL,),
    "term": (signal.SIGTERM,),
    "int": (signal.SIGINT,),
    "twice": (signal.SIGINT, signal.SIGTERM),
}
ENDS = ("whole", "whole", "kill", "kill", "kill", "term", "int", "twice", "drawing")


@dataclass(slots=True)
class Step:
    """One run of tobs.

    What changes while pages are read does so in the chats of `focus`, or in all.
    `end` is how it is ended, `after_ms` after the server is about to give answer number `at` (or, `drawing`, when it
    says for the nth time that it draws): `whole` not at all. `errors` are exit codes that the weather may lead to.
    """

    end: str
    at: int
    after_ms: int
    is_process: bool
    chats: list[str]
    refresh: str
    span: dict[str, int | str]
    faults: list[Fault]
    rates: tuple[float, float, float, float]
    focus: tuple[int, ...]
    moves: int
    seed: int
    latency_ms: float = 0.0
    settings: dict[str, int] = field(default_factory=dict)
    errors: frozenset[int] = frozenset()

    @property
    def allowed(self) -> frozenset[int]:
        """The exit codes that are no fault of tobs."""
        codes = self.errors | {0} | ({3} if self.span else set())
        ends = {"whole": set(), "kill": {-9}, "drawing": {-9}}
        return codes | ends.get(self.end, {130})


@dataclass(slots=True)
class Story:
    """What one seed tells. In a `moving` world messages come, change and go; `hurried` time passes at once.

    A hurried story is played inside the test, since the clock of another process cannot be turned.
    """

    seed: int
    is_moving: bool
    is_hurried: bool
    steps: list[Step]

    def __str__(self) -> str:
        lines = [f"Storm {self.seed}: moving={self.is_moving}, hurried={self.is_hurried}"]
        return "\n".join(
            [*lines, *(f"{number}. {describe(step)}" for number, step in enumerate(self.steps, 1))]
        )


def describe(record: Any) -> str:
    """Return a record with the fields that say something."""
    if isinstance(record, list):
        return f"[{', '.join(map(describe, record))}]"
    if not is_dataclass(record):
        return repr(record)
    said = (each for each in fields(record) if getattr(record, each.name) not in (each.default, 0, ""))
    shown = (f"{each.name}={describe(getattr(record, each.name))}" for each in said)
    return f"{type(record).__name__}({', '.join(shown)})"


def tell_story(seed: int, chats: list[str]) -> Story:
    """Return the story of a seed, for a world with these chats."""
    chance = random.Random(f"story {seed}")
    story = Story(seed, chance.random() < 0.6, chance.random() < 0.5, [])
    for _ in range(chance.randint(2, 5) if story.is_hurried else chance.choice((1, 1, 2, 2, 3))):
        story.steps.append(_tell_step(story, chance, chats))
    return story


def _tell_step(story: Story, chance: random.Random, chats: list[str]) -> Step:
    is_process = not story.is_hurried and chance.random() < 0.85
    ends = [each for each in ENDS if is_process or each in {"whole", "int", "twice"}]
    some = chance.sample(chats, chance.randint(1, len(chats)))
    step = Step(
        end=chance.choice(ends),
        at=chance.choice((chance.randint(1, 12), chance.randint(1, 45))),
        after_ms=chance.choice((0, 0, chance.randint(1, 100))),
        is_process=is_process,
        chats=some if chance.random() < 0.5 else chats,
        refresh=chance.choice(("0", "5", "130", "1000", "all", "all", "90d")),
        span=dict(chance.choice(SPANS)) if chance.random() < 0.25 else {},
        faults=[replace(each, methods=each.methods or HISTORY) for each in _draw_faults(chance)],
        rates=(0.0, 0.0, 0.0, 0.0),
        focus=chance.choice(((), (int(chance.choice(chats)),))),
        moves=0,
        seed=chance.randrange(10**6),
        latency_ms=chance.choice((0, 0, 2, 10)),
        settings={
            "max_requests_in_flight": chance.choice((1, 2, 8, 32)),
            "write_queue": chance.choice((1, 16)),
            "decode_processes": chance.choice((0, 0, 0, 0, 0, 0, 0, 1)),
        },
    )
    if story.is_moving:
        step.rates = (chance.random() * 0.7, chance.random() * 0.6, chance.random() * 0.6, 0.2)
        step.moves = chance.choice((0, 5, 40))
    _add_fatal(step, chance, is_hurried=story.is_hurried)
    return step


def _draw_faults(chance: random.Random) -> list[Fault]:
    faults: list[Fault] = chance.sample(PAGE_FAULTS, chance.choice((0, 1, 2, 4)))
    faults += chance.sample(LINE_FAULTS, chance.choice((0, 0, 1, 3)))
    return faults


def _add_fatal(step: Step, chance: random.Random, *, is_hurried: bool) -> None:
    """Add what costs real time where time is real, and sometimes what ends a chat or the run."""
    often = 4 if is_hurried else 1
    methods = (
        chance.choice(("messages.getHistory", "messages.*", "contacts.*", "channels.*", "*etMessages")),
    )
    for fault in chance.sample(
        (
            Flood(seconds=chance.choice((0, 1, 1000)) if is_hurried else 1, methods=methods, chance=0.1),
            Refusal(500, "INTERNAL", methods=methods, chance=0.1),
            Refusal(-503, "Timeout", methods=methods, chance=0.1),
        ),
        chance.choice((0, 1, 2) if is_hurried else (0, 0, 1)),
    ):
        step.faults.append(replace(fault, times=often))
    at = chance.randint(1, 30)
    draw = chance.random()
    if draw < 0.07:
        step.faults.append(Stall(methods=ASKED, at=(at,), is_whole=chance.random() < 0.5))
        step.settings["request_timeout"] = 1
        step.errors |= {14}  # a busy machine may be that slow six times
    elif draw < 0.14:
        step.faults.append(Drop(methods=HISTORY, at=tuple(range(at, at + 2_000))))
        step.errors |= {14}
    elif draw < 0.21:
        step.faults.append(Refusal(400, "SOMETHING_ELSE", methods=HISTORY, at=(at,)))
        step.errors |= {1, 3}
    elif draw < 0.35 and is_hurried:
        step.faults.append(Flood(7_200, methods=HISTORY, at=(at,)))
        step.errors |= {13}


class Weather(FaultScript):
    """A script of faults that turns into another one with every step."""

    def __init__(self) -> None:
        super().__init__()
        self.now = FaultScript()

    def plan(self, call: Call, now: float) -> Plan:
        return self.now.plan(call, now)


class Storm:
    """Plays the steps of a story on a stage."""

    def __init__(self, stage: Stage, weather: Weather, changes: Changes, story: Story) -> None:
        self._stage = stage
        self._weather = weather
        self._changes = changes
        self.clock: Clock = ManualClock(time.time()) if story.is_hurried else SystemClock()

    async def play(self, step: Step) -> int:
        """Run tobs as the step says, and return how it ended."""
        self._weather.now = FaultScript(
            step.faults, seed=step.seed, latency_ms=step.latency_ms, jitter_ms=step.latency_ms
        )
        changes = self._changes
        changes.arrivals, changes.edits, changes.deletions, changes.counters = step.rates
        changes.chats = step.focus
        code = await (self._play_process(step) if step.is_process else self._play_inside(step))
        if GaveUpWaiting.exit_code in step.errors:  # told perhaps, also where the run ended otherwise
            self._wait_long_enough()
        return code

    def clear_up(self) -> None:
        """Let the weather clear and the world stand still; what had to be waited for is over."""
        self._weather.now = FaultScript()
        changes = self._changes
        changes.arrivals = changes.edits = changes.deletions = changes.counters = 0.0
        self._wait_long_enough()

    def _wait_long_enough(self) -> None:
        if isinstance(self.clock, ManualClock):
            self.clock.advance(8_000)

    @contextmanager
    def _at_answer(self, step: Step, act: Callable[[], None]) -> Iterator[None]:
        first = self._stage.simulator.total_answers

        def count(_method: str, total: int) -> None:
            if total - first == step.at and step.after_ms:
                asyncio.get_running_loop().call_later(step.after_ms / 1000, act)
            elif total - first == step.at:
                act()

        self._stage.answered.append(count)
        try:
            yield
        finally:
            self._stage.answered.remove(count)

    async def _play_process(self, step: Step) -> int:
        variables = {f"TOBS_{name.upper()}": str(value) for name, value in step.settings.items()}
        process = await self._stage.start("export", *_list_arguments(step), "-o", "out", **variables)

        def end() -> None:
            for number in SIGNALS.get(step.end, ())[:1]:
                send_signal(process, number)
            for number in SIGNALS.get(step.end, ())[1:]:
                asyncio.get_running_loop().call_later(0.05, send_signal, process, number)

        with self._at_answer(step, end):
            if step.end == "drawing":
                await _kill_at_line(process, b'"stage": "render"', 1 + step.at // 4)
            _, err = await process.communicate()
        said = err.decode()
        assert "Traceback" not in said, said
        assert "bug in tobs" not in said, said
        assert "never retrieved" not in said, said
        assert process.returncode in step.allowed, (process.returncode, said)
        return await process.wait()

    async def _play_inside(self, step: Step) -> int:
        stop = asyncio.Event()
        request = ExportRequest(tuple(step.chats), self._stage.folder / "out", span=parse_span(**step.span))  # type: ignore[arg-type]
        settings: dict[str, object] = {
            **step.settings,
            "decode_processes": str(step.settings["decode_processes"]),
            "refresh_window": step.refresh,
        }
        run = asyncio.ensure_future(self._stage.run(request, stop=stop, clock=self.clock, **settings))

        def end() -> None:
            if step.end != "whole":
                stop.set()
            if step.end == "twice":
                asyncio.get_running_loop().call_soon(run.cancel)

        with self._at_answer(step, end), suppress(asyncio.CancelledError):
            report = await run
            assert report.exit_code in step.allowed, report
            return report.exit_code
        return 130


def _list_arguments(step: Step) -> list[str]:
    names = {"low": "from-id", "high": "to-id"}
    limits = [each for key, value in step.span.items() for each in (f"--{names.get(key, key)}", str(value))]
    return [*step.chats, *(limits or ["--refresh", step.refresh])]  # a range reads nothing again


def send_signal(process: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


async def _kill_at_line(process: Child, words: bytes, count: int) -> None:
    async for line in process.stdout:
        count -= words in line
        if not count:
            send_signal(process, signal.SIGKILL)
            return
