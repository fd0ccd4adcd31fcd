"""What the export calls: an original goes in, a processed file comes out, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.clips import make_clip, make_photo
from media.stubs import Stubs, make_cache
from tobs._util.atomic import hash_file
from tobs._util.clock import SystemClock
from tobs._util.pool import Pool
from tobs.app.processing import make_lanes, make_processor
from tobs.core.events import Event, Said
from tobs.core.ports.processed import Failed, Kept, Made, Outcome, Recipe
from tobs.core.processing import ProcessKind
from tobs.errors import DiskFull
from tobs.media import process
from tobs.media.ffmpeg import find_ffmpeg
from tobs.media.images import Picture
from tobs.media.probe import Film
from tobs.media.process import Processor, estimate_memory
from tobs.monitoring.collector import MetricsCollector
from tobs.settings import Settings


class Run:
    """One run over a folder."""

    def __init__(self, pool: Pool, **keys: object) -> None:
        self.said: list[Event] = []
        self.meter = MetricsCollector(SystemClock())
        keys = {"force_cpu_transcode": True, "video_preset": "ultrafast", "max_parallel_media": 3, **keys}
        settings = Settings(**keys)  # type: ignore[arg-type]
        lanes = make_lanes(settings, self.meter, pool.threads)
        self.processor: Processor = make_processor(
            settings, probes=make_cache(), lanes=lanes, pool=pool, meter=self.meter, emit=self.said.append
        )

    async def do(self, source: Path, kind: ProcessKind) -> Outcome:
        """Process a file to `result`, in the same folder."""
        return await self.processor.process(
            source, kind, source.with_name("result"), sha256=hash_file(source)
        )


async def test_pictures_and_videos_become_what_the_settings_say(tmp_path: Path, pool: Pool) -> None:
    photo, film = make_photo(tmp_path / "photo.png"), make_clip(tmp_path / "film.mp4")
    run = Run(pool, image_max_side=100, video_height=120)
    for path, kind, way in ((photo, "image", "pillow"), (film, "video", "cpu")):
        before = path.read_bytes()
        made = await run.do(path, kind)  # type: ignore[arg-type]
        assert made == Made((tmp_path / "result").stat().st_size, way)
        assert path.read_bytes() == before
    assert run.said == []
    stage = run.meter.stages["transcode"]
    assert (stage.count, stage.errors) == (2, 0)
    assert stage.total_duration_s > 0
    assert (run.meter.media.total_media_processed, run.meter.media.concurrent_peak) == (2, 1)


def test_options_and_the_endings_of_names_follow_from_the_settings(pool: Pool) -> None:
    plain, other = (
        Run(pool).processor,
        Run(pool, image_max_side=100, video_codec="hevc", video_height=720).processor,
    )
    assert plain.describe("image") == Recipe("image webp 0", ".small.webp")
    assert other.describe("image") == Recipe("image webp 100", ".100px.webp")
    assert plain.describe("video") == Recipe("video h264 ultrafast 23 0", ".h264.mp4")
    assert other.describe("video") == Recipe("video hevc ultrafast 23 720", ".hevc-720p.mp4")


async def test_a_file_that_cannot_be_processed_has_a_lasting_reason(tmp_path: Path, pool: Pool) -> None:
    noise = tmp_path / "noise.png"
    noise.write_bytes(b"no picture")
    assert await Run(pool).do(noise, "image") == Failed("it is no picture that can be read")


async def test_without_ffmpeg_one_line_says_so_and_originals_stay(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_clip(tmp_path / "film.mp4")
    monkeypatch.setattr(process, "find_ffmpeg", lambda: None)
    run = Run(pool)
    outcomes = [await run.do(film, "video") for _ in range(3)]
    assert outcomes == [Kept("ffmpeg is not installed", is_lasting=False)] * 3
    [said] = run.said
    assert isinstance(said, Said)
    assert said.text.startswith(
        "Videos are not processed, originals stay: ffmpeg is not installed. Install ffmpeg"
    )
    assert run.meter.stages == {}
    assert [each.name for each in tmp_path.iterdir()] == ["film.mp4"]
    monkeypatch.undo()
    assert isinstance(await Run(pool).do(film, "video"), Made)


async def test_an_ffmpeg_that_lacks_the_encoder_is_no_fault_of_the_film(
    tmp_path: Path, pool: Pool, stubs: Stubs
) -> None:
    film = make_clip(tmp_path / "film.mp4")
    real = find_ffmpeg()
    refusal = "echo \"Unknown encoder 'libx264'\" >&2; exit 8"
    stubs.add("ffmpeg", f'case "$*" in *libx264*) {refusal};; esac; exec {real} "$@"')
    outcome = await Run(pool).do(film, "video")
    assert outcome == Failed("it cannot be encoded: Unknown encoder 'libx264'", is_lasting=False)


async def test_a_disk_that_ffmpeg_finds_full_ends_the_work(tmp_path: Path, pool: Pool, stubs: Stubs) -> None:
    film = make_clip(tmp_path / "film.mp4")
    real = find_ffmpeg()
    refusal = "echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1"
    stubs.add("ffmpeg", f'case "$*" in *libx264*) {refusal};; esac; exec {real} "$@"')
    with pytest.raises(DiskFull, match="No space is left"):
        await Run(pool).do(film, "video")
    assert [each.name for each in tmp_path.glob("*.mp4*")] == ["film.mp4"]


def test_memory_is_estimated_from_what_a_file_says_to_be() -> None:
    assert estimate_memory(Picture("PNG", 1000, 1000, 3)) == 36_000_000
    small, large = Film(1, 320, 240, "h264", ""), Film(1, 3840, 2160, "h264", "")
    assert estimate_memory(small) < 80 << 20 < 1 << 30 < estimate_memory(large) < 2 << 30
