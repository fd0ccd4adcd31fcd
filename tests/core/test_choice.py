from __future__ import annotations

from itertools import pairwise

import pytest

from tobs.core.choice import MediaChoice, find_retry, judge_file
from tobs.core.media import FILE_KINDS
from tobs.core.medianames import find_extension, name_medium, number_path
from tobs.core.names import MAX_BYTES


@pytest.mark.parametrize(
    ("choice", "kinds", "size", "reason"),
    [
        (MediaChoice(), ["photo"], 100_000_000, ""),
        (MediaChoice(), ["photo"], 100_000_001, "too large for your limit of 100 MB"),
        (MediaChoice(max_bytes=0), ["video"], 1 << 40, ""),
        (MediaChoice(("video",)), ["photo"], 1, "not selected"),
        (MediaChoice(("video",)), ["photo", "video"], 1, ""),
        (MediaChoice(()), ["photo"], 1 << 40, "not selected"),
        (MediaChoice(included=("pdf",)), ["document"], 1, ""),
        (MediaChoice(included=("jpg",)), ["document"], 1, "not selected"),
        (MediaChoice(excluded=("pdf",)), ["document"], 1, "not selected"),
    ],
)
def test_a_choice_takes_a_file_or_says_why_not(
    choice: MediaChoice, kinds: list[str], size: int, reason: str
) -> None:
    assert judge_file(choice, kinds, size, "application/pdf", "Report.PDF") == reason


def test_what_fails_for_good_is_tried_ever_more_seldom_up_to_a_month() -> None:
    days = [find_retry(tries, 0.0, is_lasting=True) / 86_400 for tries in range(1, 9)]
    assert days == [1, 2, 4, 8, 16, 32, 32, 32]
    assert find_retry(9, 5.0, is_lasting=False) == 5.0


@pytest.mark.parametrize(
    ("kind", "mime", "name", "extension"),
    [
        ("voice", "audio/x-opus", "note.oga", "ogg"),
        ("photo", "", "", "jpg"),
        ("document", "application/pdf", "Minutes 2.1", "pdf"),
        ("document", "", "disk.001", "001"),
        ("document", "", "a.tar.GZ", "gz"),
        ("document", "", ".bashrc", "bin"),
        ("document", "", "a.b c", "bin"),
        ("sticker", "application/x-tgsticker", "", "tgs"),
        ("video", "VIDEO/MP4; codecs=avc1", "", "mp4"),
    ],
)
def test_an_extension_is_the_names_or_else_the_types(kind: str, mime: str, name: str, extension: str) -> None:
    assert find_extension(kind, mime, name) == extension


def test_a_medium_is_named_by_when_which_message_and_what() -> None:
    # 2026-03-31 23:30 UTC is April in Berlin.
    assert name_medium(1775000000, "Europe/Berlin", "1042", "document", "", "a/b [1].pdf") == (
        "2026-04/2026-04-01_013320_1042_a b 1.pdf"
    )
    assert name_medium(0, "UTC", "g7", "photo", "image/jpeg", "") == "1970-01/1970-01-01_000000_g7_photo.jpg"
    assert number_path("a.b/c.pdf", 2) == "a.b/c (2).pdf"
    assert number_path("a.b/c.pdf", 1) == "a.b/c.pdf"


@pytest.mark.parametrize("name", ["plan.md", "Plan.MD", "map.canvas", "all.base"])
def test_what_obsidian_would_take_for_a_note_is_a_text(name: str) -> None:
    path = name_medium(0, "UTC", "5", "document", "", name)
    assert path.endswith(f"_{name.partition('.')[0]}.{name.partition('.')[2].lower()}.txt")
    assert name_medium(0, "UTC", "5", "document", "text/markdown", "plan").endswith("_plan.md.txt")


@pytest.mark.parametrize("kind", FILE_KINDS)
@pytest.mark.parametrize(
    "name", ["😀" * 200 + ".mp4", "x" * 300, "x" * 300 + ".md", "CON.pdf", "..", "a" * 9 + "\u202efdp.exe"]
)
def test_no_name_is_too_long_or_hidden(kind: str, name: str) -> None:
    path = name_medium(1 << 33, "UTC", "g2147483647", kind, "", name)
    last = number_path(path, 99).rpartition("/")[2]
    assert len(last.encode()) <= MAX_BYTES
    assert "\u202e" not in path
    assert all(left != right or left != "." for left, right in pairwise(path))
