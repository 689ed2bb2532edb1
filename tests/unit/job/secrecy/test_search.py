"""The search finds a value in every encoding and at every position, and returns only the name of its secret."""

import base64
import errno
import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest

from rehearsal.job.secrecy.search import CHUNK, SMALL, Search, read_contents

SECRET = 'pa"ss/wör<d>+&1'
OTHER = "0123456789abcdef"


@pytest.fixture
def search() -> Iterator[Search]:
    search = Search({"site: password": SECRET, "token": OTHER})
    yield search
    search.close()


def names(search: Search, text: bytes) -> set[str]:
    return {name for name, _ in search.find([text])[0]}


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        json.dumps({"body": json.dumps({"password": SECRET})}),
        "https://user:" + quote(SECRET, safe="") + "@host/",
        "a=b&password=" + quote_plus(SECRET),
        f"<input value='{html.escape(SECRET)}'>",
        "https://host/?password=" + re.sub("%..", lambda sign: sign[0].lower(), quote(SECRET, safe="")),
        f"<a>{escape(SECRET)}</a>",
        SECRET.encode().hex(),
        *(base64.b64encode(("x" * before + SECRET + "y" * after).encode()).decode() for before in range(4) for after in range(3)),
        base64.urlsafe_b64encode(f"user:{SECRET}".encode()).decode(),
        *(base64.b64encode(("x" * before + json.dumps({"password": SECRET})).encode()).decode() for before in range(3)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", [b"", b"\0" * SMALL])
def test_a_secret_is_found_in_every_encoding(search: Search, written: str, around: bytes) -> None:
    # In a short text, which Python searches, and in a long one, which grep searches
    assert names(search, around + b"x " + written.encode() + b" y") == {"site: password"}


def test_a_similar_value_is_not_found(search: Search) -> None:
    assert names(search, SECRET[:-1].encode() + b" " + OTHER[1:].encode() + b" " + OTHER.upper().encode()) == set()
    assert names(search, b"\n" * 10 + b"\xff" * SMALL) == set()


def test_a_secret_across_two_chunks_is_found_and_bytes_are_counted_once(search: Search) -> None:
    # Given a text with a chunk boundary within the secret
    before = b"\n" * (CHUNK - 5)
    found, size = search.find([before + OTHER[:5].encode(), OTHER[5:].encode() + b"\0" * 100])
    assert {name for name, _ in found} == {"token"}
    assert size == CHUNK - 5 + len(OTHER) + 100


@pytest.mark.parametrize("chunk", range(5))
def test_a_secret_in_any_of_many_chunks_is_found(search: Search, chunk: int) -> None:
    """The chunks are searched at the same time, more of them than there are processors on a small machine."""
    pieces = [b"\n" * CHUNK + (OTHER.encode() if number == chunk else b"") for number in range(5)]
    found, size = search.find(pieces)
    assert found == {("token", "plain")}
    assert size == 5 * CHUNK + len(OTHER)


def test_the_holes_of_a_sparse_disk_are_not_read(search: Search, tmp_path: Path) -> None:
    # Given a disk of 1 GiB with a secret at its end
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(1 << 30)
        file.seek((1 << 30) - 4096)
        file.write(OTHER.encode())
    # Then it is found, without reading the hole
    found, size = search.find(read_contents(disk))
    assert found == {("token", "plain")}
    assert size < 1 << 20


def test_a_disk_is_read_from_a_place_on(search: Search, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(b"\0" * 4096 + OTHER.encode())
    assert search.find(read_contents(disk, begin=4096)) == ({("token", "plain")}, len(OTHER) + 1)
    assert search.find(read_contents(disk, begin=4097))[0] == set()


def test_bytes_on_both_sides_of_a_hole_are_not_joined(search: Search, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    block = 1 << 16
    with disk.open("wb") as file:
        file.write(b"\0" * (block - 8) + OTHER[:8].encode())
        file.seek(1 << 24)
        file.write(OTHER[8:].encode() + b"\0" * block)
    assert search.find(read_contents(disk))[0] == set()


@pytest.mark.parametrize(
    "written", ["sh -c 'x=a'\"'\"'b-secret-of-site'", "sh -c 'x=a'\\''b-secret-of-site'", "a&#39;b-secret-of-site"]
)
def test_a_secret_with_a_quote_is_found_in_every_escaped_form(written: str) -> None:
    search = Search({"password": "a'b-secret-of-site"})
    assert names(search, written.encode()) == {"password"}
    search.close()


def test_a_read_error_of_a_disk_is_not_treated_as_a_hole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a disk that returns an input/output error
    disk = tmp_path / "disk"
    disk.write_text(OTHER)

    def broken(*_: int) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "lseek", broken)
    with pytest.raises(OSError, match="Input/output"):
        list(read_contents(disk))


def test_short_texts_are_searched_together_and_each_result_belongs_to_its_text(search: Search) -> None:
    texts = [("clean", b"nothing"), ("leak", f"x {OTHER} y".encode()), ("long", b"\0" * SMALL + OTHER.encode())]
    found = {name: ({secret for secret, _ in what}, size) for name, what, size in _search_each(search, texts)}
    assert found == {
        "clean": (set(), 7),
        "leak": ({"token"}, len(OTHER) + 4),
        "long": ({"token"}, SMALL + len(OTHER)),
    }


def test_two_texts_do_not_form_a_value_together(search: Search) -> None:
    texts = [("first", OTHER[:8].encode()), ("second", OTHER[8:].encode())]
    assert [what for _, what, _ in _search_each(search, texts)] == [set(), set()]


def test_many_short_texts_take_few_processes(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    run = subprocess.run

    def count(command: object, **options: Any) -> Any:
        started.append(command)
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", count)
    texts = [(str(number), b"x" * (SMALL - 1)) for number in range(2 * CHUNK // SMALL)]
    assert len(list(_search_each(search, texts))) == len(texts)
    assert 1 <= len(started) <= 3


def test_what_came_before_an_error_is_searched(search: Search) -> None:
    def read() -> Iterator[tuple[str, list[bytes]]]:
        yield "leak", [OTHER.encode()]
        raise OSError("the place cannot be read")

    results = search.find_each(read())
    assert next(results)[1] == {("token", "plain")}
    with pytest.raises(OSError, match="cannot be read"):
        next(results)


def _search_each(search: Search, texts: list[tuple[str, bytes]]) -> Iterator[tuple[str, set[tuple[str, str]], int]]:
    return search.find_each((name, [text]) for name, text in texts)
