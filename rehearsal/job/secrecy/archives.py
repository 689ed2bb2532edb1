"""What lies compressed in a file or in a text, at any depth: no search finds a value there without opening it."""

from __future__ import annotations

import base64
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

GZIP, XZ, TAR, TAR_AT = b"\x1f\x8b", b"\xfd7zXZ\0", b"ustar", 257
PACKED_TEXT = re.compile(r"(?<![A-Za-z0-9+/])e[AFJN][A-Za-z0-9+/]{18,}={0,2}")
"""base64 of what zlib has compressed: its first byte is 0x78, the second contains the compression level (RFC 1950)"""


def is_archive(head: bytes) -> bool:
    """Return whether a file with this beginning may be an archive that is opened. Zips are recognized by their end: zipfile.is_zipfile."""
    return head.startswith((GZIP, XZ)) or head[TAR_AT : TAR_AT + len(TAR)] == TAR


def open_archive(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name!member, content) of all that is in an archive; nothing for a file that is none.

    Raises what zipfile, gzip, lzma, tarfile raise for one that is damaged: it was not searched then.
    """
    for member, inside in _read_members(name, content):
        yield member, inside
        yield from open_archive(member, inside)


def _read_members(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield f"{name}!{member.filename}", archive.read(member)
    elif content.startswith(GZIP):
        yield f"{name}!", gzip.decompress(content)
    elif content.startswith(XZ):
        yield f"{name}!", lzma.decompress(content)
    elif content[TAR_AT : TAR_AT + len(TAR)] == TAR:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for entry in tar:
                if (file := tar.extractfile(entry)) is not None:
                    yield f"{name}!{entry.name}", file.read()


def unpack_texts(text: str) -> Iterator[str]:
    """Yield the content of each base64 text of zlib within a text (the form of a long result of a machine), and recursively within that content.

    A truncated text yields its readable part. A text that only looks like this form yields nothing.
    """
    for found in PACKED_TEXT.finditer(text):
        packed = found[0].rstrip("=")
        try:
            raw = base64.b64decode(packed[: len(packed) - (len(packed) % 4 == 1)] + "=" * (-len(packed) % 4 % 3))
            inside = zlib.decompressobj().decompress(raw).decode(errors="replace")
        except (ValueError, zlib.error):
            continue
        yield inside
        yield from unpack_texts(inside)
