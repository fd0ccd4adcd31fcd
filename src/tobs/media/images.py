"""Pictures in a smaller or more common form, by Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tobs._util.atomic import save
from tobs.core.ports.processed import Failed, Kept, Made, Outcome

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

ImageFormat = Literal["webp", "jpeg", "png"]

MAX_PIXELS = 100_000_000
"""Of all frames together: more is no photo, but an attack on memory."""

NO_PILLOW = Failed("the package Pillow is not installed", is_lasting=False)
INSTALL_HINT = "Install tobs with it: `pipx inject tobs pillow`."

# Only formats that are read by code for pixels: PostScript, PDF and the like run programs.
_READ = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
# In others further pictures are pages or views, not moments.
_MOVING = ("GIF", "WEBP", "PNG", "AVIF")
_ENDINGS = {"webp": "webp", "jpeg": "jpg", "png": "png"}
_SAVING: dict[ImageFormat, dict[str, Any]] = {
    "webp": {"quality": 82, "method": 4},
    "jpeg": {"quality": 85, "optimize": True, "progressive": True},
    "png": {"optimize": True},
}
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """What pictures become. `max_side` 0 keeps the size; none is enlarged."""

    format: ImageFormat = "webp"
    max_side: int = 0

    @property
    def key(self) -> str:
        """What the result depends on, in one form."""
        return f"image {self.format} {self.max_side}"

    @property
    def ending(self) -> str:
        """How names of results end."""
        size = f"{self.max_side}px" if self.max_side else "small"
        return f".{size}.{_ENDINGS[self.format]}"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file holds, by its head alone."""

    format: str
    width: int
    height: int
    frames: int

    @property
    def pixels(self) -> int:
        """The pixels of all frames together."""
        return self.width * self.height * self.frames


def has_pillow() -> bool:
    """Tell whether pictures can be processed at all."""
    return find_spec("PIL") is not None


def measure_image(path: Path) -> Picture | Failed:
    """Return what a picture is, or why it cannot be one."""
    return _guard(path, _measure)


def convert_image(source: Path, target: Path, options: ImageOptions) -> Outcome:
    """Write the picture to the target, turned as its camera was held; the source stays as it is."""

    def convert(image: Image) -> Outcome:
        measured = _measure(image)
        if isinstance(measured, Failed):
            return measured
        return _refuse(image, measured, options) or _save(image, measured, target, options)

    return _guard(source, convert)


def _guard(path: Path, work: Callable[[Image], T]) -> T | Failed:
    """Do something with a picture whose bytes may lie about everything."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we look ourselves
    try:
        with Image.open(path, formats=_READ) as image:
            return work(image)
    except UnidentifiedImageError:
        return Failed("it is no picture that can be read")
    except Image.DecompressionBombError:
        return Failed("it has too many pixels")
    except MemoryError:
        return Failed("there is not enough memory for it", is_lasting=False)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError) as error:
        # What Pillow's readers raise for damaged files; the disk's own errors have a number.
        return Failed(f"it cannot be converted: {error}", is_lasting=getattr(error, "errno", None) is None)


def _measure(image: Image) -> Picture | Failed:
    frames = getattr(image, "n_frames", 1) if image.format in _MOVING else 1
    picture = Picture(str(image.format), image.width, image.height, frames)
    return Failed("it has too many pixels") if picture.pixels > MAX_PIXELS else picture


def _refuse(image: Image, picture: Picture, options: ImageOptions) -> Kept | None:
    """Return why a picture is left alone, if it is."""
    if picture.format.lower() == options.format and not _is_larger(picture, options):
        return Kept(f"it is {picture.format} already")
    if picture.frames > 1 and options.format == "jpeg":
        return Kept("it moves, which JPEG cannot")
    if image.mode.startswith(("I", "F")):
        return Kept("its colours are finer than any screen's")
    return None


def _is_larger(picture: Picture, options: ImageOptions) -> bool:
    return bool(options.max_side) and max(picture.width, picture.height) > options.max_side


def _save(image: Image, picture: Picture, target: Path, options: ImageOptions) -> Made:
    parameters = dict(_SAVING[options.format])
    if icc := image.info.get("icc_profile"):
        parameters["icc_profile"] = icc
    if picture.frames > 1:
        durations: list[float] = []
        frames = _draw_frames(image, options, durations)
        first, *rest = list(frames)
        parameters |= {"save_all": True, "append_images": rest, "duration": durations}
        parameters["loop"] = image.info.get("loop", 0)
    else:
        first = _draw(image, options)
    packed = io.BytesIO()
    first.save(packed, format=options.format, **parameters)
    save(target, packed.getvalue())
    return Made(packed.tell(), "pillow")


def _draw_frames(image: Image, options: ImageOptions, durations: list[float]) -> Iterator[Image]:
    from PIL import ImageSequence

    for frame in ImageSequence.Iterator(image):
        durations.append(frame.info.get("duration", 100))
        yield _draw(frame.convert("RGBA"), options)


def _draw(image: Image, options: ImageOptions) -> Image:
    """Return one frame upright, in colours that the format has, and no larger than asked for."""
    from PIL import Image, ImageOps

    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    image = _flatten(image) if options.format == "jpeg" else _plain(image)
    if options.max_side:
        image.thumbnail((options.max_side, options.max_side), Image.Resampling.LANCZOS)
    return image


def _plain(image: Image) -> Image:
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _flatten(image: Image) -> Image:
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
