"""The address of the shared file system, and its mount options."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from cutover_site.aws.partitions import find_partition
from cutover_site.errors import NotConfigured
from cutover_site.files import efs

REGIONS = [
    ("us-east-1", "aws", "amazonaws.com"),
    ("eu-central-2", "aws", "amazonaws.com"),
    ("eu-central-9", "aws", "amazonaws.com"),
    ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
    ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
    ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
]
DEFAULTS = Path(__file__).parents[3] / "assets/ansible/roles/migration_scripts/defaults/main.yml"


@pytest.mark.parametrize(("region", "partition", "suffix"), REGIONS)
@pytest.mark.parametrize("helper", [True, False])
def test_the_file_system_is_mounted_by_the_name_of_its_partition(
    region: str, partition: str, suffix: str, helper: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted: list[tuple[str, ...]] = []
    monkeypatch.setattr(efs, "run", lambda *words, **_: mounted.append(words))
    monkeypatch.setattr(shutil, "which", lambda _name: "/sbin/mount.efs" if helper else None)
    machine = SimpleNamespace(
        layout=SimpleNamespace(efs=tmp_path / "efs"), get_fact=lambda _: "fs-1", config=SimpleNamespace(region=region)
    )

    efs.mount(machine)  # type: ignore[arg-type]

    assert find_partition(region).name == partition
    ((_, _, kind, _, options, address, _),) = mounted
    assert address == ("fs-1:/" if helper else f"fs-1.efs.{region}.{suffix}:/")
    # Another server may create a missing name, so no client may cache that it is missing.
    assert "lookupcache=positive" in options.split(",")
    assert kind == ("efs" if helper else "nfs4")


def test_a_region_without_a_partition_is_an_invalid_setting() -> None:
    with pytest.raises(NotConfigured, match="moon-base-1"):
        find_partition("moon-base-1")


def test_the_certificates_of_rds_come_from_the_partition_of_the_region() -> None:
    addresses = yaml.safe_load(DEFAULTS.read_text())["database_ca_urls"]
    for region, partition, suffix in REGIONS[:6]:
        host = re.match(r"https://([^/]+)/", addresses[partition])
        assert host is not None, region
        assert host[1].endswith(f".{suffix}")
    assert set(addresses) == {"aws", "aws-cn", "aws-us-gov"}
