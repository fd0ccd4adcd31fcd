"""What the export calls: a content goes in, a file beside the original comes out, once and for all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from media.clips import Notes, make_clip, make_photo, sha256
from media.stubs import Stubs
from tobs._util.pool import Pool
from tobs.app.processing import make_lanes, make_processor
from tobs.bench.meter import CountingMeter
from tobs.core.events import Event, Said
from tobs.core.ports.processed import Processed
from tobs.media import process
from tobs.media.ffmpeg import find_ffmpeg
from tobs.media.images import Picture
from tobs.media.probe import Film
from tobs.media.process import Content, MediaKind, Outcome, Processor, estimate_memory
from tobs.settings import Settings


class Run:
    """One run over an export folder; the memory outlives it."""

    def __init__(self, root: Path, pool: Pool, notes: Notes, **keys: object) -> None:
        self.root = root
        self.said: list[Event] = []
        self.meter = CountingMeter()
        keys = {"force_cpu_transcode": True, "video_preset": "ultrafast", "max_parallel_media": 3, **keys}
        settings = Settings(**keys)  # type: ignore[arg-type]
        self.processor: Processor = make_processor(
            settings,
            root,
            lanes=make_lanes(settings, self.meter, pool.threads),
            memory=notes,
            pool=pool,
            meter=self.meter,
            emit=self.said.append,
        )

    async def do(self, path: Path, kind: MediaKind, folder: Path | None = None) -> Outcome:
        return await self.processor.process(Content(sha256(path), path, kind, folder))

    @property
    def transcoded(self) -> int:
        return self.meter.stages["transcode"].count if self.meter.stages else 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.mkdir()
    return path


@pytest.fixture
def notes() -> Notes:
    return Notes()


async def test_pictures_and_videos_get_processed_ones_beside_them(
    root: Path, pool: Pool, notes: Notes
) -> None:
    photo, film = make_photo(root / "photo.png"), make_clip(root / "film.mp4")
    run = Run(root, pool, notes, image_max_side=100, video_height=120)
    pictures, films = await run.do(photo, "image"), await run.do(film, "video")
    assert pictures == Outcome(root / "photo.png.100px.webp", is_new=True)
    assert films == Outcome(root / "film.mp4.h264-120p.mp4", is_new=True)
    assert all(each.path and each.path.is_file() for each in (pictures, films))
    assert run.said == []
    stage = run.meter.stages["transcode"]
    assert (stage.count, stage.errors) == (2, 0)
    assert stage.total_duration_s > 0
    assert (run.meter.media.total_media_processed, run.meter.media.concurrent_peak) == (2, 1)


async def test_a_second_run_does_nothing_again(root: Path, pool: Pool, notes: Notes) -> None:
    photo, film, noise = make_photo(root / "photo.png"), make_clip(root / "film.mp4"), root / "noise.mp4"
    noise.write_bytes(b"no film")
    first, second = Run(root, pool, notes), Run(root, pool, notes)
    for path, kind in ((photo, "image"), (film, "video"), (noise, "video")):
        one = await first.do(path, kind)  # type: ignore[arg-type]
        other = await second.do(path, kind)  # type: ignore[arg-type]
        assert (one.is_new, other) == (True, Outcome(one.path, one.reason))
    assert (first.transcoded, second.transcoded) == (2, 0)


async def test_other_options_are_other_work(root: Path, pool: Pool, notes: Notes) -> None:
    photo = make_photo(root / "photo.png")
    await Run(root, pool, notes).do(photo, "image")
    again = await Run(root, pool, notes, image_format="jpeg").do(photo, "image")
    assert again == Outcome(root / "photo.png.small.jpg", is_new=True)


async def test_the_same_content_in_a_second_chat_is_given_a_place_and_not_processed(
    root: Path, pool: Pool, notes: Notes
) -> None:
    one = make_photo(root / "a.png")
    other = root / "chat" / "b.png"
    other.parent.mkdir()
    other.write_bytes(one.read_bytes())
    run = Run(root, pool, notes)
    made, placed = await asyncio.gather(run.do(one, "image"), run.do(other, "image"))
    assert (made.is_new, placed) == (True, Outcome(root / "chat" / "b.png.small.webp"))
    assert made.path
    assert placed.path
    assert made.path.read_bytes() == placed.path.read_bytes()
    assert run.transcoded == 1


async def test_a_processed_file_that_is_gone_or_changed_is_made_again(
    root: Path, pool: Pool, notes: Notes
) -> None:
    photo = make_photo(root / "photo.png")
    run = Run(root, pool, notes)
    made = await run.do(photo, "image")
    assert made.path
    whole = made.path.read_bytes()
    made.path.unlink()
    assert (await run.do(photo, "image")).is_new
    made.path.write_bytes(whole[:-1])
    assert (await run.do(photo, "image")).is_new
    assert made.path.read_bytes() == whole


async def test_the_result_may_go_to_another_folder(root: Path, pool: Pool, notes: Notes) -> None:
    photo = make_photo(root / "photo.png")
    made = await Run(root, pool, notes).do(photo, "image", root / "chat" / "media")
    assert made.path == root / "chat" / "media" / "photo.png.small.webp"
    assert made.path.is_file()
    assert [*notes.known.values()] == [
        Processed("made", "chat/media/photo.png.small.webp", made.path.stat().st_size)
    ]


async def test_a_long_name_is_cut_so_that_every_filesystem_takes_it(
    root: Path, pool: Pool, notes: Notes
) -> None:
    photo = make_photo(root / ("ü" * 69 + ".png"))
    made = await Run(root, pool, notes).do(photo, "image")
    assert made.path
    assert len(made.path.name.encode()) <= 143
    assert made.path.name.endswith(".small.webp")


async def test_a_file_that_cannot_be_processed_is_remembered_with_its_reason(
    root: Path, pool: Pool, notes: Notes
) -> None:
    noise = root / "noise.png"
    noise.write_bytes(b"no picture")
    outcome = await Run(root, pool, notes).do(noise, "image")
    assert outcome == Outcome(None, "it is no picture that can be read", is_new=True)
    assert [*notes.known.values()] == [Processed("failed", reason=outcome.reason)]


async def test_without_ffmpeg_one_line_says_so_and_originals_stay(
    root: Path, pool: Pool, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_clip(root / "film.mp4")
    monkeypatch.setattr(process, "find_ffmpeg", lambda: None)
    run = Run(root, pool, notes)
    outcomes = [await run.do(film, "video") for _ in range(3)]
    assert outcomes == [Outcome(None, "ffmpeg is not installed")] * 3
    [said] = run.said
    assert isinstance(said, Said)
    assert said.text.startswith(
        "Videos are not processed, originals stay: ffmpeg is not installed. Install ffmpeg"
    )
    assert (notes.known, run.transcoded) == ({}, 0)
    assert [each.name for each in root.iterdir()] == ["film.mp4"]
    monkeypatch.undo()
    assert (await Run(root, pool, notes).do(film, "video")).is_new


async def test_an_ffmpeg_that_lacks_the_encoder_is_no_fault_of_the_film(
    root: Path, pool: Pool, notes: Notes, stubs: Stubs
) -> None:
    film = make_clip(root / "film.mp4")
    real = find_ffmpeg()
    refusal = "echo \"Unknown encoder 'libx264'\" >&2; exit 8"
    stubs.add("ffmpeg", f'case "$*" in *libx264*) {refusal};; esac; exec {real} "$@"')
    outcome = await Run(root, pool, notes).do(film, "video")
    assert outcome == Outcome(None, "it cannot be encoded: Unknown encoder 'libx264'", is_new=True)
    assert notes.known == {}


def test_memory_is_estimated_from_what_a_file_says_to_be() -> None:
    assert estimate_memory(Picture("PNG", 1000, 1000, 3)) == 36_000_000
    small, large = Film(1, 320, 240, "h264", ""), Film(1, 3840, 2160, "h264", "")
    assert estimate_memory(small) < 80 << 20 < 1 << 30 < estimate_memory(large) < 2 << 30
