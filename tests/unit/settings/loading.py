"""Load migration.toml with changes, and find the line of an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings import Settings, SettingsError

from tests.unit.sources.tables import format_configuration


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    return Settings.load(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    found = str(caught.value)
    assert "\n" not in found
    return found.replace(f"{tmp_path}/", "")


def change(tables: str, old: str, new: str) -> str:
    """Return the whole file with one change in the tables."""
    assert old in tables, old
    return format_configuration(tables.replace(old, new, 1))


def number_of(text: str, line: str) -> int:
    """Return the number of the only line that begins so."""
    (number,) = [number for number, one in enumerate(text.splitlines(), 1) if one.startswith(line)]
    return number
