"""Small real pictures of one grey, so that what a world calls a photo opens as one."""

import struct
import zlib
from functools import lru_cache

# Quantisation by ones; each Huffman table has the one code "0": no difference of brightness, end of block.
_JPEG_TABLES = (
    b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
    + b"\xff\xc4\x00\x14\x00\x01" + bytes(15) + b"\x00"
    + b"\xff\xc4\x00\x14\x10\x01" + bytes(15) + b"\x00"
)  # fmt: skip
_JPEG_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
_WEBP_SIDE = 1 << 14


@lru_cache(maxsize=256)
def draw_picture(mime: str, width: int, height: int, mark: bytes) -> bytes:
    """Return a JPEG, PNG or WebP of that size, empty for other types; another mark (at most 64 bytes) is another file."""
    draw = {"image/jpeg": _draw_jpeg, "image/png": _draw_png, "image/webp": _draw_webp}.get(mime)
    return draw(width, height, mark) if draw and 0 < min(width, height) <= max(width, height) < 2**16 else b""


def _draw_jpeg(width: int, height: int, mark: bytes) -> bytes:
    """Draw baseline JPEG in one channel: two bits, both 0, say all about a block of 8 by 8 pixels."""
    frame = struct.pack(">HHBHHB", 0xFFC0, 11, 8, height, width, 1) + b"\x01\x11\x00"
    comment = struct.pack(">HH", 0xFFFE, 2 + len(mark)) + mark
    blocks = -(-width // 8) * -(-height // 8)
    whole, rest = divmod(2 * blocks, 8)
    bits = bytes(whole) + (bytes([0xFF >> rest]) if rest else b"")
    return b"".join((b"\xff\xd8", comment, _JPEG_TABLES, frame, _JPEG_SCAN, bits, b"\xff\xd9"))


def _draw_png(width: int, height: int, mark: bytes) -> bytes:
    """Draw a PNG of one bit a pixel."""
    rows = zlib.compress(bytes((1 + -(-width // 8)) * height), 1)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"tEXt", b"Comment\0" + mark.hex().encode()), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _draw_webp(width: int, height: int, mark: bytes) -> bytes:
    """Draw a lossless WebP: each of its five codes has one symbol, so a pixel takes no bits."""
    if max(width, height) > _WEBP_SIDE:
        return b""
    bits = (width - 1) | (height - 1) << 14  # then no alpha, version 0, no transform, no cache, no meta codes
    place = 28 + 4 + 3
    for symbol in (0x80, 0x80, 0x80, 0xFF, 0):  # green, red, blue, alpha, distance
        bits |= (0b101 | symbol << 3) << place  # simple, one symbol, of 8 bits
        place += 11
    image = b"\x2f" + bits.to_bytes(-(-place // 8), "little")
    body = b"WEBP" + _riff(b"VP8L", image) + _riff(b"mark", mark)
    return _riff(b"RIFF", body)


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
