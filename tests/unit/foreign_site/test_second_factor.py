"""Passcodes of a second factor, by the test vectors of RFC 6238 (appendix B, SHA-1, of which six digits count)."""

from __future__ import annotations

import base64

import pytest

from rehearsal.foreign_site.second_factor import compute_passcode

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "digits"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_a_passcode_has_the_last_six_digits_of_the_vector(moment: int, digits: str) -> None:
    assert compute_passcode(SECRET, moment) == digits[-6:]


def test_a_secret_without_padding_is_valid() -> None:
    assert compute_passcode("JBSWY3DPEHPK3PXPJBSW", 59.9) == compute_passcode("JBSWY3DPEHPK3PXPJBSW====", 31)
