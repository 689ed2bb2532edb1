"""Define small files, each of a type that Gogs detects by the first bytes. The names are those of `DetectContentType` of Go's net/http."""

from __future__ import annotations

from dataclasses import dataclass

FILLING = bytes(range(256)) * 8


@dataclass(frozen=True)
class Sample:
    """A file that the suite can attach to an issue."""

    name: str
    type: str
    content: bytes


SAMPLES = (
    Sample("dot.png", "image/png", b"\x89PNG\r\n\x1a\n" + FILLING),
    Sample("dot.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + FILLING),
    Sample("dot.gif", "image/gif", b"GIF89a" + FILLING),
    Sample("dot.webp", "image/webp", b"RIFF\x00\x08\x00\x00WEBPVP" + FILLING),
    Sample("dot.bmp", "image/bmp", b"BM" + FILLING),
    Sample("paper.pdf", "application/pdf", b"%PDF-1.4\n" + FILLING),
    Sample("folder.zip", "application/zip", b"PK\x03\x04" + FILLING),
    Sample("file.gz", "application/x-gzip", b"\x1f\x8b\x08" + FILLING),
    Sample("note.txt", "text/plain; charset=utf-8", b"cutover acceptance\n" * 64),
    Sample("page.html", "text/html; charset=utf-8", b"<!DOCTYPE HTML><p>cutover acceptance</p>\n" * 32),
    Sample("data.xml", "text/xml; charset=utf-8", b'<?xml version="1.0"?><a>cutover acceptance</a>\n' + b"\n" * 512),
    Sample("film.mp4", "video/mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + FILLING),
    Sample("blob.bin", "application/octet-stream", b"\x00\x01\x02\x03" + FILLING),
)
