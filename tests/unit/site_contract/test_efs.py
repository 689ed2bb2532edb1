"""The address of the shared file system, and its mount options."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from cutover_site.aws.partitions import find_partition
from cutover_site.errors import NotConfigured
from cutover_site.files import efs
from jinja2 import Template

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


def test_a_partition_without_a_known_address_of_the_certificates_is_reported() -> None:
    """Given the European Sovereign Cloud, whose address is not known, the role must not skip the certificates without a word."""
    tasks = yaml.safe_load((DEFAULTS.parents[1] / "tasks/application.yml").read_text())
    places = {task["name"]: place for place, task in enumerate(tasks)}
    warning = tasks[places["Warn that no address of the certificates is known for this partition"]]
    install = tasks[places["Install the certificates of the target's database"]]

    assert _is_run(warning, "eusc-de-east-1", url="")
    assert "aws-eusc" in _render(warning["ansible.builtin.debug"]["msg"], "eusc-de-east-1", url="")
    for region, _, _ in REGIONS[:6]:
        assert not _is_run(warning, region, url="")
    # An address that the operator has set
    assert not _is_run(warning, "eusc-de-east-1", url="https://example.org/bundle.pem")
    assert _is_run(install, "eusc-de-east-1", url="https://example.org/bundle.pem")


def _is_run(task: dict[str, Any], region: str, *, url: str) -> bool:
    return _render("{{ " + task["when"] + " }}", region, url=url) == "True"


def _render(text: str, region: str, *, url: str) -> str:
    known = yaml.safe_load(DEFAULTS.read_text())["database_ca_urls"]

    def lookup(name: str, term: str) -> str:
        assert name == "aws_partition"
        return find_partition(term).name

    return str(Template(text).render(aws_region=region, database_ca_url=url, database_ca_urls=known, lookup=lookup))
