"""What machines use of their surroundings: shared folders, the discovery agent."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from rehearsal.archives import discovery_agent
from rehearsal.world import Answer, Interface, Permission, Rules, SecurityGroup
from rehearsal.world.downloads import DISCOVERY_REGISTRY
from tests.rehearsal.world.lab import Lab

pytestmark = pytest.mark.rehearsal

FILE_SYSTEM, TARGET = "fs-0123456789abcdef0", "e-mount-target"
TARGET_IP = "10.0.9.200"
LISTEN = "import socket; s = socket.create_server(('', 2049))\nwhile True: s.accept()[0].close()"


@pytest.fixture
def share(lab: Lab) -> Iterator[Lab]:
    """A file system with a folder /live and one mount target."""
    (lab.world.settings.pool / "efs" / FILE_SYSTEM / "live").mkdir(parents=True, exist_ok=True)
    lab.aws.names[f"{FILE_SYSTEM}.efs.us-east-1.amazonaws.com"] = [Answer("A", [TARGET_IP])]
    lab.world.attach(TARGET, TARGET_IP)
    server = lab.world.network.popen(TARGET, ["python3", "-c", LISTEN])
    lab.world.run_in(TARGET, "bash", "-c", "until ss -Hltn 'sport = 2049' | grep -q 2049; do sleep .05; done")
    yield lab
    server.kill()
    server.wait()
    lab.world.detach(TARGET)


def let_in(lab: Lab, machine: str, *permissions: Permission) -> None:
    groups = (
        SecurityGroup("sg-m", egress=(Permission("-1", cidr="0.0.0.0/0"),)),
        SecurityGroup("sg-efs", ingress=permissions),
    )
    members = (Interface(machine, "10.0.9.5", "vpc", ("sg-m",)), Interface(TARGET, TARGET_IP, "vpc", ("sg-efs",)))
    lab.world.network.apply(Rules(members, groups))


@pytest.mark.parametrize(
    "mount",
    [
        f"mount -t efs -o tls,iam {FILE_SYSTEM}:/live /mnt",
        f"mount -t nfs4 -o nfsvers=4.1 {FILE_SYSTEM}.efs.us-east-1.amazonaws.com:/live /mnt",
    ],
)
def test_a_shared_folder_is_mounted_when_the_group_lets_the_machine_in(share: Lab, machine: str, mount: str) -> None:
    let_in(share, machine, Permission("tcp", 2049, 2049, group="sg-m"))
    assert share.sh(machine, f"{mount} && echo shared >/mnt/file && umount /mnt").exit_code == 0
    assert (share.world.settings.pool / "efs" / FILE_SYSTEM / "live/file").read_text() == "shared\n"


def test_without_a_permission_the_mount_fails_as_on_aws(share: Lab, machine: str) -> None:
    let_in(share, machine)
    done = share.sh(machine, f"mount -t efs {FILE_SYSTEM}:/live /mnt")
    assert done.exit_code != 0
    assert "2049" in done.stderr


@pytest.mark.parametrize("source", ["fs-0f0f0f0f:/", f"{FILE_SYSTEM}:/nowhere"])
def test_what_does_not_exist_cannot_be_mounted(share: Lab, machine: str, source: str) -> None:
    let_in(share, machine, Permission("tcp", 2049, 2049, group="sg-m"))
    assert share.sh(machine, f"mount -t efs {source} /mnt").exit_code != 0


def test_the_discovery_agent_registers_itself(lab: Lab, machine: str) -> None:
    discovery_agent(lab.world.settings, lab.world.settings.downloads / "agent.tar.gz")
    url = f"{lab.world.settings.mirror_url}/downloads/agent.tar.gz"
    done = lab.sh(
        machine, f"mkdir /root/agent; curl -sf {url} | tar xz -C /root/agent; cd /root/agent; ./install -r r1"
    )
    assert done.exit_code == 0, done.stderr
    deadline = time.monotonic() + 20
    while not (agents := requests.get(lab.world.settings.mirror_url + DISCOVERY_REGISTRY, timeout=5).json()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [(one["agentId"], one["region"], one["addresses"]) for one in agents] == [(machine, "r1", ["10.0.9.5"])]
