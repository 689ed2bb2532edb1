"""MySQL's binary JSON, as the binary log has it, written as the text that gives the same document again.

Format: the comment at the head of MySQL's sql-common/json_binary.h. MariaDB has none: its JSON is text.
"""

from __future__ import annotations

import json
import struct
from typing import Any

_SMALL_OBJECT, _LARGE_OBJECT, _SMALL_ARRAY, _LARGE_ARRAY, _LITERAL = range(5)
_NUMBERS = {5: "<h", 6: "<H", 7: "<i", 8: "<I", 9: "<q", 10: "<Q", 11: "<d"}
_STRING, _OPAQUE = 12, 15
_LITERALS = {0: None, 1: True, 2: False}
_INLINE = {False: {_LITERAL, 5, 6, 7, 8}, True: {_LITERAL, 5, 6}}
"""Types whose value lies in the entry itself, of large (False) and small (True) documents."""


class Opaque(Exception):
    """A value that JSON text has no word for: a date, a decimal number, bytes."""


def decode_text(data: bytes) -> str:
    """Return the JSON text of a column's value. Raises Opaque."""
    # An empty value is what a NOT NULL column holds where a statement gave none: MySQL reads it as null.
    return json.dumps(_decode_value(data[0], data[1:]), ensure_ascii=False) if data else "null"


def _decode_value(kind: int, data: bytes) -> Any:
    if kind in (_SMALL_OBJECT, _LARGE_OBJECT, _SMALL_ARRAY, _LARGE_ARRAY):
        return _decode_container(
            data, small=kind in (_SMALL_OBJECT, _SMALL_ARRAY), named=kind in (_SMALL_OBJECT, _LARGE_OBJECT)
        )
    if kind == _LITERAL:
        return _LITERALS[data[0]]
    if kind in _NUMBERS:
        return struct.unpack_from(_NUMBERS[kind], data)[0]
    if kind == _STRING:
        length, begin = _read_length(data)
        return data[begin : begin + length].decode()
    raise Opaque


def _decode_container(data: bytes, *, small: bool, named: bool) -> Any:
    """Count, size, the entries of the names, the entries of the values, then what they point to."""
    width = 2 if small else 4

    def read_number(at: int, size: int = width) -> int:
        return int.from_bytes(data[at : at + size], "little")

    count = read_number(0)
    values = 2 * width + (count * (width + 2) if named else 0)
    found = []
    for entry in range(values, values + count * (width + 1), width + 1):
        kind = data[entry]
        at = entry + 1 if kind in _INLINE[small] else read_number(entry + 1)
        found.append(_decode_value(kind, data[at:]))
    if not named:
        return found
    places = [(read_number(entry), read_number(entry + width, 2)) for entry in range(2 * width, values, width + 2)]
    return dict(zip([data[at : at + length].decode() for at, length in places], found, strict=True))


def _read_length(data: bytes) -> tuple[int, int]:
    """Read a length in groups of seven bits, lowest first; and how many bytes it takes."""
    length = size = 0
    while True:
        length |= (data[size] & 0x7F) << (7 * size)
        size += 1
        if not data[size - 1] & 0x80:
            return length, size
