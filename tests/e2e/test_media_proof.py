"""Downloaded files as their owner meets them: on the command line, in every format, in a takeout, and under `verify`."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from e2e.stage import Stage, open_stage
from e2e.takeouts import FINISH, HISTORY, INIT, Watch, endings, flags_of, kept_id
from e2e.terminal import in_terminal
from tobs.cli import main
from tobs.core.certificate import Certificate
from tobs.core.choice import MediaChoice
from tobs.core.words import say_size
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media
from tobs.simulator.faults import FaultScript, Refusal

CLUB = f"@{MEDIA_CLUB_USERNAME}"
ALL, NOTHING = MediaChoice(), MediaChoice(kinds=())
PHOTOS = 4
"""How many of sixteen files are photos."""

Verify = Callable[[Path], Certificate]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a chat of eight files, each there."""
    folder = tmp_path_factory.mktemp("proof")

    async def export() -> None:
        async with open_stage(build_media(1, 8), folder) as stage:
            report = await stage.export(CLUB, output=folder / "out", media=ALL)
            assert (report.exit_code, report.chats[0].media.done) == (0, 8)

    asyncio.run(export())
    return folder / "out"


@pytest.fixture
def output(exported: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, to be damaged."""
    return Path(shutil.copytree(exported, tmp_path / "out"))


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run `tobs verify --json`; its document must be a certificate."""

    def run(output: Path) -> Certificate:
        capsys.readouterr()
        code = main(["verify", "-o", str(output), "--json"])
        found = msgspec.json.decode(capsys.readouterr().out, type=Certificate)
        assert found.exit_code == code
        return found

    return run


def list_media(output: Path) -> list[Path]:
    return sorted(each for each in output.glob("*/media/**/*") if each.is_file())


def test_files_that_stand_as_they_came_are_proved(output: Path, verify: Verify) -> None:
    found = verify(output)
    [chat] = found.chats
    assert (found.exit_code, chat.media.intact, chat.damage.count) == (0, 8, 0)
    assert chat.media.size_bytes == sum(each.stat().st_size for each in list_media(output))


@pytest.mark.parametrize("number", [0, 3, 7])
def test_one_flipped_byte_of_a_medium_is_damage_with_its_name(
    number: int, output: Path, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    medium = list_media(output)[number]
    body = bytearray(medium.read_bytes())
    body[len(body) // 2] ^= 1
    medium.write_bytes(body)
    found = verify(output)
    [chat] = found.chats
    name = medium.relative_to(output).as_posix()
    assert (found.exit_code, chat.damage.count, chat.media.intact) == (12, 1, 7)
    assert chat.damage.first[0].startswith(f"{name} ")
    assert main(["verify", "-o", str(output)]) == 12
    assert name in capsys.readouterr().out


def test_a_medium_that_grew_or_shrank_is_damage_too(output: Path, verify: Verify) -> None:
    longer, shorter, *_ = list_media(output)
    longer.write_bytes(longer.read_bytes() + b"x")
    shorter.write_bytes(shorter.read_bytes()[:-1])
    found = verify(output)
    assert (found.exit_code, found.chats[0].damage.count) == (12, 2)
    assert all(" bytes instead of " in each for each in found.chats[0].damage.first)


def test_a_deleted_medium_is_missing_with_its_name(
    output: Path, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    medium = list_media(output)[2]
    medium.unlink()
    found = verify(output)
    [chat] = found.chats
    name = medium.relative_to(output).as_posix()
    assert (found.exit_code, chat.damage.count, chat.media.intact) == (3, 0, 7)
    assert (chat.media.missing.count, chat.media.missing.first) == (1, [name])
    assert main(["verify", "-o", str(output)]) == 3
    assert name in capsys.readouterr().out


async def test_a_process_downloads_photos_alone_and_tells_of_each(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 16), tmp_path) as stage:
        done = await stage.tobs("export", CLUB, "--media", "photo", "-o", str(tmp_path / "out"))
    assert (done.code, done.err) == (0, "")
    told = [each for each in done.events if each.get("stage") == "download"]
    assert [each["messages_processed"] for each in told] == [*range(1, PHOTOS + 1)]
    assert (told[-1]["percentage"], told[-1]["total_messages"]) == (100.0, PHOTOS)
    media = list_media(tmp_path / "out")
    assert {each.suffix for each in media} == {".jpg"}
    [run] = (tmp_path / "out/.tobs/runs").glob("*.json")
    tally = json.loads(run.read_text())["chats"][0]["media"]
    assert (tally["done"], tally["not_selected"], tally["failed"]) == (PHOTOS, 16 - PHOTOS, {})
    assert tally["done_bytes"] == sum(each.stat().st_size for each in media)


async def test_a_process_that_lacks_a_photo_ends_with_3_and_its_reason(tmp_path: Path) -> None:
    refusal = Refusal(400, "LOCATION_INVALID", at=(1,), methods=("upload.getFile",))
    async with open_stage(build_media(1, 16), tmp_path, faults=FaultScript([refusal])) as stage:
        done = await stage.tobs("export", CLUB, "--media", "photo", "-o", str(tmp_path / "out"))
    assert (done.code, done.events[-1]["exit_code"], done.events[-1]["success"]) == (3, 3, False)
    assert [each["stage"] for each in done.events if each["type"] == "progress"].count("download") == PHOTOS
    [run] = (tmp_path / "out/.tobs/runs").glob("*.json")
    tally = json.loads(run.read_text())["chats"][0]["media"]
    assert (tally["done"], [*tally["failed"].values()]) == (PHOTOS - 1, [1])
    assert "LOCATION_INVALID" in "".join(tally["failed"])


async def test_a_person_at_a_terminal_reads_what_became_of_the_photos(tmp_path: Path) -> None:
    refusal = Refusal(400, "LOCATION_INVALID", at=(2,), methods=("upload.getFile",))
    async with open_stage(build_media(1, 16), tmp_path, faults=FaultScript([refusal])) as stage:
        command = ("export", CLUB, "--media", "photo", "-o", str(tmp_path / "out"))
        async with in_terminal(stage, *command) as terminal:
            assert await terminal.end() == 3
    size = say_size(sum(each.stat().st_size for each in list_media(tmp_path / "out")))
    shown = terminal.shown
    assert "Done, with something missing, after " in shown
    assert f", {PHOTOS - 1} files ({size}), 1 file not to be had (" in shown
    assert "LOCATION_INVALID" in shown


async def test_a_wrong_option_ends_a_process_before_telegram_is_asked(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 2), tmp_path) as stage:
        before = stage.simulator.counts.copy()
        done = await stage.tobs("export", CLUB, "--media", "photo,nonsense", "-o", str(tmp_path / "out"))
        assert stage.simulator.counts == before
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == "--media does not know 'nonsense'."
    assert not (tmp_path / "out").exists()


async def test_html_and_jsonl_show_where_a_photo_stands(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(build_media(1, 16), tmp_path) as stage:
        choice = MediaChoice(("photo",))
        report = await stage.export(CLUB, output=output, media=choice, format=("html", "jsonl"))
    assert (report.exit_code, report.chats[0].media.done) == (0, PHOTOS)
    media = list_media(output)
    assert len(media) == PHOTOS
    [lines] = output.rglob("messages.jsonl")
    text = lines.read_text(encoding="utf-8")
    pages = "".join(unquote(each.read_text(encoding="utf-8")) for each in output.rglob("*.html"))
    for each in media:
        address = each.relative_to(lines.parent).as_posix()
        assert text.count(f'"{address}"') == 1
        assert f'src="../{address}"' in pages or f'src="{address}"' in pages
    assert "not selected" in text
    assert "not selected" in pages


async def test_a_takeout_for_files_says_so_and_sets_no_limit_of_its_own(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(build_media(1, 4), tmp_path, faults=watch) as stage:
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL, takeout="always")
        assert (report.exit_code, flags_of(stage)) == (0, [{"message_megagroups", "files"}])
        [begun] = watch.asked(INIT)
        assert begun.request.file_max_size == 4000 << 20
        files = watch.asked("upload.getFile")
        assert files
        assert {each.takeout_id for each in files} == {stage.simulator.takeouts.sessions[0].id}


async def test_a_takeout_of_text_alone_names_no_files(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(build_media(1, 4), tmp_path, faults=watch) as stage:
        await stage.export(CLUB, output=tmp_path / "out", media=NOTHING, takeout="always")
        assert flags_of(stage) == [{"message_megagroups"}]
        assert watch.asked(INIT)[0].request.file_max_size is None


async def keep_takeout(stage: Stage, output: Path, media: MediaChoice) -> int:
    """Stop an export as soon as its takeout has begun; return which one it leaves open."""
    stop = asyncio.Event()
    stage.answered.append(lambda method, _: stop.set() if method == INIT else None)
    await stage.export(CLUB, output=output, media=media, stop=stop, takeout="always")
    stage.answered.clear()
    kept = kept_id(stage)
    assert kept is not None
    return kept


async def test_a_takeout_kept_without_files_is_not_used_for_files(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(build_media(1, 4), tmp_path, faults=watch) as stage:
        kept = await keep_takeout(stage, tmp_path / "out", NOTHING)
        watch.seen.clear()
        report = await stage.export(CLUB, output=tmp_path / "out", media=ALL, takeout="always")
        assert (report.exit_code, report.chats[0].media.done) == (0, 4)
        assert endings(stage) == ["failed", "finished"]
        assert flags_of(stage)[1] == {"message_megagroups", "files"}
        assert kept not in {each.takeout_id for each in watch.asked("upload.getFile")}
        assert [each.request.success for each in watch.asked(FINISH)] == [False, True]


async def test_a_takeout_kept_with_files_serves_a_run_of_text_alone(tmp_path: Path) -> None:
    watch = Watch()
    async with open_stage(build_media(1, 4), tmp_path, faults=watch) as stage:
        kept = await keep_takeout(stage, tmp_path / "out", ALL)
        report = await stage.export(CLUB, output=tmp_path / "out", media=NOTHING, takeout="always")
        assert (report.exit_code, report.takeout, endings(stage)) == (0, "used", ["finished"])
        assert {each.takeout_id for each in watch.asked(HISTORY)} == {kept}
