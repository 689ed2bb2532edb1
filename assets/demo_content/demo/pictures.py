"""Small pictures, a different one for each name."""

import hashlib
import struct
import zlib

SIDE = 64


def draw_picture(name: str) -> bytes:
    """Return a PNG of 64 x 64 pixels. The same name always gives the same picture."""
    seed = hashlib.sha256(name.encode()).digest()
    rows = []
    for y in range(SIDE):
        pixels = bytearray()
        for x in range(SIDE):
            pixels += bytes(((seed[0] + 3 * x) % 256, (seed[1] + 3 * y) % 256, (seed[2] + x * y) % 256))
        rows.append(b"\0" + pixels)

    def build_chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + build_chunk(b"IHDR", header)
        + build_chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + build_chunk(b"IEND", b"")
    )
