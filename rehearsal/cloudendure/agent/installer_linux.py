#!/usr/bin/env python3
"""Install the replication agent on this machine: `installer_linux.py -t <agentInstallationToken> --no-prompt`.

It uses only the standard library and runs as root. The installed agent registers the machine at the console and sends a
heartbeat every few seconds. It removes itself when the console requests it. Exit codes: 0 installed, 1 refused or failed, 2 usage.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

CONSOLE = "@CONSOLE@"
"""The address from which this file was downloaded. The console inserts it."""
FOLDER = Path("/var/lib/cloudendure")
UNIT = Path("/etc/systemd/system/cloudendure-agent.service")
METADATA = "http://169.254.169.254/latest"
UNIT_TEXT = """[Unit]
Description=CloudEndure replication agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/env python3 {agent} --run
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


class RequestRejected(Exception):
    """The console rejected a request. The message is the console's."""


def call(console: str, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
    """POST to the console. Raises RequestRejected for a status of 4xx, OSError when the console is not reachable or returns 5xx."""
    headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + key} if key else {})}
    request = urllib.request.Request(console + path, data=json.dumps(body).encode(), headers=headers, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=15) as response:
            return dict(json.load(response))
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise
        text = error.read().decode(errors="replace")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            text = json.loads(text)["message"]
        raise RequestRejected(text) from error


def read_metadata(path: str) -> str:
    """Return one item of EC2 instance metadata (version 2); empty when this is no EC2 instance."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        token_request = urllib.request.Request(
            METADATA + "/api/token", method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}
        )
        with opener.open(token_request, timeout=2) as response:
            token = response.read().decode()
        get = urllib.request.Request(METADATA + path, headers={"X-aws-ec2-metadata-token": token})
        with opener.open(get, timeout=2) as response:
            return str(response.read().decode().strip())
    except OSError:
        return ""


def read_operating_system() -> str:
    """Return the name of the operating system as the agent reports it."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return platform.platform()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("PRETTY_NAME", "Linux").strip('"')


def find_disk_name(block: str) -> str:
    """Return the path of a disk by its name in sysfs.

    A machine of the rehearsal has a loop device of its host for a disk. EC2 shows the first disk as xvda.
    """
    return "/dev/xvda" if block.startswith("loop") else f"/dev/{block}"


def find_root_disk() -> dict[str, Any]:
    """Return the name and the size in bytes of the disk with the root file system (the whole disk, not the partition)."""
    device = Path("/").stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    if (block / "partition").exists():
        block = block.parent
    try:
        return {"name": find_disk_name(block.name), "size": int((block / "size").read_text()) * 512}
    except OSError:
        usage = os.statvfs("/")
        return {"name": "/dev/root", "size": usage.f_blocks * usage.f_frsize}


def read_properties() -> dict[str, Any]:
    """Return the machine's properties as the agent reports them."""
    public = read_metadata("/meta-data/public-ipv4")
    return {
        "name": socket.gethostname(),
        "machineCloudId": read_metadata("/meta-data/instance-id"),
        "os": read_operating_system(),
        "publicIps": [public] if public else [],
        "disks": [find_root_disk()],
    }


def run_systemctl(*words: str) -> None:
    """Run systemctl. Raises CalledProcessError."""
    subprocess.run(["systemctl", *words], check=True, stdin=subprocess.DEVNULL)


def install(console: str, token: str) -> int:
    """Install and start the agent; return the exit code."""
    if os.geteuid() != 0:
        print("The installer must be run as root.", file=sys.stderr)
        return 1
    state = FOLDER / "agent.json"
    known = json.loads(state.read_text()) if state.exists() else {}
    facts = read_properties()
    identity = known.get("identity") or str(uuid.uuid4())
    try:
        response = call(
            console, "/agent/v1/register", {"installationToken": token, "identity": identity, "properties": facts}
        )
    except RequestRejected as error:
        print(f"Installation failed: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Installation failed: cannot reach the console at {console}: {error}", file=sys.stderr)
        return 1
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    agent = FOLDER / "agent.py"
    if Path(__file__).resolve() != agent:
        shutil.copyfile(__file__, agent)
    record = {**response, "console": console, "identity": identity, "machineCloudId": facts["machineCloudId"]}
    half = state.with_suffix(".half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(record, file)
    half.replace(state)
    UNIT.write_text(UNIT_TEXT.format(agent=agent))
    run_systemctl("daemon-reload")
    run_systemctl("--quiet", "enable", UNIT.name)
    run_systemctl("restart", UNIT.name)
    print(f"Installation finished successfully: {facts['name']} is machine {response['machineId']}.")
    return 0


def uninstall() -> None:
    """Remove the agent completely. The service that calls this ends by itself afterwards."""
    UNIT.unlink(missing_ok=True)
    Path("/etc/systemd/system/multi-user.target.wants", UNIT.name).unlink(missing_ok=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    run_systemctl("daemon-reload")


def run() -> int:
    """Run the service: one heartbeat after the other, with a growing pause while the console cannot be reached."""
    record = json.loads((FOLDER / "agent.json").read_text())
    here = read_metadata("/meta-data/instance-id")
    if record["machineCloudId"] and here and here != record["machineCloudId"]:
        print(f"This is a copy of the disk of {record['machineCloudId']}: the agent stays silent.", flush=True)
        return 0
    pause = seconds = float(record["heartbeatSeconds"])
    while True:
        try:
            response = call(record["console"], "/agent/v1/heartbeat", {"machineId": record["machineId"]}, record["key"])
            pause = seconds
            if response["command"] == "uninstall":
                print("The console requested the removal of the agent.", flush=True)
                uninstall()
                return 0
        except (OSError, RequestRejected) as error:
            print(f"heartbeat: {error}", file=sys.stderr, flush=True)
            pause = min(2 * pause, 60.0)
        time.sleep(pause)


def main() -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="installer_linux.py", description="Installs the CloudEndure agent.")
    parser.add_argument("-t", "--token", help="the project's agent installation token")
    parser.add_argument("--no-prompt", action="store_true", help="never prompt")
    parser.add_argument("--console", default=CONSOLE, help="address of the console (where this file came from)")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run()
    if not options.token:
        if options.no_prompt:
            parser.error("-t is required with --no-prompt")
        options.token = input("Agent installation token: ").strip()
    return install(options.console.rstrip("/"), options.token)


if __name__ == "__main__":
    sys.exit(main())
