"""Store the avatars of users, organisations and repositories: files named by id. A missing one is generated."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

from ..config.config import Config
from ..store.database import Row

_SIDE, _CELLS = 240, 5


def link(config: Config, user: Row) -> str:
    """Return the absolute URL of the user's avatar, at Gravatar or at this site. It generates a missing avatar of this site."""
    if config.gravatar and not user["use_custom_avatar"]:
        return f"https://secure.gravatar.com/avatar/{user['avatar']}?d=identicon"
    if not (config.avatars / str(user["id"])).is_file():
        save(config.avatars, user["id"], draw_identicon(user["name"]))
    return f"{config.external_url}avatars/{user['id']}"


def save(folder: Path, number: int, picture: bytes) -> None:
    """Replace the picture atomically, so that no reader gets a part of it."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{number}.half"
    partial.write_bytes(picture)
    partial.rename(folder / str(number))


def draw_identicon(seed: str) -> bytes:
    """Return a symmetric pattern of 5 x 5 cells as PNG. Equal seeds give equal pictures."""
    digest = hashlib.sha256(seed.encode()).digest()
    colour, white = digest[:3], b"\xf0\xf0\xf0"
    rows = []
    for y in range(_CELLS):
        cells = [digest[3 + y * 3 + min(x, _CELLS - 1 - x)] % 2 for x in range(_CELLS)]
        line = b"".join((colour if cell else white) * (_SIDE // _CELLS) for cell in cells)
        rows += [b"\0" + line] * (_SIDE // _CELLS)

    def format_chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    body = (
        format_chunk(b"IHDR", header)
        + format_chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + format_chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + body
