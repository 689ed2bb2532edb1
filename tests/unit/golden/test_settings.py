"""The error for a mistake in migration.toml: one line with file, line, key, and the expected value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from settings import Settings, SettingsError

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

TEXT = (Path(__file__).parents[3] / "migration.toml").read_text(encoding="utf-8")
CERTIFICATE = '# certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/…"'
ZONE_ID = '# id = "Z0123456789ABCDEFGHIJ"'
DNS_NAME = 'dns_name = "git.example.com"'
TARGET_TYPE = '[target]\ninstance_type = "t3.medium"'
MISTAKES = (
    ('source_server_name = "gogs"', 'sourceservername = "gogs"'),
    ('project = "Gogs"\n', ""),
    ('kind = "cloudendure"', 'kind = "magic"'),
    ("app_volume_gib = 20", 'app_volume_gib = "20"'),
    ("demo_content = true", "demo_content = 1"),
    ("nat_gateways = 1", "nat_gateways = 3"),
    ("minimum = 2", "minimum = 5"),
    ("minimum = 2", "minimum = 1"),
    ('name = "gogs"', 'name = "Gogs"'),
    ('ssh_dns_name = "ssh.git.example.com"', 'ssh_dns_name = "ssh.example.org"'),
    ('ssh_dns_name = "ssh.git.example.com"', 'ssh_dns_name = "git.example.com"'),
    (DNS_NAME, 'dns_name = "git example"'),
    (DNS_NAME, 'dns_name = "https://git.example.com/"'),
    (DNS_NAME, 'dns_name = "192.0.2.10"'),
    (ZONE_ID, 'id = "example.com"'),
    (CERTIFICATE, 'certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/x"'),
    (CERTIFICATE, 'certificate_arn = "arn:aws-cn:acm:us-east-1:111122223333:certificate/x"'),
    (CERTIFICATE, 'certificate_arn = "arn:aws:acm-pca:us-east-1:111122223333:certificate/x"'),
    ('region = "us-east-1"', 'region = "Virginia"'),
    ('"8.4.8"', '"8.4"'),
    ('version = "0.14.3"', 'version = "0.11.91"'),
    ('archive_sha256 = "0', 'archive_sha256 = "x'),
    (TARGET_TYPE, '[target]\ninstance_type = "t4g.medium"'),
    (TARGET_TYPE, '[target]\ninstance_type = "t3"'),
    ('instance_class = "dms.t3.medium"', 'instance_class = "t3.medium"'),
    ('"cutover/console"', '"arn:aws:secretsmanager:us-east-1:111122223333:secret:x"'),
    ("https://console.cloudendure.com", "https://console.cloudendure.com/#/signIn"),
    ('console_url = "https://console.cloudendure.com"', 'console_url = "console"'),
    ("cutover_id = ", "cutover_id "),
)
"""the text in the file, and the mistake that replaces it"""


def test_mistakes_in_the_settings(tmp_path: Path, golden: SnapshotAssertion) -> None:
    lines = []
    for old, new in MISTAKES:
        lines += [
            f"{_line(new) or 'without ' + _line(old)}",
            f"    {get_rejection(tmp_path, TEXT.replace(old, new, 1), old)}",
        ]

    assert "\n".join(lines) == golden


def test_files_that_cannot_be_read(tmp_path: Path, golden: SnapshotAssertion) -> None:
    path = tmp_path / "site.toml"
    path.write_text(TEXT, encoding="utf-16")

    long, deep = tmp_path / "long.toml", tmp_path / "deep.toml"
    long.write_text(f"number = {'9' * 5000}")
    deep.write_text(f"list = {'[' * 5000}")
    files = (path, tmp_path / "nowhere.toml", tmp_path, long, deep)
    assert "\n".join(load_error(tmp_path, one) for one in files) == golden


def get_rejection(folder: Path, text: str, old: str) -> str:
    assert text != TEXT, f"migration.toml does not contain {old!r}"
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return load_error(folder, path)


def load_error(folder: Path, path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    text = str(caught.value).replace(f"{folder}/", "").replace(str(folder), "a-folder")
    assert "\n" not in text
    return text


def _line(text: str) -> str:
    return text.strip().replace("\n", " ")
