"""What counts as a picture or a video, and what the processed version of a file is called."""

from __future__ import annotations

import pytest

from tobs.core.medianames import name_processed, number_path
from tobs.core.names import MAX_BYTES
from tobs.core.processing import ProcessKind, judge_kind


@pytest.mark.parametrize(
    ("sent_as", "kind"),
    [
        ([("photo", "image/jpeg")], "image"),
        ([("photo", "")], "image"),
        ([("video", "video/mp4")], "video"),
        ([("round", "video/mp4")], "video"),
        ([("animation", "image/gif")], "video"),
        ([("document", "image/png")], "image"),
        ([("document", "IMAGE/TIFF; pages=2")], "image"),
        ([("document", "video/x-matroska")], "video"),
        ([("document", "image/svg+xml")], None),
        ([("document", "image/heic")], None),
        ([("document", "application/pdf")], None),
        ([("document", "")], None),
        ([("sticker", "image/webp")], None),
        ([("sticker", "video/webm")], None),
        ([("voice", "audio/ogg")], None),
        ([], None),
        ([("sticker", "image/webp"), ("document", "image/webp")], "image"),
    ],
)
def test_a_medium_is_a_picture_or_a_video_by_how_it_was_sent(
    sent_as: list[tuple[str, str]], kind: ProcessKind | None
) -> None:
    pictures: tuple[ProcessKind, ...] = ("image",)
    assert judge_kind(sent_as, (*pictures, "video")) == kind
    assert judge_kind(sent_as, pictures) == (kind if kind == "image" else None)
    assert judge_kind(sent_as, ()) is None


@pytest.mark.parametrize("name", ["photo.png", "ü" * 70 + ".jpg", "e\u0301" * 60 + ".jpeg"])
def test_the_name_of_a_result_begins_with_that_of_its_original_and_fits_with_a_number(name: str) -> None:
    found = name_processed(f"Chat/media/{name}", ".16383px.webp")
    folder, _, last = found.rpartition("/")
    assert folder == "Chat/media"
    assert last.endswith(".16383px.webp")
    assert name.startswith(last.removesuffix(".16383px.webp"))
    assert len(number_path(last, 9999).encode()) <= MAX_BYTES
    assert name_processed("photo.png", ".small.webp") == "photo.png.small.webp"
