"""The product's playbooks and tool with the second application. They run as at a first boot."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.rehearsal.second_application.cloud import Cloud
from tests.second_application import FOLDER, NAME

ASSETS = Path(__file__).parents[3] / "assets"
ARCHIVE = "second-application.tar.gz"
PLACE = "/opt/cutover/provisioning"
UNPACK = f"mkdir -p {PLACE} /etc/cutover && curl -sSf {{url}} | tar -xzC {PLACE} && cat >/etc/cutover/extra-vars.json"
PLAY = ("ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "@/etc/cutover/extra-vars.json")


def provision_machines(cloud: Cloud, playbooks: Mapping[str, str]) -> None:
    """Run each playbook on its machine, all at the same time."""
    _pack(cloud.settings.downloads / ARCHIVE)
    url = f"{cloud.settings.mirror_url}/downloads/{ARCHIVE}"

    def run(machine: str, playbook: str) -> None:
        cloud.execute(machine, "sh", "-ec", UNPACK.format(url=url), text=json.dumps(cloud.build_variables()))
        cloud.execute(machine, *PLAY, f"{PLACE}/ansible/{playbook}", seconds=300.0)

    with ThreadPoolExecutor(len(playbooks)) as pool:
        list(pool.map(run, playbooks.keys(), playbooks.values()))


def _pack(target: Path) -> None:
    own = FOLDER / NAME
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for place, folder in {
            "ansible": ASSETS / "ansible",
            "site": ASSETS / "site",
            f"site/applications/{NAME}": own,
            "ansible/": own / "playbook",
        }.items():
            archive.add(folder, place, filter=_drop_caches)


def _drop_caches(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member
