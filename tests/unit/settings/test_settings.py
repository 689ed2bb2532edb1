"""migration.toml: what is accepted, and the one line that describes an error."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from common.settings import Limits as ProcedureLimits
from pydantic import ValidationError
from settings import Settings, SettingsError
from settings.limits import Limits
from settings.providers.cloudendure import CloudEndureSettings

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "migration.toml").read_text()


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
    assert isinstance(settings.provider, CloudEndureSettings)
    assert settings.provider.url == "https://console.cloudendure.com"
    assert settings.provider.installer_url == "https://console.cloudendure.com/installer_linux.py"
    assert settings.site.url == "http://git.example.com/"


def test_the_shipped_file_shows_the_defaults(tmp_path: Path) -> None:
    required = TEXT[: TEXT.index("[source]\n")]
    assert load(tmp_path, required) == load(tmp_path, TEXT)


def test_settings_are_immutable() -> None:
    settings = Settings.load(ROOT / "migration.toml")
    with pytest.raises(ValidationError):
        settings.cutover_id = "second"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('source_server_name = "gogs"', 'sourceservername = "gogs"', "provider.sourceservername"),
        ('project = "Gogs"\n', "", "provider.project"),
        ("app_volume_gib = 20", 'app_volume_gib = "20"', "source.app_volume_gib"),
        ("demo_content = true", "demo_content = 1", "source.demo_content"),
        ("nat_gateways = 1", "nat_gateways = 3", "target.nat_gateways"),
        ('kind = "cloudendure"', 'kind = "magic"', "provider.kind"),
        ('ssh_dns_name = "ssh.git.example.com"', 'ssh_dns_name = "ssh.example.org"', "site.ssh_dns_name"),
        ("minimum = 2", "minimum = 5", "target"),
        ("minimum = 2", "minimum = 1", "target.minimum"),
        ('console_url = "https://console.cloudendure.com"', 'console_url = "console"', "provider.console_url"),
        ('region = "us-east-1"', 'region = "Virginia"', "aws.region"),
        ('dns_name = "git.example.com"', 'dns_name = "git example"', "site.dns_name"),
        ('archive_sha256 = "0', 'archive_sha256 = "x', "gogs.archive_sha256"),
    ],
)
def test_an_error_line_names_file_line_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    """The expected text: tests/unit/golden."""
    assert old in TEXT
    line = refusal(tmp_path, TEXT.replace(old, new))
    assert re.fullmatch(rf"…/site\.toml:\d+: {re.escape(key)}: .+", line)


def test_a_file_that_is_not_toml_is_rejected(tmp_path: Path) -> None:
    assert refusal(tmp_path, "cutover_id = ").startswith("…/site.toml: is not TOML: ")


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: cannot be read .*name another file with CUTOVER_CONFIG"):
        Settings.load(tmp_path / "nowhere.toml")


def test_every_limit_is_one_that_the_procedure_knows() -> None:
    assert set(Limits.model_fields) == {field.name for field in fields(ProcedureLimits)}


@pytest.mark.parametrize("name", ["g", "gogs", "a-b-c", "g0-1", "a" * 20])
def test_site_names_that_every_service_accepts_are_accepted(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, TEXT.replace('name = "gogs"', f'name = "{name}"', 1)).site.name == name


@pytest.mark.parametrize("name", ["", "a-", "a--b", "-a", "1a", "A", "a_b", "a" * 21])
def test_site_names_that_a_service_rejects_are_rejected(tmp_path: Path, name: str) -> None:
    assert "site.name: expected" in refusal(tmp_path, TEXT.replace('name = "gogs"', f'name = "{name}"', 1))
