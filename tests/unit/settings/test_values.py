"""Values as services and people write them: taken, normalised, or refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from settings import Settings, SettingsError

TEXT = (Path(__file__).parents[3] / "migration.toml").read_text()
CERTIFICATE = '# certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/…"'
ZONE_ID = '# id = "Z0123456789ABCDEFGHIJ"'

Load = Callable[[str, str], Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def changed(old: str, new: str) -> Settings:
        assert old in TEXT
        path = tmp_path / "site.toml"
        path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        return Settings.load(path)

    return changed


def key(name: str) -> Callable[[Settings], Any]:
    def read(settings: Settings) -> Any:
        found: Any = settings
        for part in name.split("."):
            found = getattr(found, part)
        return found

    return read


@pytest.mark.parametrize(
    ("old", "new", "name", "expected"),
    [
        ('dns_name = "git.example.com"', 'dns_name = "git.example.com."', "site.dns_name", "git.example.com"),
        ('dns_name = "git.example.com"', 'dns_name = "Git.Example.COM"', "site.dns_name", "git.example.com"),
        ('name = "example.com"', 'name = "Example.com."', "site.hosted_zone.name", "example.com"),
        ('name = "example.com"', 'name = "git.example.com"', "site.hosted_zone.name", "git.example.com"),
        (ZONE_ID, 'id = "/hostedzone/Z3M3LMPEXAMPLE"', "site.hosted_zone.id", "Z3M3LMPEXAMPLE"),
        ('version = "0.14.3"', 'version = "v0.14.3"', "source.release.version", "0.14.3"),
        ('sha256 = "' + "0" * 64, 'sha256 = "sha256:' + "AB" * 32, "source.release.archive_sha256", "ab" * 32),
        ('instance_class = "dms.t3.medium"', 'instance_class = "dms.r6i.large"', "replication.instance_class", "dms.r6i.large"),
        ('"8.4.8"', '"8.0.46-rds.20260624"', "database.engine_version", "8.0.46-rds.20260624"),
    ],
)  # fmt: skip
def test_equivalent_values_are_normalised(load: Load, old: str, new: str, name: str, expected: str) -> None:
    assert key(name)(load(old, new)) == expected


def test_the_name_of_git_over_ssh_may_be_the_apex_of_the_zone(load: Load) -> None:
    assert load('ssh_dns_name = "ssh.git.example.com"', 'ssh_dns_name = "example.com"').site.ssh_name == "example.com"


def test_a_punycode_name_with_its_top_level_domain_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(TEXT.replace("example.com", "xn--e1afmkfd.xn--p1ai"))
    assert Settings.load(path).site.dns_name == "git.xn--e1afmkfd.xn--p1ai"


def test_a_byte_order_mark_is_ignored(load: Load) -> None:
    assert load("# The one file", "\ufeff# The one file") == load("# The one file", "# The one file")


@pytest.mark.parametrize(
    "region",
    [
        "us-gov-west-1",
        "cn-north-1",
        "cn-northwest-1",
        "mx-central-1",
        "il-central-1",
        "ap-southeast-7",
        "eusc-de-east-1",
    ],
)
def test_a_region_of_every_partition_is_accepted(load: Load, region: str) -> None:
    assert load('region = "us-east-1"', f'region = "{region}"').aws.region == region


@pytest.mark.parametrize("kind", ["m7i.metal-24xl", "u-6tb1.112xlarge", "u7in-16tb.224xlarge", "m7i-flex.large", "g4dn.xlarge", "x2iedn.32xlarge"])  # fmt: skip
def test_an_instance_type_is_accepted_in_the_notation_of_ec2(load: Load, kind: str) -> None:
    assert (
        load('[target]\ninstance_type = "t3.medium"', f'[target]\ninstance_type = "{kind}"').target.instance_type
        == kind
    )


@pytest.mark.parametrize(("written", "kept"), [("db.x2iedn.xlarge", "x2iedn.xlarge"), ("t4g.medium", "t4g.medium"), ("db.m6gd.large", "m6gd.large")])  # fmt: skip
def test_an_rds_class_is_accepted_with_and_without_its_prefix(load: Load, written: str, kept: str) -> None:
    changed = load('[database]\ninstance_type = "t3.medium"', f'[database]\ninstance_type = "{written}"')
    assert changed.database.instance_type == kept


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("ssh.git.example.com", "git.example.com", "site"),
        ("ssh.git.example.com", "GIT.example.com.", "site"),
        ('dns_name = "git.example.com"', 'dns_name = "https://git.example.com/"', "site.dns_name"),
        ('dns_name = "git.example.com"', 'dns_name = "git.example.com:3000"', "site.dns_name"),
        ('dns_name = "git.example.com"', 'dns_name = "192.0.2.10"', "site.dns_name"),
        ('dns_name = "git.example.com"', 'dns_name = "git.bücher.com"', "site.dns_name"),
        (ZONE_ID, 'id = "example.com"', "site.hosted_zone.id"),
        (CERTIFICATE, 'certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/x"', "site.certificate_arn"),
        (CERTIFICATE, 'certificate_arn = "arn:aws-cn:acm:us-east-1:111122223333:certificate/x"', "site.certificate_arn"),
        (CERTIFICATE, 'certificate_arn = "arn:aws:acm-pca:us-east-1:111122223333:certificate/x"', "site.certificate_arn"),
        ('region = "us-east-1"', 'region = "us-east-1a"', "aws.region"),
        ('"8.4.8"', '"8.4"', "database.engine_version"),
        ('"8.4.8"', '"8.0.mysql_aurora.3.08.0"', "database.engine_version"),
        ('version = "0.14.3"', 'version = "0.11.91"', "gogs.version"),
        ('[target]\ninstance_type = "t3.medium"', '[target]\ninstance_type = "t4g.medium"', "target.instance_type"),
        ('[target]\ninstance_type = "t3.medium"', '[target]\ninstance_type = "im4gn.large"', "target.instance_type"),
        ('[target]\ninstance_type = "t3.medium"', '[target]\ninstance_type = "t3"', "target.instance_type"),
        ('instance_class = "dms.t3.medium"', 'instance_class = "t3.medium"', "replication.instance_class"),
        ('"cutover/console"', '"arn:aws:secretsmanager:us-east-1:111122223333:secret:x"', "provider.credentials_secret"),
        ("https://console.cloudendure.com", "https://console.cloudendure.com/#/signIn", "provider.console_url"),
    ],
)  # fmt: skip
def test_values_that_a_service_would_reject_are_rejected_with_a_sentence(
    load: Load, old: str, new: str, key: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(old, new)
    assert re.search(rf"\b{re.escape(key)}\b", str(caught.value))
    assert "\n" not in str(caught.value)


def test_a_file_of_another_encoding_is_rejected_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(TEXT, encoding="utf-16")
    with pytest.raises(SettingsError, match="save the file as UTF-8"):
        Settings.load(path)


def test_a_name_that_leaves_no_room_for_that_of_git_over_ssh_is_refused(tmp_path: Path) -> None:
    long = ".".join(["a" * 60] * 4)[:239] + ".example.com"
    alone = TEXT.replace('ssh_dns_name = "ssh.git.example.com"\n', "").replace("git.example.com", long)
    path = tmp_path / "site.toml"
    path.write_text(alone, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"site\.dns_name: expected a name of at most 249 characters"):
        Settings.load(path)

    path.write_text(
        alone.replace("[site.hosted_zone]", 'ssh_dns_name = "ssh.example.com"\n\n[site.hosted_zone]'), encoding="utf-8"
    )
    assert Settings.load(path).site.dns_name == long
