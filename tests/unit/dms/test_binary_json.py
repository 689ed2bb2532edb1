"""Binary JSON, byte by byte. MySQL 9.7 logs these bytes (compared with a real server in tests/rehearsal/dms)."""

import json

import pytest

from rehearsal.dms.engine import binary_json


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", None),
        (b"\x04\x01", True),
        (b"\x05\xff\xff", -1),
        (b"\x0b" + b"\0" * 6 + b"\xf8\x3f", 1.5),
        (b"\x0c\x03\xc3\xbcx", "üx"),
        (bytes.fromhex("0200000400"), []),
        # {"a": [1, "b"]}
        (bytes.fromhex("00 0100 1a00 0b00 0100 02 0c00 61 0200 0c00 05 0100 0c 0a00 01 62".replace(" ", "")), {"a": [1, "b"]}),
    ],
)  # fmt: skip
def test_a_binary_value_becomes_its_json_text(data: bytes, expected: object) -> None:
    assert json.loads(binary_json.decode_text(data)) == expected


def test_a_value_without_a_json_representation_is_rejected() -> None:
    with pytest.raises(binary_json.Opaque):
        binary_json.decode_text(b"\x0f\xf6\x03\x02\x01\x80")
