"""The table [cutover]: its defaults change nothing, and what the functions get of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from common.errors import ConfigurationError
from common.gate import Gate
from common.settings import Settings as FunctionSettings
from settings import Settings

from tests.unit.settings.loading import load, refusal
from tests.unit.sources.tables import CONFIGURATION

SAMPLE = CONFIGURATION.read_text(encoding="utf-8")
FROM, UNTIL = "2026-12-05T22:00:00+01:00", "2026-12-06T02:00:00+01:00"
ENVIRONMENT = {
    "CUTOVER_SITE": "gogs",
    "CUTOVER_APPLICATION": "gogs",
    "CUTOVER_RUNS_TABLE": "runs",
    "CUTOVER_EVIDENCE_BUCKET": "evidence",
    "CUTOVER_PROVIDER": "fake",
    "CUTOVER_SOURCE_SERVER": "app",
}


def load_with(tmp_path: Path, lines: str) -> Settings:
    return load(tmp_path, f"{SAMPLE}\n[cutover]\n{lines}\n")


def refuse(tmp_path: Path, lines: str) -> str:
    return refusal(tmp_path, f"{SAMPLE}\n[cutover]\n{lines}\n")


def to_functions(settings: Settings) -> Gate:
    return FunctionSettings.from_environment(
        {**ENVIRONMENT, "CUTOVER_GATE": json.dumps(settings.cutover.to_gate())}
    ).gate


def test_without_the_table_a_run_has_no_gate(tmp_path: Path) -> None:
    settings = load(tmp_path, SAMPLE)

    assert not settings.cutover.has_gate
    assert settings.cutover.to_gate() == {}
    assert not FunctionSettings.from_environment(ENVIRONMENT).gate.is_set


def test_the_functions_get_every_key(tmp_path: Path) -> None:
    settings = load_with(
        tmp_path, f'go = "manual"\nwindow = {{ from = "{FROM}", until = "{UNTIL}" }}\nmax_window_seconds = 60'
    )

    gate = to_functions(settings)
    assert gate == Gate(go="manual", opens_at=1796504400.0, closes_at=1796518800.0, max_window_seconds=60.0)
    assert gate.is_set


def test_a_moment_may_be_a_date_time_of_toml(tmp_path: Path) -> None:
    settings = load_with(tmp_path, f"window = {{ from = {FROM}, until = {UNTIL} }}")

    assert to_functions(settings).opens_at == 1796504400.0


@pytest.mark.parametrize(
    "lines", ['go = "manual"', "max_window_seconds = 30", f'window = {{ from = "{FROM}", until = "{UNTIL}" }}']
)
def test_each_key_alone_is_a_gate(tmp_path: Path, lines: str) -> None:
    settings = load_with(tmp_path, lines)

    assert settings.cutover.has_gate
    assert to_functions(settings).is_set


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('go = "later"', "cutover.go: expected 'automatic' or 'manual', not 'later'"),
        ("resume_minutes = -1", "cutover.resume_minutes: expected greater than or equal to 0, not -1"),
        ("resume_minutes = 1441", "cutover.resume_minutes: expected less than or equal to 1440, not 1441"),
        ("max_window_seconds = 0", "cutover.max_window_seconds: expected greater than or equal to 1, not 0"),
        ('window = { from = "2026-12-05T22:00:00", until = "2026-12-06T02:00:00" }', "with its offset from UTC"),
        ('window = { from = "at night", until = "later" }', "with its offset from UTC"),
        (f'window = {{ from = "{UNTIL}", until = "{FROM}" }}', "expected window.from to be before window.until"),
        (f'window = {{ from = "{FROM}" }}', "cutover.window.until: missing; expected a value"),
        (f'window = {{ form = "{FROM}", until = "{UNTIL}" }}', "cutover.window.form: unknown key"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(tmp_path: Path, lines: str, expected: str) -> None:
    assert expected in refuse(tmp_path, lines)


@pytest.mark.parametrize("text", ['{"go": "later"}', '{"opens_at": "x"}', '{"other": 1}', "[]"])
def test_a_damaged_variable_is_refused(text: str) -> None:

    with pytest.raises(ConfigurationError, match="CUTOVER_GATE"):
        FunctionSettings.from_environment({**ENVIRONMENT, "CUTOVER_GATE": text})


def test_a_failed_run_keeps_its_replica_for_an_hour_or_as_long_as_the_settings_give(tmp_path: Path) -> None:
    assert load(tmp_path, SAMPLE).cutover.resume_minutes == 60

    settings = load_with(tmp_path, "resume_minutes = 0")

    assert settings.cutover.resume_minutes == 0
    assert not settings.cutover.has_gate
    assert FunctionSettings.from_environment({**ENVIRONMENT, "CUTOVER_RESUME_MINUTES": "90"}).resume_minutes == 90


@pytest.mark.parametrize("text", ["-1", "1.5", "an hour", ""])
def test_a_damaged_number_of_minutes_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="CUTOVER_RESUME_MINUTES"):
        FunctionSettings.from_environment({**ENVIRONMENT, "CUTOVER_RESUME_MINUTES": text})
