"""The options and keys of media, and what the end of a run says of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tobs.cli import main
from tobs.cli.media import make_choice
from tobs.cli.summary import print_run
from tobs.core.choice import MediaChoice
from tobs.core.media import FILE_KINDS
from tobs.core.report import ChatReport, MediaTally, ProcessReport, RenderReport, RunReport, Tally
from tobs.settings import read_settings

KEYS: dict[str, tuple[str, object]] = {
    "DOWNLOAD_PHOTOS": ("false", False),
    "DOWNLOAD_VIDEOS": ("no", False),
    "DOWNLOAD_AUDIO": ("0", False),
    "DOWNLOAD_OTHER": ("off", False),
    "MAX_SIZE": ("1.5 GB", 1_500_000_000),
    "MIN_FREE_SPACE": ("2147483648", 2_147_483_648),
    "MEDIA_LAYOUT": ("shared", "shared"),
    "VERIFY_MEDIA": ("full", "full"),
    "HASH_BASED_DEDUPLICATION": ("false", False),
    "HASH_CACHE_MAX_SIZE": ("0", 0),
    "HASH_API_TIMEOUT": ("2.5", 2.5),
}
WITH_PREFIX_ONLY = {"MAX_SIZE", "MIN_FREE_SPACE", "MEDIA_LAYOUT", "VERIFY_MEDIA"}


@pytest.mark.parametrize("prefix", ["TOBS_", ""])
def test_config_show_has_each_key_of_media_as_the_environment_gives_it(
    prefix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, (text, _) in KEYS.items():
        monkeypatch.setenv(prefix + name, text)
    assert main(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    for name, (_, value) in KEYS.items():
        is_read = prefix or name not in WITH_PREFIX_ONLY
        row = shown[f"TOBS_{name}"]
        assert (row["found_as"], row["value"] == value) == (
            (prefix + name, True) if is_read else (None, False)
        )


def test_the_words_of_max_size_may_stand_in_the_config_and_a_negative_number_may_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "home" / "config.toml"
    config.parent.mkdir()
    config.write_text('max_size = "20MB"\nmin_free_space = 5\n')
    settings = read_settings().settings
    assert (settings.max_size, settings.min_free_space) == (20_000_000, 5)
    config.write_text("max_size = -5\n")
    assert main(["config", "show"]) == 2
    assert capsys.readouterr().err.startswith(
        "max_size (config.toml) must be a size like 100MB or 1.5GB, or 0"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--media photo,nonsense", "--media does not know 'nonsense'."),
        ("--media=", "--media names nothing."),
        ("--media all --media photo", "--media all stands alone."),
        ("--max-size abc", "--max-size must be a size like 100MB or 1.5GB, or 0, not 'abc'."),
        ("--max-size=-1", "--max-size must be a size like 100MB or 1.5GB, or 0, not '-1'."),
        (
            "--max-size 9999999999TB",
            "--max-size must be a size like 100MB or 1.5GB, or 0, not '9999999999TB'.",
        ),
        ("--verify-media x", "--verify-media must be full or resumed, not 'x'."),
        ("--media-layout x", "--media-layout must be per-chat or shared, not 'x'."),
        ("--process stickers", "--process must be none, images, video, or images,video, not 'stickers'."),
        (
            "--process none,video",
            "--process must be none, images, video, or images,video, not 'none,video'.",
        ),
        ("--process=", "--process must be none, images, video, or images,video, not ''."),
        ("--image-format webp", "--image-format goes with --process images."),
        ("--process video --image-max-side 9", "--image-max-side goes with --process images."),
        ("--process images --video-codec hevc", "--video-codec goes with --process video."),
        ("--process images --image-format gif", "--image-format must be webp, jpeg or png, not 'gif'."),
        (
            "--process images --image-max-side=-1",
            "--image-max-side must be a whole number from 0 to 16383, not '-1'.",
        ),
        ("--process video --video-codec av1", "--video-codec must be h264 or hevc, not 'av1'."),
    ],
)
def test_a_wrong_option_of_media_is_one_sentence_and_nothing_is_written(
    words: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {*tmp_path.rglob("*")}
    assert main(["export", "me", *words.split(), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.splitlines()[0]) == ("", sentence)
    assert len(said.err.splitlines()) <= 2
    assert {*tmp_path.rglob("*")} == before


def test_media_on_the_command_line_wins_over_the_keys_and_the_keys_over_nothing() -> None:
    settings = read_settings(max_size="5MB").settings.model_copy(
        update={"download_photos": False, "download_other": False}
    )
    assert make_choice(settings, None, None, None) == MediaChoice(
        ("video", "round", "voice", "audio"), 5_000_000
    )
    assert make_choice(settings, ["photo,stickers"], [".PDF"], ["exe,Bat"]) == MediaChoice(
        ("photo", "sticker"), 5_000_000, ("pdf",), ("exe", "bat")
    )
    assert make_choice(settings, ["all"], None, None).kinds == FILE_KINDS


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (None, ()),
        ("none", ()),
        ("images", ("image",)),
        ("video,images", ("video", "image")),
        ("videos, image,video", ("video", "image")),
    ],
)
def test_what_is_processed_is_said_by_words_in_any_order_and_the_flag_wins(
    words: str | None, kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if words:
        monkeypatch.setenv("TOBS_PROCESS", words)
    assert read_settings().settings.process == kinds
    assert read_settings(process=["images"]).settings.process == ("image",)
    assert read_settings(process=["none"]).settings.process == ()


@pytest.mark.parametrize(
    ("processed", "words"),
    [
        (None, ""),
        (ProcessReport(), "Pictures and videos processed: none."),
        (ProcessReport(made=2, made_bytes=1_300_000), "Pictures and videos processed: 2 made (1.3 MB)."),
        (
            ProcessReport(copied=1, there=1_234, kept={"it is WEBP already": 2}),
            "Pictures and videos processed: 1 copied from another place, 1,234 there before, 2 left as they are (it is WEBP already).",
        ),
        (
            ProcessReport(failed={"odd\x1b[31m": 1, "bad": 3, "worse": 2}, is_interrupted=True),
            "Pictures and videos processed: 6 failed (bad, worse and 1 more); the next run goes on from there.",
        ),
    ],
)
def test_the_end_of_a_run_says_what_was_processed(
    processed: ProcessReport | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_run(RunReport(1, "0", "now", chats=[album()], processed=processed), Path("vault"))
    out = capsys.readouterr().out
    lines = [each for each in out.splitlines() if each.startswith("Pictures")]
    assert lines == [words] * bool(words)
    assert "\x1b" not in out


def album(number: int = 1, **counts: Any) -> ChatReport:
    return ChatReport(number, f"Album {number}", new=2, tally=Tally(stored=2), media=MediaTally(**counts))


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "complete"),
        ({"done": 1, "done_bytes": 1_300_000}, "1 file (1.3 MB), complete"),
        ({"done": 1234, "done_bytes": 5 * 10**9}, "1,234 files (5.0 GB), complete"),
        ({"failed": {"deleted": 1}}, "1 file not to be had (deleted)"),
        ({"failed": {"rare": 1, "a CDN": 3}}, "4 files not to be had (a CDN, …)"),
        ({"failed": {"odd\u202e\x1b[31m": 2}}, "2 files not to be had (odd"),
        ({"wanted": 2}, "2 files still to come"),
        ({"too_large": 1}, "1 file too large for your limit, complete"),
        ({"withheld": 3}, "3 files withheld by Telegram, complete"),
        ({"not_selected": 9}, "2 stored, 9 files not selected, complete"),
    ],
)
def test_the_end_of_a_run_says_what_became_of_the_files(
    counts: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_run(RunReport(1, "0", "now", chats=[album(**counts)]), Path("vault"))
    out = capsys.readouterr().out
    [line] = [each for each in out.splitlines() if each.startswith("  Album 1: ")]
    assert words in line
    assert line.endswith(", complete") is MediaTally(**counts).is_complete
    assert not {"\x1b", "\u202e"} & {*out}


def test_a_chat_that_lacks_a_file_is_named_before_the_whole_ones(capsys: pytest.CaptureFixture[str]) -> None:
    chats = [album(number) for number in range(1, 20)] + [album(99, failed={"deleted": 1})]
    print_run(RunReport(1, "0", "now", chats=chats), Path("vault"))
    assert capsys.readouterr().out.splitlines()[1].startswith("  Album 99: ")


@pytest.mark.parametrize(
    ("counts", "is_complete"),
    [
        ({"done": 3, "withheld": 1, "not_selected": 1, "too_large": 1}, True),
        ({"done": 3, "wanted": 1}, False),
        ({"done": 3, "failed": {"deleted": 1}}, False),
    ],
)
def test_files_are_complete_when_all_that_were_chosen_are_here(
    counts: dict[str, Any], is_complete: bool
) -> None:
    assert MediaTally(**counts).is_complete is is_complete


def test_what_was_drawn_in_two_turns_is_told_once() -> None:
    report = RenderReport(["a.md"], ["old.md"], ["mine.md"], [], ["x.md"], unchanged=2)
    report.add(RenderReport(["b.md", "a.md"], ["old.md"], [], ["left.md"], ["x.md", "y.md"], unchanged=3))
    assert report == RenderReport(
        ["a.md", "b.md"], ["old.md"], ["mine.md"], ["left.md"], ["x.md", "y.md"], unchanged=5
    )
