"""Row images byte by byte. MariaDB 10.11 logs these bytes (compared with real servers in tests/rehearsal/dms)."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.dms.engine.catalog import is_fitting
from rehearsal.dms.engine.decode import NotCarried, decode_images
from rehearsal.dms.engine.tables import Column, Table


def column(kind: str, type_: str = "", charset: str | None = None, octets: int | None = None) -> Column:
    return Column("c", kind, type_ or kind, charset, nullable=True, octets=octets)


def logged(kind: int, **values: Any) -> SimpleNamespace:
    return SimpleNamespace(type=kind, **values)


@pytest.mark.parametrize(
    ("one", "described", "data", "expected"),
    [
        (logged(1), column("tinyint"), b"\xff", -1),
        (logged(1), column("tinyint", "tinyint(3) unsigned"), b"\xff", 255),
        (logged(8), column("bigint", "bigint unsigned"), b"\xff" * 8, 2**64 - 1),
        (logged(9), column("mediumint"), b"\x00\x00\x80", -(2**23)),
        (logged(15, max_length=40), column("varchar", charset="utf8mb4"), b"\x04\xf0\x9f\x98\x80", "😀"),
        (logged(15, max_length=400), column("varchar", charset="latin1"), b"\x01\x00\x80", "€"),
        (logged(254, max_length=8), column("binary", octets=8), b"\x02ab", b"ab\0\0\0\0\0\0"),
        (logged(252, length_size=2), column("blob"), b"\x02\x00\xff\x00", b"\xff\x00"),
        (logged(252, length_size=4), column("longtext", charset="utf8mb4"), b"\x02\0\0\0\xc3\xbc", "ü"),
        (logged(18, fsp=3), column("datetime"), bytes.fromhex("99b2bb7efb") + b"\x27\x06", "2024-02-29 23:59:59.999"),
        (logged(18, fsp=0), column("datetime"), bytes.fromhex("8000000000"), "0000-00-00 00:00:00"),
        (logged(17, fsp=0), column("timestamp"), b"\0\0\0\0", "0000-00-00 00:00:00"),
        (logged(17, fsp=2), column("timestamp"), b"\x65\x92\x00\x80\x19", "2024-01-01 00:00:00.25"),
        (logged(19, fsp=0), column("time"), b"\x80\xc8\xb8", "12:34:56"),
        (
            logged(19, fsp=6),
            column("time"),
            (0x800000000000 - ((1 << 24) + 500000)).to_bytes(6, "big"),
            "-00:00:01.500000",
        ),
        (logged(10), column("date"), ((2024 << 9) | (12 << 5) | 31).to_bytes(3, "little"), "2024-12-31"),
        (logged(10), column("date"), b"\0\0\0", "0000-00-00"),
        (logged(13), column("year"), b"\0", 0),
        (logged(13), column("year"), b"\xff", 2155),
        (logged(247, size=1), column("enum", charset="utf8mb4"), b"\x02", 2),
        (logged(248, size=1), column("set", charset="utf8mb4"), b"\x05", 5),
        (logged(16, bytes=2), column("bit"), b"\x07\xff", 2047),
        (logged(246, precision=10, decimals=4), column("decimal"), bytes.fromhex("8004d208a4"), Decimal("1234.2212")),
        (
            logged(246, precision=10, decimals=4),
            column("decimal"),
            bytes.fromhex("7ffb2df75b"),
            Decimal("-1234.2212"),
        ),
        (logged(5), column("double"), b"\0\0\0\0\0\0\xf8\xbf", -1.5),
    ],
)
def test_a_logged_value_is_decoded_by_its_column_type(one: Any, described: Column, data: bytes, expected: Any) -> None:
    assert list(decode_images(b"\xfe" + data, [one], [described])) == [[expected]]


def test_nulls_occupy_no_bytes_and_rows_are_contiguous() -> None:
    columns = [column("tinyint"), column("varchar", charset="utf8mb4"), column("tinyint")]
    kinds = [logged(1), logged(15, max_length=10), logged(1)]
    assert list(decode_images(b"\xfa\x01\x02\xf8\x01\x01x\x03", kinds, columns)) == [[1, None, 2], [1, "x", 3]]


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(NotCarried, match="vector"):
        list(decode_images(b"\xfe\x00", [logged(242)], [column("vector")]))


def test_a_table_description_matches_only_its_logged_columns() -> None:
    table = Table("s", "t", (column("int"), column("varchar")), ())
    assert is_fitting(table, [logged(3), logged(15)])
    assert not is_fitting(table, [logged(3)])
    assert not is_fitting(table, [logged(15), logged(3)])
