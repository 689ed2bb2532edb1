"""What the freeze of the database reads from the server."""

from __future__ import annotations

from typing import Any

import pytest
from cutover_site.database import freeze


@pytest.mark.parametrize(
    ("value", "expected"), [(0, False), (1, True), ("OFF", False), ("ON", True), ("NO_LOCK", True)]
)
def test_a_server_is_read_only_unless_its_variable_is_off(
    value: Any, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze, "fetch_value", lambda *_: value)

    assert freeze.is_read_only(None) is expected  # type: ignore[arg-type]  # not used
