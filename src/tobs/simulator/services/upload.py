"""upload.*: the bytes of files, by the rules of core.telegram.org/api/files."""

import struct
from dataclasses import dataclass
from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import find_channel, find_user, open_chat
from tobs.simulator.contents import HASHED_BYTES, Content, hash_piece
from tobs.simulator.depot import name_location
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.raw import encode_bytes
from tobs.simulator.shelf import StoredFile, sketch_profile

HASHES_AT_ONCE = 8
"""How many pieces one answer of upload.getFileHashes tells; the service does not say its own number."""
_KILOBYTE, _MEGABYTE = 1 << 10, 1 << 20
_CDN_DC = 203
_KINDS = {
    "image/jpeg": types.storage.FileJpeg,
    "image/png": types.storage.FilePng,
    "image/gif": types.storage.FileGif,
    "image/webp": types.storage.FileWebp,
    "application/pdf": types.storage.FilePdf,
    "audio/mpeg": types.storage.FileMp3,
    "video/quicktime": types.storage.FileMov,
    "video/mp4": types.storage.FileMp4,
}


@dataclass(frozen=True, slots=True)
class Located:
    """The part of a file that a location names: whose it is, where it lives, and what is in it."""

    file_id: int
    part: str
    dc_id: int
    date: int
    mime: str
    content: Content


@serves(functions.upload.GetFileRequest)
def get_file(context: Context, request: Any) -> Any:
    """Answer a part of a file, no bytes beyond its end."""
    _check_range(request)
    found = _locate(context, request.location)
    is_told = request.cdn_supported and found.file_id in context.world.contents.redirected
    if is_told or context.bend.is_redirected:
        return _redirect(found)
    data = found.content.read(request.offset, request.offset + request.limit)
    if context.bend.is_corrupt and data:
        data = _falsify(data)
    context.depot.downloads.sent[found.file_id, found.part] += len(data)
    return _encode_part(found, data)


@serves(functions.upload.GetFileHashesRequest)
def get_file_hashes(context: Context, request: Any) -> list[Any]:
    """Answer the SHA-256 of the piece in which the offset lies and of those after it."""
    if request.offset < 0:
        raise RpcError(400, "OFFSET_INVALID")
    found = _locate(context, request.location)
    first = request.offset // HASHED_BYTES * HASHED_BYTES
    hashes = _hash_pieces(found.content, first)
    if context.bend.is_corrupt:
        for each in hashes:
            each.hash = _falsify(each.hash)
    return hashes


def _check_range(request: Any) -> None:
    """Refuse an offset or limit that the documentation forbids."""
    unit = _KILOBYTE if request.precise else 4 * _KILOBYTE
    offset, limit = request.offset, request.limit
    if offset < 0 or offset % unit:
        raise RpcError(400, "OFFSET_INVALID")
    if not 0 < limit <= _MEGABYTE or limit % unit or (not request.precise and _MEGABYTE % limit):
        raise RpcError(400, "LIMIT_INVALID")
    if offset // _MEGABYTE != (offset + limit - 1) // _MEGABYTE:
        raise RpcError(400, "LIMIT_INVALID")


def _locate(context: Context, location: Any) -> Located:
    match location:
        case types.InputPhotoFileLocation() | types.InputDocumentFileLocation():
            found = _locate_file(context, location)
        case types.InputPeerPhotoFileLocation():
            found = _locate_profile(context, location)
        case _:
            raise RpcError(400, "LOCATION_INVALID")
    if found.dc_id != context.dc_id:
        raise RpcError(303, f"FILE_MIGRATE_{found.dc_id}")
    return found


def _locate_file(context: Context, location: Any) -> Located:
    depot = context.depot
    stored = depot.shelf.find(location.id)
    is_photo = isinstance(location, types.InputPhotoFileLocation)
    if stored is None or stored.is_photo != is_photo or stored.access_hash != location.access_hash:
        raise RpcError(400, "FILE_ID_INVALID")
    if location.thumb_size not in stored.parts:
        raise RpcError(400, "LOCATION_INVALID")
    if context.takeout_id is not None and not stored.is_open:
        raise RpcError(400, "TAKEOUT_FILE_EMPTY")
    objection = depot.references.object_to(stored, location.file_reference)
    if objection:
        raise RpcError(400, objection)
    return _take_part(context, stored, location.thumb_size)


def _take_part(context: Context, stored: StoredFile, part: str) -> Located:
    content = context.depot.shelf.open(stored, part)
    home = context.depot.home_of(stored)
    return Located(stored.id, part, home, stored.date, stored.parts[part].mime, content)


def _locate_profile(context: Context, location: Any) -> Located:
    """Find the photo that a user, group or channel shows of itself, which needs no reference."""
    photo = getattr(_find_entity(context, location.peer), "photo", None)
    file_id, part = name_location(location)
    if photo is None or getattr(photo, "photo_id", 0) != file_id:
        raise RpcError(400, "LOCATION_INVALID")
    blueprint = sketch_profile(is_big=bool(location.big))
    content = context.world.contents.open(file_id, part, blueprint)
    return Located(file_id, part, photo.dc_id, context.world.now, blueprint.mime, content)


def _find_entity(context: Context, peer: Any) -> Any:
    match peer:
        case types.InputPeerChannel() | types.InputPeerChannelFromMessage():
            return find_channel(context, peer).entity
        case types.InputPeerChat():
            return open_chat(context, peer).entity
        case _:
            return context.world.peers[find_user(context, peer, "PEER_ID_INVALID")]


def _hash_pieces(content: Content, first: int) -> list[Any]:
    starts = range(first, content.size, HASHED_BYTES)[:HASHES_AT_ONCE]
    return [
        types.FileHash(start, min(HASHED_BYTES, content.size - start), hash_piece(content, start))
        for start in starts
    ]


def _redirect(found: Located) -> Any:
    """Send to a CDN, which this simulator is not: a client that follows finds nobody there."""
    token = struct.pack("<q", found.file_id) + found.part.encode()
    return types.upload.FileCdnRedirect(_CDN_DC, token, bytes(32), bytes(16), _hash_pieces(found.content, 0))


def _falsify(data: bytes) -> bytes:
    """Return the data with another byte in its middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


def _encode_part(found: Located, data: bytes) -> bytes:
    """Return upload.file as Telethon would encode it, without its copies of a megabyte."""
    kind = _KINDS.get(found.mime, types.storage.FileUnknown)
    head = struct.pack("<IIi", types.upload.File.CONSTRUCTOR_ID, kind.CONSTRUCTOR_ID, found.date)
    return encode_bytes(data, before=head)
