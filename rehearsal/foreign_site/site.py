"""Build the site in a running world: its network, its server, its content, and the node of Systems Manager."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rehearsal import application, providers
from rehearsal.aws.ssm.agent_archive import ARCHIVE, write_agent_archive
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import account, content, facts, managed_service, shapes
from rehearsal.foreign_site.installation import Passwords, install_site, run_script
from rehearsal.job.aws import Aws
from rehearsal.job.survey import APPLICATION, DATABASE
from rehearsal.on_premises.client import send_command
from rehearsal.settings import REGION, Settings
from rehearsal.world import CLIENT
from rehearsal.world.authority import Authority

Report = Callable[[str], None]
NODE_SECONDS = 30.0
_FILL_SECONDS = 180.0
_POLL_SECONDS = 0.5


def launch_server(settings: Settings) -> None:
    """Make the network outside of AWS and boot the server in it. Raises RehearsalError."""
    send_command(settings, "add-network", name=facts.NETWORK, cidr=facts.NETWORK_CIDR, router_ip=facts.ROUTER_IP)
    send_command(settings, "set-routes", network=facts.NETWORK, destinations=[facts.DESTINATION_CIDR])
    shape = shapes.load(settings)
    if shape.is_managed:
        managed_service.launch(settings)
    send_command(
        settings,
        "launch",
        network=facts.NETWORK,
        machine=facts.SERVER,
        ip=facts.SERVER_IP,
        host_name=facts.HOST_NAME,
        public_ip=facts.SERVER_PUBLIC_IP,
        role=APPLICATION if shape.is_managed else f"{APPLICATION} {DATABASE}",
        published=[facts.HTTP_PORT, facts.HTTPS_PORT, shape.ssh_port],
    )


def install(settings: Settings, passwords: Passwords) -> None:
    """Install the release that the world provides, or the stand-in. Raises RehearsalError."""
    if shapes.load(settings).is_managed:
        managed_service.start(settings, passwords)
        managed_service.give_access(settings, passwords)
    (release,) = tomllib.loads(application.load().describe_release(settings)).values()
    install_site(settings, passwords, release["archive_url"])


def make_client_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a user of the site, who trusts the rehearsal's authority."""
    file = settings.state / "authority.crt"
    file.write_bytes(Authority(settings.cache).certificate)
    names = ("REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "SSL_CERT_FILE")
    return {**environment, **dict.fromkeys(names, str(file))}


def fill(settings: Settings, passwords: Passwords, environment: Mapping[str, str]) -> dict[str, Any]:
    """Fill the site from where its users are; return what there is. Raises RehearsalError with the reason."""
    shape, is_release = shapes.load(settings), application.load().identify_program(settings) == "release"
    folder = settings.state / "content"
    words = ["ip", "netns", "exec", settings.name_namespace(CLIENT), sys.executable, "-m", "rehearsal.foreign_site"]
    words += ["--url", shape.url, "--folder", str(folder), *(["--release"] if is_release else [])]
    words += ["--second-factor"] if is_release and shape.has_second_factor else []
    done = subprocess.run(
        words,
        input=json.dumps({"username": facts.ADMINISTRATOR, "password": passwords.administrator}),
        capture_output=True,
        text=True,
        env=dict(environment),
        cwd=Path(__file__).resolve().parents[2],
        timeout=_FILL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RehearsalError((done.stderr.strip().splitlines() or ["the site could not be filled"])[-1])
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    # The stand-in has no form for a second factor: its row is the owner's.
    careful = content.CAREFUL if shape.has_second_factor else ""
    run_script(
        settings,
        "customize.sh",
        RUN_USER=shape.user,
        RUN_HOME=shape.home,
        REPOSITORY=f"{shape.repositories}/{content.REPOSITORY}.git",
        SCHEMA=shape.schema,
        SECOND_FACTOR_USER="" if is_release else careful,
    )
    return {**made, **({"second_factor": careful} if careful else {})}


def enroll(settings: Settings, aws: Aws) -> str:
    """Register the server with Systems Manager; return the id of the node when it is online. Raises RehearsalError."""
    write_agent_archive(settings.downloads / ARCHIVE)
    activation = account.create_activation(aws, providers.load(settings).agent_policies)
    run_script(
        settings,
        "enroll.sh",
        AGENT_URL=f"{settings.mirror_url}/downloads/{ARCHIVE}",
        ACTIVATION_ID=activation.id,
        ACTIVATION_CODE=activation.code,
        REGION=REGION,
    )
    end = time.monotonic() + NODE_SECONDS
    while not (node := account.find_node(aws, activation)):
        if time.monotonic() > end:
            raise RehearsalError(f"{facts.SERVER} is registered, but not online after {NODE_SECONDS:.0f} s.")
        time.sleep(_POLL_SECONDS)
    return node


def prepare_database(settings: Settings, passwords: Passwords) -> None:
    """Do what the owner of the database has to do before the migration. Raises RehearsalError."""
    shape = shapes.load(settings)
    run_script(
        settings,
        "prepare_managed_database.sh" if shape.is_managed else "prepare_database.sh",
        UNIT=shape.unit,
        SCHEMA=shape.schema,
        REPLICATION_USER=account.REPLICATION_USER,
        REPLICATION_PASSWORD=passwords.replication,
        REPLICATION_FROM="10.0.%",
    )
