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
import socket
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

# agent_support: begin
from rehearsal.replication_engine.agent_support import (
    find_own_address,
    find_root_disk,
    read_metadata,
    remove_agent,
    run_heartbeats,
    start_agent,
)

# agent_support: end

CONSOLE = "@CONSOLE@"
"""The address from which this file was downloaded. The console inserts it."""
FOLDER = Path("/var/lib/cloudendure")
UNIT = Path("/etc/systemd/system/cloudendure-agent.service")
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


def read_operating_system() -> str:
    """Return the name of the operating system as the agent reports it."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return platform.platform()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("PRETTY_NAME", "Linux").strip('"')


def read_properties() -> dict[str, Any]:
    """Return the machine's properties as the agent reports them."""
    name, size = find_root_disk()
    public = read_metadata("/meta-data/public-ipv4")
    instance, address = read_metadata("/meta-data/instance-id"), find_own_address()
    return {
        "name": socket.gethostname(),
        "machineCloudId": instance,
        "addresses": [address] if address else [],
        "os": read_operating_system(),
        "publicIps": [public] if public else [],
        "disks": [{"name": name, "size": size}],
    }


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
    record = {**response, "console": console, "identity": identity, "machineCloudId": facts["machineCloudId"]}
    start_agent(FOLDER, UNIT, UNIT_TEXT, record)
    print(f"Installation finished successfully: {facts['name']} is machine {response['machineId']}.")
    return 0


def run() -> int:
    """Run the service: heartbeats until the console requests the removal of the agent."""
    record = json.loads((FOLDER / "agent.json").read_text())
    here = read_metadata("/meta-data/instance-id")
    if here and here != record["machineCloudId"]:  # a source that is no EC2 instance has no id
        original = record["machineCloudId"] or "another machine"
        print(f"This is a copy of the disk of {original}: the agent stays silent.", flush=True)
        return 0
    body = {"machineId": record["machineId"]}
    run_heartbeats(
        lambda: call(record["console"], "/agent/v1/heartbeat", body, record["key"]),
        float(record["heartbeatSeconds"]),
        RequestRejected,
    )
    print("The console requested the removal of the agent.", flush=True)
    remove_agent(FOLDER, UNIT)
    return 0


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
