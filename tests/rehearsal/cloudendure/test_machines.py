"""Machines that boot. One gets the agent, and a launch creates another one, which runs its post-launch scripts.

The EC2 API is a fake of a few lines over the same world. Everything else is real.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rehearsal.cloudendure.app import create_app
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.server import ConsoleServer
from rehearsal.replication_engine.cloud import Instance, Target
from rehearsal.world import Answer, Credentials, Identity, MachineSpec, World, disks, enter
from tests.rehearsal.ports import find_free_ports
from tests.unit.cloudendure.fakes import Client, FakeCloud

pytestmark = pytest.mark.rehearsal
SOURCE, SOURCE_IP, TARGET_IP = "i-0a1", "10.10.0.5", "10.0.0.5"
SCRIPT = """#!/bin/sh
echo "$(id -un) $(cat /root/written) $AWS_ENDPOINT_URL" >>/root/ran
"""


class Metadata:
    """Instance metadata: every machine has its id and no role."""

    def find_identity(self, endpoint: str) -> Identity | None:
        ip = SOURCE_IP if endpoint == SOURCE else TARGET_IP
        return Identity(endpoint, "ami-1", "t3.medium", ip, "us-east-1a", "us-east-1", "000000000000")

    def find_credentials(self, endpoint: str) -> Credentials | None:  # noqa: ARG002
        return Credentials("a", "b", "c", datetime.now(UTC) + timedelta(hours=1))

    def resolve(self, name: str, kind: str, endpoint: str) -> list[Answer] | None:  # noqa: ARG002
        return None

    def record_machine_exit(self, machine: str) -> None: ...


class WorldCloud(FakeCloud):
    """An account whose instances are machines of the world."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.instances = {SOURCE: Instance(SOURCE, "running", "t3.medium", SOURCE_IP, [])}

    def make_image(self, name: str, disk: Path) -> str:
        disks.clone(disk, self._world.settings.pool / "images" / "ami-made.raw")
        return super().make_image(name, disk)

    def run(self, image: str, target: Target) -> str:
        instance = super().run(image, target)
        spec = MachineSpec(instance, self._world.locate_volume(instance), TARGET_IP, name="target")
        self._world.launch(spec, image=self._world.settings.pool / "images" / "ami-made.raw")
        return instance

    def terminate(self, id_: str) -> None:
        self._world.terminate(id_)
        super().terminate(id_)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ConsoleSettings:
    home = tmp_path_factory.mktemp("world")
    loaded = ConsoleSettings.load({**os.environ, "REHEARSAL_HOME": str(home), "REHEARSAL_PORT": str(find_free_ports())})
    return replace(loaded, sync_interval=1.0, heartbeat=0.5)


@pytest.fixture(scope="module")
def world(settings: ConsoleSettings) -> Iterator[World]:
    with World(settings.world, Metadata()) as made:
        made.launch(
            MachineSpec(SOURCE, made.locate_volume(SOURCE), SOURCE_IP, name="source"),
            image=made.make_image("debian-12"),
        )
        made.machines.wait_booted(SOURCE)
        yield made


@pytest.fixture(scope="module")
def console(settings: ConsoleSettings, world: World) -> Iterator[Console]:
    made = Console(settings, WorldCloud(world))
    server = ConsoleServer(settings.world.console_port, create_app(made))
    server.prepare()
    made.start()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield made
    server.stop()
    thread.join()
    made.end()


@pytest.fixture(scope="module")
def client(console: Console) -> Client:
    credentials = json.loads((console.settings.folder / "credentials.json").read_text())
    made = Client(create_app(console).test_client(), credentials)
    made.login()
    return made


def run_on(settings: ConsoleSettings, machine: str, command: str) -> enter.Completed:
    return enter.run(settings.world, machine, ["/bin/sh", "-c", command], timeout=60)


def install(settings: ConsoleSettings, token: str, options: str = "") -> enter.Completed:
    fetch = (
        "python3 -c 'import urllib.request as u;"
        f' u.urlretrieve("{settings.world.console_url}/installer_linux.py", "/tmp/i.py")\''
    )
    return run_on(settings, SOURCE, f"{fetch} && python3 /tmp/i.py -t {token} --no-prompt {options}")


