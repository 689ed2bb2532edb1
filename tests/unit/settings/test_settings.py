"""migration.toml: what is accepted, and the one line that says what is wrong."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from common.settings import Limits as ProcedureLimits
from pydantic import ValidationError
from settings import Settings, SettingsError
from settings.model import Limits

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "migration.toml").read_text()
LINE = re.compile(r"site\.toml:\d+:")


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "site.toml"
    path.write_text(text)
    return Settings.load(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    return str(caught.value).replace(str(tmp_path), "…")


def test_the_shipped_file_is_complete() -> None:
    settings = Settings.load(ROOT / "migration.toml")
    assert settings.provider.url == "https://console.cloudendure.com"
    assert settings.provider.installer_url == "https://console.cloudendure.com/installer_linux.py"
    assert settings.site.url == "http://git.example.com/"


def test_the_shipped_file_shows_the_defaults(tmp_path: Path) -> None:
    required = TEXT[: TEXT.index("[source]\n")]
    assert load(tmp_path, required) == load(tmp_path, TEXT)


def test_settings_are_frozen() -> None:
    settings = Settings.load(ROOT / "migration.toml")
    with pytest.raises(ValidationError):
        settings.cutover_id = "second"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'source_server_name = "gogs"',
            'sourceservername = "gogs"',
            "…/site.toml: provider.sourceservername: unknown key; expected one that migration.toml explains (1 more)",
        ),
        ('project = "Gogs"\n', "", "…/site.toml: provider.project: missing; expected a value"),
        (
            "app_volume_gib = 20",
            'app_volume_gib = "20"',
            "…/site.toml: source.app_volume_gib: expected a valid integer, not '20'",
        ),
        (
            "demo_content = true",
            "demo_content = 1",
            "…/site.toml: source.demo_content: expected a valid boolean, not 1",
        ),
        (
            "nat_gateways = 1",
            "nat_gateways = 3",
            "…/site.toml: target.nat_gateways: expected less than or equal to 2, not 3",
        ),
        (
            'kind = "cloudendure"',
            'kind = "magic"',
            "…/site.toml: provider.kind: expected one of the providers of this release ('cloudendure'), not 'magic'",
        ),
        (
            'ssh_dns_name = "ssh.git.example.com"',
            'ssh_dns_name = "ssh.example.org"',
            "…/site.toml: site: expected ssh_dns_name to be example.com or to end with .example.com",
        ),
        (
            "minimum = 2",
            "minimum = 5",
            "…/site.toml: target: expected minimum <= maximum",
        ),
        (
            "minimum = 2",
            "minimum = 1",
            "…/site.toml: target.minimum: expected greater than or equal to 2, not 1",
        ),
    ],
)
def test_one_line_names_file_key_and_what_is_expected(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in TEXT
    refused = refusal(tmp_path, TEXT.replace(old, new))
    assert LINE.sub("site.toml:", refused) == expected


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('console_url = "https://console.cloudendure.com"', 'console_url = "console"', "provider.console_url"),
        ('region = "us-east-1"', 'region = "Virginia"', "aws.region"),
        ('dns_name = "git.example.com"', 'dns_name = "git example"', "site.dns_name"),
        ('archive_sha256 = "0', 'archive_sha256 = "x', "gogs.archive_sha256"),
    ],
)
def test_malformed_values_are_refused_by_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    line = LINE.sub("site.toml:", refusal(tmp_path, TEXT.replace(old, new)))
    assert line.startswith(f"…/site.toml: {key}: expected ")
    assert "\n" not in line


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    assert refusal(tmp_path, "cutover_id = ").startswith("…/site.toml: is not TOML: ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: cannot be read .*CUTOVER_CONFIG names another file"):
        Settings.load(tmp_path / "nowhere.toml")


def test_every_limit_is_one_that_the_procedure_knows() -> None:
    assert set(Limits.model_fields) == {field.name for field in fields(ProcedureLimits)}


@pytest.mark.parametrize("name", ["g", "gogs", "a-b-c", "g0-1", "a" * 20])
def test_site_names_that_every_service_takes(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, TEXT.replace('name = "gogs"', f'name = "{name}"', 1)).site.name == name


@pytest.mark.parametrize("name", ["", "a-", "a--b", "-a", "1a", "A", "a_b", "a" * 21])
def test_site_names_that_a_service_refuses(tmp_path: Path, name: str) -> None:
    assert "site.name: expected" in refusal(tmp_path, TEXT.replace('name = "gogs"', f'name = "{name}"', 1))
