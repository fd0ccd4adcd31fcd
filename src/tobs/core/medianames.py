"""What files of media are called on disk."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from tobs.core.names import MAX_BYTES, cut_bytes, safe_name

FOLDER = "media"
"""The folder of media: in each chat's folder, or at the top of the export folder."""

_NUMBER_BYTES = len(" (9999)")

# Python's own table differs between versions and reads the system's.
_EXTENSIONS = {
    "application/epub+zip": "epub", "application/gzip": "gz", "application/json": "json", "application/msword": "doc",
    "application/pdf": "pdf", "application/vnd.android.package-archive": "apk", "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx", "application/x-7z-compressed": "7z",
    "application/x-rar-compressed": "rar", "application/x-tar": "tar", "application/x-tgsticker": "tgs",
    "application/zip": "zip", "audio/aac": "aac", "audio/flac": "flac", "audio/mp4": "m4a", "audio/mpeg": "mp3",
    "audio/ogg": "ogg", "audio/opus": "ogg", "audio/wav": "wav", "audio/webm": "webm", "audio/x-flac": "flac",
    "audio/x-m4a": "m4a", "audio/x-wav": "wav", "image/avif": "avif", "image/bmp": "bmp", "image/gif": "gif",
    "image/heic": "heic", "image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/svg+xml": "svg",
    "image/tiff": "tiff", "image/webp": "webp", "text/csv": "csv", "text/html": "html", "text/markdown": "md",
    "text/plain": "txt", "text/vcard": "vcf", "text/x-vcard": "vcf", "video/3gpp": "3gp", "video/mp4": "mp4",
    "video/mpeg": "mpg", "video/ogg": "ogv", "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
}  # fmt: skip
_READ_AS_NOTES = {"base", "canvas", "md"}
"""What Obsidian opens as its own: a stranger's file with links, queries and plug-in commands is none of the owner's notes."""

_SUFFIX = re.compile(r"(?<=.)\.([A-Za-z0-9]{1,10})$")


def find_extension(media_kind: str, mime: str, name: str) -> str:
    """Return a file's extension in lower case, without a dot: by its name, else by its type, else `bin`."""
    if media_kind == "voice":
        return "ogg"  # whatever Telegram calls it, Obsidian plays no other name
    known = _EXTENSIONS.get(mime.partition(";")[0].strip().casefold(), "")
    found = _SUFFIX.search(name)
    # What is behind the dot of `Minutes 2.1` is no extension.
    if found and not (found[1].isdigit() and known):
        return found[1].lower()
    return known or ("jpg" if media_kind == "photo" else "bin")


def name_medium(moment: int, zone: str, place: str, media_kind: str, mime: str, name: str) -> str:
    """Return `2026-03/2026-03-14_090112_1042_report.pdf`: when a message was sent, which one, and what it brought.

    What Obsidian would take for a note of the vault ends with `.txt` as well: `….md.txt`. `moment` is in UTC seconds, shown in `zone`; `place` is the message's id, or another short name for it.
    """
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    extension = find_extension(media_kind, mime, name)
    found = _SUFFIX.search(name)
    stem = name[: found.start()] if found and found[1].lower() == extension else name
    what = safe_name(stem, fallback=media_kind)
    ending = f"{extension}.txt" if extension in _READ_AS_NOTES else extension
    return f"{local:%Y-%m}/{local:%Y-%m-%d_%H%M%S}_{place}_{what}.{ending}"


def number_path(path: str, number: int) -> str:
    """Return the path itself for 1, and `… (2).pdf` for the second file that would be called so."""
    if number == 1:
        return path
    stem, dot, extension = path.rpartition(".")
    return f"{stem} ({number}){dot}{extension}"


def name_processed(path: str, ending: str) -> str:
    """Return `photo.png.1280px.webp` for `photo.png`: where the processed version of a file stands beside it.

    The whole name goes before the ending: there may be a photo.png beside the photo.jpg.
    """
    folder, slash, name = path.rpartition("/")
    room = MAX_BYTES - len(ending) - _NUMBER_BYTES
    return f"{folder}{slash}{cut_bytes(name, room)}{ending}"
