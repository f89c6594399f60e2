"""Pictures for icons, right and wrong."""

from __future__ import annotations

import base64
import struct
import zlib


def png(width: int = 128, height: int = 128) -> str:
    """Return a grey PNG as base64 (https://www.w3.org/TR/png-3/)."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x80" * width) * height)
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")).decode()


def jpg(width: int = 128, height: int = 128) -> str:
    """Return the skeleton of a JPEG as base64 (ITU-T T.81, B.2): its headers, without a picture."""
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC0, 11, 8, height, width, 1) + b"\1\x11\0"
    return base64.b64encode(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + frame + b"\xff\xd9").decode()
