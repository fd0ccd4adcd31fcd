"""Pictures: turned, scaled, converted; and those that only pretend to be some."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from media.clips import make_photo
from tobs.core.ports.processed import Failed, Kept, Made
from tobs.media import images
from tobs.media.images import ImageOptions, Picture, convert_image, measure_image


def open_copy(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    red, _, blue = pixel
    return bool(red > 200 and blue < 100)


@pytest.mark.parametrize(("name", "kind"), [("webp", "WEBP"), ("jpeg", "JPEG"), ("png", "PNG")])
def test_a_photo_becomes_smaller_beside_the_original(name: str, kind: str, tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "photo.bmp")
    before = photo.read_bytes()
    options = ImageOptions(name, 100)  # type: ignore[arg-type]
    target = tmp_path / ("photo" + options.ending)
    made = convert_image(photo, target, options)
    assert made == Made(target.stat().st_size, "pillow")
    assert target.stat().st_size < len(before)
    assert photo.read_bytes() == before
    image = open_copy(target)
    assert (image.format, image.size) == (kind, (100, 75))


def test_a_photo_is_turned_as_its_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned to the left
    photo = make_photo(tmp_path / "photo.jpg", exif=exif)
    assert isinstance(convert_image(photo, tmp_path / "new.png", ImageOptions("png")), Made)
    image = open_copy(tmp_path / "new.png")
    assert image.size == (300, 400)
    assert is_red(image.getpixel((150, 50)))
    assert not is_red(image.getpixel((150, 350)))
    assert image.getexif().get(0x0112, 1) == 1


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "photo.png", (40, 30))
    convert_image(photo, tmp_path / "new.webp", ImageOptions("webp", 500))
    assert open_copy(tmp_path / "new.webp").size == (40, 30)


def test_what_is_clear_stays_clear_or_becomes_white(tmp_path: Path) -> None:
    photo = tmp_path / "clear.png"
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(photo)
    convert_image(photo, tmp_path / "new.webp", ImageOptions("webp"))
    convert_image(photo, tmp_path / "new.jpg", ImageOptions("jpeg"))
    clear, white = open_copy(tmp_path / "new.webp"), open_copy(tmp_path / "new.jpg")
    assert clear.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert white.getpixel((5, 5)) == (255, 255, 255)


def make_animation(path: Path) -> Path:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    return path


@pytest.mark.parametrize("name", ["webp", "png"])
def test_what_moves_goes_on_moving(name: str, tmp_path: Path) -> None:
    moving = make_animation(tmp_path / "moving.gif")
    target = tmp_path / f"new.{name}"
    assert isinstance(convert_image(moving, target, ImageOptions(name, 30)), Made)  # type: ignore[arg-type]
    assert measure_image(target) == Picture(name.upper(), 30, 20, 3)
    durations = []
    with Image.open(target) as image:
        for at in range(3):
            image.seek(at)
            image.load()
            durations.append(image.info["duration"])
    assert durations == [100, 200, 300]


def test_pictures_that_are_fine_as_they_are_stay(tmp_path: Path) -> None:
    target = tmp_path / "new"
    photo, moving = make_photo(tmp_path / "photo.webp"), make_animation(tmp_path / "moving.gif")
    fine = tmp_path / "fine.png"
    Image.new("I;16", (10, 10)).save(fine)
    assert convert_image(photo, target, ImageOptions("webp", 400)) == Kept("it is WEBP already")
    assert convert_image(moving, target, ImageOptions("jpeg")) == Kept("it moves, which JPEG cannot")
    assert convert_image(fine, target, ImageOptions("webp")) == Kept(
        "its colours are finer than any screen's"
    )
    assert not target.exists()


def bomb(side: int) -> bytes:
    """Return a PNG of a few bytes that says to be side × side pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(99)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bomb(11_000), "it has too many pixels"),
        (bomb(60_000), "it has too many pixels"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "it is no picture that can be read"),
        (b"", "it is no picture that can be read"),
        (bomb(100), "it cannot be converted: "),
    ],
)
def test_a_hostile_picture_is_refused_with_a_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    hostile, target = tmp_path / "hostile.png", tmp_path / "new.webp"
    hostile.write_bytes(content)
    failed = convert_image(hostile, target, ImageOptions())
    assert isinstance(failed, Failed)
    assert failed.reason.startswith(reason)
    assert failed.is_lasting
    assert [each.name for each in tmp_path.iterdir()] == ["hostile.png"]


def test_many_small_frames_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 60 * 40 * 2)
    moving = make_animation(tmp_path / "moving.gif")
    assert measure_image(moving) == Failed("it has too many pixels")


def test_a_file_that_is_gone_is_no_lasting_failure(tmp_path: Path) -> None:
    failed = measure_image(tmp_path / "gone.jpg")
    assert isinstance(failed, Failed)
    assert not failed.is_lasting
