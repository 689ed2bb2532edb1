"""Services for machines: shared folders and the discovery agent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from rehearsal.discovery import write_discovery_agent
from rehearsal.world import Answer, Interface, Permission, Rules, SecurityGroup
from rehearsal.world.downloads import DISCOVERY_REGISTRY
from tests.rehearsal.world.lab import Lab
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal

FILE_SYSTEM, TARGET = "fs-0123456789abcdef0", "e-mount-target"
TARGET_IP = "10.0.9.200"
NAME = f"{FILE_SYSTEM}.efs.us-east-1.amazonaws.com"
NFS = Permission("tcp", 2049, 2049, group="sg-m")
CLIENT, CLIENT_IP = "i-client", "10.0.9.4"
LISTEN = "import socket; s = socket.create_server(('', 2049))\nwhile True: s.accept()[0].close()"


@pytest.fixture
def share(lab: Lab) -> Iterator[Lab]:
    """Create a file system with a folder /live and one mount target."""
    (lab.world.settings.pool / "efs" / FILE_SYSTEM / "live").mkdir(parents=True, exist_ok=True)
    lab.aws.names[NAME] = [Answer("A", [TARGET_IP])]
    lab.world.attach(TARGET, TARGET_IP)
    server = lab.world.network.start_process(TARGET, ["python3", "-c", LISTEN])
    lab.world.run_in(TARGET, "bash", "-c", "until ss -Hltn 'sport = 2049' | grep -q 2049; do sleep .05; done")
    yield lab
    server.kill()
    server.wait()
    lab.world.detach(TARGET)


@pytest.fixture(scope="module")
def client(lab: Lab) -> Iterator[str]:
    """Launch a machine that can mount when a rule allows it."""
    lab.launch(CLIENT, CLIENT_IP)
    done = lab.run_script(
        CLIENT, "apt-get -q update && apt-get -qy install --no-install-recommends nfs-common", timeout=120
    )
    assert done.exit_code == 0, done.stderr
    yield CLIENT
    lab.world.terminate(CLIENT)


def mount(source: str) -> str:
    return f"mount -t nfs4 -o nfsvers=4.1,noresvport {source} /mnt"


def allow_traffic(lab: Lab, machine: str, ip: str, *permissions: Permission) -> None:
    groups = (
        SecurityGroup("sg-m", egress=(Permission("-1", cidr="0.0.0.0/0"),)),
        SecurityGroup("sg-efs", ingress=permissions),
    )
    members = (Interface(machine, ip, "vpc", ("sg-m",)), Interface(TARGET, TARGET_IP, "vpc", ("sg-efs",)))
    lab.world.network.apply(Rules(members, groups))


def test_a_shared_folder_can_be_mounted_when_a_rule_allows_it(share: Lab, client: str) -> None:
    allow_traffic(share, client, CLIENT_IP, NFS)
    done = share.run_script(client, f"{mount(f'{NAME}:/live')} && echo shared >/mnt/file && umount /mnt")
    assert done.exit_code == 0, done.stderr
    assert (share.world.settings.pool / "efs" / FILE_SYSTEM / "live/file").read_text() == "shared\n"


def test_the_nfs_client_has_no_failed_unit(share: Lab, client: str) -> None:
    assert share.run_script(client, "systemctl --failed --no-legend --plain").stdout == ""


def test_a_stock_machine_has_no_nfs_client(share: Lab, machine: str) -> None:
    allow_traffic(share, machine, "10.0.9.5", NFS)
    done = share.run_script(machine, mount(f"{NAME}:/live"))
    assert done.exit_code == 32
    assert "helper program" in done.stderr
    assert "unknown filesystem type" in share.run_script(machine, f"mount -t efs {FILE_SYSTEM}:/live /mnt").stderr


def test_a_mount_without_a_rule_times_out_as_on_aws(share: Lab, client: str) -> None:
    allow_traffic(share, client, CLIENT_IP)
    done = share.run_script(client, mount(f"{NAME}:/live"))
    assert done.exit_code != 0
    assert "2049" in done.stderr


@pytest.mark.parametrize("source", ["fs-0f0f0f0f.efs.us-east-1.amazonaws.com:/", f"{NAME}:/nowhere"])
def test_a_missing_file_system_cannot_be_mounted(share: Lab, client: str, source: str) -> None:
    allow_traffic(share, client, CLIENT_IP, NFS)
    assert share.run_script(client, mount(source)).exit_code != 0


def test_the_discovery_agent_registers_itself(lab: Lab, machine: str) -> None:
    write_discovery_agent(lab.world.settings, lab.world.settings.downloads / "agent.tar.gz")
    url = f"{lab.world.settings.mirror_url}/downloads/agent.tar.gz"
    done = lab.run_script(
        machine, f"mkdir /root/agent; curl -sf {url} | tar xz -C /root/agent; cd /root/agent; ./install -r r1"
    )
    assert done.exit_code == 0, done.stderr
    registry = lab.world.settings.mirror_url + DISCOVERY_REGISTRY
    agents = wait_until(lambda: requests.get(registry, timeout=5).json(), "an agent is registered")
    assert [(one["agentId"], one["region"], one["addresses"]) for one in agents] == [(machine, "r1", ["10.0.9.5"])]
