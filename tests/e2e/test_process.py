"""`tobs export --process` over real sockets, with the real ffmpeg: each content once, however the run ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from e2e.film_club import CLUB, FILMS, PICTURES, build_films
from e2e.stage import Stage, open_stage, query, read_tree
from media.stubs import Stubs
from seeds import often
from tobs.cli.summary import print_run
from tobs.core.certificate import Certificate, ProcessedFound
from tobs.core.choice import MediaChoice
from tobs.core.report import ProcessReport, RunReport
from tobs.core.words import say_size
from tobs.media.ffmpeg import find_ffmpeg

ALL, NOTHING = MediaChoice(), MediaChoice(kinds=())
FAST: dict[str, Any] = {"force_cpu_transcode": True, "video_preset": "ultrafast"}
BOTH: dict[str, Any] = {"process": ("image", "video"), **FAST}
KEYS = {
    "TOBS_FORCE_CPU_TRANSCODE": "true",
    "TOBS_VIDEO_PRESET": "ultrafast",
    "TOBS_PARALLEL_MEDIA_PROCESSING": "false",
}


class Encodes:
    """The real ffmpeg behind a script that counts what it is asked to encode."""

    def __init__(self, real: Path | None, stubs: Stubs) -> None:
        self._real = real
        self._stubs = stubs
        self.run()

    def run(self, trick: str = "") -> None:
        """From now on do that, in shell, before each encode. The count begins anew."""
        (self._stubs.folder / "ffmpeg.calls").unlink(missing_ok=True)
        body = f'case "$*" in *libx264*) {trick or ":"};; esac\nexec {self._real} "$@"'
        self._stubs.add("ffmpeg", body)

    @property
    def count(self) -> int:
        return sum("libx264" in each for each in self._stubs.calls("ffmpeg"))


@pytest.fixture
def encodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encodes:
    return Encodes(find_ffmpeg(), Stubs(tmp_path / "bin", monkeypatch, alone=False))


def list_results(output: Path) -> list[str]:
    """Return the names of processed files."""
    return sorted(
        each.name for each in output.rglob("media/*/*") if ".small." in each.name or ".h264." in each.name
    )


async def test_pictures_and_videos_get_smaller_versions_beside_them(tmp_path: Path, encodes: Encodes) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        plain = await stage.export(CLUB, output=tmp_path / "plain", media=ALL)
        assert plain.processed is None
        report = await stage.export(CLUB, output=output, media=ALL, **BOTH)
    assert (report.exit_code, report.error) == (0, "")
    assert report.processed
    assert report.processed.made == FILMS + PICTURES
    assert (report.processed.kept, report.processed.failed) == ({}, {"it cannot be read": 1})
    assert encodes.count == FILMS
    results = list_results(output)
    assert len(results) == FILMS + PICTURES
    # All else is as without: the originals, and what notes show.
    tree = read_tree(output)
    assert {path: tree[path] for path in tree if Path(path).name not in results} == read_tree(
        tmp_path / "plain"
    )
    [png] = output.rglob("media/*/*plan.png.small.webp")
    with Image.open(png) as picture:
        assert (picture.format, picture.size) == ("WEBP", (400, 300))
    [(size,)] = query(output, "SELECT sum(size_bytes) FROM processed WHERE state = 'made'")
    assert report.processed.made_bytes == size


async def test_a_second_run_starts_no_encoder_and_asks_for_no_file(tmp_path: Path, encodes: Encodes) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        await stage.export(CLUB, output=output, media=ALL, **BOTH)
        tree, sent = read_tree(output), stage.simulator.downloads.total_bytes
        encodes.run()
        again = await stage.export(CLUB, output=output, media=ALL, **BOTH)
        assert again.processed == ProcessReport(there=FILMS + PICTURES, failed={"it cannot be read": 1})
        assert (encodes.count, again.exit_code) == (0, 0)
        assert stage.simulator.downloads.total_bytes == sent
    assert read_tree(output) == tree


async def test_the_same_video_in_another_chat_is_not_encoded_again(tmp_path: Path, encodes: Encodes) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        report = await stage.export(CLUB, "Ben Okafor", output=output, media=ALL, **BOTH)
        assert report.exit_code == 0, report.chats
        assert report.processed
        assert (report.processed.made, report.processed.copied) == (FILMS + PICTURES, 1)
        assert encodes.count == FILMS
        shared = await stage.export(
            CLUB, "Ben Okafor", output=output, media=ALL, media_layout="shared", **BOTH
        )
        assert shared.processed
        assert (shared.processed.made, shared.processed.copied) == (0, 0)
        assert encodes.count == FILMS
    assert len(list_results(output)) == FILMS + PICTURES


async def test_what_is_asked_for_later_is_made_of_what_is_there(tmp_path: Path, encodes: Encodes) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        await stage.export(CLUB, output=output, media=ALL)
        report = await stage.export(CLUB, output=output, media=NOTHING, process=("image",), **FAST)
        assert report.processed == ProcessReport(
            PICTURES, report.processed.made_bytes if report.processed else 0
        )
        assert encodes.count == 0
        await stage.export(CLUB, output=output, media=NOTHING, process=("video",), **FAST)
    assert len(list_results(output)) == FILMS + PICTURES


async def test_a_deleted_result_is_made_again_and_a_changed_one_is_left_alone(
    tmp_path: Path, encodes: Encodes
) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        await stage.export(CLUB, output=output, media=ALL, **BOTH)
        tree = read_tree(output)
        deleted, changed, *_ = sorted(output.rglob("*.h264.mp4"))
        deleted.unlink()
        changed.write_bytes(b"cut by me")
        encodes.run()
        await stage.export(CLUB, output=output, media=ALL)
        assert not deleted.exists()
        report = await stage.export(CLUB, output=output, media=ALL, **BOTH)
        assert report.processed
        assert (report.processed.made, encodes.count) == (1, 1)
        assert changed.read_bytes() == b"cut by me"
        changed.unlink()
        await stage.export(CLUB, output=output, media=ALL, **BOTH)
    assert read_tree(output) == tree


async def start_export(stage: Stage, output: Path, **variables: str) -> Any:
    """Run `tobs export` of everything as a process of its own, one file after the other."""
    return await stage.tobs(
        "export",
        CLUB,
        "--media",
        "all",
        "--process",
        "images,video",
        "-o",
        str(output),
        **{**KEYS, **variables},
    )


@pytest.mark.parametrize("number", often(range(1, FILMS + 1), 2))
async def test_a_killed_run_goes_on_and_encodes_nothing_twice(
    tmp_path: Path, encodes: Encodes, number: int
) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        whole = await start_export(stage, tmp_path / "whole")
        assert whole.code == 0, whole.err
        # $PPID is tobs: the shell that sets the limits has become the script. The kill waits for the film before, whose
        # result may still be on its way to its place while the next one begins.
        others = f'[ "$(grep -c libx264 "$0.calls")" -lt {number} ]'
        placed = f"[ $(find {output} -path '*/media/*' -name '*.h264.mp4' | wc -l) -ge {number - 1} ]"
        encodes.run(f"{others} || {{ until {placed}; do :; done; kill -9 $PPID; }}")
        assert (await start_export(stage, output)).code == -9
        assert encodes.count == number
        encodes.run()
        again = await start_export(stage, output)
        assert (again.code, encodes.count) == (0, FILMS - number + 1), again.err
    assert read_tree(output) == read_tree(tmp_path / "whole")
    assert not [*output.rglob(".tobs-tmp-*")]


async def test_ctrl_c_ends_the_encoder_keeps_what_was_made_and_leaves_nothing_half_made(
    tmp_path: Path, encodes: Encodes
) -> None:
    output = tmp_path / "out"
    child = tmp_path / "child"
    async with open_stage(build_films(), tmp_path) as stage:
        second = '[ "$(grep -c libx264 "$0.calls")" -lt 2 ] ||'
        encodes.run(f"{second} {{ echo $$ > {child}; kill -INT $PPID; exec sleep 600; }}")
        stopped = await start_export(stage, output)
        assert stopped.code == 130, stopped.err
        finish = stopped.events[-1]
        assert (finish["type"], finish["processed"]["is_interrupted"]) == ("export_finish", True)
        assert len([*output.rglob("*.h264.mp4")]) == 1
        assert not [*output.rglob(".tobs-tmp-*")]
        assert not Path(f"/proc/{child.read_text().strip()}").exists()
        encodes.run()
        again = await start_export(stage, output)
        assert (again.code, encodes.count) == (0, FILMS - 1), again.err
    assert len(list_results(output)) == FILMS + PICTURES


async def test_without_ffmpeg_one_line_says_so_pictures_are_made_and_originals_stay(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        done = await start_export(stage, output, PATH="/nowhere", IMAGEIO_FFMPEG_EXE="/nowhere/ffmpeg")
        assert done.code == 0, done.err
        [said] = [
            each["text"] for each in done.events if each["type"] == "message" and "ffmpeg" in each["text"]
        ]
        assert said == (
            "Videos are not processed, originals stay: ffmpeg is not installed. "
            "Install ffmpeg, or tobs with its own: `pipx inject tobs imageio-ffmpeg`."
        )
        processed = done.events[-1]["processed"]
        assert (processed["made"], processed["kept"]) == (PICTURES, {"ffmpeg is not installed": FILMS + 1})
        assert list_results(output) == [each for each in list_results(output) if each.endswith(".webp")]
        assert len([*output.rglob("media/*/*.mp4")]) == FILMS + 1
        again = await start_export(stage, output)
        assert again.events[-1]["processed"]["made"] == FILMS


async def test_a_full_disk_ends_it_with_all_that_was_made_kept(tmp_path: Path, encodes: Encodes) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        await stage.export(CLUB, output=output, media=ALL, process=("image",), **FAST)
        report = await stage.export(CLUB, output=output, media=ALL, min_free_space=1 << 60, **BOTH)
        assert (report.exit_code, encodes.count) == (15, 0)
        assert "free" in report.error
        assert report.chats[0].tally.is_complete
        assert len(list_results(output)) == PICTURES
        again = await stage.export(CLUB, output=output, media=ALL, **BOTH)
        assert again.processed
        assert (again.exit_code, again.processed.made, again.processed.there) == (0, FILMS, PICTURES)


async def test_progress_and_the_counts_stand_in_events_run_file_and_summary(
    tmp_path: Path, encodes: Encodes, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        done = await start_export(stage, output)
    shown = [each for each in done.events if each.get("stage") == "process"]
    assert shown[-1]["percentage"] == 100
    assert {each["entity_name"] for each in shown} == {"Film club"}
    assert done.events.index(shown[0]) > max(
        place
        for place, each in enumerate(done.events)
        if each.get("stage") in {"fetch", "download", "render"}
    )
    warnings = [each["text"] for each in done.events if each["type"] == "message"]
    assert warnings[-1] == (
        "1 picture or video could not be processed (it cannot be read); the originals are complete."
    )
    [run] = (output / ".tobs/runs").iterdir()
    report = msgspec.json.decode(run.read_bytes(), type=RunReport)
    assert report.processed == msgspec.convert(done.events[-1]["processed"], ProcessReport)
    print_run(report, output)
    size = say_size(report.processed.made_bytes) if report.processed else ""
    assert (
        f"Pictures and videos processed: {FILMS + PICTURES} made ({size}), 1 failed (it cannot be read)."
        in capsys.readouterr().out
    )


async def test_verify_names_results_that_are_gone_or_changed_and_takes_none_for_damage(
    tmp_path: Path, encodes: Encodes
) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        await stage.export(CLUB, output=output, media=ALL, **BOTH)

        async def verify() -> ProcessedFound:
            done = await stage.tobs("verify", "-o", str(output), "--json")
            certificate = msgspec.json.decode(done.out, type=Certificate)
            assert (done.code, certificate.is_damaged) == (0, False)
            return certificate.chats[0].media.processed

        found = await verify()
        results = sorted(each for each in output.rglob("media/*/*") if each.name in list_results(output))
        assert (found.intact, found.changed.count, found.missing.count) == (len(results), 0, 0)
        assert found.size_bytes == sum(each.stat().st_size for each in results)
        gone, changed, *_ = results
        gone.unlink()
        body = bytearray(changed.read_bytes())
        body[len(body) // 2] ^= 1
        changed.write_bytes(body)
        found = await verify()
        assert found.intact == len(results) - 2
        assert found.missing.first == [gone.relative_to(output).as_posix()]
        assert found.changed.first == [
            f"{changed.relative_to(output).as_posix()} is not what was written: its SHA-256 is another one"
        ]
        page = await stage.tobs("verify", "-o", str(output))
    assert page.code == 0
    assert f"{len(results) - 2} processed files as made" in page.out
    assert f"missing, `tobs export --process` brings back: Film club/media/2026-03/{gone.name}" in page.out
    assert f"not as made: Film club/media/2026-03/{changed.name} is not" in page.out


async def test_what_is_stopped_before_or_fails_is_not_processed(tmp_path: Path, encodes: Encodes) -> None:
    output = tmp_path / "out"
    async with open_stage(build_films(), tmp_path) as stage:
        stop = asyncio.Event()
        stop.set()
        stopped = await stage.export(CLUB, output=output, media=ALL, stop=stop, **BOTH)
        assert (stopped.exit_code, stopped.processed) == (130, None)
        unknown = await stage.export("@nobody_at_all", output=output, media=ALL, **BOTH)
        assert unknown.exit_code == 4
    assert encodes.count == 0
