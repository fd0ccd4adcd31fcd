"""`tobs bench process`: several files at once in one tobs, against independent single-threaded processes."""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tobs._util.pool import Pool
from tobs.bench.children import run_modules
from tobs.bench.measuring import describe_machine
from tobs.bench.processing import CORES, fingerprint
from tobs.core.events import Said
from tobs.core.metrics import MediaMetrics
from tobs.core.ports.services import Emit
from tobs.core.processing import ProcessKind
from tobs.errors import TobsError
from tobs.media.ffmpeg import INSTALL_HINT, find_ffmpeg

_KINDS: tuple[ProcessKind, ...] = ("image", "video")


@dataclass(slots=True)
class ProcessRound:
    """Seconds from start to exit: all files by one loop, by two loops that share them, and by one tobs."""

    kind: str
    one_loop_seconds: float
    two_loops_seconds: float
    tobs_seconds: float
    media: MediaMetrics

    @property
    def ratio(self) -> float:
        """The speed-up of tobs, with that of two independent processes as 1."""
        return self.two_loops_seconds / self.tobs_seconds


@dataclass(slots=True)
class KindResult:
    """The medians of one kind; speed-ups are against one loop."""

    kind: str
    files: int
    median_ratio: float
    lowest_ratio: float
    highest_ratio: float
    two_loops_speed_up: float
    tobs_speed_up: float


@dataclass(slots=True)
class ProcessResult:
    """What `tobs bench process` found; a round counts only when all three made the same bytes."""

    scenario: str
    machine: dict[str, Any]
    kinds: list[KindResult] = field(default_factory=list)
    rounds: list[ProcessRound] = field(default_factory=list)


async def run_process_bench(images: int, videos: int, rounds: int, seed: int, emit: Emit) -> ProcessResult:
    """Process invented pictures and films `rounds` times in three ways. Raises TobsError when the outputs differ."""
    program = find_ffmpeg()
    if program is None:
        raise TobsError("There is no ffmpeg to measure with.", hint=INSTALL_HINT)
    result = ProcessResult("process", describe_machine())
    async with Pool(1) as pool:
        with tempfile.TemporaryDirectory(prefix="tobs-bench-") as place:
            folder = Path(place)
            files: dict[ProcessKind, list[Path]] = {
                "image": [await pool.run(make_picture, folder, each, seed) for each in range(images)],
                "video": [await pool.run(make_film, program, folder, each) for each in range(videos)],
            }
            for number in range(1, rounds + 1):
                emit(Said("info", f"Round {number} of {rounds}"))
                for kind in _KINDS:
                    target = folder / f"out-{number}-{kind}"
                    result.rounds.append(await pool.run(_measure_round, kind, target, files[kind]))
    result.kinds = [_sum_up(kind, len(files[kind]), result.rounds) for kind in _KINDS]
    return result


def make_picture(folder: Path, number: int, seed: int) -> Path:
    """Write a picture as large as a phone's, with soft shapes and some noise."""
    from PIL import Image

    chance = random.Random(seed * 1000 + number)  # noqa: S311  # a picture, not a secret
    small = Image.frombytes("RGB", (64, 48), chance.randbytes(64 * 48 * 3))
    path = folder / f"picture-{number:03}.jpg"
    small.resize((2560, 1920), Image.Resampling.BICUBIC).save(path, quality=90)
    return path


def make_film(program: Path, folder: Path, number: int) -> Path:
    """Write a film of a few seconds; each begins at another place of the pattern."""
    path = folder / f"film-{number:03}.mp4"
    pattern = f"testsrc2=size=640x360:rate=25:duration={4 + number},trim=start={number},setpts=PTS-STARTPTS"
    arguments = ["-loglevel", "error", "-f", "lavfi", "-i", pattern, "-c:v", "mpeg4", "-q:v", "2", str(path)]
    subprocess.run([str(program), "-nostdin", *arguments], check=True)  # noqa: S603  # ours
    return path


def _measure_round(kind: ProcessKind, target: Path, files: list[Path]) -> ProcessRound:
    names = [str(each) for each in files]
    outputs = [target.with_name(f"{target.name}-{how}") for how in ("one", "two", "tobs")]
    for each in outputs:
        each.mkdir()
    one, two, many = outputs
    loop = ["tobs.bench.processing", "loop", kind]
    single = run_modules([[*loop, str(one), *names]])
    double = run_modules([*loop, str(two), *names[at::CORES]] for at in range(CORES))
    measured = run_modules([["tobs.bench.processing", "tobs", kind, str(many), *names]])
    if len({fingerprint(each) for each in outputs}) > 1:
        raise TobsError(f"The {kind}s that were made differ, so their times cannot be compared.")
    return ProcessRound(
        kind,
        round(single.seconds, 3),
        round(double.seconds, 3),
        round(measured.seconds, 3),
        msgspec.json.decode(measured.printed[0], type=MediaMetrics),
    )


def _sum_up(kind: str, files: int, rounds: list[ProcessRound]) -> KindResult:
    mine = [each for each in rounds if each.kind == kind]
    ratios = [each.ratio for each in mine]
    return KindResult(
        kind=kind,
        files=files,
        median_ratio=round(statistics.median(ratios), 3),
        lowest_ratio=round(min(ratios), 3),
        highest_ratio=round(max(ratios), 3),
        two_loops_speed_up=_median_speed_up(
            [each.one_loop_seconds / each.two_loops_seconds for each in mine]
        ),
        tobs_speed_up=_median_speed_up([each.one_loop_seconds / each.tobs_seconds for each in mine]),
    )


def _median_speed_up(values: list[float]) -> float:
    return round(statistics.median(values), 3)
