"""Values of a row image of the binary log, byte by byte.

The package's own conversion would lose what Python has no type for (zero dates, negative times with fractions, members of ENUM and
SET without their names, bytes that are no UTF-8), and does not know signs and character sets unless the server logs them.
Formats: MySQL Internals, "Rows_event", "Table_map_event"; decimals: `decimal2bin` in MySQL's strings/decimal.c.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from pymysql.charset import charset_by_name
from pymysql.constants import FIELD_TYPE

from rehearsal.dms.engine import binary_json
from rehearsal.dms.engine.tables import Column

_TINY, _SHORT, _INT24, _LONG, _LONGLONG = 1, 2, 9, 3, 8
_WIDTH = {_TINY: 1, _SHORT: 2, _INT24: 3, _LONG: 4, _LONGLONG: 8}
_TIMESTAMP2, _DATETIME2, _TIME2 = 17, 18, 19
_DIGIT_BYTES = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)


class Logged(Protocol):
    """A column as the binary log describes it (pymysqlreplication.column.Column); others by kind: max_length, fsp, …."""

    type: int


class NotCarried(Exception):
    """The engine does not know this type."""


def decode_images(
    data: bytes, logged: Sequence[Any], columns: Sequence[Column], present: Sequence[int] = ()
) -> Iterator[list[Any]]:
    """Yield the row images in their order. Text is str, numbers are numbers, temporal values are text, all else is bytes.

    `present`: the columns that are logged, a bit for each, of each kind of image in turn (before, after); empty: all. Others are None.
    """
    every = list(enumerate(zip(logged, columns, strict=True)))
    kinds = [[one for one in every if bits >> one[0] & 1] for bits in present] or [every]
    at, end, turn = 0, len(data), 0
    while at < end:
        chosen = kinds[turn % len(kinds)]
        turn += 1
        flags = (len(chosen) + 7) // 8
        nulls = int.from_bytes(data[at : at + flags], "little")
        at += flags
        row: list[Any] = [None] * len(every)
        for place, (number, (one, column)) in enumerate(chosen):
            if not nulls >> place & 1:
                row[number], at = _decode_value(data, at, one, column)
        yield row


def _decode_value(data: bytes, at: int, logged: Any, column: Column) -> tuple[Any, int]:
    kind = logged.type
    if kind in _WIDTH:
        end = at + _WIDTH[kind]
        return int.from_bytes(data[at:end], "little", signed=not column.unsigned), end
    if kind in (FIELD_TYPE.VARCHAR, FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING):
        return _decode_text(data, at, 2 if logged.max_length > 255 else 1, column)
    if kind == FIELD_TYPE.BLOB or kind == FIELD_TYPE.GEOMETRY:
        return _decode_text(data, at, logged.length_size, column)
    if kind == FIELD_TYPE.JSON:
        return _decode_json(data, at, logged.length_size, column)
    if kind == FIELD_TYPE.NEWDECIMAL:
        return _decode_decimal(data, at, logged.precision, logged.decimals)
    if kind == FIELD_TYPE.DOUBLE:
        return struct.unpack_from("<d", data, at)[0], at + 8
    if kind == FIELD_TYPE.FLOAT:
        return struct.unpack_from("<f", data, at)[0], at + 4
    if kind == FIELD_TYPE.YEAR:
        return data[at] + 1900 if data[at] else 0, at + 1
    if kind in (FIELD_TYPE.ENUM, FIELD_TYPE.SET):
        return int.from_bytes(data[at : at + logged.size], "little"), at + logged.size
    if kind == FIELD_TYPE.BIT:
        return int.from_bytes(data[at : at + logged.bytes], "big"), at + logged.bytes
    if kind in (FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE):
        packed = int.from_bytes(data[at : at + 3], "little")
        return f"{packed >> 9:04d}-{packed >> 5 & 15:02d}-{packed & 31:02d}", at + 3
    if kind in (_DATETIME2, _TIMESTAMP2, _TIME2):
        return {_DATETIME2: _decode_datetime, _TIMESTAMP2: _decode_timestamp, _TIME2: _decode_time}[kind](
            data, at, logged.fsp
        )
    raise NotCarried(f"column {column.name}: type {column.type} is not replicated by the rehearsal")


def _decode_text(data: bytes, at: int, size: int, column: Column) -> tuple[str | bytes, int]:
    begin = at + size
    end = begin + int.from_bytes(data[at:begin], "little")
    value = data[begin:end]
    if column.charset is None:
        # Trailing zero bytes of BINARY are not logged.
        return value.ljust(column.octets or 0, b"\0") if column.kind == "binary" else value, end
    return value.decode(find_codec(column.charset)), end


def _decode_json(data: bytes, at: int, size: int, column: Column) -> tuple[str, int]:
    begin = at + size
    end = begin + int.from_bytes(data[at:begin], "little")
    try:
        return binary_json.decode_text(data[begin:end]), end
    except binary_json.Opaque:
        raise NotCarried(
            f"column {column.name}: a JSON value that was made of a date, a decimal number or bytes"
        ) from None


def find_codec(charset: str) -> str:
    """Return Python's name of a server's character set. Raises NotCarried."""
    known = charset_by_name(charset)
    name = known.encoding if known else charset
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise NotCarried(f"character set {charset} is not replicated by the rehearsal") from None


def _format_fraction(digits: int, value: int, size: int) -> str:
    return "." + f"{value:0{size * 2}d}"[:digits] if digits else ""


def _decode_datetime(data: bytes, at: int, digits: int) -> tuple[str, int]:
    size = (digits + 1) // 2
    packed = int.from_bytes(data[at : at + 5], "big") - (1 << 39)
    fraction = int.from_bytes(data[at + 5 : at + 5 + size], "big")
    year, month = divmod(packed >> 22, 13)
    day, hour, minute, second = packed >> 17 & 31, packed >> 12 & 31, packed >> 6 & 63, packed & 63
    text = f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"
    return text + _format_fraction(digits, fraction, size), at + 5 + size


def _decode_timestamp(data: bytes, at: int, digits: int) -> tuple[str, int]:
    size = (digits + 1) // 2
    seconds = int.from_bytes(data[at : at + 4], "big")
    fraction = int.from_bytes(data[at + 4 : at + 4 + size], "big")
    text = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}" if seconds else "0000-00-00 00:00:00"
    return text + _format_fraction(digits, fraction, size), at + 4 + size


def _decode_time(data: bytes, at: int, digits: int) -> tuple[str, int]:
    size = (digits + 1) // 2
    bits = size * 8
    packed = int.from_bytes(data[at : at + 3 + size], "big") - (1 << (23 + bits))
    sign, packed = ("-", -packed) if packed < 0 else ("", packed)
    whole, fraction = packed >> bits, packed & ((1 << bits) - 1)
    text = f"{sign}{whole >> 12:02d}:{whole >> 6 & 63:02d}:{whole & 63:02d}"
    return text + _format_fraction(digits, fraction, size), at + 3 + size


def _decode_decimal(data: bytes, at: int, precision: int, scale: int) -> tuple[Decimal, int]:
    """Decode groups of nine digits in four bytes, shorter groups at both ends; the first bit is the sign, inverted."""
    whole, rest = divmod(precision - scale, 9), divmod(scale, 9)
    sizes = [(_DIGIT_BYTES[whole[1]], whole[1]), *[(4, 9)] * whole[0]]
    fractions = [*[(4, 9)] * rest[0], (_DIGIT_BYTES[rest[1]], rest[1])]
    length = sum(size for size, _ in sizes + fractions)
    raw = bytearray(data[at : at + length])
    negative = not raw[0] & 0x80
    raw[0] ^= 0x80
    if negative:
        raw = bytearray(byte ^ 0xFF for byte in raw)
    digits, begin = "", 0
    for size, count in sizes + fractions:
        if count:
            digits += f"{int.from_bytes(raw[begin : begin + size], 'big'):0{count}d}"
        begin += size
    text = digits[: precision - scale] + "." + digits[precision - scale :]
    return Decimal("-" + text if negative else text), at + length