def list_machines(client: Client) -> list[dict[str, Any]]:
    return list((client.in_project("GET", "/machines", all="true").json or {})["items"])


def test_a_wrong_token_or_address_is_an_error_and_installs_nothing(settings: ConsoleSettings, client: Client) -> None:
    wrong = install(settings, "0000-0000")
    nowhere = install(settings, "0000-0000", "--console http://127.0.0.1:9")

    assert (wrong.exit_code, nowhere.exit_code) == (1, 1)
    assert "Installation failed: The agent installation token is not valid" in wrong.stderr
    assert "cannot reach the console at http://127.0.0.1:9" in nowhere.stderr
    assert run_on(settings, SOURCE, "test -e /var/lib/cloudendure").exit_code == 1
    assert list_machines(client) == []


def test_the_agent_registers_the_machine_and_its_blocks_are_replicated(
    settings: ConsoleSettings, console: Console, client: Client
) -> None:
    run_on(settings, SOURCE, "hostname gogs")

    done = install(settings, client.credentials["agent_installation_token"])

    assert done.exit_code == 0, done.stderr
    found = list_machines(client)[0]
    assert found["sourceProperties"]["name"] == "gogs"
    assert found["sourceProperties"]["machineCloudId"] == SOURCE
    assert "Debian GNU/Linux 12" in found["sourceProperties"]["os"]
    assert found["sourceProperties"]["disks"][0]["size"] >= 1 << 30
    assert console.replication.sync(found["id"], 120)
    info = list_machines(client)[0]["replicationInfo"]
    assert info["replicatedStorageBytes"] == info["totalStorageBytes"]
    assert info["lastConsistencyDateTime"]
    assert run_on(settings, SOURCE, "systemctl is-active cloudendure-agent").stdout.strip() == "active"


def test_a_launched_machine_runs_its_scripts_once_as_root_and_has_no_agent(
    settings: ConsoleSettings, console: Console, client: Client, world: World
) -> None:
    machine = list_machines(client)[0]["id"]
    prepare = (
        "mkdir -p /boot/ce_conversion /boot/post_launch && cat >/boot/ce_conversion/50-site && chmod +x"
        " /boot/ce_conversion/50-site"
    )
    enter.run(settings.world, SOURCE, ["/bin/sh", "-c", prepare], input=SCRIPT)
    run_on(
        settings,
        SOURCE,
        "ln -s /boot/ce_conversion/50-site /boot/post_launch/ && echo before-the-launch >/root/written",
    )

    order = {"items": [{"machineId": machine}], "launchType": "TEST"}
    job = client.in_project("POST", "/launchMachines", order).json or {}
    console.jobs.wait(job["id"], 120)

    done = client.in_project("GET", f"/jobs/{job['id']}").json or {}
    assert done["status"] == "COMPLETED", done["log"]
    assert console.launches.wait(f"{job['id']}/{machine}", "done", 60)
    target = "i-target-1"
    ran = run_on(settings, target, "cat /root/ran").stdout
    assert ran == f"root before-the-launch http://127.0.0.1:{settings.world.aws_port}\n"
    assert run_on(settings, target, "test -e /var/lib/cloudendure").exit_code == 1
    assert run_on(settings, target, "systemctl is-enabled cloudendure-agent").exit_code != 0
    assert len(list_machines(client)) == 1

    world.machines.reboot(target)
    assert run_on(settings, target, "cat /root/ran").stdout == ran


def test_the_agent_of_a_removed_machine_uninstalls_itself_and_the_target_remains(
    settings: ConsoleSettings, client: Client
) -> None:
    machine = list_machines(client)[0]["id"]
    waiting = (
        "while systemctl is-active -q cloudendure-agent; do sleep 0.2; done; ls -d /var/lib/cloudendure"
        " /etc/systemd/system/cloudendure*"
    )

    assert client.in_project("DELETE", "/machines", {"machineIDs": [machine]}).status_code == 204

    assert run_on(settings, SOURCE, waiting).stdout == ""
    assert list_machines(client) == []
    assert run_on(settings, "i-target-1", "true").exit_code == 0
