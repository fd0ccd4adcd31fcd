"""Videos: by a real ffmpeg on the processor, and on hardware that works, is switched off, lies or breaks down."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from media.clips import make_clip
from media.stubs import Stubs, make_cache
from tobs._util.atomic import hash_file
from tobs._util.pool import Pool
from tobs.cache.store import Cache
from tobs.core.events import Event, Said
from tobs.core.ports.processed import Failed, Kept, Made
from tobs.media import vaapi
from tobs.media.child import Limits, run_child
from tobs.media.ffmpeg import find_ffmpeg
from tobs.media.known import KnownProbes
from tobs.media.probe import Film, probe_film
from tobs.media.transcode import Transcoder, VideoOptions


class Work:
    """A transcoder with what it said."""

    def __init__(self, pool: Pool, options: VideoOptions, cache: Cache | None = None) -> None:
        self.said: list[Event] = []
        self.transcoder = Transcoder(options, KnownProbes(cache or make_cache()), pool, self.said.append)

    async def do(self, source: Path, target: Path) -> Made | Kept | Failed:
        film = await self.transcoder.probe(source, hash_file(source))
        return film if isinstance(film, Failed) else await self.transcoder.transcode(source, film, target)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "film.mp4")


async def look(path: Path) -> Film:
    program = find_ffmpeg()
    assert program is not None
    film = await probe_film(program, path)
    assert isinstance(film, Film)
    return film


@pytest.mark.parametrize(("codec", "height"), [("h264", 0), ("hevc", 120)])
async def test_the_processor_makes_a_smaller_film_beside_the_original(
    codec: str, height: int, clip: Path, device: Path, pool: Pool
) -> None:
    before = clip.read_bytes()
    options = VideoOptions(codec=codec, preset="ultrafast", height=height, device_path=device)  # type: ignore[arg-type]
    work = Work(pool, options)
    target = clip.with_name("new" + options.ending)
    made = await work.do(clip, target)
    assert made == Made(target.stat().st_size, "cpu")
    assert await look(target) == Film(1.0, *((160, 120) if height else (320, 240)), codec, "aac")
    assert 0 < target.stat().st_size < len(before) == clip.stat().st_size
    assert clip.read_bytes() == before
    assert sorted(each.name for each in clip.parent.iterdir()) == ["film.mp4", target.name, "renderD128"]
    assert (await work.do(clip, clip.with_name("again.mp4"))) == made
    assert clip.with_name("again.mp4").read_bytes() == target.read_bytes()


async def test_odd_sides_and_silence_are_no_obstacle(tmp_path: Path, device: Path, pool: Pool) -> None:
    odd = make_clip(tmp_path / "odd.mkv", size="321x123", options=("-an",))
    target = tmp_path / "even.mp4"
    made = await Work(pool, VideoOptions(preset="ultrafast", height=77, device_path=device)).do(odd, target)
    assert isinstance(made, Made)
    film = await look(target)
    assert (film.height, film.width % 2, film.audio_codec) == (76, 0, "")


async def test_confirmed_hardware_does_it(clip: Path, device: Path, stubs: Stubs, pool: Pool) -> None:
    stubs.add_hardware()
    stubs.add_driver("ihd_low_power")
    work = Work(pool, VideoOptions(device_path=device, quality=30))
    made = await work.do(clip, clip.with_name("new.mp4"))
    assert isinstance(made, Made)
    assert (made.way, work.said) == ("vaapi", [])
    [call] = [each for each in stubs.calls("ffmpeg") if "h264_vaapi" in each and "lavfi" not in each]
    assert f"-vaapi_device {device}" in call
    assert "format=nv12,hwupload" in call
    assert "-c:v h264_vaapi -low_power 1 -rc_mode CQP -qp 30" in call
    assert "-preset" not in call
    assert (await look(clip.with_name("new.mp4"))).video_codec == "h264"


async def test_hardware_that_is_switched_off_is_not_even_asked(
    clip: Path, device: Path, stubs: Stubs, pool: Pool
) -> None:
    stubs.add_hardware()
    stubs.add_driver("ihd")
    work = Work(pool, VideoOptions(device_path=device, force_cpu=True))
    made = await work.do(clip, clip.with_name("new.mp4"))
    assert isinstance(made, Made)
    assert (made.way, work.said, stubs.calls("vainfo")) == ("cpu", [], [])


async def test_hardware_that_lies_is_not_used(clip: Path, device: Path, stubs: Stubs, pool: Pool) -> None:
    stubs.add_driver("radeonsi")
    work = Work(pool, VideoOptions(device_path=device))
    made = await work.do(clip, clip.with_name("new.mp4"))
    assert isinstance(made, Made)
    assert (made.way, work.said) == ("cpu", [])


async def test_hardware_that_breaks_down_is_named_once_and_left(
    clip: Path, device: Path, stubs: Stubs, pool: Pool
) -> None:
    stubs.add_hardware(fails_in_films=True)
    stubs.add_driver("radeonsi")
    work = Work(pool, VideoOptions(device_path=device))
    ways = []
    for name in ("one.mp4", "two.mp4"):
        made = await work.do(clip, clip.with_name(name))
        assert isinstance(made, Made)
        ways.append(made.way)
    assert ways == ["cpu", "cpu"]
    [said] = work.said
    assert isinstance(said, Said)
    assert said.level == "warning"
    assert said.text.startswith("The graphics card (Mesa Gallium driver 24.2.8 for AMD")
    assert "on film.mp4; this video and those that follow are encoded by the processor." in said.text
    tried = [each for each in stubs.calls("ffmpeg") if "h264_vaapi" in each and "lavfi" not in each]
    assert len(tried) == 1


async def test_a_film_that_nothing_can_read_does_not_cost_the_hardware(
    tmp_path: Path, clip: Path, device: Path, stubs: Stubs, pool: Pool
) -> None:
    stubs.add_hardware()
    stubs.add_driver("radeonsi")
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(clip.read_bytes())
    work = Work(pool, VideoOptions(device_path=device))
    film = await work.transcoder.probe(damaged, hash_file(damaged))
    assert isinstance(film, Film)
    damaged.write_bytes(b"\0" * 5000)
    failed = await work.transcoder.transcode(damaged, film, tmp_path / "new.mp4")
    assert isinstance(failed, Failed)
    assert failed.is_lasting
    assert work.said == []
    made = await work.do(clip, tmp_path / "new.mp4")
    assert isinstance(made, Made)
    assert made.way == "vaapi"


async def test_a_film_that_would_only_get_larger_stays(tmp_path: Path, device: Path, pool: Pool) -> None:
    small = make_clip(tmp_path / "film.mp4", options=("-c:v", "libx264", "-crf", "50"))
    target = tmp_path / "new.mp4"
    kept = await Work(pool, VideoOptions(device_path=device, quality=0)).do(small, target)
    assert kept == Kept("it is h264 already and would not get smaller")
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfilm.ts\n#EXT-X-ENDLIST\n"),
        ("list.mp4", "ffconcat version 1.0\nfile film.ts\n"),
        ("noise.mp4", "no film at all"),
        ("empty.mp4", ""),
    ],
)
async def test_a_file_that_names_others_or_is_no_film_is_refused(
    name: str, content: str, clip: Path, device: Path, pool: Pool
) -> None:
    hostile = clip.with_name(name)
    hostile.write_text(content)
    make_clip(clip.with_name("film.ts"), options=("-c:v", "libx264"))
    failed = await Work(pool, VideoOptions(device_path=device)).do(hostile, clip.with_name("new.mp4"))
    assert isinstance(failed, Failed)
    assert failed.is_lasting
    assert failed.reason.startswith("it cannot be read: ")


async def test_sound_alone_is_no_film(tmp_path: Path, device: Path, pool: Pool) -> None:
    sound = make_clip(tmp_path / "sound.mp4", options=("-vn",))
    failed = await Work(pool, VideoOptions(device_path=device)).do(sound, tmp_path / "new.mp4")
    assert isinstance(failed, Failed)


@pytest.mark.parametrize(
    ("program", "limits", "why"),
    [
        ("x = bytearray(1 << 30)", Limits(20, memory_bytes=256 << 20), "exit code 1"),
        ("open('big', 'wb').write(bytes(1 << 20))", Limits(20, file_bytes=4096), "exit code 1"),
        ("import time; time.sleep(600)", Limits(0.2), "longer than 0.2 s"),
    ],
)
async def test_a_child_has_only_what_it_was_given(
    program: str, limits: Limits, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = await run_child(["/usr/bin/env", "python3", "-IS", "-c", program], limits)
    assert why in ended.why
    assert sum(each.stat().st_size for each in tmp_path.iterdir() if each.is_file()) <= 4096


async def test_a_child_that_talks_without_end_fills_no_memory() -> None:
    ended = await run_child(
        ["/bin/sh", "-c", "yes | head -c 3000000; yes no | head -c 100000 >&2"], Limits(20)
    )
    assert (ended.why, len(ended.out), len(ended.err)) == ("", 1 << 20, 1 << 14)


async def test_cancelled_work_leaves_no_child_and_no_file(
    clip: Path, device: Path, stubs: Stubs, pool: Pool
) -> None:
    real = find_ffmpeg()
    told = stubs.folder / "told"
    os.mkfifo(told)
    tell = f'case "$*" in *libx264*) echo $$ > {told}; exec sleep 600;; esac'
    stubs.add("ffmpeg", f'{tell}; exec {real} "$@"')
    work = Work(pool, VideoOptions(device_path=device, force_cpu=True))
    task = asyncio.create_task(work.do(clip, clip.with_name("new.mp4")))
    pid = await pool.run(told.read_text)
    assert pool.counters.active == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not Path(f"/proc/{pid.strip()}").exists()
    assert [each.name for each in clip.parent.iterdir() if "tmp" in each.name or each.name == "new.mp4"] == []
    await pool.close()
    assert pool.counters.active == 0


async def test_a_second_run_asks_no_program_what_is_known(
    clip: Path, device: Path, stubs: Stubs, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubs.add_hardware()
    stubs.add_driver("radeonsi")
    cache = make_cache()
    for quality, lookups in ((20, (0, 2)), (30, (2, 2))):
        monkeypatch.setattr(vaapi, "_found", {})  # as in a new process
        target = clip.with_name(f"{quality}.mp4")
        made = await Work(pool, VideoOptions(device_path=device, quality=quality), cache).do(clip, target)
        assert isinstance(made, Made)
        assert made.way == "vaapi"
        assert (cache.counters.hits, cache.counters.misses) == lookups
        assert cache.counters.api_calls == 2
    assert len(stubs.calls("vainfo")) == 1
    # One probe and one test encode, and the film twice.
    assert len(stubs.calls("ffmpeg")) == 4


async def test_hardware_that_failed_is_asked_again_by_the_next_run(
    clip: Path, device: Path, stubs: Stubs, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubs.add_hardware(fails_in_films=True)
    stubs.add_driver("radeonsi")
    cache = make_cache()
    for runs in (1, 2):
        monkeypatch.setattr(vaapi, "_found", {})
        made = await Work(pool, VideoOptions(device_path=device), cache).do(clip, clip.with_name("new.mp4"))
        assert isinstance(made, Made)
        assert made.way == "cpu"
        assert len(stubs.calls("vainfo")) == runs
