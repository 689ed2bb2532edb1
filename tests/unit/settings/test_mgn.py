"""The table [provider] with kind = "mgn"."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings import Settings, SettingsError
from settings.providers.mgn import MgnSettings

from tests.unit.providers.tables import CLOUDENDURE, CONFIGURATION, KEY, MGN, MGN_WITH_EVERY_KEY, write_configuration


def load(tmp_path: Path, table: str) -> MgnSettings:
    provider = Settings.load(write_configuration(tmp_path, table)).provider
    assert isinstance(provider, MgnSettings)
    return provider


def refusal(tmp_path: Path, table: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, table)
    return str(caught.value).replace(f"{tmp_path}/", "")


def number_of(line: str, table: str) -> int:
    """Return the number that the line of the table has in the whole file."""
    before = CONFIGURATION.read_text(encoding="utf-8").partition("\n[provider]")[0]
    return (before + table).partition(line)[0].count("\n") + 1


def test_the_source_servers_name_is_enough(tmp_path: Path) -> None:
    assert load(tmp_path, MGN) == MgnSettings(
        kind="mgn",
        source_server_name="gogs",
        replication_server_instance_type="t3.small",
        ebs_encryption_key_arn=None,
        bandwidth_throttling_mbps=0,
        boot_mode="USE_SOURCE",
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, MGN_WITH_EVERY_KEY) == MgnSettings(
        kind="mgn",
        source_server_name="gogs",
        replication_server_instance_type="m5.large",
        ebs_encryption_key_arn=KEY,
        bandwidth_throttling_mbps=100,
        boot_mode="UEFI",
    )


def test_the_sample_file_describes_exactly_the_keys_and_their_defaults(tmp_path: Path) -> None:
    """The sample has the table in comments, as an operator uncomments it."""
    text = CONFIGURATION.read_text(encoding="utf-8").partition('# [provider]\n# kind = "mgn"')
    lines = [line.removeprefix("# ") for line in "".join(text[1:]).partition("\n\n")[0].splitlines()]
    values = [line for line in lines if line == "[provider]" or " = " in line]
    shown = load(tmp_path, "\n" + "\n".join(values).replace("key/…", "key/1234abcd") + "\n\n")

    assert set(shown.model_fields_set) == set(MgnSettings.model_fields)
    defaults = {key: field.default for key, field in MgnSettings.model_fields.items() if not field.is_required()}
    assert shown.model_dump(include=set(defaults)) == {
        **defaults,
        "ebs_encryption_key_arn": shown.ebs_encryption_key_arn,
    }


@pytest.mark.parametrize(
    ("table", "line", "kind", "owner"),
    [
        (MGN.replace("\n\n", '\nproject = "Gogs"\n\n'), 'project = "Gogs"', "mgn", "cloudendure"),
        (CLOUDENDURE.replace("\n\n", '\nboot_mode = "UEFI"\n\n'), 'boot_mode = "UEFI"', "cloudendure", "mgn"),
    ],
)
def test_a_key_of_the_other_provider_is_rejected_with_its_line_and_advice(
    tmp_path: Path, table: str, line: str, kind: str, owner: str
) -> None:
    key = line.partition(" ")[0]
    assert refusal(tmp_path, table) == (
        f"site.toml:{number_of(line, table)}: provider.{key}: a key of the provider {owner}, but kind is {kind}; "
        f'remove this line, or set kind = "{owner}"'
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('source_server_name = "gogs "', "expected a name without line breaks, tabs and other control characters, and without spaces at its beginning and end"),
        ('replication_server_instance_type = "t4g.small"', "expected an instance type with x86_64 processors"),
        ("bandwidth_throttling_mbps = 10001", "expected less than or equal to 10000, not 10001"),
        ("bandwidth_throttling_mbps = -1", "expected greater than or equal to 0, not -1"),
        ('boot_mode = "BIOS"', "expected 'USE_SOURCE', 'LEGACY_BIOS' or 'UEFI', not 'BIOS'"),
        ('ebs_encryption_key_arn = "alias/disks"', "expected the ARN of a key of KMS (arn:aws:kms:REGION:ACCOUNT:key/…)"),
        ('ebs_encryption_key_arn = ""', "expected the ARN of a key of KMS (arn:aws:kms:REGION:ACCOUNT:key/…)"),
    ],
)  # fmt: skip
def test_a_value_that_aws_rejects_is_rejected_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    key = line.partition(" ")[0]
    lines = [one for one in MGN_WITH_EVERY_KEY.splitlines() if not one.startswith(key)]
    table = "\n".join([*lines[:2], line, *lines[2:]]) + "\n"

    assert refusal(tmp_path, table).startswith(f"site.toml:{number_of(line, table)}: provider.{key}: {reason}")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("us-east-1", "eu-west-1", "a key of us-east-1, where the disks are; this one is of eu-west-1"),
        ("arn:aws:", "arn:aws-cn:", "a key of the partition aws, to which us-east-1 belongs"),
    ],
)
def test_a_key_of_another_region_is_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    table = MGN_WITH_EVERY_KEY.replace(KEY, KEY.replace(old, new))
    assert refusal(tmp_path, table) == f"site.toml: expected provider.ebs_encryption_key_arn to be {reason}"
